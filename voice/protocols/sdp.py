"""Session descriptions (RFC 4566): what a device can take, and what we offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from voice.protocols.message import whole_number

STATIC: Mapping[int, str] = {0: "PCMU/8000", 8: "PCMA/8000"}
"""Payload types that need no rtpmap."""

PAYLOAD_TYPES = 128

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


@dataclass(slots=True)
class Media:
    """One `m=` section. `direction` is the device's own view: `recvonly` takes sound."""

    kind: str
    port: int
    formats: list[int]
    host: str = ""
    direction: str = "sendrecv"
    control: str = ""
    maps: dict[int, str] = field(default_factory=dict)

    def payload_type(self, codec: str) -> int | None:
        """Under which number the section takes `PCMU`, `PCMA`, ... at 8 kHz."""
        wanted = f"{codec}/8000"
        for number in self.formats:
            told = self.maps.get(number, STATIC.get(number, ""))
            if told.upper().removesuffix("/1") == wanted:
                return number
        return None


def sections(text: str) -> list[Media]:
    """The media sections; lines that make no sense are passed over: devices are sloppy."""
    found: list[Media] = []
    host, direction = "", "sendrecv"
    for line in text.replace("\r", "\n").split("\n"):
        name, _, value = line.strip().partition("=")
        media = found[-1] if found else None
        if name == "m":
            if (opened := _opened(value)) is not None:
                opened.host, opened.direction = host, direction
                found.append(opened)
        elif name == "c":
            address = value.split()[-1].partition("/")[0] if value.split() else ""
            if media:
                media.host = address
            else:
                host = address
        elif name == "a" and value in DIRECTIONS:
            if media:
                media.direction = value
            else:
                direction = value
        elif name == "a" and media:
            _attribute(media, value)
    return found


def _opened(value: str) -> Media | None:
    kind, *rest = value.split()[:3] or [""]
    port = whole_number(rest[0].partition("/")[0], below=65536) if rest else None
    if port is None:
        return None
    types = (whole_number(word, below=PAYLOAD_TYPES) for word in value.split()[3:])
    return Media(kind, port, [type for type in types if type is not None])


def _attribute(media: Media, value: str) -> None:
    name, _, rest = value.partition(":")
    if name == "control":
        media.control = rest
    elif name == "rtpmap":
        written, _, told = rest.partition(" ")
        number = whole_number(written, below=PAYLOAD_TYPES)
        if number is not None:
            media.maps[number] = told.strip()


def offer(host: str, port: int, session: int, codecs: Iterable[tuple[int, str]]) -> str:
    """Audio both ways at 8 kHz, 20 ms a packet. A `sendonly` offer makes some horns stay mute."""
    family = "IP6" if ":" in host else "IP4"
    codecs = list(codecs)
    lines = [
        "v=0",
        f"o=- {session} {session} IN {family} {host}",
        "s=loudhailer",
        f"c=IN {family} {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {' '.join(str(number) for number, _ in codecs)}",
        *(f"a=rtpmap:{number} {name}/8000" for number, name in codecs),
        "a=ptime:20",
        "a=sendrecv",
    ]
    return "".join(f"{line}\r\n" for line in lines)
