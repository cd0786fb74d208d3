"""What horns may have to say on the configured sites, so that it can be made ahead of time."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.hazard import Severity
from bot.domain.response import Responses
from bot.domain.site import SiteConfig
from bot.texts.hazards import COURTESIES, courtesy, spoken_sentence

Place = tuple[str, str | None, str | None]
"""Site, camera, zone."""


def sentences_ahead(config: SiteConfig, responses: Responses) -> list[tuple[str, str]]:
    """Each sentence once, with its language, the gravest first.

    In the languages of a site's horns: every hazard at each of its cameras and on the site itself,
    at a zone the zone's own. Own words and hazards of the site file are among them.
    """
    found: dict[tuple[str, str], Severity] = {}
    for site in config.sites:
        for language in {speaker.language for speaker in config.speakers_of(site.id)}:
            for text, severity in _said_on(config, responses, site.id, language):
                sentence = (text, language)
                found[sentence] = max(severity, found.get(sentence, severity))
    return sorted(found, key=lambda sentence: -found[sentence])


def _said_on(
    config: SiteConfig, responses: Responses, site: str, language: str
) -> Iterator[tuple[str, Severity]]:
    for place, hazards in _places(config, site):
        name = config.place_name(*place)
        for hazard in hazards:
            response = responses.of(hazard, site)
            for confirmed in (False, True):
                text = spoken_sentence(response, language, name, confirmed=confirmed)
                if text:
                    yield text, response.severity
            for words in COURTESIES:
                if getattr(response.speak, words):
                    yield courtesy(words, language, name), Severity.GENERAL


def _places(config: SiteConfig, site: str) -> Iterator[tuple[Place, list[str]]]:
    every = list(config.hazards)
    for camera in config.cameras_of(site):
        yield (site, camera.id, None), every
        for zone in camera.zones:
            yield (site, camera.id, zone.id), [zone.hazard]
    yield (site, None, None), every
