"""Which rows go by rule, and why the others stay; every table stands in one of the two lists.

What goes is found on the reading connection and deleted by its keys, a few rows a statement, so the
write lock is never held for long.  What a live case needs is no candidate, and is asked for again
in the statement that deletes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.database import Database
from storage.sql import Sql, marks

_OVER = """NOT EXISTS (SELECT 1 FROM hazard_case AS c
    WHERE c.number = t."case" AND (c.state <> 'closed' OR COALESCE(c.closed_at, 0) >= ?))"""


@dataclass(frozen=True, slots=True)
class _Rule:
    """`term` is a field of `bot.domain.retention.Retention`; `where` has one `?` or several, all
    of which stand for the time before which a row is old."""

    term: str
    where: str
    key: str = "id"


PRUNED: Mapping[str, _Rule] = {
    "inbox": _Rule("inbox", "t.received_at < ? AND t.state <> 'waiting'"),
    "question": _Rule("inbox", "t.expires_at < ?"),
    "console_message": _Rule(
        "inbox",
        # a card is edited when its case is reopened; the newest revision counts on
        f"""t.at < ? AND t.taken AND {_OVER}
        AND NOT EXISTS (SELECT 1 FROM copy AS k WHERE k.channel = 'console' AND k.chat = t.chat
            AND k.message_id = CAST(t.id AS VARCHAR(64)) AND NOT k.lost)
        AND EXISTS (SELECT 1 FROM console_message AS later
            WHERE later.chat = t.chat AND later.revision > t.revision)""",  # noqa: S608 - our own
    ),
    "login_link": _Rule("inbox", "t.expires_at < ?", "digest"),
    "console_session": _Rule("inbox", "t.expires_at < ?"),
    "invite": _Rule("inbox", "t.expires_at < ?", "digest"),
    "report": _Rule("reports", f"t.at < ? AND {_OVER}", "key"),
    "command": _Rule("reports", "t.at < ?"),
    "outbox": _Rule("deliveries", f"t.finished_at < ? AND t.due IS NULL AND {_OVER}"),
}
"""Waiting messages, untaken words and rows that are due are never old, whatever their age.

A repeat of a report, a command or an update is known for the term; platforms and devices repeat
within days.  What was delivered stays told by the entries of its case."""

KEPT: Mapping[str, str] = {
    "hazard_case": "what it all is about; numbers are never used again",
    "audit_entry": "the evidence: a chain with a gap proves nothing",
    "checkpoint": "what the witnesses of past evenings are compared with",
    "snapshot": "tells which pictures there were, also when their files are gone by rule",
    "copy": "a card of a closed case is edited when it is reopened, a reply to it finds its case",
    "digest": "the same for a card with several cases",
    "digest_line": "the same for a card with several cases",
    "counter": "a reopened case goes on counting what its webhooks and gateways were told",
    "timer": "gone by itself when it runs out",
    "learned": "one for each person, chat and camera",
    "lease": "one for each duty, part and process slot",
    "api_key": "made by hand; who had a key that was revoked is worth knowing",
}
"""Small or bounded: about a kilobyte for a case and 200 bytes for a card."""


class SqlPruning:
    """See `bot.ports.Pruning`."""

    terms: Mapping[str, str] = {table: rule.term for table, rule in PRUNED.items()}

    def __init__(self, database: Database) -> None:
        self._reads = Sql(database.reader)
        self._writes = Sql(database.writer)

    async def prune(self, table: str, before: int, limit: int) -> int:
        rule = PRUNED[table]
        times = [before] * rule.where.count("?")
        old = f'SELECT t."{rule.key}" AS old FROM {table} AS t WHERE {rule.where} LIMIT ?'  # noqa: S608 - our own
        keys = [row["old"] for row in await self._reads.rows(old, *times, limit)]
        if not keys:
            return 0
        these = f'"{rule.key}" IN ({marks(len(keys))})'
        gone = f"DELETE FROM {table} AS t WHERE t.{these} AND {rule.where}"  # noqa: S608 - our own
        return await self._writes.change(gone, *keys, *times)
