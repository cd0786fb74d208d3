"""Digests: the cases that share one message in a chat, and the messages that show them.

A case that changes raises the revision of every digest it is in, and with it what their messages
are to show.  Cases are locked before digests, and digests by their numbers: no deadlocks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.message import ChatRef
from bot.ports import LANES, Digest, OutboxKind, OutboxRow, part_of
from storage import rows
from storage.sql import Row, Sql, insert, marks

_WAITING = f"""
SELECT * FROM outbox
WHERE due IS NOT NULL AND kind = ? AND target = ? AND NOT inflight AND NOT unsure
    AND "rank" > {LANES["emergency"]}
ORDER BY id LIMIT ?
"""  # noqa: S608 - our own number

_DIGEST = "SELECT * FROM digest WHERE id = ?"

_NEWEST = """
SELECT id, joined_at, (SELECT COUNT(*) FROM digest_line AS l WHERE l.digest = d.id) AS lines
FROM digest AS d WHERE target = ? ORDER BY id DESC LIMIT 1
"""

_ADD = insert("digest", ("target", "private", "opened_at", "joined_at", "revision"))
_ADD += " RETURNING id"

_JOIN = """
INSERT INTO digest_line (digest, "case") VALUES (?, ?) ON CONFLICT (digest, "case") DO NOTHING
"""

_MERGE = """
UPDATE outbox SET state = 'merged', due = NULL, inflight = FALSE, dedupe_key = NULL,
    outcome = ?, finished_at = ?
WHERE id = ? AND attempts = ? AND due IS NOT NULL
"""

_ADD_COPY = """
INSERT INTO copy (digest, channel, chat, topic, part, private, message_id, has_picture, shown,
    wanted, repeated, lost)
SELECT id, ?, ?, ?, CAST(? AS SMALLINT), private, ?, CAST(? AS BOOLEAN), CAST(? AS INTEGER),
    revision, CAST(? AS BOOLEAN), FALSE
FROM digest WHERE id = ?
ON CONFLICT (channel, chat, message_id) DO NOTHING
"""

_COPIES = """
SELECT copy.* FROM copy JOIN digest_line ON digest_line.digest = copy.digest
WHERE digest_line."case" = ? AND NOT copy.lost ORDER BY copy.id
"""

_PLACES = """
SELECT channel || ':' || chat || COALESCE('/' || topic, '') AS place FROM copy
WHERE "case" = ? AND NOT lost
UNION SELECT target AS place FROM digest WHERE id IN
    (SELECT digest FROM digest_line WHERE "case" = ?)
UNION SELECT target AS place FROM outbox WHERE "case" = ? AND kind = 'card' AND due IS NOT NULL
"""

_CONCERNED = """
SELECT DISTINCT digest FROM digest_line WHERE "case" IN ({marks})
"""

_WANT = """
UPDATE copy SET wanted = (SELECT revision FROM digest WHERE digest.id = copy.digest)
WHERE digest IN ({marks}) AND NOT lost
"""


async def waiting_rows(sql: Sql, target: str, kind: OutboxKind, limit: int) -> list[OutboxRow]:
    """See `bot.ports.Tx`."""
    return [rows.outbox_of(row) for row in await sql.rows(_WAITING, kind, target, limit)]


async def open_digest(sql: Sql, target: str, since: int, room: int) -> Digest | None:
    """See `bot.ports.Tx`."""
    newest = await sql.first(_NEWEST, target)
    if newest is None or newest["joined_at"] < since or newest["lines"] >= room:
        return None
    locked = await sql.first(_DIGEST + sql.lock, newest["id"])
    return await _digest(sql, locked) if locked else None


async def get_digest(sql: Sql, id: int) -> Digest | None:
    """See `bot.ports.Store`."""
    row = await sql.first(_DIGEST, id)
    return await _digest(sql, row) if row else None


async def add_digest(sql: Sql, target: str, private: bool, now: int) -> Digest:
    """A digest without any case yet."""
    found = await sql.rows(_ADD, target, private, now, now, 0)
    return Digest(int(found[0]["id"]), target, private, now, now, 0, ())


async def join(sql: Sql, digest: int, cases: Sequence[int], now: int) -> None:
    """Add lines; what the digest's messages are to show is newer now."""
    await sql.many(_JOIN, [(digest, case) for case in cases])
    await sql.change("UPDATE digest SET joined_at = ? WHERE id = ?", now, digest)
    await _rise(sql, [digest])


async def merge(sql: Sql, row: OutboxRow, outcome: str, now: int) -> bool:
    """See `bot.ports.Tx`."""
    return bool(await sql.change(_MERGE, outcome, now, row.id, row.attempts))


async def add_copy(
    sql: Sql,
    digest: int,
    chat: ChatRef,
    message_id: str,
    has_picture: bool,
    shown: int,
    repeat: bool,
) -> None:
    """A message that shows the digest at revision `shown`."""
    place = (chat.channel, chat.id, chat.topic, part_of(chat.key), message_id)
    await sql.rows(_ADD_COPY, *place, has_picture, shown, repeat, digest)


async def changed(sql: Sql, cases: Collection[int]) -> list[int]:
    """These cases are to be shown anew; the digests that they are in, now at a higher revision."""
    found = await sql.rows(_CONCERNED.format(marks=marks(len(cases))), *cases)
    digests = sorted(row["digest"] for row in found)
    if digests:
        await _rise(sql, digests)
    return digests


async def copies(sql: Sql, case: int) -> list[Row]:
    """The messages of the digests that show a case."""
    return await sql.rows(_COPIES, case)


async def places_showing(sql: Sql, case: int) -> set[str]:
    """See `bot.ports.Tx`."""
    return {row["place"] for row in await sql.rows(_PLACES, case, case, case)}


async def _rise(sql: Sql, digests: Sequence[int]) -> None:
    """One by one, by number: whoever changes several waits for nobody who waits for them."""
    for digest in digests:
        await sql.change("UPDATE digest SET revision = revision + 1 WHERE id = ?", digest)
    await sql.change(_WANT.format(marks=marks(len(digests))), *digests)


async def _digest(sql: Sql, row: Row) -> Digest:
    lines = await sql.rows('SELECT "case" FROM digest_line WHERE digest = ? ORDER BY id', row["id"])
    names = ("id", "target", "opened_at", "joined_at", "revision")
    cases = tuple(line["case"] for line in lines)
    return Digest(**{name: row[name] for name in names}, private=bool(row["private"]), cases=cases)
