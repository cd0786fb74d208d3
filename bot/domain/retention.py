"""How long things are kept, and how much of the disk pictures may take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.hazard import Severity

_FORM = re.compile(r"([0-9]{1,6})(MB|GB|TB|%)", re.ASCII)
_UNIT = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Amount:
    """A part of a disk: so many bytes, so many per cent of it, or the smaller of both."""

    bytes: int | None = None
    percent: int | None = None

    def of(self, total: int) -> int:
        """Bytes, on a disk of so many."""
        part = total if self.percent is None else total * self.percent // 100
        return part if self.bytes is None else min(part, self.bytes)


def parse_amount(text: str) -> Amount:
    """What is written `500MB`, `20GB`, `1TB` or `5%`; ValueError for anything else."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(text)
    number, unit = int(match[1]), match[2]
    if unit != "%":
        return Amount(bytes=number * _UNIT[unit])
    if number > 100:
        raise ValueError(text)
    return Amount(percent=number)


def gigabytes(size: int) -> str:
    """As people read it."""
    return f"{size / 1e9:.1f} GB" if size >= 10**9 else f"{size / 1e6:.0f} MB"


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept for how long, counted from the end of a case; live cases lose nothing.

    `keep_at_least` is what a full disk leaves of the terms of pictures.  What is not named here is
    kept for good: cases, their histories, and what these are proved with.
    """

    pictures: timedelta = 180 * _DAY
    pictures_of_emergencies: timedelta = 3 * 365 * _DAY
    inbox: timedelta = 30 * _DAY
    reports: timedelta = 30 * _DAY
    deliveries: timedelta = 90 * _DAY
    keep_at_least: timedelta = _DAY
    disk_quota: Amount = Amount(percent=40)
    keep_free: Amount = Amount(bytes=5 * 10**9, percent=5)

    def term(self, severity: Severity) -> timedelta:
        """For how long the pictures of a case that is over are kept."""
        emergency = severity is Severity.EMERGENCY
        return self.pictures_of_emergencies if emergency else self.pictures
