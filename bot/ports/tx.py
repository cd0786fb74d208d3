"""One transaction of the database as the core sees it: what changes, changes here.

Everything done through it becomes durable together or not at all, and no network is touched while
it is open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from bot.domain.case import Case, TimerKind
from bot.domain.message import ChatRef
from bot.ports.rows import (
    Checkpoint,
    Copy,
    Digest,
    Entry,
    KnownCommand,
    KnownReport,
    OutboxKind,
    OutboxRow,
    OutboxState,
    Outgoing,
    Question,
    Snapshot,
    Timer,
)


class Tx(Protocol):
    """One open transaction."""

    # cases
    async def next_number(self, counter: str) -> int: ...
    async def case(self, number: int) -> Case | None:
        """A case; until the transaction ends nobody else changes it."""
        ...

    async def case_holding(self, live_key: str) -> Case | None: ...
    async def latest_case_at(self, place_key: str) -> Case | None: ...
    async def live_cases(self, site: str, hazard: str) -> list[Case]:
        """Of a site; they are not locked."""
        ...

    async def add_case(self, case: Case) -> None: ...
    async def save_case(self, case: Case) -> None: ...
    async def add_entry(self, case: int, entry: Entry) -> None: ...
    async def take_checkpoint(self, now: int) -> Checkpoint | None:
        """Seal the chains of all cases as they stand; None where none has grown since the last."""
        ...

    async def add_snapshot(self, snapshot: Snapshot) -> None: ...
    async def copy_snapshots(self, case: int, to: int) -> None:
        """The pictures that a case opened with belong to another one too."""
        ...

    # reports and commands
    async def known_report(self, key: str) -> KnownReport | None: ...
    async def add_report(
        self, key: str, content: str, answer: Mapping[str, Any], case: int | None, at: int
    ) -> None: ...
    async def known_command(self, id: str) -> KnownCommand | None: ...
    async def add_command(
        self,
        id: str,
        actor: str,
        verb: str,
        cases: Sequence[int],
        answer: Mapping[str, Any],
        at: int,
    ) -> None: ...
    async def finish_incoming(self, row: int, at: int, error: str | None = None) -> bool:
        """It is handled.  False: it was before, by somebody else."""
        ...

    # delivery
    async def send(self, *rows: Outgoing) -> None: ...
    async def was_sent(
        self, row: Outgoing, outcome: Mapping[str, Any], now: int, *, unsure: bool = False
    ) -> None:
        """The row left before it could be written: on record as done, and not sent again.

        `unsure`: nobody knows whether it left, so it waits, and will say so.  To be called before
        anything else writes a row with its `dedupe_key`; one that is there already stays.
        """
        ...

    async def want(self, case: int, version: int, now: int) -> None:
        """Every copy of the case is to show `version`; waiting edits are coalesced per copy."""
        ...

    async def finish(
        self, row: OutboxRow, state: OutboxState, outcome: Mapping[str, Any], now: int
    ) -> bool:
        """The row is over: done, uncertain or dead.  False: the claim is not ours any more."""
        ...

    async def postpone(
        self, row: OutboxRow, due: int, outcome: Mapping[str, Any], *, unsure: bool
    ) -> bool:
        """Try the row again at `due`; `unsure` when the last try may have been delivered.

        False: the claim is not ours any more.
        """
        ...

    async def note(self, row: OutboxRow, outcome: Mapping[str, Any]) -> bool:
        """What is known so far of a row that is under way.

        False: the claim is not ours any more.
        """
        ...

    async def let_go(self, now: int, *, case: int | None = None, target: str = "") -> int:
        """What a case, or anything, keeps switched on is due to go off; how many such holds.

        What is written in the same transaction is not among them.
        """
        ...

    async def announcements(self, case: int) -> list[OutboxRow]:
        """What was, or is to be, said aloud about a case, the oldest first."""
        ...

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
        """A message shows the case at version `shown`; known already: that one.

        `repeat`: it was sent once more, because nobody knows whether the first one arrived.
        """
        ...

    async def copy_shows(
        self, copy: int, shown: int, now: int, *, had_picture: bool | None = None
    ) -> None:
        """The copy shows `shown` now; if more is wanted meanwhile its edit is due again.

        An edit of words says whether the copy `had_picture` when it began: if that has changed
        meanwhile nobody knows which of the two came last, and it is edited once more.
        """
        ...

    async def copy_has_picture(self, copy: int, shown: int, now: int, *, since: int) -> None:
        """The copy shows its picture now, and the case at `shown`.

        It showed `since` when that began: words that were edited meanwhile may have come last.
        """
        ...

    async def lose_copy(self, copy: int) -> None:
        """The message is gone; it is not edited any more."""
        ...

    async def lose_copies(self, chat: ChatRef) -> list[int]:
        """Every message of a chat is gone; the numbers of the cases that were shown there."""
        ...

    async def revive_chat(self, chat: ChatRef, now: int) -> int:
        """Cards and pictures of live cases that the chat refused are due again; how many."""
        ...

    # digests
    async def waiting_rows(self, target: str, kind: OutboxKind, limit: int) -> list[OutboxRow]:
        """What waits for that chat and nobody is delivering, emergencies apart, oldest first.

        Nothing that may have arrived already: it is sent again as itself, and says so.
        """
        ...

    async def open_digest(self, target: str, since: int, room: int) -> Digest | None:
        """The chat's newest digest if it was joined since, and has fewer than `room` lines.

        Until the transaction ends nobody else changes it.
        """
        ...

    async def add_digest(self, target: str, private: bool, now: int) -> Digest: ...
    async def join_digest(self, digest: int, cases: Sequence[int], now: int) -> None:
        """The digest shows these cases too, in its message's next edit."""
        ...

    async def end_digest(self, digest: int) -> None:
        """No further case joins it."""
        ...

    async def merge(self, row: OutboxRow, outcome: Mapping[str, Any], now: int) -> bool:
        """Another message shows what the row was to show; one of its own may follow later.

        False: somebody is delivering it, or has.
        """
        ...

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
        """A message shows the digest at revision `shown`; if there is more it is edited."""
        ...

    async def places_showing(self, case: int) -> set[str]:
        """The chats (by key) in which a card or a digest shows the case."""
        ...

    # questions
    async def ask(self, question: Question) -> int:
        """Keep a question (its `id` is not looked at); the id it got."""
        ...

    async def question(self, id: int) -> Question | None:
        """A question; until the transaction ends nobody else answers it."""
        ...

    async def last_question(self, chat: str, member: str) -> Question | None: ...
    async def waiting_questions(self, chat: str, member: str, now: int) -> list[Question]:
        """What was put to the member in that chat and can still be answered."""
        ...

    async def answer(self, question: int, now: int) -> None: ...

    # clocks
    async def rebase(self, jump: int, now: int, true: Mapping[int, int]) -> None:
        """The clock jumps by `jump` ms to `now`: what waits and what runs moves along.

        But for the timers in `true` (id -> due), which were set by a clock that was right.
        """
        ...

    async def set_timer(self, case: int, kind: TimerKind, due: int) -> None: ...
    async def take_timers(self, timers: Collection[Timer]) -> list[Timer]:
        """Take clocks that ran out away, and lock their cases, in the order of their numbers.

        Those that were stopped or set anew meanwhile are missing.
        """
        ...

    async def stop_timer(self, case: int, kind: TimerKind | None = None) -> None: ...

    # what the program learns
    async def learn(self, kind: str, key: str, value: Mapping[str, Any]) -> None: ...
    async def forget(self, kind: str, key: str) -> None: ...
    async def learned(self, kind: str, key: str) -> Mapping[str, Any] | None: ...
