"""Webhooks: every change of a case becomes a row of its own for each receiver, in order.

A row holds what happened and the case as it was right after: a receiver that was away for hours is
told each step, not only where the case stands in the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.casework.views import case_view
from bot.domain.case import Case
from bot.domain.command import Actor
from bot.domain.rfc3339 import utc
from bot.ports import Outgoing, Tx

if TYPE_CHECKING:
    from bot.casework.core import Core


async def tell_hooks(
    core: Core,
    tx: Tx,
    case: Case,
    event: str,
    actor: Actor,
    now: int,
    *,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """A row for each receiver of the case.  `sequence` counts what each is told of it, by one."""
    for ref in core.hooks_of(case):
        sequence = await tx.next_number(f"hook:{ref.key}#{case.number}")
        payload: dict[str, Any] = {
            # The time stands in the id for databases that begin anew: a receiver remembers longer.
            "id": f"{case.number}-{sequence}-{now}",
            "sequence": sequence,
            "event": event,
            "at": utc(now),
            "actor": actor.id,
            "reason": reason,
            "data": dict(data or {}),
            "case": case_view(case),
        }
        await tx.send(
            Outgoing(
                kind="webhook",
                target=ref.key,
                payload=payload,
                due=now,
                lane=case.severity.word,
                case=case.number,
                stream=f"{ref.key}#{case.number}",
            )
        )
