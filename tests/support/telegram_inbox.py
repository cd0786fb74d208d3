"""A program that only receives: `python -m tests.support.telegram_inbox URL TOKEN FILE`.

Every act becomes one line of FILE, on disk before it is acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import sys

from bot.channels.telegram import TelegramOptions, open_telegram
from bot.domain.message import Incoming
from bot.domain.secret import Secret


async def receive(url: str, token: str, path: str) -> None:
    """Receive until killed."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def take(incoming: Incoming) -> None:
        os.write(file, f"{incoming.command_id} {incoming.text}\n".encode())
        os.fsync(file)

    channel = await open_telegram(TelegramOptions(Secret(token), url, poll_timeout=5))
    await channel.receive(take)


if __name__ == "__main__":
    asyncio.run(receive(*sys.argv[1:]))
