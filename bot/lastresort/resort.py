"""`LastResort`: takes emergencies that the database cannot take, and brings them in later."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from bot.casework.answer import ReportAnswer
from bot.casework.probing import is_writable
from bot.casework.resort import UNRECORDED
from bot.courier import Desk
from bot.domain.error import Conflict, Unavailable
from bot.domain.report import Phase, Report
from bot.domain.sighting import EMERGENCY_UNSEEN_MS
from bot.lastresort import record as entries
from bot.lastresort.bringing import Bringing
from bot.lastresort.record import SPEAKING, Record, Told
from bot.lastresort.shout import Shout
from bot.ports import Journal

log = logging.getLogger(__name__)

_LOOKED_UP_WITHIN_S = 0.5
_BROUGHT_IN_WITHIN_S = 6.0
_TRY_ENDS_WITHIN_S = 5.0
_FAILURES = 3
_FORGET_MS = 10 * 60_000


def _never(_: str) -> bool:
    return False


class LastResort:
    """See `bot.casework.resort.Resort`; `run` is its worker.

    `held` tells whether a picture (by its SHA-256) is in memory only, so that the journal is to
    have it.
    """

    def __init__(
        self,
        desk: Desk,
        journal: Journal,
        held: Callable[[str], bool] = _never,
        look_every_s: float = 1.0,
    ) -> None:
        self._core = desk.core
        self._journal = journal
        self._look_every_s = look_every_s
        self._shout = Shout(desk)
        self._bringing = Bringing(desk.core, desk.pictures)
        self._held = held
        self._records: dict[str, Record] = {}
        self._taking: dict[str, asyncio.Task[Record]] = {}
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._beside: set[asyncio.Task[None]] = set()
        self._seen: dict[str, int] = {}
        self._importing = asyncio.Lock()
        self._admins_know = False
        self._brought_in = 0
        self._stopping = False
        self.taken = 0

    @property
    def pending(self) -> int:
        """How many emergencies are not in the database yet, or still in the journal."""
        return len(self._records) + self._brought_in

    @property
    def fault(self) -> str:
        """Why the journal cannot be written; "" while all is well."""
        return self._journal.fault

    async def open(self) -> None:
        """Make the journal ready, and find what it holds from before."""
        await self._journal.open()
        self._records = entries.read(await self._journal.read())
        if self._records:
            log.warning("%d emergencies of before are not recorded yet", len(self._records))

    async def run(self) -> None:
        """Bring in what is kept as soon as that can be, until cancelled; then fall silent."""
        try:
            while True:
                if self._journal.fault:
                    await self._journal.open()
                await self.catch_up()
                await asyncio.sleep(self._look_every_s)
        finally:
            self._stopping = True
            tasks = [*self._telling.values(), *self._beside]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # taking

    async def take(self, report: Report) -> ReportAnswer:
        """See `bot.casework.resort.Resort`."""
        task = self._taking.get(report.key)
        if task is None:
            task = self._taking[report.key] = asyncio.create_task(self._take(report))
            task.add_done_callback(lambda _: self._taking.pop(report.key, None))
        record = await asyncio.shield(task)
        if record.report.content != report.content:
            raise Conflict(report.id)
        return ReportAnswer(None, UNRECORDED, report.id)

    async def _take(self, report: Report) -> Record:
        record = self._records.get(report.key)
        if record is None:
            loud = await self._is_news(report)
            record = Record(report, self._shout.chats(report) if loud else ())
            self.taken += 1
            if loud and not self._stopping:
                self._tell(record)
                self._aside(self._shout.speak(record, partial(self._said, record)))
        try:
            if not record.durable:
                await self._keep(record)
        finally:
            self._records[report.key] = record
        return record

    async def _is_news(self, report: Report) -> bool:
        """Whether it must be told: by the rule by which a case rings again.

        That a known hazard goes on, or is gone, is no emergency; its source tries again.
        """
        response = self._core.responses.of(report.hazard, report.site)
        key, now = report.live_key(response.merge_by), self._core.clock()
        self._seen = {one: at for one, at in self._seen.items() if now - at < _FORGET_MS}
        seen = self._seen.get(key) or await self._last_seen(key)
        if report.phase is Phase.END or (report.phase is Phase.CONTINUE and seen is not None):
            raise Unavailable(f"report {report.key} can wait")
        self._seen[key] = now
        return seen is None or now - seen >= EMERGENCY_UNSEEN_MS

    async def _last_seen(self, live_key: str) -> int | None:
        """When the database last heard of it, if it can be asked."""
        try:
            async with asyncio.timeout(_LOOKED_UP_WITHIN_S):
                case = await self._core.store.holding(live_key)
        except Exception as error:  # noqa: BLE001  each engine's own errors, and all mean: unknown
            log.info("the database cannot be asked about %s: %r", live_key, error)
            return None
        return case.last_seen if case is not None else None

    async def _keep(self, record: Record) -> None:
        shot = record.report.shot
        in_memory = shot is not None and self._held((shot.blurred or shot.annotated).sha256)
        try:
            await self._journal.write(entries.taken(record, pictures=in_memory))
        except Unavailable:
            if not in_memory:
                raise
            await self._journal.write(entries.taken(record, pictures=False))
        record.durable = True

    # telling

    def _tell(self, record: Record) -> None:
        key = record.report.key
        self._telling[key] = asyncio.create_task(self._tell_all(record))
        if not self._admins_know:
            self._admins_know = True
            self._aside(self._shout.tell_admins("admin.not_recorded"))

    async def _tell_all(self, record: Record) -> None:
        await asyncio.gather(
            self._shout.tell(record, partial(self._was_told, record)),
            self._shout.alert(record, partial(self._was_alerted, record)),
        )

    async def _was_alerted(self, record: Record, path: str, at: int) -> None:
        record.alerted[path] = at
        await self._note(entries.alerted(record.report, path, at))

    async def _was_told(self, record: Record, message: Told) -> None:
        record.told[message.chat.key] = message
        await self._note(entries.told(record.report, message))

    async def _said(self, record: Record, speaker: str, outcome: str) -> None:
        record.spoken[speaker] = outcome
        await self._note(entries.spoken(record.report, speaker, outcome))
        if record.case is not None and outcome != SPEAKING:
            await self._bringing.said_later(record.case, speaker, outcome)

    async def _note(self, entry: bytes) -> None:
        """Without it a restart would not know, and say "possibly repeated"."""
        with contextlib.suppress(Unavailable):
            await self._journal.write(entry)

    async def _silence(self, record: Record) -> None:
        """Let the tries under way end, and begin no other: the outbox goes on from here."""
        task = self._telling.pop(record.report.key, None)
        if task is None:
            return
        record.over = True
        await asyncio.wait([task], timeout=_TRY_ENDS_WITHIN_S)
        task.cancel()
        for outcome in await asyncio.gather(task, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.error("telling an emergency broke off", exc_info=outcome)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    # bringing in

    async def catch_up(self) -> None:
        """See `bot.casework.resort.Resort`."""
        if not self.pending:
            return
        async with self._importing:
            try:
                if self.pending and await is_writable(self._core):
                    await self._bring_all_in()
            except Exception:  # whatever it was, what is kept stays, and is tried again
                log.exception("emergencies cannot be brought in yet")

    async def _bring_all_in(self) -> None:
        for record in [*self._records.values()]:
            try:
                await self._silence(record)
                async with asyncio.timeout(_BROUGHT_IN_WITHIN_S):
                    await self._bringing.bring_in(record)
            except Exception as error:  # noqa: BLE001  the engine's errors, or a fault of its own
                log.warning("emergency %s cannot be recorded yet: %r", record.report.key, error)
                record.failures += 1
                if record.failures < _FAILURES or not await is_writable(self._core):
                    self._go_on(record)
                    return
                await self._give_up(record, error)
            else:
                del self._records[record.report.key]
                self._brought_in += 1
        await self._finish()

    def _go_on(self, record: Record) -> None:
        record.over = False
        self._tell(record)

    async def _give_up(self, record: Record, error: Exception) -> None:
        """It will never go in: a person is to note it."""
        key = record.report.key
        log.critical("emergency %s can never be recorded", key, exc_info=error)
        about = type(error).__name__
        await self._bringing.tell_admins("admin.unrecordable", text=key, error=about)
        del self._records[key]

    async def _finish(self) -> None:
        """All is in the database: the journal is empty again, and the admins know."""
        if self._records or not self._brought_in:
            return
        await self._journal.clear()
        await self._journal.open()  # what a dead process left may have room now
        for key, record in entries.read(await self._journal.read()).items():
            self._records.setdefault(key, record)
        await self._bringing.tell_admins("admin.recorded", count=self._brought_in)
        log.warning("%d emergencies are recorded now", self._brought_in)
        self._brought_in, self._admins_know = 0, False
