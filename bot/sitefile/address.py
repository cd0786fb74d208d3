"""How addresses are read: sources of cameras, speakers, hooks. They come out as secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from bot.domain.secret import MASK, Secret, has_credentials
from bot.fault import listing
from bot.sitefile.read import BROKEN, Spot
from bot.texts.reasons import reason_in

WEBCAM_MOST = 99
SOURCE_SCHEMES = ("rtsp", "rtsps", "http", "https")
HOOK_SCHEMES = ("http", "https")
ACTUATOR_SCHEMES = ("http", "https", "mqtt", "mqtts", "onvif")
SPEAKER_SCHEMES: Mapping[str, str] = {
    "rtp": "host and port",
    "sip": "host",
    "onvif": "host",
    "axis": "host",
    "hikvision": "host",
    "dahua": "host",
    "browser": "",
    "local": "",
    "file": "folder",
}
"""What must follow each kind of speaker address."""

_RELAY = re.compile(r"relay=[^&=\s]{1,64}")


def secret(value: Any, spot: Spot) -> Any:
    """A secret word or key, not empty."""
    if not isinstance(value, str):
        return spot.fault("not_text", MASK)
    return Secret(value) if value.strip() else spot.fault("empty")


def source(value: Any, spot: Spot) -> Any:
    """A camera's source: a stream, a webcam's number, `push`, or a file or folder that exists,
    seen from the folder of the site file."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return spot.fault("not_text", value)
    if not value:
        return spot.fault("empty", value)
    if "://" in value:
        split = _split(value, SOURCE_SCHEMES, spot)
        return BROKEN if split is None else _quiet(value)
    if value == "push" or (value.isdecimal() and int(value) <= WEBCAM_MOST):
        return _quiet(value)
    return _file(value, spot)


def _file(value: str, spot: Spot) -> Any:
    path = spot.report.base / Path(value).expanduser()
    if spot.report.check_sources:
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in it
            return spot.fault("no_source", value)
        except OSError as error:
            return spot.fault("unreadable", value, reason=error.strerror)
        if not os.access(path, os.R_OK):
            return spot.fault("unreadable_source", value)
    return _quiet(str(path))


def speaker(value: Any, spot: Spot) -> Any:
    """A speaker's address; the folder of `file:` is seen from the folder of the site file."""
    if not isinstance(value, str):
        return spot.fault("not_text", value)
    scheme, colon, rest = value.partition(":")
    if not colon or scheme not in SPEAKER_SCHEMES:
        choices = listing([f"{known}:" for known in SPEAKER_SCHEMES])
        return spot.fault("scheme", _shown(value), choices=choices)
    wants = SPEAKER_SCHEMES[scheme]
    if wants == "folder":
        if not rest:
            return spot.fault("needs_folder", value)
        return _quiet(f"file:{spot.report.base / Path(rest).expanduser()}")
    return _networked(value, f"{scheme}://{rest.removeprefix('//')}", wants, spot)


def _networked(value: str, url: str, wants: str, spot: Spot) -> Any:
    """`value` is what stands there, `url` the same as other kinds write it: `sip:a@b` has no //."""
    from voice.faults import BadSpeakerUrl
    from voice.speakers.address import NETWORK, address_of

    taken = Secret(value, listed=has_credentials(value))
    if not wants:
        return taken
    if not _host(url, wants, spot):
        return BROKEN
    split = urlsplit(url)
    if split.password:
        Secret(url)  # what it lists is hidden from now on
    try:
        if split.scheme in NETWORK:
            address_of(url)
    except BadSpeakerUrl as fault:
        reason = reason_in(fault, spot.report.language)
        return spot.fault("speaker_url", _shown(url), reason=reason)
    return taken


def _host(url: str, wants: str, spot: Spot) -> bool:
    split = _split(url, tuple(SPEAKER_SCHEMES), spot)
    if split is not None and wants == "host and port" and not split.port:
        spot.fault("port", _shown(url))
        return False
    return split is not None


def actuator(value: Any, spot: Spot) -> Any:
    """Where a strobe, siren or relay is; what follows a ? is for onvif alone."""
    if not isinstance(value, str):
        return spot.fault("not_text", value)
    split = _split(value, ACTUATOR_SCHEMES, spot)
    if split is None:
        return BROKEN
    if split.password:
        Secret(value)  # what it lists is hidden from now on
    if split.query and not (split.scheme == "onvif" and _RELAY.fullmatch(split.query)):
        return spot.fault("actuator_query", _shown(value))
    return _quiet(value)


def hook(value: Any, spot: Spot) -> Any:
    """An http(s) address that is called with something; secret as a whole."""
    if not isinstance(value, str):
        return spot.fault("not_text", MASK)
    split = _split(value, HOOK_SCHEMES, spot)
    return BROKEN if split is None else Secret(value)


def any_url(value: Any, spot: Spot) -> Any:
    """An address of any scheme (apprise has over a hundred); secret as a whole."""
    if not isinstance(value, str):
        return spot.fault("not_text", MASK)
    if "://" not in value:
        return spot.fault("scheme", MASK, choices="...://")
    return Secret(value)


def check_posted(url: Secret, spot: Spot) -> None:
    """Puts a fault down where nothing can be posted to an address; it is never shown."""
    flaw, _ = _parts(url.reveal(), HOOK_SCHEMES)
    if flaw:
        spot.fault(flaw, MASK, choices=listing([f"{one}://" for one in HOOK_SCHEMES]))


def _split(url: str, schemes: tuple[str, ...], spot: Spot) -> SplitResult | None:
    """The parts of a URL with one of these schemes, a host and a sound port; else a fault."""
    flaw, split = _parts(url, schemes)
    if flaw:
        spot.fault(flaw, _shown(url), choices=listing([f"{one}://" for one in schemes]))
    return split


def _parts(url: str, schemes: tuple[str, ...]) -> tuple[str, SplitResult | None]:
    """What is wrong with a URL, "" if nothing is, and its parts."""
    try:
        split = urlsplit(url)
        port_sound = split.port != 0
    except ValueError:
        return "port", None
    if split.scheme not in schemes or "://" not in url:
        return "scheme", None
    if not split.hostname or any(char.isspace() for char in url):
        return "host", None
    return ("", split) if port_sound else ("port", None)


def _quiet(value: str) -> Secret:
    """Hidden in print; hidden inside other text only where it opens a door."""
    return Secret(value, listed=has_credentials(value))


def _shown(url: str) -> str:
    return MASK if has_credentials(url) else url
