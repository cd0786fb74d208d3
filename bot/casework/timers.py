"""What happens to a case when one of its clocks runs out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.casework.alerts import raise_alerts
from bot.casework.aloud import speak
from bot.casework.core import Core
from bot.domain import machine
from bot.domain.case import UNRECTIFIED, Case, TimerKind
from bot.domain.change import Change
from bot.domain.clocks import ms
from bot.domain.command import SYSTEM
from bot.domain.sighting import anew_after_cooldown, cooldown_over
from bot.ports import Timer, Tx

_Due = Callable[["Timers", Tx, Case, int], Awaitable[None]]


class Timers:
    """Moves cases on when nobody does."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def due(self, *timers: Timer) -> None:
        """Clocks of different cases ran out: act once on each, and take it away with that.

        They are one transaction, because a durable commit costs the same for one as for fifty.  A
        clock that was stopped or set anew meanwhile does nothing.
        """
        async with self._core.store.begin() as tx:
            for timer in await tx.take_timers(timers):
                case = await tx.case(timer.case)
                if case is not None:
                    await _DUE[timer.kind](self, tx, case, self._core.clock())

    async def put_off(self, timer: Timer, until: int) -> None:
        """The clock could not be served now; it runs on until then."""
        async with self._core.store.begin() as tx:
            if await tx.take_timers([timer]):
                await tx.set_timer(timer.case, timer.kind, until)

    async def _apply(self, tx: Tx, case: Case, change: Change | None, now: int) -> None:
        if change is not None:
            await self._core.apply(tx, case, change, SYSTEM, now)

    async def acknowledge_by(self, tx: Tx, case: Case, now: int) -> None:
        """Nobody took it in time."""
        await self._apply(tx, case, machine.acknowledge_overdue(case, now, SYSTEM), now)

    async def rectify_by(self, tx: Tx, case: Case, now: int) -> None:
        """It was not put right in time."""
        response, party = self._core.response(case), self._core.has_party(case)
        change = machine.rectify_overdue(case, now, response, party, SYSTEM)
        await self._apply(tx, case, change, now)

    async def arrive_by(self, tx: Tx, case: Case, now: int) -> None:
        """Someone took the emergency but nobody is there: everybody is called again."""
        if not case.live or case.arrived_by is not None:
            return
        people = [m.id for m in self._core.chain(case)]
        key, params = "call.chase", {"people": people, "since": case.opened_at}
        if case.acknowledged_by is not None:
            key = "call.arrive"
            params |= {"who": case.acknowledged_by, "at": case.acknowledged_at}
        await self._core.tell(tx, case, key, params, now, people=people)
        await speak(self._core, tx, case, now)
        await raise_alerts(self._core, tx, case, now)
        within = self._core.response(case).arrive_within
        await tx.set_timer(case.number, TimerKind.ARRIVE_BY, now + ms(within))

    async def self_close(self, tx: Tx, case: Case, now: int) -> None:
        """It was seen to be gone for long enough."""
        if case.gone_at is None:
            return
        response = self._core.response(case)
        change = machine.seen_gone(case, now, response, SYSTEM, left=False)
        await self._apply(tx, case, change, now)

    async def speak_again(self, tx: Tx, case: Case, now: int) -> None:
        """The next round, while the hazard is there and nobody has taken it."""
        taken = case.acknowledged_by is not None and not case.emergency
        if case.state not in UNRECTIFIED or taken or case.gone_at is not None:
            return
        if self._core.is_muted(case, now):
            return
        case = replace(case, spoken=case.spoken + 1)
        await tx.save_case(case)
        await speak(self._core, tx, case, now)

    async def cooldown(self, tx: Tx, case: Case, now: int) -> None:
        """A person closed it, and it is still being seen: that is a new case."""
        response = self._core.response(case)
        if not cooldown_over(case, now, response):
            return
        if await tx.case_holding(case.place_key) is not None:
            return
        number = await tx.next_number("case")
        change = anew_after_cooldown(case, number, now, response)
        anew = await self._core.apply(tx, None, change, SYSTEM, now)
        await tx.copy_snapshots(case.number, anew.number)


_DUE: Mapping[TimerKind, _Due] = {
    TimerKind.ACKNOWLEDGE_BY: Timers.acknowledge_by,
    TimerKind.RECTIFY_BY: Timers.rectify_by,
    TimerKind.ARRIVE_BY: Timers.arrive_by,
    TimerKind.SELF_CLOSE: Timers.self_close,
    TimerKind.SPEAK_AGAIN: Timers.speak_again,
    TimerKind.COOLDOWN: Timers.cooldown,
}
