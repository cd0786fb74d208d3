"""What a sound site file asks for and this version does not do: told, never passed over."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.response import WorkOrder
from bot.domain.site import SiteConfig
from bot.texts.terminal import told


def not_yet(config: SiteConfig) -> list[str]:
    """A warning for each such thing, in the language of the site file."""
    return [
        told("not_yet", config.language, what=what, why=told(key, config.language, kind=kind))
        for what, key, kind in _found(config)
    ]


def _found(config: SiteConfig) -> Iterator[tuple[str, str, str]]:
    """(where it stands, why it does nothing, of which kind it is)."""
    from vision.kinds import not_opened
    from vision.rules import hazards

    for camera in config.cameras:
        if kind := not_opened(camera.source.reveal()):
            yield f"cameras.{camera.id}.source", "not_yet.source", kind
        for zone in camera.zones:
            if zone.hazard not in hazards():
                where = f"cameras.{camera.id}.zones.{zone.id}.hazard"
                yield where, "not_yet.zone", zone.hazard
    everywhere = (("", config.responses), *((f"sites.{s.id}.", s.responses) for s in config.sites))
    for place, responses in everywhere:
        for hazard, override in responses.items():
            if override.chase:
                yield f"{place}responses.{hazard}.chase", "not_yet.chase", ""
            if override.work_order is WorkOrder.AT_ONCE:
                yield f"{place}responses.{hazard}.work_order", "not_yet.at_once", ""
