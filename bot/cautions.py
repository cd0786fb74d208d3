"""What a sound site file asks for that will not come about: told, never passed over."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.response import WorkOrder, response_table
from bot.domain.role import Role
from bot.domain.site import SiteConfig
from bot.texts.terminal import told
from bot.texts.vocabulary import join


def not_yet(config: SiteConfig) -> Iterator[str]:
    """A warning for each thing that this version does not do, in the site file's language."""
    for what, key, kind in _not_yet(config):
        why = told(key, config.language, kind=kind)
        yield told("not_yet", config.language, what=what, why=why)


def nobody_called(config: SiteConfig) -> Iterator[str]:
    """A warning for each site with cases that are escalated to roles none of which anybody has."""
    responses = response_table(config)
    for site in config.sites:
        there = {config.role_of(member.id, site.id) for member in config.members}
        chains = (set(responses.of(hazard, site.id).escalate_to) for hazard in config.hazards)
        unmanned = {role for chain in chains if not chain & there for role in chain}
        if missing := [role for role in Role if role in unmanned]:
            roles = join([role.value for role in missing], config.language)
            yield told("nobody_called", config.language, site=site.id, roles=roles)


def _not_yet(config: SiteConfig) -> Iterator[tuple[str, str, str]]:
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
