"""Whatever number stands in a time's column, a sentence comes of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.tables import local_time
from bot.domain.rfc3339 import utc
from bot.texts.localtime import clock, local, stamp

ZONES = ("Asia/Shanghai", "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago")


@given(st.integers(-(2**70), 2**70), st.sampled_from(ZONES))
def test_no_moment_is_out_of_the_calendar(at: int, zone: str) -> None:
    """A database can hold any number: one wrong time spoils no list and no card."""
    known = ZoneInfo(zone)
    assert clock(at, known, now=0)
    assert stamp(at, known)
    assert utc(at).endswith("Z")
    assert local_time(at)


@pytest.mark.parametrize("zone", ZONES)
def test_moments_of_our_days_are_exact(zone: str) -> None:
    """To the second, in the site's zone."""
    assert local(1_795_312_927_000, ZoneInfo(zone)).timestamp() == 1_795_312_927
    assert utc(1_795_312_927_123) == "2026-11-22T02:02:07.123Z"
