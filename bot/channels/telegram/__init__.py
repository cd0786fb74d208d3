"""Telegram, both ways.  aiogram (seconds to import) is loaded only when the channel is opened.

channel.py   the core's side: send, edit, answer, fetch, check
late.py      the same while aiogram is still being loaded
loading.py   loads aiogram, in a third of its time
polling.py   receives: an update is acknowledged only once it is stored
hook.py      the same where Telegram posts updates to us
storing.py   what both do with an update
reading.py   updates -> Incoming, by an aiogram router
rendering.py Post -> HTML within Telegram's limits
upload.py    what is sent, in pieces
sockets.py   that notice when the line is dead, and soon repeat what was lost
warmth.py    connections that are kept open
session.py   the HTTP side: no redirects, no token in any error
faults.py    what went wrong, in the core's words
"""

from __future__ import annotations

import asyncio
import importlib

from bot.channels.telegram.late import LateChannel, PostedChannel
from bot.channels.telegram.loading import load_aiogram
from bot.channels.telegram.options import (
    SECRET_HEADER,
    SEND_S,
    SEND_THIN_S,
    TelegramOptions,
    require_usable,
)

__all__ = [
    "SECRET_HEADER",
    "SEND_S",
    "SEND_THIN_S",
    "TelegramOptions",
    "open_telegram",
    "telegram_soon",
]


async def open_telegram(options: TelegramOptions) -> PostedChannel:
    """A channel to Telegram; nothing is called yet, so a server that is down does not matter.

    Raises `bot.domain.error.BadInput` where token or proxy cannot be used.
    """

    def build() -> PostedChannel:
        require_usable(options)
        load_aiogram()
        module = importlib.import_module("bot.channels.telegram.channel")
        return module.TelegramChannel(options)

    # importing and loading certificates take seconds, which must not stop the event loop
    return await asyncio.to_thread(build)


async def telegram_soon(options: TelegramOptions) -> LateChannel:
    """The same at once: it is opened with its first use, and can be used soon after.

    Raises `bot.domain.error.BadInput` where token or proxy cannot be used.
    """
    await asyncio.to_thread(require_usable, options)
    return LateChannel(lambda: open_telegram(options), options.capabilities)
