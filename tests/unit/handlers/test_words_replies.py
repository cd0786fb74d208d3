"""Direct replies to a card: the whole message, or a verb without its number."""

from __future__ import annotations

import pytest

from bot.domain.command import Verb
from handlers.words import Utterance, parse

WHOLE = [
    (text, verb)
    for verb, texts in {
        Verb.ACKNOWLEDGE: (
            *("收到", "知道了", "在处理", "我来", "ok", "OK", "Okay", "收到。", "收到！", "收到👍"),
            *("收到 👌🏽", " 收到 ", "ok.", "收到！！", "收到收到", "收到~", "确认", "ack", "ＯＫ"),
        ),
        Verb.RECTIFIED: (
            *("已整改", "弄好了", "搞定", "fixed", "Fixed!", "整改", "整改完成"),
            *("搞定了✅", "已整改。", "搞定💪"),
        ),
        Verb.FALSE_ALARM: ("看错了", "误报", "false alarm", "误报！", "看错了😅"),
        Verb.ARRIVE: ("到场", "我已到场", "arrived", "on scene"),
        Verb.CLOSE: ("关闭", "close", "关闭。"),
        Verb.ESCALATE: ("升级", "escalate", "升级！"),
        Verb.REOPEN: ("重开", "reopen"),
        Verb.UNDO: ("撤销", "undo"),
        Verb.CASE: ("查看",),
        Verb.DISPUTE: ("异议",),
    }.items()
    for text in texts
]


@pytest.mark.parametrize(("text", "verb"), WHOLE)
def test_the_whole_message(text: str, verb: Verb) -> None:
    """One or two words are enough under a card."""
    assert parse(text, reply=True) == Utterance(verb)


@pytest.mark.parametrize("text", [text for text, verb in WHOLE if verb is not Verb.UNDO])
def test_outside_a_reply_the_same_words_do_nothing(text: str) -> None:
    """收到 is said a hundred times a day; only under a card is it a command."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("关闭 已整改", Utterance(Verb.CLOSE, reason="已整改")),
        ("关闭，已整改", Utterance(Verb.CLOSE, reason="已整改")),
        ("close fixed", Utterance(Verb.CLOSE, reason="fixed")),
        ("升级 没人管", Utterance(Verb.ESCALATE, reason="没人管")),
        ("误报 是雨衣", Utterance(Verb.FALSE_ALARM, reason="是雨衣")),
        ("异议 那是访客", Utterance(Verb.DISPUTE, reason="那是访客")),
        ("复查 通过", Utterance(Verb.VERIFY, passed=True)),
        ("复查通过", Utterance(Verb.VERIFY, passed=True)),
        ("复查不通过 缺一顶", Utterance(Verb.VERIFY, reason="缺一顶", passed=False)),
        ("指派 @李工", Utterance(Verb.ASSIGN, args={"person": "李工"})),
        ("assign to @li", Utterance(Verb.ASSIGN, args={"person": "li"})),
        ("关闭 12 已整改", Utterance(Verb.CLOSE, (12,), "已整改")),
        ("收到31", Utterance(Verb.ACKNOWLEDGE, (31,))),
        ("/close 已整改", Utterance(Verb.CLOSE, reason="已整改", slash=True)),
        ("/fixed", Utterance(Verb.RECTIFIED, slash=True)),
    ],
)
def test_a_verb_without_its_number(text: str, said: Utterance) -> None:
    """With a reason where the verb takes one; a number that is there counts."""
    assert parse(text, reply=True) == said


@pytest.mark.parametrize(
    "text",
    [
        "收到，马上过去",
        "收到吗",
        "收到?",
        "收到？",
        "收到了吗",
        "没收到",
        "不知道",
        "知道了吗？",
        "还没弄好",
        "没搞定",
        "搞定了吗",
        "没有看错",
        "看错了吧",
        "看错了吗？",
        "我来不了",
        "我来晚了",
        "不是误报",
        "误报吗",
        "误报？",
        "误报了吧",
        "是误报吗",
        "先别关闭",
        "不要关闭",
        "关闭吗",
        "关闭 吗",
        "关闭？",
        "关闭12点开会",
        "关闭 12点开会",
        "关闭了没有",
        "要关闭",
        "别升级",
        "升级版",
        "升级吗？",
        "已整改？",
        "已整改了吗",
        "整改一下",
        "整改 一下 吗",
        "还没整改",
        "未整改",
        "指派 李工",
        "复查 一下",
        "确认一下",
        "确认 没有人",
        "好的",
        "是",
        "不是",
        "not fixed",
        "is it fixed?",
        "fixed?",
        "fixed yet?",
        "ok?",
        "not ok",
        "ok but who goes there",
        "don't close",
        "close?",
        "close not yet",
        "closed",
        "ack?",
        "Thank you.",
        "谢谢",
        "12",
        "",
        "👍",
    ],
)
def test_nothing_else_under_a_card(text: str) -> None:
    """Questions, negations and talk under a card leave it alone."""
    assert parse(text, reply=True) is None
