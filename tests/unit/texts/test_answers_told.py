"""Refusals name state, person and time and who could; lists and help say what can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.case import Case, Event, Outcome, State
from bot.domain.command import Verb
from bot.domain.error import Refused
from bot.domain.rights import RIGHTS, require
from bot.domain.role import Role
from bot.domain.site import SiteConfig
from bot.ports import AuditRow, Entry
from bot.texts.cards import CardFacts
from bot.texts.fitting import clip, units
from bot.texts.help import help_text
from bot.texts.lists import case_detail, case_list
from bot.texts.localtime import span
from bot.texts.wording import Wording
from handlers.words import parse
from tests.support.moments import when

Make = Callable[..., Case]
NOW = when("11-22 10:50:00")


@pytest.fixture
def zh(config: SiteConfig) -> Wording:
    """What a Chinese reader is told."""
    return Wording(config, "zh")


def test_a_refusal_names_state_person_and_time(zh: Wording) -> None:
    """And what to do instead."""
    told = zh.say(
        "refused.state",
        case=12,
        state=State.CLOSED,
        outcome=Outcome.RECTIFIED,
        who="li",
        event=Event.CLOSED,
        at=when("11-22 10:44:00"),
        now=NOW,
    )
    assert told == "#12 现在已关闭（已整改）：李工 10:44 关闭。要改请发“重开 12”。"


def test_yesterday_has_its_date(zh: Wording) -> None:
    """10:44 of another day would be misread."""
    params = {"case": 12, "who": "li", "at": when("11-22 10:44:00")}
    later = when("11-23 10:44:00")
    assert "李工 11-22 10:44" in zh.say("refused.already_acknowledged", now=later, **params)


def test_a_domain_refusal_can_be_told_as_it_is(zh: Wording, make_case: Make) -> None:
    """Its parameters are handed on whole; who could do it is added by whoever knows."""
    with pytest.raises(Refused) as refused:
        require(Role.VIEWER, Verb.CLOSE, make_case(), "xiao")
    told = zh.say(refused.value.key, **refused.value.params, able=("li", "wang"))
    assert told == "您是“查看”权限，不能关闭。可以叫 @李工 或 @王监督。"
    assert zh.say(refused.value.key, **refused.value.params) == "您是“查看”权限，不能关闭。"


def test_another_site_is_named(zh: Wording) -> None:
    """Both of them."""
    told = zh.say("refused.other_site", case=12, site="yard-7", own=("dock",))
    assert told == "#12 属于七号工地，您负责Dock。"


def test_an_unknown_number_gets_the_nearest(zh: Wording, make_case: Make) -> None:
    """#82 may have been #12."""
    choices = (make_case(), make_case(number=28, zone="pit"))
    told = zh.say("refused.unknown_case", case=82, choices=choices)
    assert told == "没有未处理的 #82。您要的是：#12 大门 / #28 基坑？"


def test_an_act_is_answered_with_who_what_and_undo(zh: Wording, make_case: Make) -> None:
    """A whole case says what it is; a number alone does not."""
    told = zh.say("done.close", who="li", case=make_case(), reason="已整改", undo=True)
    assert told == "李工 已关闭 #12（疑似未戴安全帽 · 大门）：已整改。按错了：10 分钟内发“撤销”。"
    assert zh.say("done.close", who="li", case=12) == "李工 已关闭 #12。"


def test_the_program_itself_has_a_name(config: SiteConfig) -> None:
    """Nobody is told `system`."""
    assert Wording(config, "zh").name("system") == "系统"
    assert Wording(config, "en").name(None) == "System"
    assert Wording(config, "en").name("gone") == "gone"


def test_names_with_braces_are_only_names(zh: Wording) -> None:
    """What a person wrote is never a template."""
    assert zh.say("done.close", who="{at}", case=12, reason="{who}") == "{at} 已关闭 #12：{who}。"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(30, "30 分钟"), (60, "1 小时"), (90, "90 分钟"), (1440, "1 天"), (0, "0 分钟")],
)
def test_spans(minutes: int, told: str) -> None:
    """The largest unit that is exact."""
    assert span(minutes, "zh") == told


@pytest.mark.parametrize("most", range(1, 12))
def test_clipping_never_splits_an_emoji(most: int) -> None:
    """Platforms count UTF-16 units; half an emoji is no text."""
    cut = clip("工🏗工🏗工🏗", most)
    assert units(cut) <= most
    cut.encode()


