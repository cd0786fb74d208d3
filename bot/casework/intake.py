"""Reports: the one door for cameras, boxes, helmets, sensors and people.

Reports that wait together are written in one transaction, because a durable commit costs the same
for one as for fifty.  Should one of them break the batch, each is tried again alone.

Nobody waits for long: an emergency that is not written within seconds goes to the last resort, any
other report is refused and comes again.  What was given up is not written any more; where the
database was only slow and wrote it after all, the report's id tells.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.casework.answer import ReportAnswer
from bot.casework.confirming import by_second_sensor
from bot.casework.core import NOTHING, Already, Core
from bot.casework.resort import NoResort, Resort
from bot.domain.case import Case
from bot.domain.command import SYSTEM, Actor
from bot.domain.error import Conflict, LoudhailerError, Unavailable
from bot.domain.flight import flown
from bot.domain.hazard import Severity
from bot.domain.report import Report
from bot.domain.sighting import Meeting, Sighting, meet
from bot.ports import Snapshot, Tx

log = logging.getLogger(__name__)

_BATCH = 50
_TRIES = 3
_PATIENCE_S = 5.0
EMERGENCY_WITHIN_S = 3.0
"""An emergency that is not durable by then goes out another way."""
OTHERS_WITHIN_S = 8.0

_SHOWN_ANEW = frozenset({Meeting.OPENED, Meeting.REOPENED})
_Result = ReportAnswer | LoudhailerError


@dataclass(slots=True)
class _Waiting:
    report: Report
    urgent: bool = False
    given_up: bool = False
    done: asyncio.Future[ReportAnswer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def settle(self, result: _Result) -> None:
        if self.done.done() or self.given_up:
            return
        if isinstance(result, LoudhailerError):
            self.done.set_exception(result)
        else:
            self.done.set_result(result)


class Intake:
    """Takes reports one by one and writes them together; `run` is its worker."""

    def __init__(self, core: Core, resort: Resort | None = None) -> None:
        self._core = core
        self._resort = resort or NoResort()
        self._queue: asyncio.PriorityQueue[tuple[bool, int, _Waiting]] = asyncio.PriorityQueue()
        self._count = 0
        self._watched: set[asyncio.Task[ReportAnswer]] = set()

    async def report(self, report: Report) -> ReportAnswer:
        """Returns when the report is durable.

        Raises `Conflict` (same id, other content) or `Unavailable` (cannot be written now).
        """
        waiting = _Waiting(report, urgent=self._is_urgent(report))
        self._count += 1
        self._queue.put_nowait((not waiting.urgent, self._count, waiting))
        if not waiting.urgent:
            return await _within(waiting, OTHERS_WITHIN_S)
        watch = asyncio.create_task(self._emergency(waiting))
        self._watched.add(watch)
        watch.add_done_callback(self._watched.discard)
        return await asyncio.shield(watch)  # whoever hangs up, it goes its way

    async def would_open(self, report: Report) -> bool:
        """Whether the report would show a case to people anew, so that it needs a picture.

        True as well where the database does not say so in time.
        """
        response = self._core.responses.of(report.hazard, report.site)
        key = report.live_key(response.merge_by)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                holder = await self._core.store.holding(key)
                latest = holder or await self._core.store.latest_at(key)
        except Exception:  # noqa: BLE001  boundary: each engine's own errors, all mean: away
            return True
        return meet(report, None, holder, latest, response).meeting in _SHOWN_ANEW

    def _is_urgent(self, report: Report) -> bool:
        response = self._core.responses.of(report.hazard, report.site)
        return response.severity is Severity.EMERGENCY and not report.trial

    async def _emergency(self, waiting: _Waiting) -> ReportAnswer:
        try:
            return await _within(waiting, EMERGENCY_WITHIN_S)
        except Unavailable as error:
            log.error("emergency %s is not recorded: %s", waiting.report.key, error)
            return await self._resort.take(waiting.report)

    async def run(self) -> None:
        """Write what waits, until cancelled; what is being written then is finished first."""
        try:
            while True:
                batch = [(await self._queue.get())[-1]]
                batch += self._waiting(_BATCH - 1)
                await _to_its_end(self._settle(batch))
        finally:
            for waiting in self._waiting(self._queue.qsize()):
                waiting.settle(Unavailable("the service is stopping"))

    def _waiting(self, most: int) -> list[_Waiting]:
        return [self._queue.get_nowait()[-1] for _ in range(min(most, self._queue.qsize()))]

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        await self._resort.catch_up()  # what came earlier is to be known first
        try:
            results = await self._write(batch)
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
                waiting.settle(await self._alone(waiting))
            else:
                waiting.settle(Unavailable("the reports cannot be written now"))

    async def _alone(self, waiting: _Waiting) -> _Result:
        for attempt in range(1, _TRIES + 1):
            if waiting.given_up:
                break
            try:
                return (await self._write([waiting]))[0]
            except Exception:  # the database's own errors differ by engine; the caller gets ours
                if attempt == _TRIES:
                    log.exception("report %s could not be written", waiting.report.key)
        return Unavailable("the report cannot be written now")

    async def _write(self, batch: Sequence[_Waiting]) -> list[_Result]:
        results: list[_Result] = []
        async with self._core.store.begin() as tx:
            for waiting in batch:
                if waiting.given_up:  # while the database was waited for
                    results.append(Unavailable("given up"))
                    continue
                try:
                    results.append(await take_report(self._core, tx, waiting.report))
                except Conflict as conflict:  # decided before anything was written
                    results.append(conflict)
        return results


async def _within(waiting: _Waiting, seconds: float) -> ReportAnswer:
    """Its answer; raises `Unavailable`, and gives it up, when there is none by then."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.shield(waiting.done)
    except TimeoutError:
        waiting.given_up = True
        raise Unavailable(f"not written within {seconds:g} s") from None


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await `work`; a cancellation that comes meanwhile is obeyed when it has ended."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def take_report(
    core: Core, tx: Tx, report: Report, *, already: Already = NOTHING
) -> ReportAnswer:
    """One report inside a transaction; raises `Conflict` before it writes anything."""
    known = await tx.known_report(report.key)
    if known is not None:
        if known.content != report.content:
            raise Conflict(report.id)
        answer = known.answer
        return ReportAnswer(answer["case"], answer["state"], report.id, repeat=True)
    sighting, after = await _meet(core, tx, report, already)
    answer = ReportAnswer(
        case=after.number if after else None,
        state=after.state.value if after else None,
        report=report.id,
        created=sighting.meeting is Meeting.OPENED,
    )
    stored = {"case": answer.case, "state": answer.state}
    await tx.add_report(report.key, report.content, stored, answer.case, report.received_at)
    return answer


async def _meet(
    core: Core, tx: Tx, report: Report, already: Already
) -> tuple[Sighting, Case | None]:
    if report.canary:
        change = flown(report, -await tx.next_number("canary"))
        case = await core.apply(tx, None, change, SYSTEM, report.received_at)
        return Sighting(Meeting.OPENED, change), case
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
    change = await by_second_sensor(tx, report, sighting.change)
    after = await core.apply(tx, before, change, actor, now, already=already)
    if clip := report.attributes.get("clip"):
        await tx.add_snapshot(Snapshot(after.number, "clip", str(clip), report.at))
    if before is None or sighting.change.ring:
        await core.keep_pictures(tx, after, report.shot, report.at)
    elif sighting.meeting is Meeting.GONE and report.shot is not None:
        after_shot = replace(report.shot, blurred=None, clean=None)
        await core.keep_pictures(tx, after, after_shot, report.at)
    return sighting, after
