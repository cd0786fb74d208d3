"""Whether the database can be written: what tells a fault of its own from that of a command."""

from __future__ import annotations

import asyncio
import logging

from bot.casework.core import Core

log = logging.getLogger(__name__)

_KIND = "probe"
_WITHIN_S = 6.0
_BALLAST = "." * 40_000
"""A disk that is all but full may take a byte, and no case."""


async def is_writable(core: Core) -> bool:
    """Write something harmless of the size of a case with all that follows from it."""
    try:
        async with asyncio.timeout(_WITHIN_S), core.store.begin() as tx:
            await tx.learn(_KIND, "size", {"at": core.clock(), "ballast": _BALLAST})
    except Exception as error:  # noqa: BLE001  each engine's own errors, and all mean: no
        log.info("the database cannot be written: %r", error)
        return False
    return True
