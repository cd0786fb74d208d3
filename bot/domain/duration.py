"""Durations as people write them in the site file: `300ms`, `20s`, `10m`, `2h`, `1d`."""

from __future__ import annotations

import re
from datetime import timedelta

_FORM = re.compile(r"([0-9]{1,12})(ms|s|m|h|d)", re.ASCII)
_UNIT = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
LONGEST = timedelta(days=3650)


def parse_duration(text: str) -> timedelta:
    """The duration written as a whole number and a unit; ValueError for anything else."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(text)
    number, unit = match.groups()
    if int(number) > LONGEST / _UNIT[unit]:
        raise ValueError(text)
    return int(number) * _UNIT[unit]


def format_duration(duration: timedelta) -> str:
    """The shortest exact way to write it; ValueError where it is negative or finer than 1 ms."""
    milliseconds, rest = divmod(duration, _UNIT["ms"])
    if rest or milliseconds < 0:
        raise ValueError(duration)
    if not milliseconds:
        return "0s"
    for unit in ("d", "h", "m", "s"):
        number, rest = divmod(duration, _UNIT[unit])
        if not rest:
            return f"{number}{unit}"
    return f"{milliseconds}ms"
