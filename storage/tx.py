"""One transaction: `bot.ports.Tx` over tortoise.

Every query names its connection, so nothing that another task does can slip into this transaction.
Audit entries and outbox rows are gathered and written together just before the commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from bot.domain.case import Case, TimerKind
from bot.domain.message import ChatRef
from bot.ports import (
    LANES,
    Copy,
    Entry,
    KnownCommand,
    KnownReport,
    OutboxState,
    Outgoing,
    Snapshot,
    Timer,
)
from storage import rows
from storage.audit import seal
from storage.database import Database
from storage.tables import (
    AuditEntryRow,
    CaseRow,
    CommandRow,
    CopyRow,
    InboxItemRow,
    LearnedRow,
    OutboxItemRow,
    ReportRow,
    SnapshotRow,
    TimerRow,
)


class SqlTx:
    """See `bot.ports.Tx`."""

    def __init__(self, database: Database, connection: BaseDBAsyncClient) -> None:
        self._db = database
        self._on = connection
        self._entries: list[AuditEntryRow] = []
        self._heads: dict[int, tuple[str, int, int]] = {}
        self._outbox: list[OutboxItemRow] = []
        self.topics: set[str] = set()

    # cases

    async def next_number(self, counter: str) -> int:
        sql = (
            "INSERT INTO counter (name, value) VALUES ({0}, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"
        )
        found = await self._rows(sql, counter)
        return int(found[0]["value"])

    async def case(self, number: int, *, lock: bool = False) -> Case | None:
        query = CaseRow.filter(number=number).using_db(self._on)
        row = await (query.select_for_update() if lock else query).first()
        return rows.case_of(row) if row else None

    async def case_holding(self, live_key: str) -> Case | None:
        query = CaseRow.filter(live_key=live_key).using_db(self._on).select_for_update()
        row = await query.first()
        return rows.case_of(row) if row else None

    async def latest_case_at(self, place_key: str) -> Case | None:
        query = CaseRow.filter(place_key=place_key).using_db(self._on).order_by("-number")
        row = await query.select_for_update().first()
        return rows.case_of(row) if row else None

    async def add_case(self, case: Case) -> None:
        self._heads[case.number] = ("", 0, 0)
        await CaseRow.create(
            using_db=self._on,
            number=case.number,
            audit_head="",
            audit_count=0,
            **rows.case_columns(case),
        )

    async def save_case(self, case: Case) -> None:
        query = CaseRow.filter(number=case.number).using_db(self._on)
        await query.update(**rows.case_columns(case))

    async def add_entry(self, case: int, entry: Entry) -> None:
        if case not in self._heads:
            query = CaseRow.filter(number=case).using_db(self._on).select_for_update()
            row = await query.get()
            self._heads[case] = (row.audit_head, row.audit_count, row.audit_count)
        head, count, stored = self._heads[case]
        sealed = seal(case, count + 1, head, entry)
        self._entries.append(sealed)
        self._heads[case] = (sealed.hash, count + 1, stored)

    async def add_snapshot(self, snapshot: Snapshot) -> None:
        await SnapshotRow.create(
            using_db=self._on,
            case=snapshot.case,
            kind=snapshot.kind,
            sha256=snapshot.sha256,
            at=snapshot.at,
            by=snapshot.by,
        )

    async def copy_snapshots(self, case: int, to: int) -> None:
        kinds = ["annotated", "blurred", "clean"]
        found = SnapshotRow.filter(case=case, kind__in=kinds).using_db(self._on)
        for row in await found:
            await self.add_snapshot(Snapshot(to, row.kind, row.sha256, row.at, row.by))

    # reports and commands

    async def known_report(self, key: str) -> KnownReport | None:
        row = await ReportRow.filter(key=key).using_db(self._on).first()
        return KnownReport(row.content, row.answer) if row else None

    async def add_report(
        self, key: str, content: str, answer: Mapping[str, Any], case: int | None, at: int
    ) -> None:
        await ReportRow.create(
            using_db=self._on, key=key, content=content, answer=dict(answer), case=case, at=at
        )

    async def known_command(self, id: str) -> KnownCommand | None:
        row = await CommandRow.filter(id=id).using_db(self._on).first()
        return KnownCommand(row.id, row.actor, row.answer, row.at) if row else None

    async def add_command(
        self,
        id: str,
        actor: str,
        verb: str,
        cases: Sequence[int],
        answer: Mapping[str, Any],
        at: int,
    ) -> None:
        await CommandRow.create(
            using_db=self._on,
            id=id,
            actor=actor,
            verb=verb,
            cases=list(cases),
            answer=dict(answer),
            at=at,
        )

    async def finish_incoming(self, row: int, at: int, error: str | None = None) -> None:
        query = InboxItemRow.filter(id=row).using_db(self._on)
        await query.update(state="done", finished_at=at, error=error)

    # delivery

    async def send(self, *outgoing: Outgoing) -> None:
        self._outbox += [_outbox_row(row) for row in outgoing]

    async def want(self, case: int, version: int, now: int) -> None:
        await CopyRow.filter(case=case, lost=False).using_db(self._on).update(wanted=version)
        for copy in await CopyRow.filter(case=case, lost=False).using_db(self._on):
            await self._arm_edit(copy, now)

    async def finish(
        self, row: int, state: OutboxState, outcome: Mapping[str, Any], now: int
    ) -> None:
        query = OutboxItemRow.filter(id=row).using_db(self._on)
        await query.update(
            state=state, due=None, inflight=False, outcome=dict(outcome), finished_at=now
        )

    async def postpone(
        self, row: int, due: int, outcome: Mapping[str, Any], *, unsure: bool
    ) -> None:
        query = OutboxItemRow.filter(id=row).using_db(self._on)
        await query.update(due=due, inflight=False, unsure=unsure, outcome=dict(outcome))

    async def add_copy(
        self, case: int, chat: ChatRef, message_id: str, has_picture: bool, shown: int
    ) -> Copy:
        place = {"channel": chat.channel, "chat": chat.id, "message_id": message_id}
        row = await CopyRow.filter(**place).using_db(self._on).first()
        if row is None:
            row = await CopyRow.create(
                using_db=self._on,
                case=case,
                topic=chat.topic,
                private=chat.private,
                has_picture=has_picture,
                shown=shown,
                wanted=shown,
                **place,
            )
        return rows.copy_of(row)

    async def copy_shows(self, copy: int, shown: int, now: int) -> None:
        await CopyRow.filter(id=copy).using_db(self._on).update(shown=shown)
        row = await CopyRow.filter(id=copy).using_db(self._on).get()
        if row.wanted > row.shown and not row.lost:
            await self._arm_edit(row, now)

    async def lose_copy(self, copy: int) -> None:
        await CopyRow.filter(id=copy).using_db(self._on).update(lost=True)

    async def lose_copies(self, chat: ChatRef) -> list[int]:
        here = CopyRow.filter(channel=chat.channel, chat=chat.id, lost=False).using_db(self._on)
        numbers = {row.case for row in await here}
        await here.update(lost=True)
        return sorted(numbers)

    # clocks

    async def set_timer(self, case: int, kind: TimerKind, due: int) -> None:
        sql = (
            'INSERT INTO timer ("case", kind, due) VALUES ({0}, {1}, {2}) '
            'ON CONFLICT ("case", kind) DO UPDATE SET due = excluded.due'
        )
        await self._rows(sql, case, kind.value, due)
        self.topics.add("timers")

    async def take_timer(self, timer: Timer) -> bool:
        query = TimerRow.filter(id=timer.id, due=timer.due).using_db(self._on)
        return bool(await query.delete())

    async def stop_timer(self, case: int, kind: TimerKind | None = None) -> None:
        query = TimerRow.filter(case=case).using_db(self._on)
        if kind is not None:
            query = query.filter(kind=kind.value)
        await query.delete()

    # what the program learns

    async def learn(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        # tortoise's update_or_create would open a transaction of its own and wait for this one
        known = LearnedRow.filter(id=f"{kind}:{key}").using_db(self._on)
        if not await known.update(value=dict(value)):
            await LearnedRow.create(
                using_db=self._on, id=f"{kind}:{key}", kind=kind, key=key, value=dict(value)
            )

    async def forget(self, kind: str, key: str) -> None:
        await LearnedRow.filter(id=f"{kind}:{key}").using_db(self._on).delete()

    async def learned(self, kind: str, key: str) -> Mapping[str, Any] | None:
        row = await LearnedRow.filter(id=f"{kind}:{key}").using_db(self._on).first()
        return row.value if row else None

    # closing

    async def flush(self) -> None:
        """Write what was gathered; called once, before the commit."""
        if self._entries:
            await AuditEntryRow.bulk_create(self._entries, using_db=self._on)
        for case, (head, count, stored) in self._heads.items():
            await self._move_head(case, head, count, stored)
        if self._outbox:
            await OutboxItemRow.bulk_create(
                self._outbox, using_db=self._on, on_conflict=["dedupe_key"], ignore_conflicts=True
            )
            self.topics.add("outbox")

    async def _move_head(self, case: int, head: str, count: int, stored: int) -> None:
        query = CaseRow.filter(number=case, audit_count=stored).using_db(self._on)
        moved = await query.update(audit_head=head, audit_count=count)
        if not moved:
            raise LostRace(f"the audit chain of case {case} was written by another at once")

    async def _arm_edit(self, copy: CopyRow, now: int) -> None:
        """One waiting edit per copy; one that is finished becomes due again."""
        key = f"edit:{copy.id}"
        armed = OutboxItemRow.filter(dedupe_key=key, due__isnull=True).using_db(self._on)
        self.topics.add("outbox")
        if await armed.update(due=now, state="waiting", attempts=0, unsure=False):
            return
        if await OutboxItemRow.filter(dedupe_key=key).using_db(self._on).exists():
            return
        chat = ChatRef(copy.channel, copy.chat, copy.topic, copy.private)
        outgoing = Outgoing(
            kind="edit",
            target=chat.key,
            payload={"copy": copy.id},
            due=now,
            lane="answer",
            case=copy.case,
            stream=f"{chat.key}#{copy.case}",
            dedupe_key=key,
        )
        await OutboxItemRow.bulk_create([_outbox_row(outgoing)], using_db=self._on)

    async def _rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        places = [self._db.place(n) for n in range(1, len(values) + 1)]
        found = await self._on.execute_query_dict(sql.format(*places), list(values))
        return list(found)


class LostRace(RuntimeError):
    """Another transaction changed the same case; the whole use case is done again."""


def _outbox_row(row: Outgoing) -> OutboxItemRow:
    return OutboxItemRow(
        kind=row.kind,
        target=row.target,
        lane=row.lane,
        rank=LANES[row.lane],
        case=row.case,
        stream=row.stream,
        dedupe_key=row.dedupe_key,
        payload=dict(row.payload),
        state="waiting",
        due=row.due,
        attempts=0,
        inflight=False,
        unsure=False,
        created_at=row.due,
    )
