"""Times as machines write them: RFC 3339 in, UTC with milliseconds out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


class BadTime(ValueError):
    """Not a moment; `key` names the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def moment(text: str) -> int:
    """Epoch milliseconds of an RFC 3339 time from 1970 on; raises `BadTime`."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise BadTime("time")
    day, minute, second, fraction, offset = match.groups()
    if offset is None:
        raise BadTime("time_offset")
    second = "59" if second == "60" else second  # a leap second counts as the one before it
    try:
        whole = datetime.fromisoformat(f"{day}T{minute}:{second}{offset.upper()}")
    except ValueError:
        raise BadTime("time") from None
    at = (whole - _EPOCH) // timedelta(milliseconds=1) + int(f"{fraction or ''}000"[:3])
    if at < 0:
        raise BadTime("time")
    return at


def utc(at: int) -> str:
    """`2026-11-22T00:00:00.000Z`."""
    moment = _EPOCH + timedelta(milliseconds=at)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def utc_or_none(at: int | None) -> str | None:
    """The same where there may be no time."""
    return None if at is None else utc(at)
