"""The chain of what was said and done that belongs to no case.

It is kept under number 0, like the chain of a case: sealed by the same checkpoints, verified with
the others, shown in no list.
"""

from __future__ import annotations

from bot.domain.case import Case, State
from bot.domain.hazard import Severity
from bot.ports import Entry, Tx

HOUSE = 0
"""No case has this number."""


async def note(tx: Tx, entry: Entry) -> None:
    """The next link of the house's own chain."""
    if await tx.case(HOUSE) is None:
        await tx.add_case(_house(entry.at))
    await tx.add_entry(HOUSE, entry)


def _house(at: int) -> Case:
    return Case(
        number=HOUSE,
        site="",
        hazard="other",
        severity=Severity.GENERAL,
        place_key="house",
        opened_at=at,
        first_seen=at,
        last_seen=at,
        received_at=at,
        state=State.CLOSED,
        closed_at=at,
        trial=True,
    )
