"""Flies the canary: a test of delivery over the real way, after a start, on a schedule, on demand.

"Healthy" means delivered: the card of the canary must be known to have arrived in every chat that
it was sent to, and its edit must have taken; the other chats and the second paths are asked
whether they would take something, without a sound.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from bot.casework import Core, Intake
from bot.casework.canaries import (
    SURVEYS,
    Flight,
    Verdict,
    asked_at,
    end,
    flight_of,
    keep,
    tell_anew,
    verdict_of,
)
from bot.casework.notices import to_admins_elsewhere
from bot.domain.canary import CanaryPlan
from bot.domain.error import DeliveryError
from bot.domain.flight import HAZARD
from bot.domain.message import ChatRef
from bot.domain.report import Report
from bot.ports import AlertPath, Channel, OutboxRow
from bot.redact import redact

log = logging.getLogger(__name__)

TOGETHER_MS = 10 * 60_000
"""Starts within this share a message: a program that crashes again and again is one news."""
AGAIN_MS = 60_000
"""So long after a look at what a test found broken it is looked at again."""
_NOT_EDITED = "its edit was not taken"
_FRESH_MS = 2 * 60_000
"""Who takes the duty over later than this after its start has nothing to tell of a start."""
_LOOK_S = 0.5
_PROBE_S = 15.0

Survey = Callable[[], Awaitable[Mapping[str, Any]]]
"""How everything is, as `bot.texts.canaries` tells it."""


@dataclass
class Canary:
    """Runs where the duty is; `survey` looks around, `started` says that the program just has."""

    core: Core
    intake: Intake
    channels: Mapping[str, Channel]
    alerts: Mapping[str, AlertPath]
    survey: Survey
    started: bool = True

    def __post_init__(self) -> None:
        self._begun = self.core.clock()
        self._asked_again = 0

    @property
    def _plan(self) -> CanaryPlan:
        return self.core.people.config.canary

    async def run(self) -> None:
        """Fly whenever it is time, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # a database that is away now is there later
                log.warning("the canary cannot fly now", exc_info=True)
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Begin a flight that is due, or see how the one in the air does."""
        now = self.core.clock()
        flight = await flight_of(self.core.store)
        if self.started:
            self.started = False
            fresh = now - self._begun < _FRESH_MS
            if fresh and self._plan.start and self.core.people.canary_chats():
                await self._after_start(flight, now)
                return
        if flight is not None and not flight.judged:
            await self._follow(flight, now)
        elif why := await self._why(flight, now):
            await self._fly(why, flight, now)
        elif flight is not None and flight.seconds is None:
            await self._follow(flight, now)
        elif flight is not None and not 0 <= now - self._asked_again < AGAIN_MS:
            await self._ask_again(flight, now)

    async def _ask_again(self, flight: Flight, now: int) -> None:
        """What it found broken may be repaired by now; its own message has long arrived."""
        self._asked_again = now
        before = await verdict_of(self.core.store)
        if before is None or before.ok or before.at != flight.at:
            return
        faults = await self._probe()
        if not await self._is_true(flight.case):
            faults["edit"] = _NOT_EDITED
        if faults.keys() != before.faults.keys():
            await self._judge(replace(flight, faults=faults), faults, now)

    async def _why(self, flight: Flight | None, now: int) -> str:
        """Why one is to fly now; "" if none is."""
        since = flight.at if flight else 0
        if await asked_at(self.core.store) > since:
            return "asked"
        sites = self.core.people.config.sites
        for why, plan in (
            ("daily", replace(self._plan, every=None)),
            ("every", replace(self._plan, at=())),
        ):
            due = plan.due(since or self._begun, sites[0].timezone if sites else UTC)
            if due is not None and due <= now:
                return why
        return ""

    async def _after_start(self, before: Flight | None, now: int) -> None:
        """A first start of late sends a message; a further one edits it."""
        recent = before is not None and 0 <= now - before.at < TOGETHER_MS
        if before is None or not recent or not before.case:
            await self._fly("start", before, now)
            return
        told = await self._surveyed(before)
        async with self.core.store.begin() as tx:
            case = await tx.case(before.case)
            flight = replace(before, starts=before.starts + 1)
            await keep(tx, flight)
            if case is not None and not case.live and before.seconds is not None:
                told |= {"seconds": _shown(before.seconds), "starts": flight.starts}
                await tell_anew(tx, case, told, now)

    async def _fly(self, why: str, before: Flight | None, now: int) -> None:
        """Send one; what the one before has not reached by now it is not waited for any more."""
        if before is not None and before.case:
            async with self.core.store.begin() as tx:
                await end(self.core, tx, before.case, None, now)
                await tx.forget(SURVEYS, str(before.case))
        flight = Flight(await self._send(why, now), now, why)
        async with self.core.store.begin() as tx:
            await keep(tx, flight)
        faults = await self._probe()
        async with self.core.store.begin() as tx:
            await keep(tx, replace(flight, faults=faults))

    async def _send(self, why: str, now: int) -> int:
        """The number of its case; 0 where there is no chat to send it to."""
        sites = self.core.people.config.sites
        if not sites or not self.core.people.canary_chats():
            return 0
        report = Report(
            id=f"{why}-{now}",
            source="canary",
            hazard=HAZARD,
            site=sites[0].id,
            at=now,
            received_at=now,
            trial=True,
            canary=True,
        )
        return (await self.intake.report(report)).case or 0

    # how it does

    async def _follow(self, flight: Flight, now: int) -> None:
        cards = await self._cards(flight)
        missing = [row for row in cards if row.state != "done"]
        if flight.seconds is None and not missing:
            await self._land(flight, cards, now)
            return
        if flight.seconds is not None and not flight.judged and await self._is_true(flight.case):
            await self._judge(flight, flight.faults, now)
            return
        waiting = [row for row in missing if row.due is not None]
        late = now - flight.at >= round(self._plan.within.total_seconds() * 1000)
        if not flight.judged and (late or (missing and not waiting)):
            undelivered = {row.target: _why(row) for row in missing}
            untrue = {} if missing else {"edit": _NOT_EDITED}
            await self._judge(flight, {**flight.faults, **undelivered, **untrue}, now)

    async def _cards(self, flight: Flight) -> Sequence[OutboxRow]:
        if not flight.case:
            return ()
        return [row for row in await self.core.store.deliveries(flight.case) if row.kind == "card"]

    async def _land(self, flight: Flight, cards: Sequence[OutboxRow], now: int) -> None:
        """It is shown everywhere; now its message says how everything is."""
        seconds = max((_ms(row) for row in cards), default=0) / 1000
        told = {
            **await self._surveyed(flight),
            "seconds": _shown(seconds),
            "starts": flight.starts,
        }
        landed = replace(flight, seconds=seconds)
        async with self.core.store.begin() as tx:
            if flight.case:
                await end(self.core, tx, flight.case, told, now)
            await keep(tx, landed)
        if flight.judged:  # it was late, and that was told
            await self._judge(landed, flight.faults, now)

    async def _surveyed(self, flight: Flight) -> dict[str, Any]:
        paths = {"total": len(self._paths()), "down": [*flight.faults]}
        return {**await self.survey(), "paths": paths, "why": flight.why, "at": flight.at}

    def _paths(self) -> list[str]:
        """Every chat of people, and every second path."""
        config = self.core.people.config
        chats = [chat.key for chat in config.every_chat if chat.channel != "webhook"]
        return [*chats, *(f"alert {id}" for id in self.alerts)]

    async def _is_true(self, case: int) -> bool:
        """Whether every message of it shows what it should."""
        copies = await self.core.store.copies(case) if case else ()
        return all(copy.lost or copy.shown >= copy.wanted for copy in copies)

    async def _judge(self, flight: Flight, faults: Mapping[str, str], now: int) -> None:
        """On record, and told to the admins where it is news."""
        before = await verdict_of(self.core.store)
        ok = not faults
        success_at = flight.at if ok else before.success_at if before else None
        seconds = flight.seconds if flight.case else None
        verdict = Verdict(flight.at, flight.why, ok, seconds, dict(faults), success_at)
        log.log(logging.INFO if ok else logging.WARNING, "canary of %d: %s", flight.at, verdict)
        failed_before = before is not None and not before.ok
        async with self.core.store.begin() as tx:
            await keep(tx, replace(flight, judged=True))
            await keep(tx, verdict)
            if not ok and not (failed_before and before and before.faults.keys() == faults.keys()):
                told = "; ".join(f"{path}: {why}" for path, why in faults.items())
                params = {"at": flight.at, "text": told}
                gone = [*faults]
                await tx.send(
                    *to_admins_elsewhere(self.core, "admin.canary_failed", params, now, not_in=gone)
                )
            elif ok and failed_before:
                params = {"at": flight.at, "text": _shown(flight.seconds or 0)}
                await tx.send(*to_admins_elsewhere(self.core, "admin.canary_back", params, now))

    # what it is not sent to

    async def _probe(self) -> dict[str, str]:
        """The chats and second paths that would take nothing now, with the reason."""
        sent_to = {ref.key for ref in self.core.people.canary_chats()}
        people, config = self.core.people, self.core.people.config
        refs = {chat.key: people.ref_of(chat) for chat in config.every_chat}
        chats = {
            key: ref
            for key, ref in refs.items()
            if ref.key not in sent_to and ref.channel != "webhook"
        }
        found = await asyncio.gather(
            *(self._chat(ref) for ref in chats.values()),
            *(_alert(path) for path in self.alerts.values()),
        )
        names = [*chats, *(f"alert {id}" for id in self.alerts)]
        return {name: why for name, why in zip(names, found, strict=True) if why}

    async def _chat(self, ref: ChatRef) -> str:
        channel = self.channels.get(ref.channel)
        if channel is None:
            return "no such channel"
        try:
            async with asyncio.timeout(_PROBE_S):
                language = self.core.people.config.language
                health = await channel.check([ref], language)
        except (TimeoutError, DeliveryError) as error:
            return redact(str(error) or "no answer in time")
        deaf = health.detail.get("deaf", ())
        return redact("; ".join(fault for fault in health.faults if fault not in deaf))


async def _alert(path: AlertPath) -> str:
    try:
        async with asyncio.timeout(_PROBE_S):
            await path.probe()
    except (TimeoutError, DeliveryError) as error:
        return redact(str(error) or "no answer in time")
    return ""


def _ms(row: OutboxRow) -> int:
    return int((row.outcome or {}).get("ms", 0))


def _why(row: OutboxRow) -> str:
    return redact(str((row.outcome or {}).get("why") or "not delivered yet"))


def _shown(seconds: float) -> str:
    return f"{seconds:.1f}"
