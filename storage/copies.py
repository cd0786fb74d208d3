"""Copies of cards: which message in which chat shows which case, and what it ought to show.

An edit is a row of the outbox, one per copy; it says "show case 12" and nothing of what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.message import ChatRef
from bot.ports import Copy, part_of, topic_of
from storage import digests, rows
from storage.sql import Sql

_ARM_EDITS = """
INSERT INTO outbox (kind, target, part, lane, "rank", "case", stream, dedupe_key, payload, state,
    due, attempts, inflight, unsure, created_at)
SELECT 'edit', place, part, 'answer', 1, "case",
    place || '#' || COALESCE(CAST("case" AS TEXT), 'D' || digest), 'edit:' || id,
    CAST('{"copy":' || id || '}' AS %s), 'waiting',
    CAST(? AS BIGINT) + CASE WHEN digest IS NULL THEN 0 ELSE 1500 END, 0, FALSE, FALSE,
    CAST(? AS BIGINT)
FROM (SELECT *, channel || ':' || chat || COALESCE('/' || topic, '') AS place FROM copy) AS shown_in
WHERE %s AND NOT lost AND wanted > shown
ON CONFLICT (dedupe_key) DO UPDATE
SET due = excluded.due, created_at = excluded.created_at, state = 'waiting', attempts = 0,
    unsure = FALSE
WHERE outbox.due IS NULL
RETURNING id
"""
"""One waiting edit per copy that does not show what it should; a digest's gathers for a moment.

The row of an edit that is done becomes due again; one that waits stays as it is; one under way
looks, when it is done, whether more is wanted (`copy_shows`).
"""

_ADD_COPY = """
INSERT INTO copy ("case", channel, chat, topic, part, private, message_id, has_picture, shown,
    wanted, repeated, lost)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE)
ON CONFLICT (channel, chat, message_id) DO UPDATE
SET shown = CASE WHEN excluded.shown >= copy.shown THEN excluded.shown ELSE copy.shown END,
    has_picture = CASE WHEN excluded.shown >= copy.shown
        THEN excluded.has_picture ELSE copy.has_picture END,
    repeated = copy.repeated OR excluded.repeated
RETURNING *
"""

_LOSE_ALL = """
UPDATE copy SET lost = TRUE WHERE channel = ? AND chat = ? AND NOT lost RETURNING "case", digest
"""


class Copies:
    """The copies, within one transaction; `topics` gets what is to be rung after it."""

    def __init__(self, sql: Sql, json: str, topics: set[str]) -> None:
        self._sql = sql
        self._json = json
        self._topics = topics

    async def add(
        self,
        case: int,
        chat: ChatRef,
        message_id: str,
        has_picture: bool,
        shown: int,
        *,
        repeat: bool,
    ) -> Copy:
        """A message that shows version `shown` of a case."""
        place = (chat.channel, chat.id, chat.topic, part_of(chat.key), chat.private, message_id)
        found = await self._sql.rows(_ADD_COPY, case, *place, has_picture, shown, shown, repeat)
        return rows.copy_of(found[0])

    async def shows(
        self, copy: int, shown: int, now: int, *, had_picture: bool | None = None
    ) -> None:
        """What a copy shows now; where that is not what it should, it is edited again."""
        if had_picture is None:
            await self._sql.change("UPDATE copy SET shown = ? WHERE id = ?", shown, copy)
        else:
            sure = (
                "UPDATE copy SET shown = CASE WHEN has_picture = ? THEN ? ELSE 0 END WHERE id = ?"
            )
            await self._sql.change(sure, had_picture, shown, copy)
        await self._arm("id = ?", copy, now)

    async def has_picture(self, copy: int, shown: int, now: int, *, since: int) -> None:
        """The picture of a copy that began as words has come; it showed `since` before."""
        statement = """
            UPDATE copy SET has_picture = TRUE, shown = CASE WHEN shown = ? THEN ? ELSE 0 END
            WHERE id = ?"""
        await self._sql.change(statement, since, shown, copy)
        await self._arm("id = ?", copy, now)

    async def lose(self, copy: int) -> None:
        """The message is gone."""
        await self._sql.change("UPDATE copy SET lost = TRUE WHERE id = ?", copy)

    async def lose_all(self, chat: ChatRef) -> list[int]:
        """The chat is gone; the cases that were shown there."""
        lost = await self._sql.rows(_LOSE_ALL, chat.channel, chat.id)
        cases = {row["case"] for row in lost if row["case"] is not None}
        for digest in {row["digest"] for row in lost} - {None}:
            found = await digests.get_digest(self._sql, digest)
            cases |= set(found.cases) if found else set()
        return sorted(cases)

    async def want(self, wanted: Mapping[int, tuple[int, int]]) -> None:
        """Case number -> the version that its copies are to show, and the time of that."""
        for case, (version, now) in wanted.items():
            statement = 'UPDATE copy SET wanted = ? WHERE "case" = ? AND NOT lost'
            if await self._sql.change(statement, version, case):
                await self._arm('"case" = ?', case, now)
        now = max(at for _, at in wanted.values())
        for digest in await digests.changed(self._sql, wanted):
            await self.show_digest(digest, now)

    async def show_digest(self, digest: int, now: int) -> None:
        """Edit the messages of a digest where they are behind."""
        await self._arm("digest = ?", digest, now)

    async def show_all_in(self, place: str, now: int) -> None:
        """Edit whatever is behind in a chat, `channel:id`."""
        await self._arm("channel || ':' || chat = ?", place, now)

    async def _arm(self, where: str, value: int | str, now: int) -> None:
        if await self._sql.rows(_ARM_EDITS % (self._json, where), now, now, value):
            self._topics.add(topic_of("edit"))
