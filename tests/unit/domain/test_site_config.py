"""The questions that the core asks of a configuration."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.hazard import Severity
from bot.domain.role import Role
from bot.domain.secret import Secret
from bot.domain.site import (
    Area,
    Camera,
    Chat,
    Duty,
    Member,
    Party,
    Purpose,
    Site,
    SiteConfig,
    Speaker,
    Zone,
)
from bot.domain.window import EVERY_DAY, parse_window

TRIANGLE = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5))


def chat(key: str, **rest: object) -> Chat:
    channel, _, id = key.partition(":")
    return Chat(key=key, channel=channel, id=id, **rest)  # type: ignore[arg-type]  # test factory


CONFIG = SiteConfig(
    areas=(Area("north", "北片"),),
    sites=(
        Site("yard-7", "七号工地", area="north"),
        Site("yard-8", "八号工地", timezone=ZoneInfo("Europe/Berlin")),
    ),
    parties=(
        Party("acme", "顶峰建设", chat("telegram:-9", purpose=Purpose.PARTY)),
        Party("b", "B"),
    ),
    cameras=(
        Camera("gate", "yard-7", "大门", zones=(Zone("pit", "基坑", TRIANGLE),)),
        Camera("shed", "yard-7", "材料棚", zones=(Zone("pit", "坑", TRIANGLE),)),
        Camera("far", "yard-8", "远门"),
    ),
    speakers=(
        Speaker("gate-horn", "yard-7", "大门喇叭", Secret("browser:"), cameras=("gate",)),
        Speaker("yard-horn", "yard-7", "全场喇叭", Secret("browser:")),
        Speaker("far-horn", "yard-8", "远喇叭", Secret("browser:")),
    ),
    chats=(
        chat("telegram:-1", sites=("yard-7",)),
        chat("telegram:-2", area="north", minimum_severity=Severity.SERIOUS),
        chat("console:main"),
        chat("telegram:-4", sites=("yard-8",)),
        chat("telegram:-5", purpose=Purpose.ADMIN),
    ),
    members=(
        Member("li", "李工", Role.SITE_LEAD, sites=("yard-7",)),
        Member("wang", "王监督", Role.SUPERVISOR),
        Member("zhao", "赵", Role.COMMUNITY_WORKER, area="north", roles={"yard-8": Role.VIEWER}),
        Member("qian", "钱", Role.ADMIN, roles={"yard-7": Role.AUDITOR}),
    ),
    duty=(
        Duty("yard-7", ("li",), frozenset(range(5)), parse_window("06:30-18:30")),
        Duty("yard-7", ("wang", "li"), EVERY_DAY, parse_window("18:30-06:30")),
        Duty("yard-8", ("wang",), EVERY_DAY, parse_window("08:00-09:00")),
    ),
)


def test_things_are_found_by_id_and_nothing_for_unknown_ids():
    site, camera, zone = CONFIG.site("yard-7"), CONFIG.camera("gate"), CONFIG.zone("gate", "pit")
    assert site is not None
    assert camera is not None
    assert zone is not None
    assert (site.name, camera.name, zone.name) == ("七号工地", "大门", "基坑")
    unknown = (
        CONFIG.site("x"), CONFIG.camera("x"), CONFIG.speaker("x"), CONFIG.member("x"),
        CONFIG.party("x"), CONFIG.chat("x"), CONFIG.zone("gate", "x"), CONFIG.zone(None, None),
    )  # fmt: skip
    assert set(unknown) == {None}


def test_zones_of_different_cameras_may_share_an_id():
    assert CONFIG.place_name("yard-7", "gate", "pit") == "基坑"
    assert CONFIG.place_name("yard-7", "shed", "pit") == "坑"


def test_a_place_has_the_nearest_name_there_is():
    assert CONFIG.place_name("yard-7", "gate") == "大门"
    assert CONFIG.place_name("yard-7", "gate", "gone") == "大门"
    assert CONFIG.place_name("yard-7") == "七号工地"
    assert CONFIG.place_name("gone") == "gone"


def test_a_partys_chat_is_found_by_its_key_but_hears_of_no_cases():
    found = CONFIG.chat("telegram:-9")
    assert found is not None
    assert found not in CONFIG.chats_for("yard-7", Purpose.CASES)


@pytest.mark.parametrize(
    ("site", "severity", "keys"),
    [
        ("yard-7", Severity.GENERAL, ["telegram:-1", "console:main"]),
        ("yard-7", Severity.SERIOUS, ["telegram:-1", "telegram:-2", "console:main"]),
        ("yard-8", Severity.EMERGENCY, ["console:main", "telegram:-4"]),
        (None, Severity.GENERAL, ["telegram:-1", "console:main", "telegram:-4"]),
    ],
)
def test_chats_hear_of_their_sites_and_of_what_is_grave_enough(
    site: str | None, severity: Severity, keys: list[str]
):
    assert [chat.key for chat in CONFIG.chats_for(site, Purpose.CASES, severity)] == keys


def test_admin_chats_are_apart():
    assert [chat.key for chat in CONFIG.chats_for(None, Purpose.ADMIN)] == ["telegram:-5"]


@pytest.mark.parametrize(
    ("member", "site", "role"),
    [
        ("li", "yard-7", Role.SITE_LEAD),
        ("li", "yard-8", None),
        ("wang", "yard-7", Role.SUPERVISOR),
        ("wang", "yard-8", Role.SUPERVISOR),
        ("zhao", "yard-7", Role.COMMUNITY_WORKER),
        ("zhao", "yard-8", Role.VIEWER),
        ("qian", "yard-7", Role.AUDITOR),
        ("qian", "yard-8", Role.ADMIN),
        ("nobody", "yard-7", None),
    ],
)
def test_roles_are_per_site_and_overrides_win(member: str, site: str, role: Role | None):
    assert CONFIG.role_of(member, site) is role


def test_the_members_of_a_site_are_those_with_a_role_there():
    assert [member.id for member in CONFIG.members_for("yard-8")] == ["wang", "zhao", "qian"]


def test_a_partys_own_people_belong_to_its_sites():
    """Not to all, as others do for whom neither sites nor area are written."""
    config = SiteConfig(
        sites=(Site("a", "A", responsible_party="acme"), Site("b", "B")),
        parties=(Party("acme", "顶峰建设"),),
        members=(
            Member("gong", "龚", party="acme"),
            Member("both", "双", party="acme", sites=("b",)),
        ),
    )
    assert [config.role_of("gong", site) for site in ("a", "b")] == [Role.VIEWER, None]
    assert [config.role_of("both", site) for site in ("a", "b")] == [None, Role.VIEWER]


@pytest.mark.parametrize(
    ("camera", "speakers"),
    [
        ("gate", ["gate-horn", "yard-horn"]),
        ("shed", ["yard-horn"]),
        (None, ["yard-horn"]),
    ],
)
def test_speakers_speak_for_their_cameras_or_for_the_whole_site(
    camera: str | None, speakers: list[str]
):
    assert [speaker.id for speaker in CONFIG.speakers_for("yard-7", camera)] == speakers


def test_cameras_of_a_site():
    assert [camera.id for camera in CONFIG.cameras_of("yard-7")] == ["gate", "shed"]


def on_duty(site: str, *when: int) -> list[str]:
    return [member.id for member in CONFIG.on_duty(site, datetime(*when, tzinfo=UTC))]  # type: ignore[misc]  # (year, month, ...)


def test_duty_goes_by_the_sites_own_clock():
    """2026-11-23 is a Monday; Shanghai is 8 hours ahead of UTC, Berlin 1 hour in winter."""
    assert on_duty("yard-7", 2026, 11, 22, 22, 30) == ["li"]
    assert on_duty("yard-7", 2026, 11, 22, 22, 29) == ["wang", "li"]
    assert on_duty("yard-8", 2026, 11, 23, 7, 30) == ["wang"]
    assert on_duty("yard-8", 2026, 11, 23, 8, 0) == []
    assert on_duty("yard-8", 2026, 7, 23, 6, 30) == ["wang"]


def test_nobody_is_on_duty_by_day_on_a_saturday_or_on_an_unknown_site():
    assert on_duty("yard-7", 2026, 11, 28, 4) == []
    assert on_duty("nowhere", 2026, 11, 28, 4) == []


def test_a_line_without_hours_holds_all_day():
    config = SiteConfig(
        sites=(Site("a", "A"),), members=(Member("m", "M"),), duty=(Duty("a", ("m", "gone")),)
    )
    found = config.on_duty("a", datetime(2026, 11, 28, 4, tzinfo=UTC))
    assert [member.id for member in found] == ["m"]
