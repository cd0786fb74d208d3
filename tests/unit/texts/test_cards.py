"""Cards say what a site lead with gloves on has to know, and fit under a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from bot.domain.callback import decode
from bot.domain.case import Case, Event, LastChange, Outcome, State
from bot.domain.command import Verb
from bot.domain.hazard import SHIPPED
from bot.domain.message import Post
from bot.domain.role import Role
from bot.domain.site import Camera, Member, Site, SiteConfig
from bot.texts.cards import CardFacts, Horn, card
from bot.texts.fitting import units
from tests.support.moments import when

Make = Callable[..., Case]


@pytest.fixture
def facts(config: SiteConfig) -> CardFacts:
    """李工 is on duty, 王监督 comes next; the horn has spoken twice."""
    li, wang, _ = config.members
    return CardFacts(
        config=config,
        now=when("11-22 10:45:00"),
        on_duty=(li,),
        next_up=(wang,),
        called=(wang,),
        chain=(li, wang),
        horns=(Horn("大门喇叭", 2),),
        user_of={"li": "111"}.get,
    )


def labels(post: Post) -> list[list[str]]:
    return [[button.label for button in row] for row in post.buttons]


def changed(event: Event, actor: str) -> LastChange:
    return LastChange(event, actor, actor, when("11-22 10:46:00"))


def test_general_card_in_chinese(make_case: Make, facts: CardFacts) -> None:
    """The card of the manual, word for word."""
    post = card(make_case(acknowledge_due=when("11-22 10:52:00")), facts, "zh")
    assert post.text.splitlines() == [
        "🟡 疑似未戴安全帽 · 大门 #12",
        "七号工地 · 1 人 · 11-22 10:42:07 · 一般",
        "状态：待处理（10:52 前没人确认就升级给王监督）",
        "📢 大门喇叭已提醒 2 次",
        "值班：@李工",
    ]
    assert labels(post) == [["确认"], ["关闭", "升级"], ["误报", "喊话"]]
    assert post.silent
    assert post.mentions == ()
    assert (post.case, post.version) == (12, 1)


def test_general_card_in_english(make_case: Make, facts: CardFacts) -> None:
    """The same, as short."""
    post = card(make_case(acknowledge_due=when("11-22 10:52:00"), people=3), facts, "en")
    assert post.text.splitlines() == [
        "🟡 Suspected: no hard hat · 大门 #12",
        "七号工地 · 3 people · 11-22 10:42:07 · general",
        "State: Open (goes to 王监督 unless acknowledged by 10:52)",
        "📢 大门喇叭 spoke 2 times",
        "On duty: @李工",
    ]
    assert labels(post) == [["Acknowledge"], ["Close", "Escalate"], ["False alarm", "Speak"]]


def test_emergency_card(make_case: Make, facts: CardFacts) -> None:
    """It says how to get there and what not to do, calls the whole chain, and is loud."""
    post = card(make_case("fall", zone="pit", number=31), facts, "zh")
    first, place, state, *_ = post.text.splitlines()
    assert first == "🔴 紧急 疑似人员摔倒 · 基坑 #31"
    assert "观澜大道 88 号，东门进" in place
    assert state == "状态：待处理，请马上到场。不要搬动伤者，需要时打 120"
    assert ["我已到场", "升级"] in labels(post)
    assert [(mention.name, mention.user) for mention in post.mentions] == [
        ("李工", "111"),
        ("王监督", None),
    ]
    assert not post.silent


def test_serious_card_calls_who_is_on_duty(make_case: Make, facts: CardFacts) -> None:
    """Not the whole chain."""
    post = card(make_case("climbing"), facts, "zh")
    assert [mention.name for mention in post.mentions] == ["李工"]
    assert not post.silent


def test_suspected_until_a_person_has_looked(make_case: Make, facts: CardFacts) -> None:
    """疑似 is gone once someone acts, and never stands where a person reported."""
    assert "疑似" in card(make_case(), facts, "zh").text
    assert "疑似" not in card(make_case(reviewed_by="li"), facts, "zh").text
    assert "疑似" not in card(make_case(reported_by="li"), facts, "zh").text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {
                "state": State.ACKNOWLEDGED,
                "acknowledged_by": "li",
                "acknowledged_at": when("11-22 10:44:00"),
                "rectify_due": when("11-22 11:12:00"),
            },
            "状态：已确认 · 李工 10:44 处理中，11:12 前整改",
        ),
        (
            {
                "state": State.RECTIFIED,
                "rectified_by": "li",
                "rectified_at": when("11-22 10:58:00"),
            },
            "状态：待复查 · 李工 10:58 报已整改（见后图），等王监督复查",
        ),
        (
            {
                "state": State.RECTIFIED,
                "rectified_by": "system",
                "rectified_at": when("11-22 10:58:00"),
            },
            "状态：待复查 · 10:58 看到已消除（见后图），等王监督复查",
        ),
        ({"state": State.ESCALATED, "level": 1}, "状态：已升级 · 王监督"),
        (
            {
                "state": State.WORK_ORDER,
                "work_order": "WO-yard-7-3",
                "rectify_due": when("11-23 18:00:00"),
            },
            "状态：已派工单 · WO-yard-7-3，限 11-23 18:00",
        ),
        (
            {
                "state": State.CLOSED,
                "outcome": Outcome.SELF_CLOSED,
                "closed_at": when("11-22 10:46:00"),
                "last": changed(Event.CLOSED, "system"),
            },
            "状态：已关闭 · 自动整改 · 10:46（见后图）",
        ),
        (
            {
                "state": State.CLOSED,
                "outcome": Outcome.FALSE_ALARM,
                "closed_at": when("11-22 10:46:00"),
                "last": changed(Event.CLOSED, "li"),
            },
            "状态：已关闭 · 误报 · 李工 10:46（见后图）",
        ),
        (
            {
                "state": State.CLOSED,
                "outcome": Outcome.LEFT,
                "closed_at": when("11-22 10:46:00"),
                "last": changed(Event.CLOSED, "system"),
            },
            "状态：已关闭 · 离开，未见整改 · 10:46（见后图）",
        ),
        (
            {
                "state": State.ACKNOWLEDGED,
                "acknowledged_by": "li",
                "acknowledged_at": when("11-22 10:44:00"),
                "assigned_to": "wang",
            },
            "状态：已确认 · 李工 10:44 处理中，交给王监督",
        ),
    ],
)
def test_state_line(make_case: Make, facts: CardFacts, changes: dict, told: str) -> None:
    """Who has it and until when; after the end, how it ended, by whom and when."""
    post = card(make_case(**changes), replace(facts, after_picture=True), "zh")
    assert told in post.text.splitlines()


def test_an_arrival_is_told(make_case: Make, facts: CardFacts) -> None:
    """Whoever is on the scene is named beside who took it."""
    case = make_case(
        "fall",
        state=State.ACKNOWLEDGED,
        acknowledged_by="li",
        acknowledged_at=when("11-22 10:44:00"),
        arrived_by="wang",
        arrived_at=when("11-22 10:47:00"),
    )
    post = card(case, facts, "zh")
    assert "状态：已确认 · 李工 10:44 处理中，王监督 10:47 已到场" in post.text
    assert "我已到场" not in [label for row in labels(post) for label in row]


def test_late_trial_and_repeated_reports_are_marked(make_case: Make, facts: CardFacts) -> None:
    """A card that comes 38 minutes late says so; 60 seconds are not late."""
    late = make_case(received_at=when("11-22 11:20:07"), trial=True, count=5)
    assert (
        "⏱ 迟到 38 分钟（现场断网） · 共 5 次，最近 10:42 · 🧪 试运行，不算数"
        in card(late, facts, "zh").text
    )
    in_time = make_case(received_at=when("11-22 10:43:07"))
    assert "迟到" not in card(in_time, facts, "zh").text


def test_a_silent_horn_is_told(make_case: Make, facts: CardFacts) -> None:
    """Nobody may believe that the horn spoke when it did not."""
    horns = (Horn("大门喇叭", 0, "expired"), Horn("塔吊喇叭", 1, "failed"))
    text = card(make_case(), replace(facts, horns=horns), "zh").text
    assert "📢 大门喇叭：已过时，没有播" in text
    assert "📢 塔吊喇叭已提醒 1 次，最近一次：没有响" in text


def test_no_person_is_counted_for_a_dead_camera(make_case: Make, facts: CardFacts) -> None:
    """`1 人` says nothing about a device."""
    assert "人 ·" not in card(make_case("device_offline"), facts, "zh").text


@pytest.mark.parametrize("hazard", ["other", "traffic_accident", "thrown_object"])
def test_one_person_is_not_made_up(make_case: Make, facts: CardFacts, hazard: str) -> None:
    """Oil on the road has nobody in it; three people whom somebody counted are told."""
    assert "1 人" not in card(make_case(hazard), facts, "zh").text
    assert "3 人" in card(make_case(hazard, people=3), facts, "zh").text


def test_a_note_says_who_wrote_it(make_case: Make, facts: CardFacts) -> None:
    """A report by hand is worth its words."""
    case = make_case("other", note="3号楼临边\n没有护栏", reported_by="li")
    assert "📝 李工 上报：3号楼临边 没有护栏" in card(case, facts, "zh").text


def test_own_hazard_in_its_own_words(make_case: Make, facts: CardFacts) -> None:
    """A kind from the site file has its name; in the other language it keeps the one it has."""
    assert "疑似临边无防护" in card(make_case("open_edge"), facts, "zh").text
    assert "临边无防护" in card(make_case("open_edge"), facts, "en").text


def test_times_are_the_sites_own(make_case: Make, facts: CardFacts) -> None:
    """A site in Berlin reads Berlin time."""
    assert "11-22 03:42:07" in card(make_case(site="dock", camera=None), facts, "en").text


ALL_STATES = list(product(State, ["no_helmet", "climbing", "fall"], [None, "li"]))


@pytest.mark.parametrize(("state", "hazard", "taken"), ALL_STATES)
def test_buttons_of_every_state(
    make_case: Make, facts: CardFacts, state: State, hazard: str, taken: str | None
) -> None:
    """误报 never beside 关闭; each button names the case and the state; a closed card has none."""
    case = make_case(hazard, state=state, acknowledged_by=taken, seq=7)
    post = card(case, facts, "zh")
    for row in labels(post):
        assert row
        assert not {"误报", "关闭"} <= set(row)
    presses = [decode(button.data) for row in post.buttons for button in row]
    assert all(press and (press.case, press.seq) == (12, 7) for press in presses)
    assert bool(presses) is (state is not State.CLOSED)
    asked = {press.verb for press in presses if press}
    assert (Verb.ACKNOWLEDGE in asked) is (
        taken is None and state not in (State.CLOSED, State.RECTIFIED)
    )


def test_verdict_buttons_say_which(make_case: Make, facts: CardFacts) -> None:
    """A card that waits to be verified asks for the verdict."""
    post = card(make_case("climbing", state=State.RECTIFIED), facts, "zh")
    verdicts = [decode(button.data) for button in post.buttons[0]]
    assert [(press.verb, press.extra) for press in verdicts if press] == [
        (Verb.VERIFY, "passed"),
        (Verb.VERIFY, "failed"),
    ]
    assert labels(post)[0] == ["复查通过", "不通过"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("hazard", SHIPPED)
@pytest.mark.parametrize("state", State)
def test_the_longest_card_fits_under_a_picture(
    make_case: Make, language: str, hazard: str, state: State
) -> None:
    """With every name as long as can be the first line is whole and 1024 units are enough."""
    long = "工🏗" * 40
    people = tuple(Member(f"m{n}", f"{n}{long}", Role.SUPERVISOR) for n in range(60))
    config = SiteConfig(
        sites=(Site("yard-7", long, address=long, entrance=long),),
        cameras=(Camera("gate", "yard-7", long),),
        members=people,
    )
    facts = CardFacts(
        config,
        when("11-23 10:45:00"),
        people,
        people,
        people,
        people,
        tuple(Horn(long, 2, "failed") for _ in range(9)),
        after_picture=True,
        closing_reason=long,
        repeat=True,
    )
    case = make_case(
        hazard,
        number=999_999_999,
        state=state,
        outcome=Outcome.LEFT if state is State.CLOSED else None,
        acknowledged_by="m1",
        arrived_by="m2",
        assigned_to="m3",
        rectified_by="m4",
        work_order=long,
        note=long * 9,
        reported_by="m5",
        acknowledge_due=1,
        rectify_due=1,
        count=10**6,
        trial=True,
        received_at=when("11-23 10:42:07"),
    )
    post = card(case, facts, language)
    called = " ".join(f"@{mention.name}" for mention in post.mentions)
    assert units(f"{post.text}\n{called}") <= 1024
    first = post.text.splitlines()[0]
    assert "#999999999" in first
    assert post.text.splitlines()[-1].strip()
