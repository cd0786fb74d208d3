"""Times as machines write them to us: RFC 3339."""

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
    """Epoch milliseconds of an RFC 3339 time, 0 for one before 1970; raises `BadTime`."""
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
    return max(at, 0)
