"""What a card says beside its case, gathered from the store and the configuration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from bot.casework.core import Core
from bot.domain.case import Case, State
from bot.domain.role import Role
from bot.domain.site import Member
from bot.ports import AuditRow, Copy, OutboxRow, Snapshot
from bot.texts.cardfacts import CardFacts, Horn, Lit, Told

_GOING_ON = frozenset({State.OPEN, State.ACKNOWLEDGED, State.ESCALATED, State.WORK_ORDER})


class Facts:
    """Gathers `CardFacts`; the newest state wins, nothing is kept."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def of(
        self,
        case: Case,
        channel: str,
        *,
        row: OutboxRow | None = None,
        copy: Copy | None = None,
    ) -> CardFacts:
        """The facts of a case for people on a channel.

        `row` is the card that is being sent, `copy` the one that is there already.
        """
        store = self._core.store
        snapshots = await store.snapshots(case.number)
        deliveries = await store.deliveries(case.number)
        history = await store.history(case.number)
        known = self.at_hand(case, channel)
        return replace(
            known,
            horns=self._horns(deliveries),
            lights=self._lights(deliveries),
            told=self._told(deliveries),
            after_picture=_after_picture(snapshots, history),
            closing_reason=_closing_reason(case, history),
            claimed_at=_claimed_at(history),
            picture=_picture(snapshots, deliveries, copy),
            **_delay(deliveries, row, copy, known.now),
        )

    def at_hand(self, case: Case, channel: str) -> CardFacts:
        """What is known of it without asking the database."""
        core, now = self._core, self._core.clock()
        people = core.people
        return CardFacts(
            config=people.config,
            now=now,
            on_duty=people.config.on_duty(case.site, datetime.fromtimestamp(now / 1000, UTC)),
            next_up=self._next_up(case),
            called=tuple(core.called(case)),
            chain=tuple(core.chain(case)) if case.emergency else (),
            user_of=lambda member: people.user_of(member, channel),
        )

    def _next_up(self, case: Case) -> tuple[Member, ...]:
        """Who comes next: up the chain, or to verify."""
        people, response = self._core.people, self._core.response(case)
        if case.state is State.RECTIFIED:
            seniors = people.holding(case.site, [Role.SUPERVISOR])
            return tuple(m for m in seniors if m.id != case.rectified_by)
        if case.state in (State.OPEN, State.ESCALATED) and case.level < len(response.escalate_to):
            return people.holding(case.site, [response.escalate_to[case.level]])
        return ()

    def _horns(self, deliveries: list[OutboxRow]) -> tuple[Horn, ...]:
        """Per speaker: how often it surely spoke, and how its last try ended."""
        ended: defaultdict[str, list[OutboxRow]] = defaultdict(list)
        for row in deliveries:
            is_over = row.outcome is not None and row.due is None
            is_warning = row.kind == "announce" and "words" not in row.payload
            if is_warning and is_over and _outcome(row) != "over":
                ended[row.target].append(row)
        config = self._core.people.config
        return tuple(
            _horn(speaker.name if (speaker := config.speaker(id)) else id, rows)
            for id, rows in ended.items()
        )

    def _lights(self, deliveries: list[OutboxRow]) -> tuple[Lit, ...]:
        """Per light: how its last order to go on ended."""
        config = self._core.people.config
        last = {
            row.target: _outcome(row)
            for row in deliveries
            if row.kind == "switch_on" and row.due is None and _outcome(row) != "over"
        }
        lights = ((config.actuator(id), id, ended) for id, ended in last.items())
        return tuple(Lit(found.name if found else id, ended) for found, id, ended in lights)

    def _told(self, deliveries: list[OutboxRow]) -> tuple[Told, ...]:
        """Per second path: how often it took a message, and what became of the last one."""
        tried: defaultdict[str, list[OutboxRow]] = defaultdict(list)
        for row in deliveries:
            if row.kind == "alert" and row.outcome is not None:
                tried[row.target].append(row)
        paths = {alert.id: alert.path for alert in self._core.people.config.alerts}
        told = [_told(paths[id], rows) for id, rows in tried.items() if id in paths]
        return tuple(one for one in told if one.times or one.retried or one.failed)


def _horn(name: str, ended: list[OutboxRow]) -> Horn:
    last = ended[-1]
    told, by = last.outcome or {}, None
    if _outcome(last) == "preempted":
        by = told.get("interrupted_by")
    elif _outcome(last) == "expired":  # it was to be said anew, and was not
        by = last.payload.get("interrupted_by")
    return Horn(
        name=name,
        spoken=sum(_outcome(row) == "spoken" for row in ended),
        outcome=_outcome(last),
        interrupted_by=by,
        again=bool(told.get("again")),
    )


def _told(path: str, tried: list[OutboxRow]) -> Told:
    taken = [row for row in tried if row.state == "done" and _outcome(row) == "delivered"]
    last = tried[-1]
    return Told(
        path=path,
        times=len(taken),
        at=taken[-1].finished_at if taken else None,
        retried=last.due is not None,
        failed=last.state == "dead",
    )


def _outcome(row: OutboxRow) -> str:
    return str(row.outcome.get("outcome")) if row.outcome else ""


def _closing_reason(case: Case, history: Sequence[AuditRow]) -> str:
    if case.state is not State.CLOSED:
        return ""
    reasons = [
        str(row.entry.private.get("reason", ""))
        for row in history
        if row.entry.event != "delivery" and row.entry.data.get("outcome") is not None
    ]
    return reasons[-1] if reasons else ""


def _after_picture(snapshots: Sequence[Snapshot], history: Sequence[AuditRow]) -> bool:
    """Whether one shows it put right; what came before the case began anew shows that no more."""
    goes_on = [row.entry.at for row in history if row.facts.get("state") in _GOING_ON]
    began = max(goes_on, default=0)
    return any(one.kind == "after" and one.at > began for one in snapshots)


def _claimed_at(history: Sequence[AuditRow]) -> str:
    """The time that the device told whose report opened the case, if it was not believed."""
    attributes: Mapping[str, Any] = history[0].entry.data.get("attributes") or {} if history else {}
    return str(attributes.get("claimed_at", ""))


def _delay(
    deliveries: Sequence[OutboxRow], row: OutboxRow | None, copy: Copy | None, now: int
) -> dict[str, Any]:
    """How long the card waited for its delivery, and whether a try went wrong meanwhile."""
    at = now
    if row is None and copy is not None:
        row = next((one for one in deliveries if _made(one, copy)), None)
        at = row.finished_at or now if row else now
    if row is None:
        return {}
    asked = int(row.payload.get("asked", row.created_at))  # a dead letter may have been revived
    return {"waited": at - asked, "failed": row.attempts > 1}


def _made(row: OutboxRow, copy: Copy) -> bool:
    """Whether that delivery is the message."""
    told = row.outcome or {}
    is_card = row.kind in ("card", "direct") and told.get("message") == copy.message_id
    return is_card and row.target.startswith(copy.chat.channel)


def _picture(
    snapshots: Sequence[Snapshot], deliveries: Sequence[OutboxRow], copy: Copy | None
) -> Literal["", "follows", "lost", "erased"]:
    """What became of a picture that is not there: a chat keeps what it was sent once."""
    if copy is not None and copy.has_picture:
        return ""
    shown = [one for one in snapshots if one.kind in ("annotated", "blurred")]
    if shown and all(one.erased_at is not None for one in shown):
        return "erased"
    if copy is None:
        return ""
    for row in deliveries:
        if row.kind == "photo" and row.payload["copy"] == copy.id:
            return "follows" if row.due is not None else "lost"
    return ""
