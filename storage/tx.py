"""One transaction: `bot.ports.Tx`.

Every statement names its connection, so nothing that another task does can slip into it.  What only
has to be there in the end is gathered and written together just before the commit: a batch of
reports costs so a handful of statements, not a dozen for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from bot.domain.case import Case, TimerKind
from bot.domain.message import ChatRef
from bot.ports import (
    Checkpoint,
    Copy,
    Digest,
    Entry,
    KnownCommand,
    KnownReport,
    Learning,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Outgoing,
    Question,
    Snapshot,
    Timer,
    Undelivered,
    topic_of,
)
from storage import checkpoints, clocks, digests, outbox, questions, rows, undelivered
from storage.caseload import Caseload
from storage.copies import Copies
from storage.sql import Sql, from_json, insert, to_json
from storage.timers import Timers

_OPENING_SNAPSHOTS = """
SELECT kind, sha256, "at", "by" FROM snapshot
WHERE "case" = ? AND kind IN ('annotated', 'blurred', 'clean') AND erased_at IS NULL
ORDER BY id
"""

_LEARN = """
INSERT INTO learned (id, kind, "key", value) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET value = excluded.value
"""

_COUNT = """
INSERT INTO counter (name, value) VALUES (?, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value
"""


class SqlTx:
    """See `bot.ports.Tx`."""

    def __init__(self, connection: BaseDBAsyncClient) -> None:
        self._sql = Sql(connection)
        self._cases = Caseload(self._sql)
        self._reports: dict[str, KnownReport] = {}
        self._timers = Timers(self._sql)
        self._wanted: dict[int, tuple[int, int]] = {}
        self._added: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.topics: set[str] = set()
        self.learnings: list[Learning] = []
        dialect = connection.capabilities.dialect
        self._copies = Copies(self._sql, "jsonb" if dialect == "postgres" else "text", self.topics)

    # cases

    async def next_number(self, counter: str) -> int:
        found = await self._sql.rows(_COUNT, counter)
        return int(found[0]["value"])

    async def case(self, number: int) -> Case | None:
        return await self._cases.get(number)

    async def case_holding(self, live_key: str) -> Case | None:
        return await self._cases.holding(live_key)

    async def latest_case_at(self, place_key: str) -> Case | None:
        return await self._cases.latest_at(place_key)

    async def live_cases(self, site: str, hazard: str) -> list[Case]:
        statement = """
            SELECT * FROM hazard_case WHERE site = ? AND hazard = ? AND state <> 'closed'"""
        return rows.readable(await self._sql.rows(statement, site, hazard), rows.case_of)

    async def add_case(self, case: Case) -> None:
        self._cases.add(case)

    async def save_case(self, case: Case) -> None:
        await self._cases.save(case)

    async def add_entry(self, case: int, entry: Entry) -> None:
        await self._cases.add_entry(case, entry)

    async def take_checkpoint(self, now: int) -> Checkpoint | None:
        return await checkpoints.take(self._sql, now)

    async def add_snapshot(self, snapshot: Snapshot) -> None:
        columns = {
            "case": snapshot.case,
            "kind": snapshot.kind,
            "sha256": snapshot.sha256,
            "at": snapshot.at,
            "by": snapshot.by,
        }
        self._added["snapshot"].append(columns)
        await self._cases.add_picture(snapshot.case, snapshot.kind, snapshot.sha256)

    async def copy_snapshots(self, case: int, to: int) -> None:
        for row in await self._sql.rows(_OPENING_SNAPSHOTS, case):
            await self.add_snapshot(Snapshot(to, row["kind"], row["sha256"], row["at"], row["by"]))

    # reports and commands

    async def known_report(self, key: str) -> KnownReport | None:
        if key in self._reports:
            return self._reports[key]
        row = await self._sql.first('SELECT content, answer FROM report WHERE "key" = ?', key)
        return KnownReport(row["content"], from_json(row["answer"])) if row else None

    async def add_report(
        self, key: str, content: str, answer: Mapping[str, Any], case: int | None, at: int
    ) -> None:
        self._reports[key] = KnownReport(content, answer)
        columns = {"key": key, "content": content, "answer": to_json(dict(answer))}
        self._added["report"].append({**columns, "case": case, "at": at})

    async def known_command(self, id: str) -> KnownCommand | None:
        return await known_command(self._sql, id)

    async def add_command(
        self,
        id: str,
        actor: str,
        verb: str,
        cases: Sequence[int],
        answer: Mapping[str, Any],
        at: int,
    ) -> None:
        columns = {"id": id, "actor": actor, "verb": str(verb), "at": at}
        told = {"cases": to_json(list(cases)), "answer": to_json(dict(answer))}
        self._added["command"].append(columns | told)

    async def finish_incoming(self, row: int, at: int, error: str | None = None) -> bool:
        statement = """
            UPDATE inbox SET state = 'done', finished_at = ?, error = ?
            WHERE id = ? AND state = 'waiting'"""
        return bool(await self._sql.change(statement, at, error, row))

    # delivery

    async def send(self, *outgoing: Outgoing) -> None:
        self._added["outbox"] += [rows.outbox_columns(row) for row in outgoing]
        self.topics |= {topic_of(row.kind) for row in outgoing}

    async def was_sent(
        self, row: Outgoing, outcome: Mapping[str, Any], now: int, *, unsure: bool = False
    ) -> None:
        columns = rows.outbox_columns(row) | {"unsure": unsure}
        if not unsure:
            ended = {"state": "done", "due": None, "finished_at": now}
            columns |= {**ended, "outcome": to_json(dict(outcome))}
        statement = insert("outbox", tuple(columns)) + _REPEATED["outbox"]
        await self._sql.many(statement, [[*columns.values()]])
        self.topics.add(topic_of(row.kind))

    async def want(self, case: int, version: int, now: int) -> None:
        self._wanted[case] = (version, now)

    async def finish(
        self, row: OutboxRow, state: OutboxState, outcome: Mapping[str, Any], now: int
    ) -> bool:
        statement = """
            UPDATE outbox SET state = ?, due = NULL, inflight = FALSE, outcome = ?, finished_at = ?
            WHERE id = ? AND attempts = ? AND due IS NOT NULL"""
        values = (state, to_json(dict(outcome)), now, row.id, row.attempts)
        return bool(await self._sql.change(statement, *values))

    async def postpone(
        self, row: OutboxRow, due: int, outcome: Mapping[str, Any], *, unsure: bool
    ) -> bool:
        statement = """
            UPDATE outbox SET due = ?, inflight = FALSE, unsure = ?, outcome = ?
            WHERE id = ? AND attempts = ? AND due IS NOT NULL"""
        values = (due, unsure, to_json(dict(outcome)), row.id, row.attempts)
        return bool(await self._sql.change(statement, *values))

    async def note(self, row: OutboxRow, outcome: Mapping[str, Any]) -> bool:
        statement = "UPDATE outbox SET outcome = ? WHERE id = ? AND attempts = ? AND inflight"
        values = (to_json(dict(outcome)), row.id, row.attempts)
        return bool(await self._sql.change(statement, *values))

    async def let_go(self, now: int, *, case: int | None = None, target: str = "") -> int:
        whose, value = ('"case" = ?', case) if case is not None else ("target = ?", target)
        changed = await self._sql.change(f"{outbox.LET_GO} AND {whose}", now, now, value)
        self.topics.add(topic_of("switch_off"))
        return changed

    async def announcements(self, case: int) -> list[OutboxRow]:
        statement = """
            SELECT * FROM outbox WHERE "case" = ? AND kind = 'announce' ORDER BY id"""
        return rows.readable(await self._sql.rows(statement, case), rows.outbox_of)

    async def add_copy(
        self,
        case: int,
        chat: ChatRef,
        message_id: str,
        has_picture: bool,
        shown: int,
        *,
        repeat: bool = False,
    ) -> Copy:
        return await self._copies.add(case, chat, message_id, has_picture, shown, repeat=repeat)

    async def copy_shows(
        self, copy: int, shown: int, now: int, *, had_picture: bool | None = None
    ) -> None:
        await self._copies.shows(copy, shown, now, had_picture=had_picture)

    async def copy_has_picture(self, copy: int, shown: int, now: int, *, since: int) -> None:
        await self._copies.has_picture(copy, shown, now, since=since)

    async def lose_copy(self, copy: int) -> None:
        await self._copies.lose(copy)

    async def lose_copies(self, chat: ChatRef) -> list[int]:
        return await self._copies.lose_all(chat)

    async def revive_chat(self, chat: ChatRef, now: int) -> int:
        place = f"{chat.channel}:{chat.id}"
        revived = await self._sql.rows(outbox.REVIVE_CHAT, now, now, place, f"{place}/%")
        await self._copies.show_all_in(place, now)
        self.topics |= {topic_of("card"), topic_of("photo")}
        return len(revived)

    async def retry(
        self, which: Undelivered, now: int, by: str
    ) -> tuple[list[OutboxRow], list[OutboxRow]]:
        """See `bot.ports.Store.retry`."""
        found = await undelivered.find(self._sql, undelivered.given_up(which))
        await self._cases.lock({row.case for row in found if row.case is not None})
        cases = {row.case: await self.case(row.case) for row in found if row.case is not None}
        over = [row for row in found if undelivered.is_over(row, cases.get(row.case or 0), now)]
        worth = [row for row in found if row not in over]
        revived = await undelivered.revive(self._sql, [row.id for row in worth], now)
        again = [row for row in worth if row.id in revived]
        for row in again:
            self.topics.add(topic_of(row.kind))
            if row.case is not None and cases[row.case] is not None:
                data = {"kind": row.kind, "to": row.target, "was": row.state}
                entry = Entry(now, "retried", "system", data, {"by": by} if by else {})
                await self.add_entry(row.case, entry)
        return again, over

    # digests

    async def waiting_rows(self, target: str, kind: OutboxKind, limit: int) -> list[OutboxRow]:
        return await digests.waiting_rows(self._sql, target, kind, limit)

    async def open_digest(self, target: str, since: int, room: int) -> Digest | None:
        return await digests.open_digest(self._sql, target, since, room)

    async def add_digest(self, target: str, private: bool, now: int) -> Digest:
        return await digests.add_digest(self._sql, target, private, now)

    async def join_digest(self, digest: int, cases: Sequence[int], now: int) -> None:
        await digests.join(self._sql, digest, cases, now)
        await self._copies.show_digest(digest, now)

    async def end_digest(self, digest: int) -> None:
        await self._sql.change("UPDATE digest SET joined_at = 0 WHERE id = ?", digest)

    async def merge(self, row: OutboxRow, outcome: Mapping[str, Any], now: int) -> bool:
        return await digests.merge(self._sql, row, to_json(dict(outcome)), now)

    async def add_digest_copy(
        self,
        digest: int,
        chat: ChatRef,
        message_id: str,
        has_picture: bool,
        shown: int,
        now: int,
        *,
        repeat: bool = False,
    ) -> None:
        await digests.add_copy(self._sql, digest, chat, message_id, has_picture, shown, repeat)
        await self._copies.show_digest(digest, now)

    async def places_showing(self, case: int) -> set[str]:
        return await digests.places_showing(self._sql, case)

    # questions

    async def ask(self, question: Question) -> int:
        return await questions.ask(self._sql, question)

    async def question(self, id: int) -> Question | None:
        return await questions.question(self._sql, id)

    async def last_question(self, chat: str, member: str) -> Question | None:
        return await questions.last(self._sql, chat, member)

    async def waiting_questions(self, chat: str, member: str, now: int) -> list[Question]:
        return await questions.waiting(self._sql, chat, member, now)

    async def answer(self, question: int, now: int) -> None:
        await questions.answer(self._sql, question, now)

    # clocks

    async def rebase(self, jump: int, now: int, true: Mapping[int, int]) -> None:
        await clocks.rebase(self._sql, jump, now, dict(true))

    async def set_timer(self, case: int, kind: TimerKind, due: int) -> None:
        self._timers.set(case, kind, due)
        self.topics.add("timers")

    async def take_timers(self, timers: Collection[Timer]) -> list[Timer]:
        await self._cases.lock({timer.case for timer in timers})
        return await self._timers.take(timers)

    async def stop_timer(self, case: int, kind: TimerKind | None = None) -> None:
        self._timers.stop(case, kind)

    # what the program learns

    async def learn(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        await self._sql.rows(_LEARN, f"{kind}:{key}", kind, key, to_json(dict(value)))
        self.learnings.append(Learning(kind, key, dict(value)))

    async def forget(self, kind: str, key: str) -> None:
        await self._sql.change("DELETE FROM learned WHERE id = ?", f"{kind}:{key}")
        self.learnings.append(Learning(kind, key, None))

    async def learned(self, kind: str, key: str) -> Mapping[str, Any] | None:
        row = await self._sql.first("SELECT value FROM learned WHERE id = ?", f"{kind}:{key}")
        return from_json(row["value"]) if row else None

    # closing

    async def flush(self) -> None:
        """Write what was gathered; called once, before the commit."""
        await self._cases.write()
        await self._timers.write()
        for table, gathered in self._added.items():
            await self._append(table, gathered)
        if self._wanted:
            await self._copies.want(self._wanted)

    async def _append(self, table: str, gathered: Sequence[Mapping[str, Any]]) -> None:
        if gathered:
            statement = insert(table, tuple(gathered[0])) + _REPEATED.get(table, "")
            await self._sql.many(statement, [[*columns.values()] for columns in gathered])


_REPEATED = {"outbox": " ON CONFLICT (dedupe_key) DO NOTHING"}
"""What is to be written only once, however often it is asked for."""


async def known_command(sql: Sql, id: str) -> KnownCommand | None:
    """A command that was carried out or refused, with its answer."""
    row = await sql.first("SELECT id, actor, answer, at FROM command WHERE id = ?", id)
    if row is None:
        return None
    return KnownCommand(row["id"], row["actor"], from_json(row["answer"]), row["at"])
