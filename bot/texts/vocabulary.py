"""The single words that sentences, cards and lists are put together from, in zh and en."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.case import Event, Outcome, State
from bot.domain.command import Verb
from bot.domain.hazard import Severity
from bot.domain.role import Role
from bot.texts.hazards import Words

LANGUAGES = ("zh", "en")


STATES: Mapping[State, Words] = {
    State.OPEN: Words("待处理", "Open"),
    State.ACKNOWLEDGED: Words("已确认", "Acknowledged"),
    State.RECTIFIED: Words("待复查", "To verify"),
    State.ESCALATED: Words("已升级", "Escalated"),
    State.WORK_ORDER: Words("已派工单", "Work order"),
    State.CLOSED: Words("已关闭", "Closed"),
}

OUTCOMES: Mapping[Outcome, Words] = {
    Outcome.RECTIFIED: Words("已整改", "rectified"),
    Outcome.SELF_CLOSED: Words("自动整改", "rectified by itself"),
    Outcome.LEFT: Words("离开，未见整改", "left, not seen rectified"),
    Outcome.FALSE_ALARM: Words("误报", "false alarm"),
    Outcome.OTHER: Words("其他原因", "another reason"),
}

SEVERITIES: Mapping[Severity, Words] = {
    Severity.GENERAL: Words("一般", "general"),
    Severity.SERIOUS: Words("严重", "serious"),
    Severity.EMERGENCY: Words("紧急", "emergency"),
}

MARKS: Mapping[Severity, str] = {
    Severity.GENERAL: "🟡",
    Severity.SERIOUS: "🟠",
    Severity.EMERGENCY: "🔴",
}

ROLES: Mapping[Role, Words] = {
    Role.VIEWER: Words("查看", "viewer"),
    Role.AUDITOR: Words("审计", "auditor"),
    Role.COMMUNITY_WORKER: Words("社区网格员", "community worker"),
    Role.SITE_LEAD: Words("现场负责人", "site lead"),
    Role.SUPERVISOR: Words("监督", "supervisor"),
    Role.ADMIN: Words("管理员", "admin"),
}

VERBS: Mapping[Verb, Words] = {
    Verb.ACKNOWLEDGE: Words("确认", "acknowledge"),
    Verb.ARRIVE: Words("到场", "report an arrival"),
    Verb.RECTIFIED: Words("报整改", "report as fixed"),
    Verb.VERIFY: Words("复查", "verify"),
    Verb.CLOSE: Words("关闭", "close"),
    Verb.ESCALATE: Words("升级", "escalate"),
    Verb.FALSE_ALARM: Words("判误报", "mark as a false alarm"),
    Verb.REOPEN: Words("重开", "reopen"),
    Verb.UNDO: Words("撤销", "undo"),
    Verb.ASSIGN: Words("指派", "assign"),
    Verb.DISPUTE: Words("提异议", "dispute"),
    Verb.CASES: Words("看未处理", "list cases"),
    Verb.CASE: Words("查看案件", "look at a case"),
    Verb.STATUS: Words("看状态", "see the status"),
    Verb.REPORT: Words("看统计", "see figures"),
    Verb.CAMERAS: Words("看摄像头", "list cameras"),
    Verb.SNAPSHOT: Words("要现场图", "ask for a picture"),
    Verb.DUTY: Words("看值班", "see who is on duty"),
    Verb.HANDOVER: Words("交接班", "hand over a shift"),
    Verb.SAY: Words("喊话", "speak"),
    Verb.LIGHT: Words("开警灯", "switch a light"),
    Verb.ANNOUNCEMENTS: Words("看定时广播", "see what is announced"),
    Verb.MUTE: Words("静音", "mute"),
    Verb.UNMUTE: Words("解除静音", "unmute"),
    Verb.HAZARD: Words("上报", "report a hazard"),
    Verb.SOS: Words("报紧急", "raise an emergency"),
    Verb.CARD: Words("要单独的卡片", "ask for a card"),
    Verb.CONFIRM: Words("确认执行", "confirm"),
    Verb.CANCEL: Words("取消", "cancel"),
    Verb.LINK: Words("绑定身份", "link an account"),
    Verb.WHOAMI: Words("看身份", "ask who you are"),
    Verb.CHATID: Words("看群号", "ask for the chat id"),
    Verb.HELP: Words("看帮助", "ask for help"),
    Verb.LANGUAGE: Words("换语言", "change the language"),
}
"""A verb after "you may not"."""

EVENTS: Mapping[Event, Words] = {
    Event.OPENED: Words("发现", "reported it"),
    Event.ATTACHED: Words("又见到", "saw it again"),
    Event.ACKNOWLEDGED: Words("确认", "acknowledged"),
    Event.ARRIVED: Words("到场", "arrived"),
    Event.RECTIFIED: Words("报已整改", "reported it fixed"),
    Event.VERIFIED: Words("复查通过", "verified it"),
    Event.VERIFY_FAILED: Words("复查不通过", "found it not fixed"),
    Event.CLOSED: Words("关闭", "closed it"),
    Event.ESCALATED: Words("升级", "escalated it"),
    Event.WORK_ORDER: Words("派工单", "issued the work order"),
    Event.REOPENED: Words("重开", "reopened it"),
    Event.SEEN_AGAIN: Words("又看到隐患", "saw the hazard again"),
    Event.SEEN_GONE: Words("看到隐患已消除", "saw it gone"),
    Event.UNDONE: Words("撤销上一步", "took the last step back"),
    Event.ASSIGNED: Words("指派", "assigned it"),
    Event.DISPUTED: Words("提异议", "disputed it"),
    Event.EVIDENCE: Words("补图", "added a picture"),
    Event.TALKED: Words("亲口喊话", "spoke on the horn in person"),
    Event.HEARD: Words("语音留言", "said by voice"),
}
"""An event after its person and time."""

BUTTONS: Mapping[Verb, Words] = {
    Verb.ACKNOWLEDGE: Words("确认", "Acknowledge"),
    Verb.ARRIVE: Words("我已到场", "On scene"),
    Verb.CLOSE: Words("关闭", "Close"),
    Verb.ESCALATE: Words("升级", "Escalate"),
    Verb.FALSE_ALARM: Words("误报", "False alarm"),
    Verb.SAY: Words("喊话", "Speak"),
    Verb.UNDO: Words("撤销", "Undo"),
    Verb.CONFIRM: Words("确认执行", "Confirm"),
    Verb.CANCEL: Words("取消", "Cancel"),
}

HORNS: Mapping[str, Words] = {
    "spoken": Words("已播出", "it spoke"),
    "sent": Words("已广播（广播没有回执）", "sent out; a page is not confirmed"),
    "no_listener": Words("没有设备在线", "no device was there"),
    "not_confirmed": Words("已发出，没有回音", "sent, but nothing confirmed it"),
    "failed": Words("没有响", "it failed"),
    "unreachable": Words("连不上喇叭", "the speaker cannot be reached"),
    "no_answer": Words("喇叭没有应答", "the speaker does not answer"),
    "busy": Words("喇叭占线", "the speaker is busy"),
    "unauthorised": Words("喇叭的用户名或密码不对", "the speaker does not take the password"),
    "not_found": Words("设备上没有这个分机或通道", "the device has no such extension or channel"),
    "not_supported": Words("设备不支持这样喊话", "the device cannot be spoken through like this"),
    "refused": Words("喇叭拒绝播放", "the speaker refused"),
    "cut_off": Words("没播完就被设备断开", "the device cut it off"),
    "not_played": Words("设备收下了，但没有播", "the device took it and did not play it"),
    "no_speech": Words("语音合成失败", "no speech could be made"),
    "expired": Words("已过时，没有播", "it was too late to speak"),
    "emergency": Words("正有紧急情况，没有播", "an emergency was going on"),
    "quiet_hours": Words("静音时段，没有播", "quiet hours"),
    "muted": Words("静音中，没有播", "muted"),
    "capped": Words("本小时次数已满，没有播", "the hourly limit is reached"),
    "preempted": Words("被紧急喊话打断", "broken off for an emergency"),
    "stopped": Words("服务停止，没有播", "the service was stopping"),
    "unknown_speaker": Words("没有这个喇叭", "there is no such speaker"),
    "interrupted": Words("服务中断，不知道播没播", "the service broke off, unknown if it spoke"),
    "over": Words("案件已结束，没有播", "the case was over"),
}
"""How an announcement ended, by the outcome that the announcer gives it."""

SWITCHED: Mapping[str, Words] = {
    "confirmed": Words("设备已确认", "confirmed by the device"),
    "sent": Words("已发出，没有回执", "sent, nothing confirms it"),
    "refused": Words("设备没有照办", "the device did not do it"),
    "unreachable": Words("连不上", "it cannot be reached"),
    "expired": Words("已过时，没有开", "it was too late"),
    "over": Words("已不需要", "not needed any more"),
    "held": Words("还有别的案件要亮", "another case keeps it on"),
    "unknown": Words("工地文件里没有了", "the site file has it no more"),
}
"""What became of switching a strobe, siren or relay."""

PATHS: Mapping[str, Words] = {
    "sms": Words("短信", "text message"),
    "push": Words("推送", "push message"),
    "call": Words("电话", "phone call"),
    "mail": Words("邮件", "mail"),
}
"""How a second path reaches people, by its `path` in the site file."""

PASSED = Words("复查通过", "Verified")
FAILED = Words("不通过", "Not fixed")
CONFIRM = Words("确认执行", "Confirm")
CANCEL = Words("取消", "Cancel")

SYSTEM_NAME = Words("系统", "System")
SUSPECTED = Words("疑似", "Suspected")
URGENT = Words("紧急", "URGENT")


def join(names: Iterable[str], language: str) -> str:
    """`李工、王监督` / `Li, Wang`."""
    return ("、" if language == "zh" else ", ").join(names)


def either(names: Iterable[str], language: str) -> str:
    """`李工 或 王监督` / `Li or Wang`, with commas before the last two."""
    *most, last = list(names) or [""]
    if not most:
        return last
    return join(most, language) + (" 或 " if language == "zh" else " or ") + last
