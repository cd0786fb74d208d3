"""Waiting for what must happen: much longer than it takes, for a machine that is slow and busy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 60.0


async def until(true: Callable[[], object], within: float = PATIENCE_S) -> None:
    """Let the loop run until a condition holds; fails the test after `within` seconds."""
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.005)
