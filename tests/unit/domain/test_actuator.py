"""How a device's own words about its state are read."""

from __future__ import annotations

import pytest

from bot.domain.actuator import Actuator, Proof
from bot.domain.hazard import Severity
from bot.domain.secret import Secret


@pytest.mark.parametrize(
    ("on", "off", "said", "reads"),
    [
        ("ON", "OFF", "ON", True),
        ("ON", "OFF", " OFF\n", False),
        ("ON", "OFF", "on", None),
        ("ON", "OFF", "MONITOR", None),
        ('"POWER":"ON"', '"POWER":"OFF"', '{ "POWER" : "ON" }', True),
        ('"output": true', '"output": false', '{"id":0,"output":false,"apower":0.0}', False),
        ('"state":"ON"', '"state":"OFF"', '{"state":"OFF","power_on_behavior":"ON"}', False),
        ("1", "0", "10", None),
        ("1", "0", '{"relay":1}', True),
        ("ON", "OFF", '{"state":"OFF","power_on_behavior":"ON"}', None),
        ("true", "false", "", None),
        ("开", "关", "状态：开", True),
    ],
)
def test_a_state_is_read_by_its_own_words(on: str, off: str, said: str, reads: bool | None) -> None:
    """Spaces in JSON do not matter, half words do, and what says both says nothing."""
    assert Proof(on=on, off=off).reads(said) is reads


def lamp(**keys: object) -> Actuator:
    return Actuator("lamp", "yard-7", "lamp", Secret("http://a"), **keys)  # type: ignore[arg-type]


def test_it_goes_on_for_what_is_spoken_and_grave_enough() -> None:
    serious = lamp(minimum_severity=Severity.SERIOUS)
    assert lamp().goes_with("no_helmet", Severity.GENERAL, spoken=True)
    assert not lamp().goes_with("device_offline", Severity.GENERAL, spoken=False)
    assert not serious.goes_with("no_helmet", Severity.GENERAL, spoken=True)
    assert serious.goes_with("smoke_fire", Severity.EMERGENCY, spoken=True)


def test_hazards_that_are_named_need_no_sentence() -> None:
    named = lamp(hazards=("device_offline",))
    assert named.goes_with("device_offline", Severity.GENERAL, spoken=False)
    assert not named.goes_with("no_helmet", Severity.GENERAL, spoken=True)


def test_it_belongs_to_its_cameras_or_to_the_whole_site() -> None:
    assert lamp().belongs_to("yard-7", None)
    assert not lamp().belongs_to("yard-8", None)
    assert lamp(cameras=("gate",)).belongs_to("yard-7", "gate")
    assert not lamp(cameras=("gate",)).belongs_to("yard-7", "pit")
    assert not lamp(cameras=("gate",)).belongs_to("yard-7", None)
