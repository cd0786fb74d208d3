"""Looking at cases, work orders and figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.casework.views import case_view
from bot.domain.case import Case
from bot.domain.rfc3339 import utc_or_none
from bot.ports import CaseFilter
from handlers.http.auth import LOOKING, Principal, require
from handlers.http.context import Context, Tally, context_of
from handlers.http.problem import Fault, Problem
from handlers.http.queries import (
    read_filter,
    read_page,
    read_since,
    read_sites,
    refuse_unknown,
)
from handlers.http.views import (
    delivery_view,
    entry_view,
    is_history,
    page,
    snapshot_view,
    work_order_view,
)

_LIST = frozenset({"site", "state", "hazard", "limit", "cursor"})
_STATS = frozenset({"site", "since"})
_SCAN = 200
_MOST_SCANS = 10
_LONGEST_NUMBER = 9


async def list_cases(request: web.Request) -> web.Response:
    """GET /api/v1/cases: newest first."""
    context, caller = context_of(request), await require(request, LOOKING)
    faults: list[Fault] = []
    wanted = read_page(request, faults)
    which = read_filter(request, caller, wanted, faults)
    refuse_unknown(request.query, _LIST, faults)
    found = await context.store.list_cases(replace(which, limit=wanted.limit + 1))
    shown = found[: wanted.limit]
    following = shown[-1].number if len(found) > wanted.limit else None
    return answer(page("cases", [case_view(case) for case in shown], following))


async def show_case(request: web.Request) -> web.Response:
    """GET /api/v1/cases/{n}: the case with its history, deliveries and pictures."""
    context, caller = context_of(request), await require(request, LOOKING)
    case = await visible_case(request, caller)
    now = context.clock()
    history = await context.store.history(case.number)
    deliveries = await context.store.deliveries(case.number)
    snapshots = await context.store.snapshots(case.number)
    return answer(
        case_view(case)
        | {
            "history": [entry_view(row) for row in history if is_history(row)],
            "deliveries": [delivery_view(row) for row in deliveries],
            "snapshots": [snapshot_view(one, context.links, now) for one in snapshots],
        }
    )


async def visible_case(request: web.Request, caller: Principal) -> Case:
    """The case in the address; 404 where there is none, or none for this caller."""
    case = await find_case(request)
    if caller.sites() is not None and not caller.may_see(case.site):
        raise _no_case(request)
    return case


async def find_case(request: web.Request) -> Case:
    """The case in the address, whoever asks; raises 404."""
    text = request.match_info["n"]
    known = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    case = await context_of(request).store.get_case(int(text)) if known else None
    if case is None or case.house:
        raise _no_case(request)
    return case


def _no_case(request: web.Request) -> Problem:
    text = request.match_info["n"][:20]
    fault = Fault("case", "unknown_case", {"name": text}, text)
    return Problem(404, "unknown_case", faults=[fault], name=text)


async def list_work_orders(request: web.Request) -> web.Response:
    """GET /api/v1/workorders: cases that became one, newest first, also when closed since."""
    context, caller = context_of(request), await require(request, LOOKING)
    faults: list[Fault] = []
    wanted = read_page(request, faults)
    which = read_filter(request, caller, wanted, faults)
    refuse_unknown(request.query, _LIST, faults)
    found, following = await _with_work_order(context, which)
    views = [work_order_view(case, _party(case, context)) for case in found]
    return answer(page("work_orders", views, following))


async def _with_work_order(context: Context, which: CaseFilter) -> tuple[list[Case], int | None]:
    """A page of them, and where to go on; looks through a bounded number of cases at a time."""
    found: list[Case] = []
    before = which.before
    for _ in range(_MOST_SCANS):
        batch = await context.store.list_cases(replace(which, before=before, limit=_SCAN))
        for case in batch:
            before = case.number
            if case.work_order is not None:
                found.append(case)
                if len(found) == which.limit:
                    return found, before
        if len(batch) < _SCAN:
            return found, None
    return found, before


def _party(case: Case, context: Context) -> str | None:
    site = context.config.site(case.site)
    return site.responsible_party if site else None


async def show_stats(request: web.Request) -> web.Response:
    """GET /api/v1/stats: how many cases there are of which kind, nothing estimated."""
    context, caller = context_of(request), await require(request, LOOKING)
    faults: list[Fault] = []
    since = read_since(request, faults)
    sites = read_sites(request, caller)
    refuse_unknown(request.query, _STATS, faults)
    tallies = await context.figures.tally(sites, since)
    return answer(
        {
            "since": utc_or_none(since),
            "cases": sum(tally.cases for tally in tallies),
            "by_state": _by(tallies, "state"),
            "by_outcome": _by((tally for tally in tallies if tally.outcome), "outcome"),
            "by_hazard": _by(tallies, "hazard"),
        }
    )


def _by(tallies: Iterable[Tally], name: str) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for tally in tallies:
        counted[getattr(tally, name)] += tally.cases
    return dict(sorted(counted.items()))


def answer(body: Mapping[str, Any]) -> web.Response:
    """A JSON response with people's names as they are written."""
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type="application/json")
