"""What follows from a hazard: one table, hazard -> response, that a supervisor can read.

A row is made of layers, key by key: the tier of its severity, the shipped row of the hazard, the
site file's `[responses.X]`, its `[sites.responses.X]`. The severity is settled first, so a hazard
that a site raises to an emergency is answered like one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.domain.hazard import SHIPPED, Severity
from bot.domain.role import Role

if TYPE_CHECKING:
    from bot.domain.site import SiteConfig


class MergeBy(StrEnum):
    """What shares one live case: everything seen at a place, or one subject (track, device)."""

    PLACE = "place"
    SUBJECT = "subject"


class WorkOrder(StrEnum):
    """When a work order goes to the responsible party."""

    OVERDUE = "overdue"
    AT_ONCE = "at_once"
    NEVER = "never"


class Verify(StrEnum):
    """Who must see that it is rectified before the case closes on a person's word."""

    NONE = "none"
    CAMERA = "camera"
    SECOND_PERSON = "second_person"


class Style(StrEnum):
    """How the horn says it; calm where a person stands high and must not be startled."""

    NORMAL = "normal"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Speak:
    """What the horn says, how often. A sentence of None is the hazard's shipped one
    (bot.texts.hazards, which may be none at all), an empty one is silence."""

    zh: str | None = None
    en: str | None = None
    repeat: int = 2
    every: timedelta = timedelta(seconds=30)
    style: Style = Style.NORMAL
    taken: bool = False
    """Whether it says, too, that somebody has acknowledged it."""
    thanks: bool = False
    """Whether it says thank you, by day, when it was seen to be put right."""


@dataclass(frozen=True, slots=True)
class Response:
    """One row of the table; INTERFACE names of the site file, times as durations."""

    hazard: str
    severity: Severity
    merge_by: MergeBy
    acknowledge_within: timedelta
    rectify_within: timedelta
    arrive_within: timedelta
    """Used by emergencies only: without an arrival by then the chase resumes."""
    escalate_to: tuple[Role, ...]
    """One step up per escalation; past the end comes the work order."""
    chase: tuple[timedelta, ...]
    """When people are called again, counted from the opening, until somebody acknowledges."""
    work_order: WorkOrder
    verify: Verify
    may_self_close: bool
    self_close_after: timedelta
    """For how long it must have been seen rectified."""
    cooldown: timedelta
    """For how long the same hazard makes no new sound; it never drops a report."""
    speak: Speak


@dataclass(frozen=True, slots=True)
class SpeakOverride:
    """The keys of `speak` that a layer sets; None is not set."""

    zh: str | None = None
    en: str | None = None
    repeat: int | None = None
    every: timedelta | None = None
    style: Style | None = None
    taken: bool | None = None
    thanks: bool | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """The keys of a response that a layer sets; None is not set."""

    severity: Severity | None = None
    merge_by: MergeBy | None = None
    acknowledge_within: timedelta | None = None
    rectify_within: timedelta | None = None
    arrive_within: timedelta | None = None
    escalate_to: tuple[Role, ...] | None = None
    chase: tuple[timedelta, ...] | None = None
    work_order: WorkOrder | None = None
    verify: Verify | None = None
    may_self_close: bool | None = None
    self_close_after: timedelta | None = None
    cooldown: timedelta | None = None
    speak: SpeakOverride | None = None


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


_GENERAL = Response(
    hazard="",
    severity=Severity.GENERAL,
    merge_by=MergeBy.PLACE,
    acknowledge_within=minutes(10),
    rectify_within=minutes(30),
    arrive_within=minutes(5),
    escalate_to=(Role.SITE_LEAD, Role.SUPERVISOR),
    chase=(),
    work_order=WorkOrder.OVERDUE,
    verify=Verify.NONE,
    may_self_close=True,
    self_close_after=seconds(20),
    cooldown=minutes(2),
    speak=Speak(),
)

