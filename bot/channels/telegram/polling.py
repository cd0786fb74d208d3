"""Receiving: getUpdates -> store -> only then the higher offset, which acknowledges.

A process killed at any moment is given again what it had not stored.  The offset lives no longer
than the receiving: Telegram's update ids start anew after a quiet week, so an old one could discard
commands; what comes twice, the inbox knows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.methods import TelegramMethod

from bot.channels.telegram.faults import cause_of
from bot.channels.telegram.options import TelegramOptions
from bot.channels.telegram.storing import WANTED, Read, Update, store
from bot.domain.error import DeliveryError, RetryLater
from bot.ports import Take

log = logging.getLogger(__name__)

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
        """Receive until cancelled; then another process may have it, and nothing is wrong here."""
        try:
            await self._receive(take)
        finally:
            self.fault, self.cause = "", ""
            self._offset, self._greeted = None, False

    async def _receive(self, take: Take) -> None:
        failures = 0
        while True:
            try:
                await self._round(take)
            except DeliveryError as error:
                failures += 1
                self._tell(str(error), cause_of(error))
                self._greeted = False
                await asyncio.sleep(self._options.pause(failures, error))
            else:
                failures = 0
                self._tell("", "")

    async def _round(self, take: Take) -> None:
        if not self._greeted:
            await self._greet()
            self._greeted = True
        wait = self._options.poll_timeout
        query = _GetUpdates(offset=self._offset, timeout=wait, allowed_updates=WANTED)
        failed: RetryLater | None = None
        for update in await self._bot(query, request_timeout=int(wait + _GRACE)):
            try:
                await store(update, self._read, take)
            except RetryLater as error:  # what comes behind is offered too: it may be urgent
                failed = failed or error
            if failed is None:
                self._offset = update["update_id"] + 1
        if failed is not None:
            raise failed

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
