"""A site with people, a camera and a horn, and cases on it."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from bot.domain.case import Case
from bot.domain.hazard import SHIPPED, HazardKind, SeenRectified, Severity
from bot.domain.role import Role
from bot.domain.secret import Secret
from bot.domain.site import Camera, Member, Site, SiteConfig, Speaker, Zone
from tests.support.moments import when


@pytest.fixture
def config() -> SiteConfig:
    """Two sites in two time zones; 李工 leads the first, 王监督 supervises all."""
    pit = Zone("pit", "基坑", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
    return SiteConfig(
        sites=(
            Site("yard-7", "七号工地", address="观澜大道 88 号", entrance="东门进"),
            Site("dock", "Dock", timezone=ZoneInfo("Europe/Berlin")),
        ),
        cameras=(Camera("gate", "yard-7", "大门", zones=(pit,)),),
        speakers=(Speaker("gate-horn", "yard-7", "大门喇叭", Secret("file:x", listed=False)),),
        members=(
            Member("li", "李工", Role.SITE_LEAD, ("yard-7",), telegram="111"),
            Member("wang", "王监督", Role.SUPERVISOR),
            Member("xiao", "小陈", Role.VIEWER, ("yard-7",)),
        ),
        own_hazards=(
            HazardKind(
                "open_edge", Severity.SERIOUS, SeenRectified.NOBODY_CAN, {"zh": "临边无防护"}
            ),
        ),
    )


@pytest.fixture
def make_case() -> Callable[..., Case]:
    """A case at the gate, seen at 10:42:07 and received half a second later."""

    def make(hazard: str = "no_helmet", **changes: object) -> Case:
        seen = when("11-22 10:42:07")
        severity = SHIPPED[hazard].severity if hazard in SHIPPED else Severity.SERIOUS
        values: dict[str, object] = {
            "number": 12,
            "site": "yard-7",
            "hazard": hazard,
            "severity": severity,
            "place_key": f"yard-7/gate/-/{hazard}",
            "camera": "gate",
            "opened_at": seen + 500,
            "received_at": seen + 500,
            "first_seen": seen,
            "last_seen": seen,
        }
        return Case(**{**values, **changes})  # pyright: ignore[reportArgumentType] -- a test's factory

    return make
