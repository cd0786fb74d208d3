"""What one can say to the bot, by role: only what that role may do."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.command import Verb
from bot.domain.rights import RIGHTS
from bot.domain.role import Role
from bot.texts.hazards import Words

_LINES: Mapping[Verb, Words] = {
    Verb.ACKNOWLEDGE: Words(
        "回复卡片就行，不用打号码：\n  收到 = 我来处理    已整改 / 发照片 = 整改好了",
        "Just reply to a card, no number needed:\n  ok = I take it    fixed / a photo = put right",
    ),
    Verb.ARRIVE: Words("  到场 = 我到了", "  arrive = I am there"),
    Verb.FALSE_ALARM: Words("  误报 = 看错了", "  false alarm = nothing was there"),
    Verb.ESCALATE: Words("  升级 = 找上级", "  escalate = call the next level"),
    Verb.CLOSE: Words(
        "带号码也行：关闭 12 已整改    关闭 12 13 15",
        "With numbers too: close 12 fixed    close 12 13 15",
    ),
    Verb.VERIFY: Words(
        "复查：复查 12 通过    复查 12 不通过 理由",
        "Verify: verify 12 passed    verify 12 failed REASON",
    ),
    Verb.ASSIGN: Words("指派：指派 12 @李工", "Assign: /assign 12 @person"),
    Verb.REOPEN: Words("重开：重开 12", "Reopen: /reopen 12"),
    Verb.CASES: Words(
        "看：未处理    查看 12    /status    /cameras    /duty",
        "Look: /cases    /case 12    /status    /cameras    /duty",
    ),
    Verb.CONFIRM: Words(
        "语音也可以：“把12号关了”“大门那个整改好了”“还有几个没处理”，先复述，您说“执行”才办",
        "By voice too: “close number 12”, “the one at the gate is fixed”, “how many open”; done "
        "once you say “confirm”",
    ),
    Verb.SOS: Words(
        "现场有急事：直接发“紧急”加一句话，或 /sos",
        "In an emergency: send /sos and what happened",
    ),
    Verb.HAZARD: Words(
        "看到隐患：“上报”加一句话，可以带照片",
        "You see a hazard: /hazard and a sentence, with a photo if you can",
    ),
    Verb.SAY: Words("喊话：喊话 大门 请注意落物", "Speak: /say gate-horn mind your heads"),
    Verb.ANNOUNCEMENTS: Words("定时广播：/广播", "What is announced: /announcements"),
    Verb.LIGHT: Words(
        "试警灯：/警灯 大门警灯    /警灯 大门警灯 关", "Try a light: /light gate-lamp [off]"
    ),
    Verb.MUTE: Words(
        "静音：静音 大门 30分钟    /unmute gate",
        "Mute: /mute gate 30m    /unmute gate",
    ),
    Verb.UNDO: Words("按错了：10 分钟内发“撤销”", "A mistake: send “undo” within 10 min"),
    Verb.DISPUTE: Words(
        "对处理有意见：回复卡片“异议 理由”",
        "You disagree: reply “dispute REASON” to the card",
    ),
    Verb.WHOAMI: Words(
        "其他：/whoami    /language en    /chatid",
        "More: /whoami    /language zh    /chatid",
    ),
}
"""In the order in which it is told; a verb's line is left out where the role may not do it."""

_STRANGER = Words(
    "我把现场的隐患发到群里，也在喇叭上提醒。\n"
    "您还没绑定身份：请向工地管理员要邀请码，再私聊我发 /link 邀请码。\n"
    "看身份：/whoami    看群号：/chatid",
    "I tell this group about hazards on the site and speak on its horns.\n"
    "You are not linked yet: ask the site's admin for an invite code, then send me /link CODE in a "
    "private chat.\n"
    "Who am I: /whoami    This chat's id: /chatid",
)


def help_text(role: Role | None, language: str) -> str:
    """What a person of that role can say; None: somebody who is not linked yet."""
    if role is None:
        return _STRANGER.in_language(language)
    able = RIGHTS[role]
    return "\n".join(words.in_language(language) for verb, words in _LINES.items() if verb in able)