TIERS: Mapping[Severity, Response] = {
    Severity.GENERAL: _GENERAL,
    Severity.SERIOUS: replace(
        _GENERAL,
        severity=Severity.SERIOUS,
        acknowledge_within=minutes(5),
        rectify_within=minutes(20),
        verify=Verify.SECOND_PERSON,
        may_self_close=False,
    ),
    Severity.EMERGENCY: replace(
        _GENERAL,
        severity=Severity.EMERGENCY,
        acknowledge_within=minutes(1),
        chase=(minutes(1), minutes(3), minutes(5)),
        work_order=WorkOrder.NEVER,
        verify=Verify.SECOND_PERSON,
        may_self_close=False,
        speak=Speak(repeat=3, every=seconds(20)),
    ),
}
"""The response of a hazard that has nothing to say beyond its severity."""

_DEVICE = Override(
    acknowledge_within=minutes(30),
    rectify_within=minutes(240),
    work_order=WorkOrder.NEVER,
    self_close_after=seconds(60),
    cooldown=minutes(10),
)
_CALM = SpeakOverride(style=Style.CALM)
_THANKS = SpeakOverride(thanks=True)

ROWS: Mapping[str, Override] = {
    "zone_intrusion": Override(verify=Verify.CAMERA, may_self_close=True),
    "climbing": Override(verify=Verify.CAMERA, speak=_CALM),
    "roof_intrusion": Override(acknowledge_within=minutes(2), verify=Verify.CAMERA, speak=_CALM),
    "vehicle_pedestrian_mix": Override(verify=Verify.CAMERA, may_self_close=True),
    "no_helmet": Override(speak=_THANKS),
    "no_vest": Override(speak=_THANKS),
    "unregistered_person": Override(rectify_within=minutes(60)),
    "sos": Override(merge_by=MergeBy.SUBJECT),
    "device_offline": _DEVICE,
    "device_frozen": _DEVICE,
    "site_offline": _DEVICE,
    "speaker_down": replace(_DEVICE, merge_by=MergeBy.SUBJECT),
    "other": Override(rectify_within=minutes(240)),
}
"""What a shipped hazard has of its own; the other hazards answer as their severity does."""


@dataclass(frozen=True, slots=True)
class Responses:
    """The whole table of a configuration."""

    general: Mapping[str, Response]
    by_site: Mapping[tuple[str, str], Response]

    def of(self, hazard: str, site: str | None = None) -> Response:
        """The response to a hazard on a site; KeyError for a hazard nobody defined."""
        if site is not None and (own := self.by_site.get((site, hazard))):
            return own
        return self.general[hazard]


def response_table(config: SiteConfig) -> Responses:
    """Every hazard's response, on the whole and on the sites that have rows of their own."""
    general = {
        hazard: resolve(hazard, kind.severity, config.responses.get(hazard))
        for hazard, kind in config.hazards.items()
    }
    by_site = {
        (site.id, hazard): resolve(
            hazard, config.hazards[hazard].severity, config.responses.get(hazard), own
        )
        for site in config.sites
        for hazard, own in site.responses.items()
    }
    return Responses(general, by_site)


def resolve(hazard: str, severity: Severity, *overrides: Override | None) -> Response:
    """Lays the overrides over the shipped row and its tier. An emergency never closes itself,
    whatever a layer says (the site file's reader reports such a layer as a fault)."""
    layers = [layer for layer in (ROWS.get(hazard), *overrides) if layer is not None]
    for layer in layers:
        severity = severity if layer.severity is None else layer.severity
    response = replace(TIERS[severity], hazard=hazard)
    for layer in layers:
        response = lay(response, layer)
    if not self_closing_allowed(hazard, response.severity):
        response = replace(response, may_self_close=False)
    return response


def self_closing_allowed(hazard: str, severity: Severity) -> bool:
    """Nothing that is an emergency, or is one as shipped, closes itself."""
    shipped = SHIPPED.get(hazard)
    return severity < Severity.EMERGENCY and (
        shipped is None or shipped.severity < Severity.EMERGENCY
    )


def lay(response: Response, layer: Override) -> Response:
    """The response with the keys that the layer sets."""
    given = _given(layer)
    if layer.speak is not None:
        given["speak"] = replace(response.speak, **_given(layer.speak))
    return replace(response, **given)


def _given(layer: Override | SpeakOverride) -> dict[str, Any]:
    values = {item.name: getattr(layer, item.name) for item in fields(layer)}
    return {name: value for name, value in values.items() if value is not None}