def test_a_list_tells_the_gravest_first(zh: Wording, make_case: Make) -> None:
    """With how many there are of each."""
    cases = [make_case(), make_case("fall", number=31), make_case("climbing", number=14)]
    head, *lines = case_list(cases, zh, NOW, total=40).splitlines()
    assert head == "未处理 40 件（紧急 1 · 严重 1 · 一般 1）"
    assert lines[0] == "🔴 紧急 疑似人员摔倒 · 大门 #31 · 待处理 · 10:42"
    assert ["#31" in lines[0], "#14" in lines[1], "#12" in lines[2]] == [True, True, True]
    assert "37" in lines[-1]


def test_an_empty_list_says_so(zh: Wording) -> None:
    """Silence would be no answer."""
    assert case_list([], zh, NOW) == "✅ 没有未处理的案件。"


def test_a_long_list_fits_a_message(zh: Wording, make_case: Make) -> None:
    """However many and however long their names."""
    cases = [make_case(number=10**8 + n) for n in range(200)]
    assert units(case_list(cases, zh, NOW)) <= 4096


def step(n: int, event: str, actor: str, reason: str = "", **data: str) -> AuditRow:
    at = when("11-22 10:42:00") + n * 60_000
    return AuditRow(12, n, Entry(at, event, actor, data, private={"reason": reason}), "")


def test_a_case_tells_its_history(config: SiteConfig, make_case: Make) -> None:
    """Who did what when; what was only seen again is counted on the card, not listed."""
    history = [
        step(0, "opened", "system"),
        step(1, "attached", "system"),
        step(2, "acknowledged", "li"),
        step(3, "closed", "li", "已整改"),
        step(4, "delivered", "system"),
    ]
    told = case_detail(make_case(), history, CardFacts(config, NOW), "zh")
    assert told.splitlines()[-4:] == [
        "经过：",
        "10:42 系统发现",
        "10:44 李工确认",
        "10:45 李工关闭：已整改",
    ]


def test_a_history_says_to_whom_a_case_was_given(config: SiteConfig, make_case: Make) -> None:
    """Who gave it away is half of it."""
    given = replace(step(1, "assigned", "wang", to="li"), facts={"assigned_to": "li"})
    again = step(2, "assigned", "wang", to="li")
    told = case_detail(make_case(), [given, again], CardFacts(config, NOW), "zh")
    assert told.splitlines()[-2:] == ["10:43 王监督指派：李工", "10:44 王监督指派：李工"]


def test_what_the_clock_did_is_told_in_the_readers_language(
    config: SiteConfig, make_case: Make
) -> None:
    """Its reasons are words of ours; what a person wrote stays as it is."""
    history = [step(0, "escalated", "system", "overdue"), step(1, "escalated", "li", "overdue")]
    told = case_detail(make_case(), history, CardFacts(config, NOW), "zh")
    assert told.splitlines()[-2:] == ["10:42 系统升级：超时", "10:43 李工升级：overdue"]
    told = case_detail(make_case(), history, CardFacts(config, NOW), "en")
    assert told.splitlines()[-2].endswith("escalated it: overdue")


def test_a_long_history_keeps_its_end(config: SiteConfig, make_case: Make) -> None:
    """The newest steps are the ones asked for."""
    history = [step(n, "escalated", "li", f"第{n}次" + "长" * 300) for n in range(300)]
    told = case_detail(make_case(note="长" * 4000), history, CardFacts(config, NOW), "zh")
    assert units(told) <= 4096
    assert "第299次" in told
    assert "第269次" not in told


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", [None, *Role])
def test_help_fits_and_offers_only_what_is_allowed(role: Role | None, language: str) -> None:
    """A viewer is not told how to close."""
    told = help_text(role, language)
    assert units(told) <= 1024
    offered = {"关闭", "close 12"} & {word for word in ("关闭", "close 12") if word in told}
    may_close = role is not None and Verb.CLOSE in RIGHTS[role]
    assert bool(offered) is may_close
    assert ("/link" in told) is (role is None)


EXAMPLES = [
    ("关闭 12 已整改", Verb.CLOSE),
    ("关闭 12 13 15", Verb.CLOSE),
    ("复查 12 通过", Verb.VERIFY),
    ("复查 12 不通过 理由", Verb.VERIFY),
    ("指派 12 @李工", Verb.ASSIGN),
    ("重开 12", Verb.REOPEN),
    ("查看 12", Verb.CASE),
    ("未处理", Verb.CASES),
    ("喊话 大门 请注意落物", Verb.SAY),
    ("静音 大门 30分钟", Verb.MUTE),
    ("撤销", Verb.UNDO),
]


@pytest.mark.parametrize(("example", "verb"), EXAMPLES)
def test_what_help_suggests_is_understood(example: str, verb: Verb) -> None:
    """Every example of the help works when it is typed as it stands."""
    assert example in help_text(Role.SUPERVISOR, "zh")
    said = parse(example)
    assert said is not None
    assert said.verb is verb
