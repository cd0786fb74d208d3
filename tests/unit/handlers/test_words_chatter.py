"""What people say to each other: nothing of it may act, and nothing may break the parser."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.command import CASE_VERBS
from handlers.folding import fold
from handlers.wordforms import CASE_FORMS, Form
from handlers.words import parse

CHATTER = [
    # negations
    "不要关闭 12",
    "别关 12",
    "别关闭 12",
    "先别关闭12",
    "先不要升级 12",
    "没确认 12",
    "还没整改 12",
    "未整改 12",
    "不能关闭 12",
    "不用升级 12",
    "12 不要关闭",
    "don't close 12",
    "do not close 12",
    "please don't escalate 12",
    "not fixed 12",
    "never close 12",
    "关闭 12 不要",
    "关闭 12 不行",
    "关闭 12 先别",
    "关闭 12 等一下",
    "关闭 12 取消",
    "关闭 12 明天再说",
    "关闭 12 还没整改",
    "误报 12 算了",
    "close 12 not yet",
    "close 12 later",
    "close 12 tomorrow",
    "close 12 don't",
    # questions
    "关闭 12 吗",
    "关闭 12 吗？",
    "关闭12？",
    "关闭 12?",
    "关闭 12 了吗",
    "关闭 12 了没",
    "关闭 12 了没有",
    "关闭 12 没有",
    "关闭 12 没",
    "关闭 12 好不好",
    "关闭 12 行不行？",
    "关闭 12 可以吗",
    "关闭 12 是谁",
    "关闭 12 怎么弄",
    "关闭 12 什么意思",
    "关闭 12 为什么不行",
    "关闭 12 吗，还是等等",
    "谁关闭了 12",
    "谁关闭 12",
    "是不是关闭 12",
    "要不要关闭 12",
    "能不能关闭 12",
    "升级 12 了没有",
    "升级 12 吗",
    "误报 12 吗",
    "误报 12？",
    "整改 12 了吗",
    "确认 12 吗",
    "确认 12？",
    "收到 12 了吗",
    "到场 12 了吗",
    "复查 12 通过了吗",
    "复查 12 通过？",
    "复查 12 通过没有",
    "did you close 12?",
    "close 12?",
    "should I close 12?",
    "who closed 12",
    "can you close 12",
    "close 12 or 13?",
    "close 12 right?",
    "close 12 who said that",
    "fixed 12?",
    "ack 12?",
    # times, doors, quantities
    "确认 12 点开会",
    "确认12点开会",
    "确认 12:30 开会",
    "确认 12 月的计划",
    "关闭12号门",
    "关闭 12号门",
    "关闭 12 号门",
    "关闭 12号楼的灯",
    "关闭 12 13号门",
    "关闭 12 个灯",
    "关闭 12 扇窗",
    "关闭 12 盏灯",
    "关闭 12 台设备",
    "关闭12.5",
    "关闭 12%",
    "关闭 12-13",
    "关闭 12/13",
    "关闭 12 到 15",
    "关闭 12 点之前要清场",
    "升级 12 项目",
    "升级 12.3.1",
    "升级 v12",
    "整改 12 处",
    "整改 12 处隐患",
    "整改 12 项隐患",
    "误报 12 次",
    "误报 12 次了",
    "到场 12 人",
    "到场12人",
    "到场 12 人，缺 3 人",
    "收到 12 个安全帽",
    "收到 12 顶安全帽",
    "收到12箱",
    "确认 12 人到场",
    "查看 12 楼",
    "ok 12 people came",
    "ok 12",
    "ack 12 people came",
    "close 12 doors",
    "close 12 windows please",
    "fixed 12 lights",
    "fixed 12 helmets",
    "close 12 pm",
    # not at the start, no case, other talk
    "I will close 12 tomorrow",
    "please close 12",
    "我去关闭 12",
    "麻烦关闭 12",
    "请升级 12",
    "把 12 关闭",
    "李工 关闭 12",
    "@李工 关闭 12",
    "12 关闭",
    "12",
    "#12",
    "关闭",
    "关闭 大门",
    "关闭大门",
    "关闭电源 12",
    "关闭 12的灯",
    "关闭 12 的时候小心",
    "关闭12吧",
    "关闭 12 吧",
    "关闭 12 和气生财",
    "关闭 0",
    "关闭 13800138000",
    "关闭 一二",
    "closed 12",
    "closing 12",
    "close",
    "close the gate",
    "fixed the door",
    "fix 12",
    "acknowledged",
    "escalate",
    "escalator 12",
    "false 12",
    "false alarm",
    "undo that",
    "撤销一下",
    "撤销吗",
    "收到",
    "知道了",
    "在处理",
    "我来",
    "ok",
    "已整改",
    "搞定",
    "看错了",
    "确认",
    "升级",
    "误报",
    "查看",
    "查看大门",
    "未处理的有哪些",
    "有未处理吗",
    "帮助一下李工",
    "help me",
    "指派 12 谁？",
    "喊话",
    "喊话 大门",
    "喊话 大门 吗",
    "喊话 一下 大门",
    "喊话了吗",
    "静音",
    "静音 大门",
    "静音 大门 吗",
    "静音了",
    "mute yourself",
    "unmute yourself please",
    "解除静音",
    "解除静音 吗",
    "上报",
    "上报吗",
    "上报 了吗",
    "上报 谁来上报？",
    "上报了",
    "紧急吗",
    "紧急 吗？",
    "紧急情况怎么报",
    "不紧急",
    "非紧急 12",
    "emergency exit is blocked",
    "hazard lights are on",
    "report 12",
    "say hello",
    # what speech recognition makes up
    "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
    "字幕由Amara.org社区提供",
    "Thank you.",
    "Thanks for watching!",
    "谢谢大家",
    # everyday
    "今天 12 点吃饭",
    "明天早上 7 点开会，收到请回复",
    "12号楼的师傅注意安全",
    "大家辛苦了",
    "",
    "   ",
    "？",
    "👍",
    "\u200b",
]


@pytest.mark.parametrize("text", CHATTER)
def test_chatter_does_nothing(text: str) -> None:
    """Not one of these is a command."""
    assert parse(text) is None


@pytest.mark.parametrize("form", CASE_FORMS, ids=lambda form: form.verb.value)
@pytest.mark.parametrize(
    "frame",
    ["不要{word} 12", "别{word} 12", "谁{word} 12", "{word} 12 吗", "{word} 12？", "{word}12号门"],
)
def test_no_verb_acts_when_denied_or_asked(form: Form, frame: str) -> None:
    """Whatever the verb, in whatever word."""
    for word in form.words:
        said = parse(frame.format(word=word))
        assert said is None or said.verb not in CASE_VERBS, word


_PIECES = st.sampled_from(
    [
        *(word for form in CASE_FORMS for word in (*form.words, *form.whole)),
        *("/close", "/ack@x", "/mute", "/say", "喊话", "静音", "紧急", "上报", "sos"),
        *("12", "１３", "＃", "#", "号", "号案件", "个", "⑫", "²", "٣", "㈱"),
        *(
            " ",
            "　",
            "\n",
            "，",
            "、",
            "和",
            "吗",
            "？",
            "不",
            "@li",
            "30m",
            "通过",
            "\u200d",
            "👍🏽",
        ),
    ]
)
_TEXTS = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=8).map("".join))


@given(_TEXTS, st.booleans())
def test_no_text_breaks_it(text: str, reply: bool) -> None:
    """Any text has an answer, the same one each time; its numbers stand in the text."""
    said = parse(text, reply=reply)
    assert parse(text, reply=reply) == said
    if said is not None:
        plain = fold(text).text
        assert all(str(number) in plain and number > 0 for number in said.numbers)
        assert len(set(said.numbers)) == len(said.numbers)


@given(_TEXTS, st.booleans())
def test_the_width_of_characters_does_not_matter(text: str, reply: bool) -> None:
    """Normalised beforehand it means the same, and the reason is the same but for its width."""
    said = parse(text, reply=reply)
    plain = parse(unicodedata.normalize("NFKC", text), reply=reply)
    assert (said is None) == (plain is None)
    if said is not None and plain is not None:
        assert (said.verb, said.numbers, said.passed) == (plain.verb, plain.numbers, plain.passed)
        assert fold(said.reason).text == fold(plain.reason).text


@pytest.mark.parametrize(
    "text",
    [
        "关闭 " + "12 " * 1300,
        "关闭 " + "12，" * 1300,
        "关闭" + " " * 4000 + "x",
        "关闭 12 " + "吗 " * 1900 + "x",
        "关闭 " + "#" * 4000,
        "静音 " + "1" * 4000 + " x y z",
        "静音 " + "1 " * 2000 + "?",
        "喊话 大门 " * 600,
        "/mute " + "半" * 4000,
        "关闭 12\n" * 600,
        "1" * 4000,
        "\u200b" * 4000,
    ],
)
@pytest.mark.parametrize("reply", [True, False])
@pytest.mark.timeout(2)
def test_no_text_takes_long(text: str, reply: bool) -> None:
    """One message cannot hold up a chat: what would take minutes if it were tried in every way."""
    said = parse(text, reply=reply)
    assert said is None or set(said.numbers) <= {12}


def test_a_text_too_long_for_any_platform_is_nothing() -> None:
    """Cut at its limit, the last number of a list would be another case."""
    assert parse("关闭 " + "12 " * 2000) is None
