"""docs/reference/http.md has every route, field and status that the server has."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.housekeeping import DiskState
from bot.ports import Store
from bot.watching.cameras import CameraFigures
from bot.watching.figures import Figures
from bot.watching.health import Health
from bot.watching.keeping import Keeping
from bot.watching.monitor import Monitor
from bot.watching.paths import WatchedAnnouncer, WatchedChannel
from handlers.console.routes import routes
from handlers.http.measure import measuring
from handlers.http.openapi import OPERATIONS
from handlers.http.reportform import ReportForm
from handlers.http.server import build
from tests.support.http_house import running_house
from tests.support.pages import blocks, read, sections
from tests.support.workshop import Workshop
from vision.status import CameraStatus

PAGE = "docs/reference/http.md"
HEADINGS = sections(PAGE, 3)
INWARD = (
    *("/console/", "/pictures/", "/clips/", "/login", "/logout"),
    *("/speaker/{speaker}/", "/speaker/chime.wav"),
)
"""What only our own pages and signed links call."""


def served(context) -> set[str]:
    """Method and path of everything that the server answers to others."""
    app = build(context, [lambda app: app.add_routes(routes())])
    found = {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.method != "HEAD" and isinstance(route.resource, web.Resource)
    }
    return {route for route in found if not route.partition(" ")[2].startswith(INWARD)}


async def test_the_page_has_every_route_and_no_other():
    async with running_house() as house:
        assert HEADINGS.keys() == served(house.context)


def test_every_field_of_a_report_has_its_row():
    rows = re.findall(r"^\| `(\w+)` \| \S", HEADINGS["POST /api/v1/reports"], re.MULTILINE)
    assert sorted(rows) == sorted(ReportForm.model_fields)


def test_the_report_shown_is_one():
    shown = json.loads(blocks(PAGE, "json")[1].text)
    assert ReportForm.model_validate(shown).id == shown["id"]


@pytest.mark.parametrize("status", sorted({code for o in OPERATIONS for code in o.problems}))
def test_every_status_of_an_error_is_explained(status: int):
    rows = re.findall(r"^\| ([\d, ]+) \| \S", read(PAGE), re.MULTILINE)
    assert str(status) in {code for row in rows for code in row.split(", ")}


async def test_the_error_shown_is_the_one_that_is_answered():
    async with running_house() as house:
        answered = await house.report(confidence=1.5)
        assert await answered.json() == json.loads(blocks(PAGE, "json")[0].text)


async def test_every_figure_and_no_other_has_its_row():
    registry = CollectorRegistry()
    Figures(registry, cast(Store, None), lambda: 0)
    measuring(registry)
    registry.register(_keeping())
    registry.register(CameraFigures(lambda: [CameraStatus("gate", "live", None, 4.0, 0.1)]))
    described = {f"{family.name}{_SUFFIX.get(family.type, '')}" for family in registry.collect()}
    rows = re.findall(r"^\| `(\w+)` \| \S", HEADINGS["GET /metrics"], re.MULTILINE)
    assert sorted(rows) == sorted(described)


async def test_every_check_and_no_other_has_its_row(shop: Workshop):
    channel = WatchedChannel(shop.telegram, shop.core.clock)
    monitor = Monitor(shop.core, {"telegram": channel}, WatchedAnnouncer(shop.announcer, lambda: 0))
    keeping = _keeping().checks
    checks = await Health(shop.store, shop.core.clock, monitor, keeping).checks()
    rows = re.findall(r"^\| `(\w+)` \| \S", HEADINGS["GET /readyz"], re.MULTILINE)
    assert rows == [*(check.name for check in checks), "stopping"]


def _keeping() -> Keeping:
    """A disk that has been looked at, and nothing wrong."""
    disk = SimpleNamespace(state=DiskState(100, 50, 10, 5, 40), stuck=False)
    resort = SimpleNamespace(pending=0, fault="")
    return Keeping(disk, resort, SimpleNamespace(held=0, lost=0, fault=""), {}, {})


_SUFFIX = {"counter": "_total"}
