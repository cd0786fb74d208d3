"""A look around: what works, who is on duty, what is open; for the message of a canary."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.casework import Core
from bot.casework.condition import Dark, Silent, Views, none_dark
from bot.domain.case import LIVE, Case
from bot.domain.site import Camera
from bot.ports import CaseFilter
from bot.watching.arrival import Arrival

_CAMERAS_WITHIN_S = 8.0
_FIRST_PUSHED_WITHIN_MS = 60_000
"""Whoever pushes pictures may take so long after a start until the first."""
_STEP_S = 0.25
_MOST = 10_000


@dataclass
class Survey:
    """Called, it looks; cameras that have just been opened get a few seconds for a picture."""

    core: Core
    view: Views
    silent: Silent
    arrival: Arrival
    dark: Dark = none_dark

    def __post_init__(self) -> None:
        self._begun = self.core.clock()

    async def __call__(self) -> Mapping[str, Any]:
        config, store, now = self.core.people.config, self.core.store, self.core.clock()
        cameras = await self._cameras()
        silent, dark = await asyncio.gather(
            self.silent(), self.dark([one.id for one in config.actuators])
        )
        live = await store.list_cases(CaseFilter(states=tuple(LIVE), limit=_MOST))
        sealed = await store.latest_checkpoint()
        moment = datetime.fromtimestamp(now / 1000, UTC)
        duty = [member.id for site in config.sites for member in config.on_duty(site.id, moment)]
        return {
            "cameras": cameras,
            "speakers": {
                "total": len(config.speakers),
                "down": [one.name for one in config.speakers if one.id in silent],
            },
            "lights": {
                "total": len(config.actuators),
                "down": [one.name for one in config.actuators if one.id in dark],
            },
            "duty": list(dict.fromkeys(duty)),
            "open": len(live),
            "oldest": min((case.opened_at for case in live), default=None),
            "overdue": sum(is_overdue(case, now) for case in live),
            "arrival": self.arrival.as_params(),
            "witness": sealed.witness if sealed else "",
        }

    async def _cameras(self) -> dict[str, Any]:
        cameras = self.core.people.config.cameras
        early = 0 <= self.core.clock() - self._begun < _FIRST_PUSHED_WITHIN_MS
        pulled = [one for one in cameras if one.source.reveal() != "push"]
        ends = asyncio.get_running_loop().time() + _CAMERAS_WITHIN_S
        while any(self._state(one) == "waiting" for one in pulled):
            if asyncio.get_running_loop().time() > ends:
                break
            await asyncio.sleep(_STEP_S)
        watched = [one for one in cameras if self._state(one) != "off"]
        down = [one for one in watched if self._state(one) == "failed"]
        due = pulled if early else cameras
        down += [one for one in due if self._state(one) == "waiting"]
        return {"total": len(watched), "down": [one.name for one in down]}

    def _state(self, camera: Camera) -> str:
        return self.view(camera.id).state


def is_overdue(case: Case, now: int) -> bool:
    """Whether somebody should have acknowledged or rectified it by now."""
    return any(due is not None and due < now for due in (case.acknowledge_due, case.rectify_due))
