"""One try of one row: its turn in the chat's pace, the delivery, and what becomes of the row."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.casework.notices import to_admins_elsewhere
from bot.casework.reach import PICTURES, TOPIC, Reach, place
from bot.courier.deliveries import DELIVERIES, history_entry
from bot.courier.delivery import Also, Delivered, Delivery
from bot.courier.desk import Desk
from bot.courier.notices import Notices
from bot.courier.storm import Storm
from bot.domain.error import (
    ChatClosed,
    ChatMoved,
    CopyGone,
    DeliveryError,
    NotReady,
    PictureRefused,
    Rejected,
    RetryLater,
    Uncertain,
)
from bot.domain.message import ChatRef
from bot.pacing import WINDOW_MS, Pacing
from bot.ports import OutboxRow, OutboxState, Outgoing, Tx
from bot.redact import redact

log = logging.getLogger(__name__)

_BACKOFF_FIRST_MS = 500
_BACKOFF_MOST_MS = 15_000
_BACKOFF_URGENT_MS = 1_500
_NO_CHANNEL_MS = 60_000
_ANSWERS_LIVE_MS = 10 * 60_000
_PRESSES_LIVE_MS = 30_000
_CRASHES = 6
_TOLD_EVERY_MS = 10 * 60_000
_RECORD_FIRST_S = 0.1
_RECORD_MOST_S = 5.0

Write = Callable[[Tx, int], Awaitable[Any]]


class Attempts:
    """Tries rows; what became of each is in the database when `attempt` returns."""

    def __init__(self, desk: Desk, jitter: random.Random | None = None) -> None:
        self._desk = desk
        self._core = desk.core
        self._pacing = Pacing()
        self._reach = Reach(desk.core)
        self._storm = Storm(desk, self._pacing)
        self._notices = Notices(desk, self._pacing)
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads retries, guards nothing

    async def remember(self, kinds: Collection[str], parts: Collection[int]) -> None:
        """Count what was sent in the last minute to these parts, before they were ours."""
        now = self._core.clock()
        for name in {DELIVERIES[kind].log for kind in kinds} - {""}:
            counted = [kind for kind in kinds if DELIVERIES[kind].log == name]
            sent = await self._core.store.sent_since(now - WINDOW_MS, counted, parts)
            places = [(self._desk.place(target), at) for target, at in sent]
            self._pacing.seed((f"{name}:{place}", at or now) for place, at in places)

    def clock_jumped(self, jump: int) -> None:
        """What was sent in the last minute was, whatever the clock says now."""
        self._pacing.clock_jumped(jump)

    async def attempt(self, row: OutboxRow) -> None:
        """Deliver a claimed row, or say when it is to be tried again."""
        kind = DELIVERIES[row.kind]
        if self._is_over(row):
            await self._too_late(row)
            return
        if kind.is_chat and not await self._has_leave(row, kind):
            return
        pace = self._pace(row, kind)
        counts = True
        self._pacing.starts(pace)
        try:
            async with asyncio.timeout(kind.within_s):
                delivered = await kind.deliver(self._desk, row)
        except TimeoutError:
            await self._uncertain(row, f"no outcome within {kind.within_s:g} s")
        except DeliveryError as error:
            counts = isinstance(error, Uncertain)
            await self._failed(row, error)
        except Exception as error:  # a fault of ours: tried a few times, then a dead letter
            log.exception("delivery %d (%s) failed", row.id, row.kind)
            await self._broke(row, error, unsure=row.unsure or kind.repeats_show)
        else:
            await self._delivered(row, delivered)
        finally:
            self._pacing.ends(pace, self._core.clock(), counts=counts)

    # whether it may go now

    def _is_over(self, row: OutboxRow) -> bool:
        """Whether nobody waits for this answer any more."""
        age = self._core.clock() - row.created_at
        if row.kind == "press":
            return age > _PRESSES_LIVE_MS
        is_answer = row.kind == "text" and row.lane == "answer" and row.case is None
        return is_answer and age > _ANSWERS_LIVE_MS

    async def _too_late(self, row: OutboxRow) -> None:
        """A toast that can be shown no more; a refusal is then said in the chat, not dropped."""
        instead: list[Outgoing] = []
        if row.kind == "press" and row.payload.get("alert"):
            payload = {k: v for k, v in row.payload.items() if k in ("text", "private", "topic")}
            now = self._core.clock()
            instead.append(Outgoing("text", row.target, payload, now, lane="answer", case=row.case))
        await self._finish(row, "dead", {"outcome": "too late"}, instead=instead)

    async def _has_leave(self, row: OutboxRow, kind: Delivery) -> bool:
        """`_may_go`; where that cannot be said, as the database is away, nothing was sent."""
        try:
            return await self._may_go(row, kind)
        except Exception as error:
            log.exception("whether delivery %d (%s) may go is not known", row.id, row.kind)
            await self._broke(row, error, unsure=row.unsure)
            return False

    async def _may_go(self, row: OutboxRow, kind: Delivery) -> bool:
        """Whether it is to be sent now by itself; a card may become a line of a digest instead."""
        ref, configured = self._desk.chat_of(row)
        if ref.channel not in self._desk.channels:
            await self._postpone(row, _NO_CHANNEL_MS, "no such channel", unsure=row.unsure)
            return False
        limit = self._desk.limit(ref, configured) if kind.log else 0
        for gathering in (self._storm, self._notices):
            if await gathering.gathers(row, self._pace(row, kind), limit):
                return False
        now = self._core.clock()
        wait = self._pacing.wait(self._pace(row, kind), row.lane, limit, now)
        if wait > 0:
            await self._give_back(row, now + wait)
        return wait <= 0

    def _pace(self, row: OutboxRow, kind: Delivery) -> str:
        return f"{kind.log}:{self._desk.place(row.target)}"

    # what became of it

    async def _delivered(self, row: OutboxRow, delivered: Delivered) -> None:
        kind = DELIVERIES[row.kind]

        async def write(tx: Tx, now: int) -> None:
            mine = await tx.finish(row, "done", delivered.outcome, now)
            if mine and delivered.entry and row.case is not None:
                await tx.add_entry(row.case, history_entry(row, delivered.outcome, now))
            if delivered.also is not None:
                await delivered.also(tx, now)
            if kind.log:
                await self._got_through(tx, row, delivered.outcome, now)

        await self._write(row, write, delivered.outcome)

    async def _got_through(
        self, tx: Tx, row: OutboxRow, outcome: Mapping[str, Any], now: int
    ) -> None:
        """What was closed is open again; what the platform left out is told once."""
        ref, _ = self._desk.chat_of(row)
        await self._reach.open(tx, ref, now)
        if row.kind == "photo" and outcome["outcome"] == "delivered":
            await self._reach.open_part(tx, PICTURES + place(ref))
        if why := outcome.get("no_topic"):
            await self._reach.close_part(tx, TOPIC, ref, str(why), now)
        elif ref.topic and row.kind == "card":
            await self._reach.open_part(tx, TOPIC + ref.key)

    async def _failed(self, row: OutboxRow, error: DeliveryError) -> None:
        match error:
            case NotReady():
                await self._give_back(row, self._core.clock() + _ms(error))
            case RetryLater(retry_after=None):
                await self._postpone(row, self._backoff(row), str(error), unsure=row.unsure)
            case RetryLater():
                wait = _ms(error)
                self._hold(row, wait)
                await self._postpone(row, wait, str(error), unsure=row.unsure)
            case Uncertain():
                await self._uncertain(row, str(error))
            case ChatMoved():
                await self._moved(row, error)
            case CopyGone():
                await self._gone(row, str(error))
            case ChatClosed():
                await self._shut(row, error)
            case PictureRefused() if row.kind == "photo":
                await self._unshown(row, error)
            case Rejected():
                await self._dead(row, str(error))
            case _:
                await self._postpone(row, self._backoff(row), str(error), unsure=row.unsure)

    async def _give_back(self, row: OutboxRow, due: int) -> None:
        """It was not tried: neither an attempt nor a doubt is on record."""
        await self._surely(row, lambda: self._core.store.release(row, due))

    async def _uncertain(self, row: OutboxRow, why: str) -> None:
        """May have arrived: repeated with a key, a card too (marked), a small answer is not."""
        kind = DELIVERIES[row.kind]
        if kind.has_key:
            await self._postpone(row, self._backoff(row), why, unsure=False)
        elif not kind.is_chat:
            await self._finish(row, "uncertain", {"outcome": "failed", "detail": why})
        elif not kind.repeats_show or self._desk.has_key(self._desk.chat_of(row)[0]):
            await self._postpone(row, self._backoff(row), why, unsure=False)
        elif row.kind != "text" or row.lane == "emergency":
            await self._postpone(row, self._backoff(row), why, unsure=True)
        else:
            await self._finish(row, "uncertain", {"outcome": "uncertain", "why": why})

    async def _broke(self, row: OutboxRow, error: Exception, *, unsure: bool) -> None:
        """`unsure` unless it surely did not come as far as sending."""
        if row.attempts >= _CRASHES:
            await self._dead(row, redact(f"fault: {error!r}"))
            return
        await self._postpone(row, self._backoff(row), redact(repr(error)), unsure=unsure)

    def _hold(self, row: OutboxRow, wait: int) -> None:
        """The platform wants silence in that chat, of messages, edits and answers."""
        until = self._core.clock() + wait
        for kind in DELIVERIES.values():
            if kind.is_chat:
                self._pacing.hold(self._pace(row, kind), until)

    async def _moved(self, row: OutboxRow, moved: ChatMoved) -> None:
        """The group became a supergroup: learn its new id, and go on there at once."""
        old, configured = self._desk.chat_of(row)
        if configured is None:  # where we are only a guest, nothing leads to the new id
            await self._dead(row, str(moved))
            return

        async def write(tx: Tx, now: int) -> None:
            await self._core.move_chat(tx, ChatRef(old.channel, old.id), moved.new_chat)
            await tx.postpone(row, now, outcome, unsure=row.unsure)

        outcome = {"outcome": "moved"}
        await self._write(row, write, outcome)

    async def _shut(self, row: OutboxRow, closed: ChatClosed) -> None:
        """Nothing reaches the chat: told once, and gone round."""
        ref, _ = self._desk.chat_of(row)

        async def note(tx: Tx, now: int) -> None:
            await self._reach.close(tx, ref, closed.why, now, told=str(closed))
            await self._reach.go_round(tx, row, ref, now)

        outcome = {"outcome": "dead", "why": str(closed), "closed": closed.why}
        await self._given_up(row, outcome, note)

    async def _unshown(self, row: OutboxRow, refused: PictureRefused) -> None:
        """The words are there, their picture will not be."""
        ref, _ = self._desk.chat_of(row)

        async def note(tx: Tx, now: int) -> None:
            await self._reach.close_part(tx, PICTURES, ref, str(refused), now)

        await self._given_up(row, {"outcome": "dead", "why": str(refused)}, note)

    async def _given_up(self, row: OutboxRow, outcome: Mapping[str, Any], note: Also) -> None:
        async def write(tx: Tx, now: int) -> None:
            if not await tx.finish(row, "dead", outcome, now):
                return
            if row.case is not None:
                await tx.add_entry(row.case, history_entry(row, outcome, now))
            await note(tx, now)
            await self._tell_failure(tx, row, now, last=True)

        await self._write(row, write, outcome)

    async def _gone(self, row: OutboxRow, why: str) -> None:
        async def write(tx: Tx, now: int) -> None:
            await tx.lose_copy(int(row.payload["copy"]))
            await tx.finish(row, "dead", outcome, now)

        outcome = {"outcome": "gone", "why": why}
        await self._write(row, write, outcome)

    async def _dead(self, row: OutboxRow, why: str) -> None:
        log.error("dead letter %d: %s to %s: %s", row.id, row.kind, row.target, why)
        await self._finish(row, "dead", {"outcome": "dead", "why": why}, tell=why)

    async def _finish(
        self,
        row: OutboxRow,
        state: OutboxState,
        outcome: Mapping[str, Any],
        *,
        tell: str = "",
        instead: Sequence[Outgoing] = (),
    ) -> None:
        async def write(tx: Tx, now: int) -> None:
            if not await tx.finish(row, state, outcome, now):
                return
            if row.case is not None:
                await tx.add_entry(row.case, history_entry(row, outcome, now))
            if row.kind == "digest" and state == "dead":
                await tx.end_digest(int(row.payload["digest"]))
            if tell:
                await tx.send(*self._to_admins(row, now, tell))
                await self._tell_failure(tx, row, now, last=True)
            await tx.send(*instead)

        await self._write(row, write, outcome)

    async def _postpone(self, row: OutboxRow, wait: int, why: str, *, unsure: bool) -> None:
        async def write(tx: Tx, now: int) -> None:
            if await tx.postpone(row, now + wait, outcome, unsure=unsure):
                await self._tell_failure(tx, row, now, last=False)

        outcome = {"outcome": "retry", "why": why, "attempts": row.attempts}
        await self._write(row, write, {**outcome, "unsure": unsure and not row.unsure})

    async def _tell_failure(self, tx: Tx, row: OutboxRow, now: int, *, last: bool) -> None:
        failed = DELIVERIES[row.kind].failed
        if failed is not None:
            await failed(self._desk, tx, row, last, now)

    async def _write(self, row: OutboxRow, write: Write, outcome: Mapping[str, Any]) -> None:
        async def once() -> None:
            async with self._core.store.begin() as tx:
                if row.case is not None:
                    await tx.case(row.case)  # before its rows, as everywhere: no deadlocks
                await write(tx, self._core.clock())

        await self._surely(row, once)
        self._desk.outcomes(row, outcome)

    async def _surely(self, row: OutboxRow, write: Callable[[], Awaitable[None]]) -> None:
        """Write it down, however often the database fails: otherwise it would be sent again."""
        pause = _RECORD_FIRST_S
        while True:
            try:
                return await write()
            except Exception:  # each engine has errors of its own, and all of them mean "again"
                log.exception("what became of delivery %d cannot be written yet", row.id)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _RECORD_MOST_S)

    def _to_admins(self, row: OutboxRow, now: int, why: str) -> list[Outgoing]:
        """A dead letter is told to the admins, though not where it could not be delivered.

        One that nothing reaches any more is told once in a while, not at every edit.
        """
        params = {"text": row.kind, "target": row.target, "error": why}
        found = to_admins_elsewhere(
            self._core, "admin.dead_letter", params, now, not_in=[row.target]
        )
        return [
            replace(told, dedupe_key=f"dead:{row.target}:{told.target}:{now // _TOLD_EVERY_MS}")
            for told in found
            if told.target.partition(":")[0] in self._desk.channels
        ]

    def _backoff(self, row: OutboxRow) -> int:
        most = _BACKOFF_URGENT_MS if row.lane == "emergency" else _BACKOFF_MOST_MS
        most = min(_BACKOFF_FIRST_MS * 2 ** min(row.attempts, 10), most)
        return round(most * self._jitter.uniform(0.5, 1.0))


def _ms(error: RetryLater) -> int:
    return round((error.retry_after or 0) * 1000)
