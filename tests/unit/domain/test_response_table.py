"""The table hazard -> response: every hazard has a row, and every rule of the rows holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.hazard import SHIPPED, HazardKind, SeenRectified, Severity
from bot.domain.response import (
    ROWS,
    MergeBy,
    Override,
    SpeakOverride,
    Style,
    Verify,
    WorkOrder,
    response_table,
)
from bot.domain.role import Role
from bot.domain.site import Site, SiteConfig

EMERGENCIES = {"fall", "smoke_fire", "overheat", "sos"}
SERIOUS = {
    "climbing",
    "zone_intrusion",
    "roof_intrusion",
    "vehicle_pedestrian_mix",
    "fatigue",
    "traffic_accident",
    "thrown_object",
}
GENERAL = {
    "no_helmet",
    "no_vest",
    "unregistered_person",
    "speeding",
    "no_seatbelt",
    "geofence",
    "absence",
    "reading_out_of_range",
    "device_offline",
    "device_frozen",
    "site_offline",
    "speaker_down",
    "other",
}
SHIPPED_TABLE = response_table(SiteConfig())


def test_the_shipped_hazards_are_those_of_the_interface_and_one_more():
    assert SHIPPED.keys() == EMERGENCIES | SERIOUS | GENERAL


@pytest.mark.parametrize(
    ("names", "severity"),
    [
        (EMERGENCIES, Severity.EMERGENCY),
        (SERIOUS, Severity.SERIOUS),
        (GENERAL, Severity.GENERAL),
    ],
)
def test_severities_are_those_of_the_interface(names: set[str], severity: Severity):
    assert {name for name, kind in SHIPPED.items() if kind.severity is severity} == names
    assert {SHIPPED_TABLE.of(name).severity for name in names} == {severity}


def test_severities_compare_by_gravity_and_have_words():
    assert Severity.GENERAL < Severity.SERIOUS < Severity.EMERGENCY
    assert [Severity.parse(severity.word) for severity in Severity] == list(Severity)
    with pytest.raises(ValueError):
        Severity.parse("GENERAL")


def test_rows_exist_for_shipped_hazards_only():
    assert ROWS.keys() <= SHIPPED.keys()


@pytest.mark.parametrize("hazard", sorted(SHIPPED))
def test_every_hazard_has_a_row_that_makes_sense(hazard: str):
    response = SHIPPED_TABLE.of(hazard)
    assert response.hazard == hazard
    assert timedelta(0) < response.acknowledge_within < response.rectify_within
    assert response.escalate_to
    assert response.self_close_after > timedelta(0)
    assert response.speak.repeat >= 1
    if response.severity is Severity.EMERGENCY:
        assert not response.may_self_close
        assert response.chase == tuple(sorted(response.chase)) != ()
        assert response.verify is Verify.SECOND_PERSON
        assert response.arrive_within <= timedelta(minutes=5)
    else:
        assert response.chase == ()


@pytest.mark.parametrize("hazard", sorted(SHIPPED))
def test_only_what_a_machine_can_see_rectified_closes_itself(hazard: str):
    response = SHIPPED_TABLE.of(hazard)
    if response.severity is Severity.SERIOUS and response.may_self_close:
        assert SHIPPED[hazard].seen_rectified is not SeenRectified.NOBODY_CAN


@pytest.mark.parametrize("hazard", ["climbing", "roof_intrusion"])
def test_people_who_stand_high_are_spoken_to_calmly(hazard: str):
    assert SHIPPED_TABLE.of(hazard).speak.style is Style.CALM


def test_an_intrusion_closes_itself_when_the_zone_is_seen_empty():
    assert SHIPPED_TABLE.of("zone_intrusion").may_self_close


def test_an_unknown_hazard_has_no_response():
    with pytest.raises(KeyError):
        SHIPPED_TABLE.of("tsunami")


def test_overrides_are_laid_key_by_key_and_the_sites_come_last():
    config = SiteConfig(
        sites=(
            Site(
                "a",
                "甲",
                responses={
                    "no_helmet": Override(
                        cooldown=timedelta(seconds=5), speak=SpeakOverride(repeat=5)
                    )
                },
            ),
            Site("b", "乙"),
        ),
        responses={
            "no_helmet": Override(
                merge_by=MergeBy.SUBJECT,
                cooldown=timedelta(seconds=9),
                speak=SpeakOverride(zh="戴帽", repeat=1),
            )
        },
    )
    table = response_table(config)
    everywhere, a = table.of("no_helmet"), table.of("no_helmet", "a")
    assert everywhere.merge_by is a.merge_by is MergeBy.SUBJECT
    assert (everywhere.cooldown.seconds, a.cooldown.seconds) == (9, 5)
    assert (everywhere.speak.repeat, a.speak.repeat) == (1, 5)
    assert a.speak.zh == "戴帽"
    assert a.speak.en is None
    assert table.of("no_helmet", "b") == everywhere
    assert table.of("no_vest", "a") == SHIPPED_TABLE.of("no_vest")


def test_zero_and_empty_overrides_count_as_given():
    """`cooldown = "0s"`, `escalate_to = []`, an empty sentence and false are values, not gaps."""
    table = response_table(
        SiteConfig(
            responses={
                "no_helmet": Override(
                    cooldown=timedelta(0),
                    escalate_to=(),
                    may_self_close=False,
                    speak=SpeakOverride(zh=""),
                )
            }
        )
    )
    response = table.of("no_helmet")
    assert response.cooldown == timedelta(0)
    assert response.escalate_to == ()
    assert not response.may_self_close
    assert response.speak.zh == ""


def test_a_hazard_raised_to_an_emergency_is_answered_like_one():
    response = response_table(
        SiteConfig(responses={"zone_intrusion": Override(severity=Severity.EMERGENCY)})
    ).of("zone_intrusion")
    assert response.severity is Severity.EMERGENCY
    assert response.chase
    assert not response.may_self_close
    assert response.work_order is WorkOrder.NEVER


@pytest.mark.parametrize("hazard", sorted(EMERGENCIES))
@pytest.mark.parametrize("severity", [None, Severity.GENERAL])
def test_no_override_makes_an_emergency_close_itself(hazard: str, severity: Severity | None):
    """Not even one that first lowers its severity."""
    override = Override(severity=severity, may_self_close=True)
    response = response_table(SiteConfig(responses={hazard: override})).of(hazard)
    assert not response.may_self_close


def test_a_hazard_of_ones_own_joins_the_table():
    kind = HazardKind("open_edge", Severity.SERIOUS, SeenRectified.SAFE_AGAIN, {"zh": "临边无防护"})
    config = SiteConfig(
        own_hazards=(kind,), responses={"open_edge": Override(escalate_to=(Role.ADMIN,))}
    )
    response = response_table(config).of("open_edge")
    assert response.severity is Severity.SERIOUS
    assert response.escalate_to == (Role.ADMIN,)
    assert config.hazards["open_edge"] is kind
