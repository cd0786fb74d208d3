"""The second path of emergencies: when it is taken, and whom it calls.

Its rows are written with the change itself, so what leaves in the chat leaves on every other path
too, each on its own: a chat that is away delays no alert, and the other way round.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.case import Case
from bot.domain.site import Alert, Member
from bot.ports import Outgoing, Tx

if TYPE_CHECKING:
    from bot.casework.core import Core


async def raise_alerts(
    core: Core, tx: Tx, case: Case, now: int, *, but: Collection[str] = ()
) -> None:
    """One message on each path that is meant for something that grave, counted per case.

    The paths in `but` have it already.
    """
    paths = [path for path in paths_of(core, case) if path.id not in but]
    if not paths or not case.live or case.trial or core.is_muted(case, now):
        return
    attempt = await tx.next_number(f"alert:{case.number}")
    for path in paths:
        # The time stands in the id for databases that begin anew: a gateway remembers longer.
        id = f"case-{case.number}-{path.id}-{attempt}-{now}"
        payload = {"id": id, "attempt": attempt}
        lane = case.severity.word
        await tx.send(Outgoing("alert", path.id, payload, now, lane=lane, case=case.number))


def paths_of(core: Core, case: Case) -> list[Alert]:
    """The second paths that hear of a case of this severity."""
    alerts = core.people.config.alerts
    return [alert for alert in alerts if case.severity >= alert.minimum_severity]


def people_to_alert(core: Core, case: Case, now: int) -> list[Member]:
    """Who is on duty, the whole chain of an emergency, and who the case has come up to."""
    people = core.people
    on_duty = people.config.on_duty(case.site, datetime.fromtimestamp(now / 1000, UTC))
    chain = core.chain(case) if case.emergency else []
    found = {member.id: member for member in (*on_duty, *chain, *core.called(case))}
    return [member for member in found.values() if people.active(member.id)]
