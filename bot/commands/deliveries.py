"""`deliveries list|retry`: dead letters, uncertain sends and what waits."""

from __future__ import annotations

import argparse
import json
import os
import pwd
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.commands.common import complain, on_database, store_of, time_of, with_settings
from bot.commands.tables import local_time, print_table
from bot.configuration import site_language
from bot.domain.rfc3339 import utc, utc_or_none
from bot.ports import Undelivered
from bot.redact import redact
from bot.settings import Settings
from bot.texts.terminal import told

if TYPE_CHECKING:
    from bot.ports import OutboxRow, OutboxState
    from storage.database import Database
    from storage.store import SqlStore

_DEAD: tuple[OutboxState, ...] = ("dead",)
_GIVEN_UP: tuple[OutboxState, ...] = ("dead", "uncertain")
_MOST = 100_000


def run(args: argparse.Namespace) -> int:
    """Run the action: 1 where nothing of what was named can be tried again."""
    return with_settings(lambda settings: _act(args, settings))


def _act(args: argparse.Namespace, settings: Settings) -> int:
    language = site_language(settings.site_file)

    async def act(database: Database) -> int:
        store, now = store_of(database), await time_of(database)
        if args.action == "retry":
            return await _retry(store, args, language, now)
        return await _list(store, args, language, now)

    return on_database(settings, act)


async def _list(store: SqlStore, args: argparse.Namespace, language: str, now: int) -> int:
    every = Undelivered(target=args.chat, case=args.case, limit=args.limit + 1)
    which = Undelivered((args.state,), args.chat, args.case, (), every.limit)
    found = await store.undelivered(which if args.state else every)
    shown = found[: args.limit]
    if args.json:
        print(json.dumps([_as_json(row, now) for row in shown], ensure_ascii=False, indent=1))
    elif shown:
        print_table(told("deliveries.head", language).split("|"), [_cells(row) for row in shown])
    else:
        print(told("deliveries.none", language))
    if len(found) > len(shown) and not args.json:
        print(told("deliveries.more", language, limit=args.limit))
    return 0


async def _retry(store: SqlStore, args: argparse.Namespace, language: str, now: int) -> int:
    states = _GIVEN_UP if args.id else (args.state,) if args.state else _DEAD
    which = Undelivered(states, args.chat, args.case, tuple(args.id), _MOST)
    again, over = await store.retry(which, now, _who())
    print(told("deliveries.retry", language, count=len(again)))
    if over:
        numbers = _numbers(row.id for row in over)
        print(told("deliveries.over", language, count=len(over), numbers=numbers))
    known = {row.id for row in (*again, *over)}
    missing = [id for id in args.id if id not in known]
    if missing:
        complain(told("deliveries.unknown", language, numbers=_numbers(missing)))
    return 1 if missing or (over and not again) else 0


def _who() -> str:
    """The person at the terminal, as the machine knows them: part of the case's evidence."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _numbers(ids: Any) -> str:
    return " ".join(map(str, ids))


def _cells(row: OutboxRow) -> Sequence[str]:
    since = local_time(row.created_at)
    tries = str(row.attempts)
    return (str(row.id), row.state, row.kind, row.target, _case(row), since, tries, _reason(row))


def _case(row: OutboxRow) -> str:
    """`#12`; a test of delivery has a letter of its own."""
    if not row.case:
        return "-"
    return f"#{row.case}" if row.case > 0 else f"T{-row.case}"


def _reason(row: OutboxRow) -> str:
    outcome = row.outcome or {}
    return redact(str(outcome.get("why") or outcome.get("detail") or ""))


def _as_json(row: OutboxRow, at: int) -> dict[str, Any]:
    """Names that stay: scripts read them."""
    return {
        "id": row.id,
        "state": row.state,
        "kind": row.kind,
        "to": row.target,
        "case": row.case,
        "lane": row.lane,
        "since": utc(row.created_at),
        "age_s": max(at - row.created_at, 0) // 1000,
        "attempts": row.attempts,
        "next_try": utc_or_none(row.due),
        "may_have_arrived": row.unsure or row.state == "uncertain",
        "why": _reason(row),
    }
