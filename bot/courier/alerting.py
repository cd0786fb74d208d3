"""Alerts: the second path of emergencies, and what is told when it does not work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.casework.alerts import people_to_alert
from bot.casework.core import place_of
from bot.courier.delivery import Delivered
from bot.courier.desk import Desk
from bot.domain.case import Case
from bot.domain.error import Rejected
from bot.domain.late import lateness
from bot.domain.rfc3339 import utc
from bot.domain.site import Alert, Member
from bot.ports import AlertMessage, OutboxRow, Tx
from bot.texts.alerts import alert_text
from bot.texts.hazards import hazard_name

_TOLD_AFTER = 3
"""So many tries in vain, which are a few seconds, and people are told to use their phones."""


async def send_alert(desk: Desk, row: OutboxRow) -> Delivered:
    """Hand a message for people's phones to its gateway, unless nobody needs it any more."""
    path, alert = desk.alerts.get(row.target), _alert(desk, row)
    case = await desk.core.store.get_case(row.case or 0)
    if path is None or alert is None or case is None:
        raise Rejected("the site file has no such alert")
    if not case.live:
        return Delivered({"outcome": "over"})
    if row.attempts > 1 and await _is_old(desk, row):
        return Delivered({"outcome": "superseded"})
    people = people_to_alert(desk.core, case, desk.core.clock())
    id, attempt = str(row.payload["id"]), int(row.payload["attempt"])
    message = alert_message(desk, case, people, id, attempt)
    late = {"late_s": _late_s(desk, case, row)}
    await path.send(replace(message, fields={**message.fields, **late}))
    outcome = {
        "outcome": "delivered",
        "path": alert.path,
        "attempt": row.payload["attempt"],
        "people": [member.id for member in people],
        "ms": desk.core.clock() - row.created_at,
    }

    async def also(tx: Tx, now: int) -> None:
        await _show(tx, row, now)

    return Delivered(outcome, also)


async def tell_failure(desk: Desk, tx: Tx, row: OutboxRow, last: bool, now: int) -> None:
    """The card says so at once; words are added when it goes on, or is given up."""
    case, alert = await tx.case(row.case or 0), _alert(desk, row)
    if case is None or alert is None:
        return
    if row.attempts == 1 or last:
        await _show(tx, row, now)
    if row.attempts == _TOLD_AFTER or last:
        key = "alert.dead" if last else "alert.failing"
        params = {"path": alert.path, "target": alert.id}
        await desk.core.tell(tx, case, key, params, now)
        if not last:  # what is given up, they are told of as of every dead letter
            numbered = {**params, "case": case.number}
            await tx.send(*desk.core.to_admins(key, numbered, now))


async def _show(tx: Tx, row: OutboxRow, now: int) -> None:
    """The cards tell which path it went out on."""
    case = await tx.case(row.case or 0)
    if case is not None:
        shown = replace(case, version=case.version + 1)
        await tx.save_case(shown)
        await tx.want(case.number, shown.version, now)


async def _is_old(desk: Desk, row: OutboxRow) -> bool:
    """Whether the path has a newer message about the case: a hundred old ones help nobody."""
    rows = await desk.core.store.deliveries(row.case or 0)
    return any((one.kind, one.target) == ("alert", row.target) and one.id > row.id for one in rows)


def _alert(desk: Desk, row: OutboxRow) -> Alert | None:
    alerts = desk.core.people.config.alerts
    return next((alert for alert in alerts if alert.id == row.target), None)


def alert_message(
    desk: Desk, case: Case, people: list[Member], id: str, attempt: int = 1
) -> AlertMessage:
    """What a case tells people's phones; one of number 0 has none yet."""
    config = desk.core.people.config
    title, text = alert_text(case, config, config.language, attempt)
    phones = dict.fromkeys(member.phone for member in people if member.phone)
    return AlertMessage(
        id=id,
        to=tuple(phones),
        title=title,
        text=text,
        case=case.number or None,
        severity=case.severity.word,
        attempt=attempt,
        fields=_fields(desk, case, people),
    )


def _late_s(desk: Desk, case: Case, row: OutboxRow) -> int:
    """How late this is told, in seconds; 0 when it is in time."""
    waited = desk.core.clock() - row.created_at
    late = lateness(case, waited, failed=row.attempts > 1)
    return late.ms // 1000 if late else 0


def _fields(desk: Desk, case: Case, people: list[Member]) -> dict[str, Any]:
    """What a gateway with templates of its own fills in."""
    config = desk.core.people.config
    site = config.site(case.site)
    return {
        "site": case.site,
        "site_name": site.name if site else case.site,
        "address": site.address if site else "",
        "entrance": site.entrance if site else "",
        "place": place_of(config, case),
        "camera": case.camera,
        "zone": case.zone,
        "hazard": case.hazard,
        "hazard_name": hazard_name(config.hazards[case.hazard], config.language),
        "suspected": case.suspected,
        "state": case.state.value,
        "note": case.note,
        "opened_at": utc(case.opened_at),
        "first_seen": utc(case.first_seen),
        "people": [{"id": m.id, "name": m.name, "phone": m.phone} for m in people],
        "language": config.language,
        "late_s": 0,
    }
