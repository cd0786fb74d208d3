"""Strobes, sirens and relays go on with a warning, and off after their time.

Both are rows of the outbox, written together: what switches a light off is there before it is
switched on, and outlives the program.  As long as a later row is to switch it off it stays on, so
that cases may overlap; when a case closes, what it holds on is due to go off at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.casework.timely import may_begin_within, timely
from bot.domain.actuator import Actuator
from bot.domain.case import Case
from bot.domain.clocks import ms
from bot.domain.window import open_at
from bot.ports import Outgoing, Tx
from bot.texts.hazards import spoken_sentence

if TYPE_CHECKING:
    from bot.casework.core import Core

LANGUAGES = ("zh", "en")


async def light_up(core: Core, tx: Tx, case: Case, now: int) -> None:
    """What stands at the place of a warning goes on with it."""
    payload = timely(core, now, may_begin_within(case))
    for actuator in _actuators(core, case, now):
        await tx.send(*switching(actuator, payload, now, case.severity.word, case.number))


async def put_out(tx: Tx, before: Case, case: Case, now: int) -> None:
    """Whoever closes a case has seen to it."""
    if before.live and not case.live:
        await tx.let_go(now, case=case.number)


def switching(
    actuator: Actuator,
    payload: Mapping[str, Any],
    now: int,
    lane: str,
    case: int | None = None,
) -> tuple[Outgoing, Outgoing]:
    """On now, and off after its time."""
    on = Outgoing("switch_on", actuator.id, payload, now, lane, case)
    off = Outgoing("switch_off", actuator.id, {}, now + ms(actuator.on_for), lane, case)
    return on, off


def _actuators(core: Core, case: Case, now: int) -> list[Actuator]:
    """Those of the place that go on for such a hazard, at this time of the day."""
    config, response = core.people.config, core.response(case)
    place = config.place_name(case.site, case.camera, case.zone)
    spoken = any(spoken_sentence(response, language, place) for language in LANGUAGES)
    return [
        one
        for one in config.actuators
        if one.belongs_to(case.site, case.camera)
        and one.goes_with(case.hazard, case.severity, spoken=spoken)
        and (case.emergency or not _is_quiet(core, one, now))
    ]


def _is_quiet(core: Core, actuator: Actuator, now: int) -> bool:
    site = core.people.config.site(actuator.site)
    local = datetime.fromtimestamp(now / 1000, site.timezone if site else UTC)
    return open_at(actuator.quiet_hours, local)
