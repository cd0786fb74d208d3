"""When a second sensor makes a fire more than a suspicion, so that people are told to leave.

One source alone, however often it reports, never does: a camera that takes a sunset for flames
takes it again.  What counts is another source at the same place, or the same hazard, live, at
another place of the site.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.case import SENSOR
from bot.domain.change import Change
from bot.domain.report import Phase, Report
from bot.domain.sighting import SOURCE_LENGTH
from bot.ports import Tx

BY_TWO_SENSORS = frozenset({"smoke_fire"})
_TOGETHER_MS = 10 * 60_000


async def by_second_sensor(tx: Tx, report: Report, change: Change) -> Change:
    """The same change, of a confirmed case where the report makes it one."""
    case = change.case
    doubted = case.hazard in BY_TWO_SENSORS and case.confirmed_by is None and case.live
    if not doubted or case.trial or report.phase is Phase.END:
        return change
    source = report.source[:SOURCE_LENGTH]
    second = case.source is not None and case.source != source
    if not second:
        second = any(
            other.number != case.number
            and not other.trial
            and other.source != source
            and abs(report.received_at - other.last_seen) <= _TOGETHER_MS
            for other in await tx.live_cases(case.site, case.hazard)
        )
    if not second:
        return change
    data = {**change.data, "confirmed_by": SENSOR}
    return replace(change, case=replace(case, confirmed_by=SENSOR), data=data)
