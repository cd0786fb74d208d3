"""The names that may be said in a chat: its places, hazards, cameras and speakers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.domain.case import Case
from bot.domain.site import Camera, SiteConfig
from bot.texts.hazards import NAMES
from handlers.spoken.hazardwords import HAZARD_WORDS
from handlers.spoken.normal import normal


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that a case can be: a site, a camera's place, a zone in its picture."""

    site: str
    camera: str | None = None
    zone: str | None = None

    def holds(self, case: Case) -> bool:
        """Whether the case is there."""
        if case.site != self.site or self.camera not in (None, case.camera):
            return False
        return self.zone in (None, case.zone)


@dataclass(frozen=True)
class Lexicon:
    """Name as it is compared -> what it may stand for."""

    places: Mapping[str, frozenset[Place]] = field(default_factory=dict[str, frozenset[Place]])
    hazards: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    cameras: Mapping[str, str] = field(default_factory=dict[str, str])
    speakers: Mapping[str, str] = field(default_factory=dict[str, str])


def lexicon_of(config: SiteConfig, sites: Iterable[str]) -> Lexicon:
    """What these sites have."""
    here = frozenset(sites)
    places: defaultdict[str, set[Place]] = defaultdict(set)
    cameras: dict[str, str] = {}
    for site in (site for site in config.sites if site.id in here):
        _add(places, (site.id, site.name, *site.aliases), Place(site.id))
    for camera in (camera for camera in config.cameras if camera.site in here):
        names = (camera.id, camera.name, *camera.aliases)
        _add(places, names, Place(camera.site, camera.id))
        cameras |= dict.fromkeys(_names(names), camera.id)
        for zone in camera.zones:
            place = Place(camera.site, camera.id, zone.id)
            _add(places, (zone.id, zone.name, *zone.aliases), place)
    speakers = {
        name: speaker.id
        for speaker in config.speakers
        if speaker.site in here
        for name in _names((speaker.id, speaker.name, *speaker.aliases))
    }
    for camera in (camera for camera in config.cameras if camera.site in here):
        if speaker := _speaker_of(config, camera):
            for name in _names((camera.id, camera.name, *camera.aliases)):
                speakers.setdefault(name, speaker)
    return Lexicon(
        places={name: frozenset(found) for name, found in places.items()},
        hazards=_hazards(config),
        cameras=cameras,
        speakers=speakers,
    )


def _hazards(config: SiteConfig) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for id, kind in config.hazards.items():
        words = NAMES.get(id)
        known = (words.zh, words.en) if words else ()
        for name in _names((*known, *kind.names.values(), *HAZARD_WORDS.get(id, ()))):
            found[name].add(id)
    return {name: frozenset(ids) for name, ids in found.items()}


def _speaker_of(config: SiteConfig, camera: Camera) -> str | None:
    speakers = config.speakers_for(camera.site, camera.id)
    return speakers[0].id if speakers else None


def _add(places: defaultdict[str, set[Place]], names: Iterable[str], place: Place) -> None:
    for name in _names(names):
        places[name].add(place)


def _names(names: Iterable[str]) -> set[str]:
    """As they are compared; an id is said with its words apart."""
    plain = {normal(name) for name in names}
    apart = {normal(name.replace("-", " ").replace("_", " ")) for name in names}
    return {name for name in plain | apart if name and not name.isdecimal()}
