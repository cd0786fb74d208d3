"""Reports: the one door for cameras, boxes, helmets, sensors and people.

Reports that wait together are written in one transaction, because a durable commit costs the same
for one as for fifty.  Should one of them break the batch, each is tried again alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.casework.answer import ReportAnswer
from bot.casework.core import Core
from bot.domain.case import Case
from bot.domain.command import SYSTEM, Actor
from bot.domain.error import Conflict, LoudhailerError, Unavailable
from bot.domain.report import Report
from bot.domain.sighting import Meeting, Sighting, meet
from bot.ports import Tx

log = logging.getLogger(__name__)

_BATCH = 50
_TRIES = 3
_PATIENCE_S = 5.0

_Result = ReportAnswer | LoudhailerError


@dataclass(slots=True)
class _Waiting:
    report: Report
    done: asyncio.Future[ReportAnswer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def settle(self, result: _Result) -> None:
        if self.done.done():
            return
        if isinstance(result, LoudhailerError):
            self.done.set_exception(result)
        else:
            self.done.set_result(result)


class Intake:
    """Takes reports one by one and writes them together; `run` is its worker."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()

    async def report(self, report: Report) -> ReportAnswer:
        """Returns when the report is durable.

        Raises `Conflict` (same id, other content) or `Unavailable` (cannot be written now).
        """
        waiting = _Waiting(report)
        self._queue.put_nowait(waiting)
        return await waiting.done

    async def run(self) -> None:
        """Write what waits, until cancelled; what is being written then is finished first."""
        try:
            while True:
                batch = [await self._queue.get()]
                batch += self._waiting(_BATCH - 1)
                await _to_its_end(self._settle(batch))
        finally:
            for waiting in self._waiting(self._queue.qsize()):
                waiting.settle(Unavailable("the service is stopping"))

    def _waiting(self, most: int) -> list[_Waiting]:
        return [self._queue.get_nowait() for _ in range(min(most, self._queue.qsize()))]

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        try:
            results = await self._write([waiting.report for waiting in batch])
        except Exception:  # whatever broke the batch: each report is tried alone
            log.warning("%d reports failed together, trying each alone", len(batch), exc_info=True)
            await self._settle_alone(batch)
            return
        for waiting, result in zip(batch, results, strict=True):
            waiting.settle(result)

    async def _settle_alone(self, batch: Sequence[_Waiting]) -> None:
        """One that cannot be written spoils no other; a database that is away ends it soon."""
        clock = asyncio.get_running_loop().time
        patience = clock() + _PATIENCE_S
        for waiting in batch:
            if clock() < patience:
                waiting.settle(await self._alone(waiting.report))
            else:
                waiting.settle(Unavailable("the reports cannot be written now"))

    async def _alone(self, report: Report) -> _Result:
        for attempt in range(1, _TRIES + 1):
            try:
                return (await self._write([report]))[0]
            except Exception:  # the database's own errors differ by engine; the caller gets ours
                if attempt == _TRIES:
                    log.exception("report %s could not be written", report.key)
        return Unavailable("the report cannot be written now")

    async def _write(self, reports: Sequence[Report]) -> list[_Result]:
        results: list[_Result] = []
        async with self._core.store.begin() as tx:
            for report in reports:
                try:
                    results.append(await take_report(self._core, tx, report))
                except Conflict as conflict:  # decided before anything was written
                    results.append(conflict)
        return results


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await `work`; a cancellation that comes meanwhile is obeyed when it has ended."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def take_report(core: Core, tx: Tx, report: Report) -> ReportAnswer:
    """One report inside a transaction; raises `Conflict` before it writes anything."""
    known = await tx.known_report(report.key)
    if known is not None:
        if known.content != report.content:
            raise Conflict(report.id)
        answer = known.answer
        return ReportAnswer(answer["case"], answer["state"], report.id, repeat=True)
    sighting, after = await _meet(core, tx, report)
    answer = ReportAnswer(
        case=after.number if after else None,
        state=after.state.value if after else None,
        report=report.id,
        created=sighting.meeting is Meeting.OPENED,
    )
    stored = {"case": answer.case, "state": answer.state}
    await tx.add_report(report.key, report.content, stored, answer.case, report.received_at)
    return answer


async def _meet(core: Core, tx: Tx, report: Report) -> tuple[Sighting, Case | None]:
    response = core.responses.of(report.hazard, report.site)
    key = report.live_key(response.merge_by)
    holder = await tx.case_holding(key)
    latest = holder or await tx.latest_case_at(key)
    sighting = meet(report, None, holder, latest, response)
    before = latest
    if sighting.meeting is Meeting.OPENED and sighting.change is None:
        number = await tx.next_number("case")
        sighting, before = meet(report, number, holder, latest, response), None
    if sighting.change is None:
        return sighting, None
    actor = Actor(report.by, report.by, "report") if report.by else SYSTEM
    now = report.received_at
    after = await core.apply(tx, before, sighting.change, actor, now)
    if before is None or sighting.change.ring:
        await core.keep_pictures(tx, after, report.shot, report.at)
    elif sighting.meeting is Meeting.GONE and report.shot is not None:
        after_shot = replace(report.shot, blurred=None, clean=None)
        await core.keep_pictures(tx, after, after_shot, report.at)
    return sighting, after
