"""Times as machines write them: UTC with milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def utc(at: int) -> str:
    """`2026-11-22T00:00:00.000Z`; what lies outside of the calendar becomes its first or last."""
    at = min(max(at, 0), _LAST)
    moment = _EPOCH + timedelta(milliseconds=at)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def utc_or_none(at: int | None) -> str | None:
    """The same where there may be no time."""
    return None if at is None else utc(at)
