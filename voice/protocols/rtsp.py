"""RTSP (RFC 2326) as a talker speaks it to an ONVIF camera's backchannel."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voice.protocols.message import Message
from voice.protocols.sdp import Media, sections

VERSION = "RTSP/1.0"
BACKCHANNEL = ("Require", "www.onvif.org/ver20/backchannel")
FIRST_CHANNELS = (0, 1)
USUAL_TIMEOUT = 60

_CHANNEL = re.compile(r"interleaved=(\d{1,3})")
_TIMEOUT = re.compile(r"timeout=(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Session:
    """What a SETUP has agreed: the session's id, after how many idle seconds the device drops it,
    and on which channel of the connection the sound goes."""

    id: str
    timeout: int
    channel: int


def backchannel(description: Message) -> Media | None:
    """The section of a described stream that takes sound: audio, `sendonly` as we see it."""
    for media in sections(description.body.decode("utf-8", "replace")):
        if media.kind == "audio" and media.direction == "sendonly":
            return media
    return None


def base_of(uri: str, description: Message) -> str:
    """What the controls in a description are relative to."""
    return description.get("content-base") or description.get("content-location") or uri


def control_of(base: str, control: str) -> str:
    """The address of one section."""
    if control in ("", "*"):
        return base
    if "://" in control:
        return control
    return f"{base.rstrip('/')}/{control}"


def transport(channels: tuple[int, int] = FIRST_CHANNELS) -> tuple[str, str]:
    """The header that asks for sound inside the connection, which firewalls let through."""
    return "Transport", f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}"


def session_of(answer: Message) -> Session | None:
    """What the answer to a SETUP agrees to; None where it is no session inside the connection."""
    id, _, rest = answer.get("session").partition(";")
    told = answer.get("transport")
    if not id or "tcp" not in told.lower():
        return None
    channel, timeout = _CHANNEL.search(told), _TIMEOUT.search(rest)
    seconds = int(timeout[1]) if timeout else 0
    return Session(
        id.strip(),
        seconds or USUAL_TIMEOUT,
        min(int(channel[1]), 255) if channel else FIRST_CHANNELS[0],
    )
