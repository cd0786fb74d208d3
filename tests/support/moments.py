"""Moments as a person on the site would write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def when(text: str) -> int:
    """`11-22 10:42:07` in Shanghai, 2026, as epoch milliseconds."""
    local = datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    return round(local.timestamp() * 1000)
