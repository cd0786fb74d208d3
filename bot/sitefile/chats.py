"""What each chat channel wants to know, and the key that names a chat for good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from bot.domain.secret import Secret
from bot.sitefile.read import BROKEN, Entry, Spot
from bot.sitefile.values import identifier

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "telegram": ("id",),
    "console": (),
    "webhook": ("url", "secret"),
}
_USELESS: Mapping[str, tuple[str, ...]] = {
    "telegram": ("url", "secret"),
    "console": ("url", "secret", "topic"),
    "webhook": ("topic",),
}
LARGEST_ID = 10**15 - 1
"""Ids of chats and people have at most 52 significant bits."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


def settle_chat(entry: Entry, given: set[str]) -> None:
    """Checks a chat's keys against its channel, turns `id` into text and adds `key`.

    `given` are the keys that stand in the file, sound or not.
    """
    channel = entry.get("channel")
    if channel is None:
        return
    for key in _NEEDS[channel]:
        if key not in given:
            entry.at(key).fault("needs", what=f'channel = "{channel}"', key=key)
    for key in _USELESS[channel]:
        if key in given:
            entry.at(key).fault("useless", what=f'channel = "{channel}"')
    if "id" in entry.values:
        entry.values["id"] = _id(channel, entry.values["id"], entry.at("id"))
    settled = _settled_id(channel, entry)
    if settled:
        entry.values["id"] = settled
        topic = entry.get("topic")
        entry.values["key"] = f"{channel}:{settled}" + (f"/{topic}" if topic else "")


def _id(channel: str, value: Any, spot: Spot) -> Any:
    if channel != "telegram":
        return identifier(value, spot)
    number = _number(value)
    sound = number and abs(number) <= LARGEST_ID
    return str(number) if sound else spot.fault("chat_id", value)


def _number(value: Any) -> int | None:
    """A whole number, also as text (out of the environment); None for anything else."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _settled_id(channel: str, entry: Entry) -> str | None:
    """The id, or a lasting one of our own where the channel needs none from the file."""
    given = entry.get("id")
    if given is BROKEN:
        del entry.values["id"]
        return None
    if given is None and channel == "console":
        return "main"
    url = entry.get("url")
    if given is None and channel == "webhook" and isinstance(url, Secret):
        return sha256(url.reveal().encode()).hexdigest()[:12]
    return given
