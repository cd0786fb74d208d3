"""`bot.ports.Store` over tortoise, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tortoise.exceptions import IntegrityError

from bot.domain.case import Case, State
from bot.domain.message import ChatRef, Incoming
from bot.ports import (
    AuditRow,
    CaseFilter,
    Copy,
    InboxRow,
    OutboxRow,
    Snapshot,
    Timer,
    Wake,
)
from storage import rows
from storage.audit import Fault, verify_chain
from storage.database import Database
from storage.tables import (
    AuditEntryRow,
    CaseRow,
    CopyRow,
    InboxItemRow,
    LearnedRow,
    OutboxItemRow,
    SnapshotRow,
    TimerRow,
)
from storage.tx import SqlTx

_LIVE = [state.value for state in State if state is not State.CLOSED]

_CLAIM = """
UPDATE outbox SET due = {0}, attempts = attempts + 1,
    unsure = CASE WHEN inflight THEN {3} ELSE unsure END, inflight = {3}
WHERE due <= {1} AND id IN (
    SELECT o.id FROM outbox o
    WHERE o.due <= {1} AND NOT EXISTS (
        SELECT 1 FROM outbox e
        WHERE e.stream = o.stream AND e.due IS NOT NULL AND e.id < o.id)
    ORDER BY o.rank, o.due, o.id LIMIT {2} %s)
