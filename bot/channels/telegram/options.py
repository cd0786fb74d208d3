"""What the Telegram channel is given, and what can be told of it without loading aiogram."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.proxy import require_usable_proxy
from bot.domain.error import BadInput, InputFault
from bot.domain.message import Capabilities
from bot.domain.secret import Secret

NAME = "telegram"
MAX_TEXT = 4096
MAX_CAPTION = 1024
CALLBACK_BYTES = 64
CAPABILITIES = Capabilities(
    max_text=MAX_TEXT, max_caption=MAX_CAPTION, callback_bytes=CALLBACK_BYTES
)


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """Where and how to reach the Bot API; times in seconds.

    `send_timeout` bounds every call but the long poll, which waits `poll_timeout` for updates.
    After failures receiving pauses from `pause_first`, doubling up to `pause_most`.
    """

    token: Secret
    api: str = "https://api.telegram.org"
    proxy: Secret | None = None
    send_timeout: float = 5.0
    connect_timeout: float = 3.0
    poll_timeout: int = 25
    pause_first: float = 0.5
    pause_most: float = 30.0


def require_usable(options: TelegramOptions) -> None:
    """Raise `BadInput` for a token or proxy that cannot work."""
    bot, _, letters = options.token.reveal().partition(":")
    if not (bot.isdigit() and letters) or len(letters.split()) != 1:
        fault = InputFault("LOUDHAILER_TELEGRAM_TOKEN", "not of the form 12345:letters")
        raise BadInput([fault])
    require_usable_proxy(options.proxy)
