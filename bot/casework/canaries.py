"""Canaries: what is kept of a test of delivery, and how it begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.casework.core import Core
from bot.domain.case import Case
from bot.domain.command import SYSTEM
from bot.domain.flight import landed
from bot.ports import Store, Tx

CANARY = "canary"
"""Kind under which is kept how the last test went (`last`), which one is in the air (`flying`),
and whether somebody wants one (`asked`)."""
SURVEYS = "canary_survey"
"""Kind under which is kept what a canary tells when it has landed, by its number."""

FLYING, LAST, ASKED = "flying", "last", "asked"


@dataclass(frozen=True, slots=True)
class Flight:
    """A canary in the air.

    `case` is 0 where there is no chat to send it to; `faults` are the paths (a chat, an alert) that
    were found broken meanwhile, with the reason; `judged`: it is on record how it went.
    """

    case: int
    at: int
    why: str
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    seconds: float | None = None
    judged: bool = False
    starts: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a canary went: `faults` are the paths on which it did not arrive, or would not.

    `seconds` is how long the slowest chat took, None where one has nothing; `success_at` is when
    the last one flew that arrived everywhere.
    """

    at: int
    why: str
    ok: bool
    seconds: float | None
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    success_at: int | None = None


async def flight_of(store: Store) -> Flight | None:
    """The last canary."""
    known = (await store.all_learned(CANARY)).get(FLYING)
    return Flight(**known) if known else None


async def verdict_of(store: Store) -> Verdict | None:
    """How the last canary went that has been judged."""
    known = (await store.all_learned(CANARY)).get(LAST)
    return Verdict(**known) if known else None


async def asked_at(store: Store) -> int:
    """When somebody asked for a canary last; 0: never."""
    known = (await store.all_learned(CANARY)).get(ASKED)
    return int(known["at"]) if known else 0


async def keep(tx: Tx, what: Flight | Verdict) -> None:
    """Write it down."""
    await tx.learn(CANARY, FLYING if isinstance(what, Flight) else LAST, asdict(what))


async def end(core: Core, tx: Tx, number: int, told: Mapping[str, Any] | None, now: int) -> None:
    """The canary is over, if it is not yet; `told` is what its message says from now on."""
    if told is not None:
        await tx.learn(SURVEYS, str(number), dict(told))
    case = await tx.case(number)
    if case is not None and case.live:
        await core.apply(tx, case, landed(case, now), SYSTEM, now)


async def tell_anew(tx: Tx, case: Case, told: Mapping[str, Any], now: int) -> None:
    """The message of a canary that is over says something else."""
    await tx.learn(SURVEYS, str(case.number), dict(told))
    shown = replace(case, version=case.version + 1)
    await tx.save_case(shown)
    await tx.want(case.number, shown.version, now)
