"""A speaker's URL, taken apart and checked: kind, host, credentials, options."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.domain.secret import Secret
from voice.faults import BadSpeakerUrl, SpeakerKindNotAvailable

SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)
BODIES = ("exact", "chunk", "long")
CHANNELS = range(1, 65)

Allowed = Sequence[str] | range | None
"""The values of an option: some words, whole numbers, or an IP address of this machine."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the URLs of one kind may say. `port` is the usual one, None: it must be given."""

    port: int | None
    options: Mapping[str, Allowed] = field(default_factory=dict)
    credentials: bool = True
    extension: bool = False
    query_is_path: bool = False


NETWORK: Mapping[str, Kind] = MappingProxyType(
    {
        "rtp": Kind(
            None,
            {
                "codec": ("pcmu", "pcma", "l16"),
                "ttl": range(256),
                "dscp": range(64),
                "payload": range(128),
                "interface": None,
            },
            credentials=False,
        ),
        "sip": Kind(5060, {"ring": range(1, 16), "dscp": range(64)}, extension=True),
        "onvif": Kind(554, query_is_path=True),
        "axis": Kind(80, {"codec": ("pcmu", "pcmu16"), "body": BODIES, "clip": range(100)}),
        "hikvision": Kind(80, {"codec": ("pcmu", "pcma"), "body": BODIES, "channel": CHANNELS}),
        "dahua": Kind(80, {"codec": ("pcmu", "pcma"), "body": BODIES, "channel": CHANNELS}),
    }
)
AVAILABLE = ("browser", "file", "local", "rtp", "sip", "onvif", "axis", "hikvision", "dahua")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a speaker is on the network, and who we are to it."""

    kind: str
    host: str
    port: int
    user: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def number(self, option: str, otherwise: int) -> int:
        """An option that is a whole number."""
        return int(self.options.get(option, otherwise))

    @property
    def netloc(self) -> str:
        """Host and port as they stand in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def speaker_kind(url: str) -> str:
    """The kind a URL names, and that the URL is sound. Raises BadSpeakerUrl,
    SpeakerKindNotAvailable."""
    found = SCHEME.fullmatch(url)
    if not found:
        raise BadSpeakerUrl("a speaker's url starts with its kind, such as browser: or file:DIR")
    kind = found[1].lower()
    if kind not in AVAILABLE:
        raise SpeakerKindNotAvailable(kind, AVAILABLE)
    if kind == "file" and not folder_of(url).name:
        raise BadSpeakerUrl("file: wants a folder, such as file:announcements")
    if kind == "local" and not card_of(url).isprintable():
        raise BadSpeakerUrl("local: may be followed by a part of the sound card's name")
    if kind in NETWORK:
        address_of(url)
    return kind


def card_of(url: str) -> str:
    """The part of a sound card's name in `local:NAME`; empty for the usual one."""
    return unquote(url.partition(":")[2]).strip()


def folder_of(url: str) -> Path:
    """The folder of `file:DIR` or `file:///DIR`."""
    rest = url.partition(":")[2]
    return Path(unquote(rest.removeprefix("//")) if rest.startswith("///") else rest)


def address_of(url: str) -> Address:
    """The address in a URL of one of the `NETWORK` kinds. Raises BadSpeakerUrl."""
    name, _, rest = url.partition(":")
    name = name.lower()
    kind = NETWORK[name]
    try:
        split = urlsplit(f"{name}://{rest.removeprefix('//')}")
        host, given = split.hostname or "", split.port
    except ValueError:
        raise BadSpeakerUrl("the host or the port in the url is wrong") from None
    if not host or any(char.isspace() or not char.isprintable() for char in url):
        raise BadSpeakerUrl("the url names no host")
    port = kind.port if given is None else given
    if not port:
        raise BadSpeakerUrl("the url names no port")
    user, password = unquote(split.username or ""), unquote(split.password or "")
    if (user or password) and not kind.credentials:
        raise BadSpeakerUrl(f"{name}: takes no user and password")
    path = unquote(split.path.removeprefix("/")) if kind.extension else split.path
    if kind.query_is_path and split.query:
        path = f"{path}?{split.query}"
    if kind.extension and not (path or user):
        raise BadSpeakerUrl(f"{name}: wants an extension, such as {name}://HOST/100")
    if not all(char.isprintable() and char not in '<>" ' for char in f"{path}{user}"):
        raise BadSpeakerUrl("the url holds characters that no device takes")
    options = {} if kind.query_is_path else _options(name, kind, split.query)
    return Address(name, host, port, user, Secret(password), path, options)


def _options(name: str, kind: Kind, query: str) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise BadSpeakerUrl("what follows the ? is written name=value&name=value") from None
    for option, value in pairs:
        if option not in kind.options:
            known = ", ".join(kind.options) or "none"
            raise BadSpeakerUrl(f"{name}: has no option of that name; there are: {known}")
        if not _allowed(kind.options[option], value):
            raise BadSpeakerUrl(f"option {option}: {_told(kind.options[option])}")
    return MappingProxyType(dict(pairs))


def _allowed(allowed: Allowed, value: str) -> bool:
    if isinstance(allowed, range):
        return value.isascii() and value.isdecimal() and int(value) in allowed
    if allowed is not None:
        return value in allowed
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _told(allowed: Allowed) -> str:
    if isinstance(allowed, range):
        return f"{allowed.start} to {allowed.stop - 1}"
    return "an IP address of this machine" if allowed is None else " or ".join(allowed)