RETURNING id
"""


class SqlStore:
    """See `bot.ports.Store`.  `wake` is rung after a commit that left work for others."""

    def __init__(self, database: Database, wake: Wake) -> None:
        self._db = database
        self._wake = wake

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTx]:
        async with self._db.transaction() as connection:
            tx = SqlTx(self._db, connection)
            yield tx
            await tx.flush()
        for topic in tx.topics:
            self._wake.ring(topic)

    # looking

    async def get_case(self, number: int) -> Case | None:
        row = await CaseRow.filter(number=number).using_db(self._db.reader).first()
        return rows.case_of(row) if row else None

    async def list_cases(self, which: CaseFilter) -> list[Case]:
        query = CaseRow.all().using_db(self._db.reader)
        if which.sites is not None:
            query = query.filter(site__in=list(which.sites))
        if which.states is not None:
            query = query.filter(state__in=[state.value for state in which.states])
        if which.hazard is not None:
            query = query.filter(hazard=which.hazard)
        if which.before is not None:
            query = query.filter(number__lt=which.before)
        found = await query.order_by("-number").limit(which.limit)
        return [rows.case_of(row) for row in found]

    async def live_keys(self, camera: str) -> list[Case]:
        query = CaseRow.filter(camera=camera, live_key__isnull=False)
        return [rows.case_of(row) for row in await query.using_db(self._db.reader)]

    async def history(self, case: int) -> list[AuditRow]:
        query = AuditEntryRow.filter(case=case).using_db(self._db.reader).order_by("n")
        return [rows.audit_of(row) for row in await query]

    async def deliveries(self, case: int) -> list[OutboxRow]:
        query = OutboxItemRow.filter(case=case).using_db(self._db.reader).order_by("id")
        return [rows.outbox_of(row) for row in await query]

    async def snapshots(self, case: int) -> list[Snapshot]:
        query = SnapshotRow.filter(case=case).using_db(self._db.reader).order_by("id")
        return [rows.snapshot_of(row) for row in await query]

    async def copies(self, case: int) -> list[Copy]:
        query = CopyRow.filter(case=case).using_db(self._db.reader).order_by("id")
        return [rows.copy_of(row) for row in await query]

    async def get_copy(self, id: int) -> Copy | None:
        row = await CopyRow.filter(id=id).using_db(self._db.reader).first()
        return rows.copy_of(row) if row else None

    async def copy_at(self, chat: ChatRef, message_id: str) -> Copy | None:
        place = {"channel": chat.channel, "chat": chat.id, "message_id": message_id}
        row = await CopyRow.filter(**place).using_db(self._db.reader).first()
        return rows.copy_of(row) if row else None

    async def all_learned(self, kind: str) -> dict[str, Mapping[str, Any]]:
        found = await LearnedRow.filter(kind=kind).using_db(self._db.reader)
        return {row.key: row.value for row in found}

    # inbox

    async def take_in(self, incoming: Incoming, now: int) -> bool:
        try:
            await InboxItemRow.create(
                using_db=self._db.writer,
                platform_id=incoming.command_id,
                chat=incoming.chat.key,
                body=rows.incoming_body(incoming),
                state="waiting",
                attempts=0,
                received_at=now,
            )
        except IntegrityError:
            return False
        self._wake.ring("inbox")
        return True

    async def waiting_incoming(self, limit: int) -> list[InboxRow]:
        query = InboxItemRow.filter(state="waiting").using_db(self._db.writer)
        return [rows.inbox_of(row) for row in await query.order_by("id").limit(limit)]

    async def fail_incoming(self, row: int, error: str, dead: bool) -> None:
        query = InboxItemRow.filter(id=row).using_db(self._db.writer)
        found = await query.get()
        await query.update(
            attempts=found.attempts + 1, error=error, state="dead" if dead else "waiting"
        )

    # outbox

    async def claim(self, now: int, lease: int, limit: int) -> list[OutboxRow]:
        lock = "" if self._db.sqlite else "FOR UPDATE SKIP LOCKED"
        places = [self._db.place(n) for n in range(1, 5)]
        sql = (_CLAIM % lock).format(*places)
        async with self._db.transaction() as connection:
            claimed = await connection.execute_query_dict(sql, [now + lease, now, limit, True])
            ids = [row["id"] for row in claimed]
            found = await OutboxItemRow.filter(id__in=ids).using_db(connection)
        return sorted(map(rows.outbox_of, found), key=lambda row: row.id)

    async def release(self, row: int, due: int) -> None:
        query = OutboxItemRow.filter(id=row).using_db(self._db.writer)
        found = await query.get()
        await query.update(due=due, inflight=False, attempts=max(found.attempts - 1, 0))

    async def next_due(self) -> int | None:
        query = OutboxItemRow.filter(due__isnull=False).using_db(self._db.writer)
        row = await query.order_by("due").first()
        return row.due if row else None

    async def oldest_waiting(self) -> int | None:
        query = OutboxItemRow.filter(due__isnull=False, kind__not="announce")
        row = await query.using_db(self._db.reader).order_by("created_at").first()
        return row.created_at if row else None

    async def sent_since(self, since: int) -> list[tuple[str, int]]:
        query = OutboxItemRow.filter(
            finished_at__gte=since, kind__in=["card", "text", "direct"], state="done"
        )
        found = await query.using_db(self._db.reader).order_by("finished_at")
        return [(row.target, row.finished_at or 0) for row in found]

    async def undelivered(self) -> list[OutboxRow]:
        """Dead letters, uncertain sends, and what still waits."""
        query = OutboxItemRow.exclude(state="done").using_db(self._db.reader)
        return [rows.outbox_of(row) for row in await query.order_by("id").limit(1000)]

    async def revive(self, ids: Sequence[int], now: int) -> int:
        """Make dead letters due again (all, without ids); how many there were."""
        query = OutboxItemRow.filter(state="dead", due__isnull=True).using_db(self._db.writer)
        if ids:
            query = query.filter(id__in=list(ids))
        return await query.update(state="waiting", due=now, attempts=0)

    # clocks

    async def due_timers(self, now: int, limit: int) -> list[Timer]:
        query = TimerRow.filter(due__lte=now).using_db(self._db.writer)
        return [rows.timer_of(row) for row in await query.order_by("due").limit(limit)]

    async def next_timer(self) -> int | None:
        row = await TimerRow.all().using_db(self._db.writer).order_by("due").first()
        return row.due if row else None

    # proof

    async def verify_audit(self, case: int | None = None) -> tuple[int, list[Fault]]:
        """How many chains were verified, and every place where one does not hold."""
        query = CaseRow.all().using_db(self._db.reader)
        if case is not None:
            query = query.filter(number=case)
        faults: list[Fault] = []
        cases = await query.order_by("number").values_list("number", "audit_head", "audit_count")
        for number, head, count in cases:
            chain = AuditEntryRow.filter(case=number).using_db(self._db.reader).order_by("n")
            faults += verify_chain(number, head, count, await chain)
        return len(cases), faults
