"""Receiving by webhook: Telegram posts an update, and is answered 200 once it is stored.

What is not answered so it posts again, and nothing after it meanwhile: it is told to keep one
connection only, for otherwise "close 12" could overtake the "take 12" that was typed before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.methods import SetWebhook

from bot.channels.telegram.asking import GetWebhookInfo
from bot.channels.telegram.faults import cause_of
from bot.channels.telegram.options import TelegramOptions
from bot.channels.telegram.storing import WANTED, Read, Update, store
from bot.domain.error import DeliveryError, RetryLater, Unavailable
from bot.ports import Take

log = logging.getLogger(__name__)

_ONE_CONNECTION = 1


class Hook:
    """Keeps the webhook set.

    `fault` is what stands against it now, in words, "" if all is well; `cause` names it.
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
        self._take: Take | None = None
        self._set = False

    async def run(self, take: Take) -> None:
        """Receive until cancelled; the webhook stays set, so that what comes meanwhile waits."""
        failures = 0
        try:
            while True:
                try:
                    await self._look(take)
                except DeliveryError as error:
                    failures += 1
                    self._tell(str(error), cause_of(error))
                    await asyncio.sleep(self._options.pause(failures, error))
                else:
                    failures = 0
                    await asyncio.sleep(self._options.look_every)
        finally:
            self._take = None

    async def push(self, update: Update) -> None:
        """Take in what was posted; raises `Unavailable` where it must be posted again."""
        if self._take is None:
            raise Unavailable("updates cannot be taken in yet")
        try:
            await store(update, self._read, self._take)
        except RetryLater as error:
            raise Unavailable(str(error)) from None

    async def _look(self, take: Take) -> None:
        """Set it, at first and whenever it is gone; and see what Telegram thinks of it."""
        if self._take is None:
            await self._greet()
            self._take = take
        info = await self._bot(GetWebhookInfo()) if self._set else {}
        if info.get("url") != self._options.hook_url:
            await self._bot(
                SetWebhook(
                    url=self._options.hook_url,
                    secret_token=self._options.hook_secret.reveal(),
                    max_connections=_ONE_CONNECTION,
                    allowed_updates=WANTED,
                    drop_pending_updates=False,
                )
            )
            self._set, info = True, {}
        waits = str(info.get("last_error_message", "")) if info.get("pending_update_count") else ""
        self._tell(f"Telegram cannot post updates: {waits}" if waits else "", waits and "away")

    def _tell(self, fault: str, cause: str) -> None:
        """Log a fault once, and its end."""
        self.cause = cause
        if fault == self.fault:
            return
        if fault:
            log.error("the webhook does not work: %s", fault)
        else:
            log.info("the webhook works again")
        self.fault = fault
