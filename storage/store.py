"""`bot.ports.Store`, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.domain.case import Case
from bot.domain.message import ChatRef, Incoming
from bot.ports import (
    ALL_PARTS,
    PARTS,
    AuditRow,
    CaseFilter,
    Checkpoint,
    Copy,
    Digest,
    InboxRow,
    KnownCommand,
    Learning,
    OutboxRow,
    PictureStore,
    Snapshot,
    Timer,
    Undelivered,
    Waiting,
    Wake,
)
from storage import checkpoints, clocks, digests, outbox, questions, rows, undelivered
from storage.audit import Fault
from storage.database import Database
from storage.proof import verify_case, verify_whole
from storage.sql import Sql, insert, marks
from storage.tables import CaseRow, LearnedRow
from storage.tx import SqlTx, known_command

_LATEST_AT = "SELECT * FROM hazard_case WHERE place_key = ? ORDER BY number DESC LIMIT 1"


class SqlStore:
    """See `bot.ports.Store`.  `wake` is rung after a commit that left work for others."""

    def __init__(self, database: Database, wake: Wake) -> None:
        self._db = database
        self._wake = wake
        self._reads = Sql(database.reader)
        self._writes = Sql(database.writer)
        self._listeners: list[Callable[[Learning], None]] = []

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTx]:
        async with self._db.transaction() as connection:
            tx = SqlTx(connection)
            yield tx
            await tx.flush()
        for learning in tx.learnings:
            for listener in self._listeners:
                listener(learning)
        for topic in tx.topics:
            self._wake.ring(topic)

    def on_learned(self, listener: Callable[[Learning], None]) -> None:
        self._listeners.append(listener)

    # looking

    async def get_case(self, number: int) -> Case | None:
        row = await self._reads.first("SELECT * FROM hazard_case WHERE number = ?", number)
        return rows.case_of(row) if row else None

    async def list_cases(self, which: CaseFilter) -> list[Case]:
        series = {"number__lt": 0} if which.canaries else {"number__gt": 0}
        query = CaseRow.filter(**series).using_db(self._db.reader)
        if which.sites is not None:
            query = query.filter(site__in=list(which.sites))
        if which.states is not None:
            query = query.filter(state__in=[state.value for state in which.states])
        if which.hazard is not None:
            query = query.filter(hazard=which.hazard)
        if which.before is not None:
            query = query.filter(number__lt=which.before)
        found = await query.order_by("-number").limit(which.limit).values()
        return rows.readable(found, rows.case_of)

    async def live_keys(self, camera: str) -> list[Case]:
        query = CaseRow.filter(camera=camera, live_key__isnull=False)
        return [rows.case_of(row) for row in await query.using_db(self._db.reader).values()]

    async def holding(self, live_key: str) -> Case | None:
        row = await self._reads.first("SELECT * FROM hazard_case WHERE live_key = ?", live_key)
        return rows.case_of(row) if row else None

    async def latest_at(self, place_key: str) -> Case | None:
        row = await self._reads.first(_LATEST_AT, place_key)
        return rows.case_of(row) if row else None

    async def history(self, case: int) -> list[AuditRow]:
        return [rows.audit_of(row) for row in await self._of_case("audit_entry", case, "n")]

    async def deliveries(self, case: int) -> list[OutboxRow]:
        return [rows.outbox_of(row) for row in await self._of_case("outbox", case)]

    async def snapshots(self, case: int) -> list[Snapshot]:
        return [rows.snapshot_of(row) for row in await self._of_case("snapshot", case)]

    async def erased_at(self, picture: str) -> int | None:
        last = "SELECT MAX(erased_at) AS at FROM snapshot WHERE sha256 = ?"
        row = await self._reads.first(last, picture)
        return row["at"] if row else None

    async def copies(self, case: int) -> list[Copy]:
        return [rows.copy_of(row) for row in await self._of_case("copy", case)]

    async def get_copy(self, id: int) -> Copy | None:
        row = await self._reads.first("SELECT * FROM copy WHERE id = ?", id)
        return rows.copy_of(row) if row else None

    async def copy_at(self, chat: ChatRef, message_id: str) -> Copy | None:
        place = "SELECT * FROM copy WHERE channel = ? AND chat = ? AND message_id = ?"
        row = await self._reads.first(place, chat.channel, chat.id, message_id)
        return rows.copy_of(row) if row else None

    async def get_cases(self, numbers: Collection[int]) -> list[Case]:
        here = f"SELECT * FROM hazard_case WHERE number IN ({marks(len(numbers))}) ORDER BY number"  # noqa: S608 - nothing but marks
        return [rows.case_of(row) for row in await self._reads.rows(here, *numbers)]

    async def is_asked(self, chat: str, member: str, now: int) -> bool:
        return await questions.is_asked(self._reads, chat, member, now)

    async def get_digest(self, id: int) -> Digest | None:
        return await digests.get_digest(self._reads, id)

    async def digest_copies(self, case: int) -> list[Copy]:
        return [rows.copy_of(row) for row in await digests.copies(self._reads, case)]

    async def words_about(self, chat: ChatRef, message_id: str, since: int) -> int | None:
        row = await self._reads.first(outbox.WORDS_ABOUT, since, chat.key, message_id)
        if row is None:
            return None
        return row["case"] or rows.from_json(row["payload"]).get("about")

    async def learned(self, kind: str, key: str) -> Mapping[str, Any] | None:
        row = await LearnedRow.filter(id=f"{kind}:{key}").using_db(self._db.reader).first()
        return row.value if row else None

    async def all_learned(self, kind: str) -> dict[str, Mapping[str, Any]]:
        found = await LearnedRow.filter(kind=kind).using_db(self._db.reader)
        return {row.key: row.value for row in found}

    # inbox

    async def take_in(self, incoming: Incoming, now: int, queue: str = "") -> bool:
        columns = rows.inbox_columns(incoming, now, queue)
        once = " ON CONFLICT (platform_id) DO NOTHING RETURNING id"
        statement = insert("inbox", tuple(columns)) + once
        new = bool(await self._writes.rows(statement, *columns.values()))
        if new:
            self._wake.ring("inbox")
        return new

    async def command_known(self, id: str) -> KnownCommand | None:
        return await known_command(self._reads, id)

    async def waiting_incoming(
        self, limit: int, parts: Collection[int] = ALL_PARTS, busy: Collection[str] = ()
    ) -> list[InboxRow]:
        mine = _values(parts)
        here = f" AND part IN ({marks(len(mine))})" if mine or not parts else ""
        free = f" AND queue NOT IN ({marks(len(busy))})" if busy else ""
        waiting = f"SELECT * FROM inbox WHERE state = 'waiting'{here}{free} ORDER BY id LIMIT ?"  # noqa: S608 - our own
        found = await self._writes.rows(waiting, *mine, *busy, limit)
        readable = rows.readable(found, rows.inbox_of)
        for bad in {row["id"] for row in found} - {row.id for row in readable}:
            await self.fail_incoming(bad, "cannot be read", dead=True)
        return readable

    async def fail_incoming(self, row: int, error: str, dead: bool) -> None:
        statement = """
            UPDATE inbox SET attempts = attempts + 1, error = ?, state = ?
            WHERE id = ? AND state = 'waiting'"""
        await self._writes.change(statement, error, "dead" if dead else "waiting", row)

    # outbox

    async def claim(
        self,
        now: int,
        lease: int,
        limit: int,
        *,
        kinds: Collection[str],
        busy: Collection[str] = (),
        parts: Collection[int] = ALL_PARTS,
    ) -> list[OutboxRow]:
        statement = outbox.claim(len(kinds), len(busy), len(parts), self._writes.skip_locked)
        values = (now, *kinds, *_values(parts), *busy, limit, now + lease)
        claimed = await self._writes.rows(statement, *values)
        return sorted(map(rows.outbox_of, claimed), key=outbox.turn)

    async def renew(self, ids: Collection[int], until: int) -> None:
        await self._writes.change(outbox.renew(len(ids)), until, *ids)

    async def take_over(self, now: int) -> int:
        return await self._writes.change(outbox.TAKE_OVER, now)

    async def release(self, row: OutboxRow, due: int) -> None:
        await self._writes.change(outbox.RELEASE, due, row.id, row.attempts)

    async def held_on(self, target: str, now: int, *, but: int | None = None) -> bool:
        if but is None:
            row = await self._reads.first(outbox.HELD_ON, target, now)
        else:
            row = await self._reads.first(outbox.HELD_ON_BUT, target, but, now, but)
        return row is not None

    async def next_due(
        self, kinds: Collection[str], parts: Collection[int] = ALL_PARTS
    ) -> int | None:
        statement = outbox.next_due(len(kinds), len(parts))
        row = await self._reads.first(statement, *kinds, *_values(parts))
        return row["due"] if row else None

    async def waiting(self, now: int) -> list[Waiting]:
        found = await self._reads.rows(outbox.WAITING, now)
        return [
            Waiting(r["target"], r["what"], bool(r["pressing"]), r["number"], r["since"])
            for r in found
        ]

    async def inbox_waiting(self) -> tuple[int, int | None]:
        counted = "SELECT COUNT(*) AS number, MIN(received_at) AS since FROM inbox WHERE state = ?"
        row = await self._reads.first(counted, "waiting")
        return (row["number"], row["since"]) if row else (0, None)

    async def sent_since(
        self, since: int, kinds: Collection[str], parts: Collection[int] = ALL_PARTS
    ) -> list[tuple[str, int | None]]:
        statement = outbox.sent_since(len(kinds), len(parts))
        found = await self._reads.rows(statement, *kinds, *_values(parts), since)
        return [(row["target"], row["finished_at"]) for row in found]

    async def said_since(self, since: int) -> list[tuple[str, int, str]]:
        found = await self._reads.rows(outbox.SAID_SINCE, since)
        times = {
            (row["target"], int(row["began"] or row["finished_at"]), row["lane"]) for row in found
        }
        return sorted(times)

    async def undelivered(self, which: Undelivered | None = None) -> list[OutboxRow]:
        return await undelivered.find(self._reads, which or Undelivered())

    async def retry(
        self, which: Undelivered, now: int, by: str = ""
    ) -> tuple[list[OutboxRow], list[OutboxRow]]:
        async with self.begin() as tx:
            return await tx.retry(which, now, by)

    # clocks

    async def due_timers(self, now: int, limit: int) -> list[Timer]:
        statement = "SELECT * FROM timer WHERE due <= ? ORDER BY due LIMIT ?"
        return [rows.timer_of(row) for row in await self._reads.rows(statement, now, limit)]

    async def next_timer(self) -> int | None:
        row = await self._reads.first("SELECT MIN(due) AS due FROM timer")
        return row["due"] if row else None

    async def newest(self) -> int | None:
        row = await self._reads.first("SELECT at FROM audit_entry ORDER BY id DESC LIMIT 1")
        return row["at"] if row else None

    async def pull_in(self, now: int, ahead: int) -> int:
        return await clocks.pull_in(self._writes, now, ahead)

    # proof

    async def verify_audit(
        self,
        case: int | None = None,
        pictures: PictureStore | None = None,
        witness: str | None = None,
    ) -> tuple[int, list[Fault]]:
        """How many cases were verified, and every place where the evidence does not hold.

        Canaries are verified, too, and not counted.

        With `pictures` their files too; without `case` also what ties the cases together: numbers
        without gaps, no entries without their case, and the checkpoints, with the `witness` that
        people were told of one of them.
        """
        query, only = "SELECT * FROM hazard_case", () if case is None else (case,)
        which = " WHERE number = ?" if only else ""
        found = await self._reads.rows(f"{query}{which} ORDER BY number", *only)
        faults: list[Fault] = []
        for row in found:
            faults += await verify_case(self._reads, row, pictures)
        if case is None:
            faults += await verify_whole(self._reads, found)
            faults += await checkpoints.verify(self._reads, found, witness)
        return sum(row["number"] > 0 for row in found), faults

    async def erased_pictures(self, case: int | None = None) -> int:
        """How many pictures and clips (of a case) went by rule."""
        counted = (
            "SELECT COUNT(DISTINCT sha256) AS number FROM snapshot WHERE erased_at IS NOT NULL"
        )
        only = () if case is None else (case,)
        row = await self._reads.first(f'{counted} AND "case" = ?' if only else counted, *only)
        return row["number"] if row else 0

    async def latest_checkpoint(self) -> Checkpoint | None:
        return await checkpoints.latest(self._reads)

    async def _of_case(self, table: str, case: int, order: str = "id") -> list[dict[str, Any]]:
        statement = f'SELECT * FROM {table} WHERE "case" = ? ORDER BY {order}'  # noqa: S608 - our own
        return await self._reads.rows(statement, case)


def _values(parts: Collection[int]) -> list[int]:
    """The parts that a statement names: none where they are all."""
    return [] if len(parts) == PARTS else sorted(parts)
