"""Receiving: getUpdates -> store -> only then the higher offset, which acknowledges.

A process killed at any moment is given again what it had not stored.  The offset lives no longer
than the process: Telegram's update ids start anew after a quiet week, so a stored one could discard
commands; what comes twice, the inbox knows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.methods import TelegramMethod

from bot.channels.telegram.faults import cause_of
from bot.channels.telegram.options import TelegramOptions
from bot.domain.error import DeliveryError, RetryLater
from bot.domain.message import Incoming
from bot.ports import Take

log = logging.getLogger(__name__)

Update = dict[str, Any]
Read = Callable[[Update], Awaitable[Incoming | None]]

WANTED = ["message", "callback_query"]
"""Edited messages are not commands, so they are not even asked for."""

_GRACE = 10.0


class _GetUpdates(TelegramMethod[list[Update]]):
    """getUpdates as plain JSON: one update of an unknown shape must not spoil the others."""

    __returning__ = list[Update]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int
    allowed_updates: list[str]


class Poller:
    """Long polling that outlives every failure.

    `fault` is the present one in words, "" if all is well; `cause` names it.
    """

    def __init__(
        self, bot: Bot, read: Read, greet: Callable[[], Awaitable[None]], options: TelegramOptions
    ) -> None:
        self.fault = ""
        self.cause = ""
        self._bot = bot
        self._read = read
        self._greet = greet
        self._options = options
        self._offset: int | None = None
        self._greeted = False

    async def run(self, take: Take) -> None:
        """Receive until cancelled."""
        failures = 0
        while True:
            try:
                await self._round(take)
            except DeliveryError as error:
                failures += 1
                self._tell(str(error), cause_of(error))
                self._greeted = False
                await asyncio.sleep(self._pause(failures, error))
            else:
                failures = 0
                self._tell("", "")

    async def _round(self, take: Take) -> None:
        if not self._greeted:
            await self._greet()
            self._greeted = True
        wait = self._options.poll_timeout
        query = _GetUpdates(offset=self._offset, timeout=wait, allowed_updates=WANTED)
        for update in await self._bot(query, request_timeout=int(wait + _GRACE)):
            await self._store(update, take)
            self._offset = update["update_id"] + 1

    async def _store(self, update: Update, take: Take) -> None:
        try:
            incoming = await self._read(update)
        except Exception:  # boundary: an update that breaks the reading must not end the receiving
            log.exception("update %s cannot be read and is passed over", update["update_id"])
            return
        if incoming is None:
            return
        try:
            await take(incoming)
        except Exception as error:  # boundary: whatever keeps it from being stored, it comes again
            log.exception("what was received cannot be stored; it will be fetched again")
            raise RetryLater(f"the inbox does not take it ({type(error).__name__})") from None

    def _pause(self, failures: int, error: DeliveryError) -> float:
        if isinstance(error, RetryLater) and error.retry_after is not None:
            return error.retry_after
        doubled = self._options.pause_first * 2 ** min(failures - 1, 16)
        return min(doubled, self._options.pause_most)

    def _tell(self, fault: str, cause: str) -> None:
        """Log a fault once, not once a second, and its end."""
        self.cause = cause
        if fault == self.fault:
            return
        if fault:
            log.error("nothing is received from Telegram: %s", fault)
        else:
            log.info("Telegram is received again")
        self.fault = fault
