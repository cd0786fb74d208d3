"""The grammar as data: which words mean which verb, and what may follow them.

zh and en stand side by side.  A slash form is told by its name alone; a plain form must begin the
message and name a case; in a direct reply to a card the case need not be named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from bot.domain.command import Verb


class Rest(Enum):
    """What may follow the verb and its numbers."""

    NONE = auto()
    REASON = auto()
    """Why; the verb ends or reopens a case, so a reason that takes it back stops it."""
    URGENCY = auto()
    """Why; it asks for more help, so 没人管 and 等不及 are good reasons."""
    VERDICT = auto()
    PERSON = auto()
    WORDS = auto()
    """A person's own words, whatever they are."""


@dataclass(frozen=True, slots=True)
class Form:
    """One verb: slash names, words that start a plain form, and what follows.

    `whole` are further words that mean it when they are a whole reply to a card; `bare`: the plain
    form needs no number.
    """

    verb: Verb
    slash: tuple[str, ...]
    words: tuple[str, ...]
    rest: Rest
    whole: tuple[str, ...] = ()
    bare: bool = False


CASE_FORMS: tuple[Form, ...] = (
    Form(
        Verb.ACKNOWLEDGE,
        slash=("ack", "acknowledge", "确认"),
        words=("确认", "收到", "acknowledge", "ack"),
        rest=Rest.NONE,
        whole=(
            *("收到", "收到了", "收到收到", "知道了", "在处理", "在处理了", "正在处理"),
            *("我来", "我来处理", "ok", "okay", "got it", "on it"),
        ),
    ),
    Form(
        Verb.ARRIVE,
        slash=("arrive", "arrived", "到场"),
        words=("我已到场", "已到场", "到场", "arrived", "arrive", "on scene"),
        rest=Rest.NONE,
    ),
    Form(
        Verb.RECTIFIED,
        slash=("fixed", "rectified", "整改"),
        words=("整改完成", "整改好了", "已整改", "整改", "fixed", "rectified"),
        rest=Rest.REASON,
        whole=("弄好了", "已弄好", "搞定", "搞定了", "整改完了", "已整改完成", "done"),
    ),
    Form(
        Verb.VERIFY,
        slash=("verify", "复查"),
        words=("复查", "verify"),
        rest=Rest.VERDICT,
    ),
    Form(
        Verb.CLOSE,
        slash=("close", "关闭"),
        words=("关闭", "close"),
        rest=Rest.REASON,
    ),
    Form(
        Verb.ESCALATE,
        slash=("escalate", "升级"),
        words=("升级", "escalate"),
        rest=Rest.URGENCY,
    ),
    Form(
        Verb.FALSE_ALARM,
        slash=("false", "falsealarm", "false_alarm", "误报"),
        words=("误报", "false alarm"),
        rest=Rest.REASON,
        whole=("看错了",),
    ),
    Form(
        Verb.REOPEN,
        slash=("reopen", "重开"),
        words=("重开", "reopen"),
        rest=Rest.URGENCY,
    ),
    Form(
        Verb.UNDO,
        slash=("undo", "撤销"),
        words=("撤销", "undo"),
        rest=Rest.NONE,
        bare=True,
    ),
    Form(
        Verb.ASSIGN,
        slash=("assign", "指派"),
        words=("指派", "assign"),
        rest=Rest.PERSON,
    ),
    Form(
        Verb.DISPUTE,
        slash=("dispute", "异议"),
        words=("异议", "dispute"),
        rest=Rest.WORDS,
    ),
    Form(
        Verb.CARD,
        slash=("card", "卡片"),
        words=("卡片",),
        rest=Rest.NONE,
    ),
    Form(
        Verb.CASE,
        slash=("case", "查看"),
        words=("查看",),
        rest=Rest.NONE,
    ),
)

PLAIN_LOOKS: Mapping[str, Verb] = {
    "执行": Verb.CONFIRM,
    "确认执行": Verb.CONFIRM,
    "confirm": Verb.CONFIRM,
    "取消": Verb.CANCEL,
    "不执行": Verb.CANCEL,
    "cancel": Verb.CANCEL,
    "未处理": Verb.CASES,
    "open cases": Verb.CASES,
    "帮助": Verb.HELP,
}
"""A whole message that asks to be shown something, or answers a question of ours."""

OTHER_SLASHES: Mapping[str, Verb] = {
    "cases": Verb.CASES,
    "未处理": Verb.CASES,
    "status": Verb.STATUS,
    "report": Verb.REPORT,
    "cameras": Verb.CAMERAS,
    "snapshot": Verb.SNAPSHOT,
    "duty": Verb.DUTY,
    "handover": Verb.HANDOVER,
    "say": Verb.SAY,
    "喊话": Verb.SAY,
    "announcements": Verb.ANNOUNCEMENTS,
    "广播": Verb.ANNOUNCEMENTS,
    "light": Verb.LIGHT,
    "警灯": Verb.LIGHT,
    "mute": Verb.MUTE,
    "静音": Verb.MUTE,
    "unmute": Verb.UNMUTE,
    "hazard": Verb.HAZARD,
    "上报": Verb.HAZARD,
    "sos": Verb.SOS,
    "紧急": Verb.SOS,
    "confirm": Verb.CONFIRM,
    "执行": Verb.CONFIRM,
    "cancel": Verb.CANCEL,
    "取消": Verb.CANCEL,
    "link": Verb.LINK,
    "whoami": Verb.WHOAMI,
    "chatid": Verb.CHATID,
    "help": Verb.HELP,
    "帮助": Verb.HELP,
    "start": Verb.HELP,
    "language": Verb.LANGUAGE,
}
"""Slash names of what changes no case."""

PASSED = re.compile(r"\s*(?:通过了?|合格|passed|pass|ok)(?=$|[\s,:;。])", re.IGNORECASE)
FAILED = re.compile(
    r"\s*(?:不通过|未通过|没有?通过|不合格|failed|fail|not (?:passed|ok|fixed))(?=$|[\s,:;。])",
    re.IGNORECASE,
)

QUESTION = re.compile(
    r"(?:[吗么嘛呢吧的](?:$|[\s,。!?])|的(?:时候|话|人|原因)|了(?:$|[\s,吗没])|没有?$|不$"
    r"|是(?:谁|不是|否|什么)|谁(?![都也])|什么|为什么|为啥|怎么|咋|哪(?!怕)|几[点时号分]|多少|何时"
    r"|(?:行|好|可以|能)(?:不|吗)|[和与跟及或至~/-]|还是|到\s*[0-9]"
    r"|(?:who|why|what|which|how|when|where|or|and)\b)"
    r"|.*(?:[?]|[吗么]|了没有?|[好完]没有?|[是行好可对]不)$"
    r"|.*吗[\s,。!]",
    re.IGNORECASE | re.DOTALL,
)
"""A rest that asks about the case, or goes on about something else, and so orders nothing."""
