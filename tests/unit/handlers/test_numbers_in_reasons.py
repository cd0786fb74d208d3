"""A time, a date, a door or a quantity in the reason never names another case."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.command import Verb
from handlers.words import parse

_FEW = st.integers(min_value=1, max_value=59)
_GAP = st.sampled_from(["", " "])
_AFTER_ZH = st.sampled_from(
    ["已整改", "没问题", "都好了", "，已整改", " 已处理", "", " 护栏装好了"]
)
_AFTER_EN = st.sampled_from([" fixed", " done", ", ok", " ok now", "", " all clear"])
_CLOCKS = st.builds("{:d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
_OWN_NUMBER = st.sampled_from(
    ["塔吊", "楼", "门", "电箱", "仓", "基坑", "井", "升降机", "施工区", "吊车"]
)
_UNITS_ZH = st.sampled_from(
    [
        *(
            "块板",
            "个人",
            "根钢管",
            "顶安全帽",
            "米",
            "处",
            "项隐患",
            "台风机",
            "层",
            "分钟",
            "小时",
        ),
        *("点", "点半", "人", "名工人", "张网", "天", "套脚手架", "工人", "次", "件", "份材料"),
    ]
)
_UNITS_EN = st.sampled_from(
    [
        *("boards", "people", "men", "helmets", "m", "pm", "minutes", "valves", "workers", "vests"),
        *("o'clock", "times", "barriers", "metres of rail", "pcs", "percent", "today", "Nov"),
    ]
)

QUANTITIES = st.one_of(
    st.builds("{}{}".format, _CLOCKS, _AFTER_ZH),
    st.builds("{}{}".format, _CLOCKS, _AFTER_EN),
    st.builds("{}{}号{}{}{}".format, _FEW, _GAP, _GAP, _OWN_NUMBER, st.just("没问题")),
    st.builds("{}{}{}{}".format, _FEW, _GAP, _UNITS_ZH, _AFTER_ZH),
    st.builds("{} {}{}".format, _FEW, _UNITS_EN, _AFTER_EN),
    st.builds("{}月{}日{}".format, st.integers(1, 12), st.integers(1, 31), _AFTER_ZH),
    st.builds("{}/{}{}".format, st.integers(1, 12), st.integers(1, 31), _AFTER_EN),
    st.builds("{}.{}{}".format, _FEW, _FEW, _AFTER_EN),
    st.builds("{}-{} ok".format, _FEW, _FEW),
    st.builds("{}#楼{}".format, _FEW, _AFTER_ZH),
    st.builds("{}号 {}".format, st.integers(1, 31), st.sampled_from(["已整改", "已处理好"])),
)
_LEADS = st.sampled_from([" ", "，", ", ", "  "])


@given(
    QUANTITIES,
    st.sampled_from(["关闭", "整改", "close", "误报", "升级", "/close", "fixed"]),
    _LEADS,
)
@example("10:30 已整改", "关闭", " ")
@example("08:15 已整改", "关闭", " ")
@example("5 号塔吊没问题", "关闭", " ")
@example("13 块板", "整改", " ")
@example("8 today", "close", " ")
@example("10点30已整改", "关闭", "，")
def test_only_the_first_number_is_a_case(reason: str, verb: str, lead: str) -> None:
    """What follows the case is counted, timed, dated or numbered: it stays in the reason."""
    said = parse(f"{verb} 12{lead}{reason}")
    assert said is None or said.numbers == (12,)


@pytest.mark.parametrize(
    "reason",
    [
        *("10:30 已整改", "08:15 已整改", "5 号塔吊没问题", "3 号楼护栏已装好", "13 块板已固定"),
        *("3 个人已戴好", "11月22日 已整改", "2 工人已离开", "13号 已整改", "5 号电箱已上锁"),
        *("8 today", "10:30 fixed", "3 men put helmets on", "2 more signs put up", "5 pm fixed"),
        *("2 名师傅已教育", "16 点 30 已整改", "2024 年的旧牌子", "10/30 fixed"),
    ],
)
def test_and_the_reason_is_kept_whole(reason: str) -> None:
    """The one case is closed with the words as they were written."""
    said = parse(f"关闭 12 {reason}")
    assert said is not None
    assert (said.verb, said.numbers, said.reason) == (Verb.CLOSE, (12,), reason)


_PLAIN_REASONS = st.sampled_from(
    [
        "",
        " 已整改",
        " 都已整改",
        "，已整改",
        " fixed",
        " no hazard any more",
        " 没有人了",
        "\n已处理",
    ]
)


@given(
    st.lists(st.integers(1, 999), min_size=2, max_size=6, unique=True),
    st.sampled_from([" ", "、", "，", " 和 ", ", ", " and ", " #", "号 "]),
    _PLAIN_REASONS,
)
def test_lists_of_cases_are_meant_whole(numbers: list[int], between: str, reason: str) -> None:
    """Numbers in a row, then the end or a plain reason: every one of them is a case."""
    end = "号" if between == "号 " else ""
    said = parse(f"关闭 {between.join(map(str, numbers))}{end}{reason}")
    assert said is not None
    assert said.numbers == tuple(numbers)
    assert said.reason == re.sub(r"^[\s，]+", "", reason)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("关闭 12 13 15", (12, 13, 15)),
        ("关闭 12、13 和 15 已整改", (12, 13, 15)),
        ("关闭 12、13 护栏已装好", (12, 13)),
        ("关闭 12 #13 护栏已装好", (12, 13)),
        ("关闭 12 案件 13 护栏已装好", (12, 13)),
        ("关闭 12号 13号 已整改", (12, 13)),
        ("关闭 12 13：已整改", (12, 13)),
    ],
)
def test_what_surely_names_several(text: str, numbers: tuple[int, ...]) -> None:
    """A list's own marks, `#` and the word for a case leave no doubt."""
    said = parse(text)
    assert said is not None
    assert said.numbers == numbers


@pytest.mark.parametrize(
    "text",
    [
        *("关闭 12:30 开会", "关闭 12：30 已整改", "关闭 12 号塔吊", "关闭 12 号 塔吊没问题"),
        *("整改 12 块板", "整改 12 根钢管", "整改 12 张网", "整改 12 套脚手架", "关闭 12 楼的灯"),
        *(
            "close 12 valves",
            "fixed 12 boards",
            "关闭 12 时 30 分",
            "关闭 12 层的电",
            "关闭 12 区",
            "关闭 12 区的灯",
            "升级 12 版本",
            "close 12:30",
        ),
    ],
)
def test_a_first_number_that_counts_something_is_no_case(text: str) -> None:
    """The message is about boards and doors: nothing is asked of us."""
    assert parse(text) is None


@pytest.mark.parametrize(
    "reason",
    [
        *("张工已处理", "人已离开", "班长已处理", "组长看过了", "条件已改善", "位置已改"),
        *(
            "楼上已清理",
            "起重机已停",
            "根据规定已处理",
            "天黑前已撤离",
            "名单已交",
            "次日已补",
            "区域已封闭",
        ),
    ],
)
def test_words_that_only_look_like_a_measure(reason: str) -> None:
    """They begin a reason."""
    said = parse(f"关闭 12 {reason}")
    assert said is not None
    assert (said.numbers, said.reason) == ((12,), reason)
