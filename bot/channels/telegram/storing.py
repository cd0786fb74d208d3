"""An update on its way in: read, and stored before Telegram is told that it has arrived."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from bot.domain.error import RetryLater
from bot.domain.message import Incoming
from bot.ports import Take

log = logging.getLogger(__name__)

Update = dict[str, Any]
Read = Callable[[Update], Awaitable[Incoming | None]]

WANTED = ["message", "callback_query", "my_chat_member"]
"""Edited messages are not commands, so they are not even asked for; what chats do to us is."""


async def store(update: Update, read: Read, take: Take) -> None:
    """Returns when it is stored, or is nothing to be stored; raises `RetryLater`."""
    try:
        incoming = await read(update)
    except Exception:  # boundary: an update that breaks the reading must not end the receiving
        log.exception("update %s cannot be read and is passed over", update.get("update_id"))
        return
    if incoming is None:
        return
    try:
        await take(incoming)
    except Exception as error:  # boundary: whatever keeps it from being stored, it comes again
        log.exception("what was received cannot be stored; it will come again")
        raise RetryLater(f"the inbox does not take it ({type(error).__name__})") from None
