"""What the Telegram channel is given, and what can be told of it without loading aiogram."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.channels.proxy import require_usable_proxy
from bot.domain.error import BadInput, DeliveryError, InputFault, RetryLater
from bot.domain.message import Capabilities
from bot.domain.secret import Secret

NAME = "telegram"
MAX_TEXT = 4096
MAX_CAPTION = 1024
CALLBACK_BYTES = 64
DEFAULT_PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name
CAPABILITIES = Capabilities(
    max_text=MAX_TEXT, max_caption=MAX_CAPTION, callback_bytes=CALLBACK_BYTES, adds_pictures=True
)
SEND_S = 5.0
SEND_THIN_S = 8.0
"""How long an answer is waited for; where packets are lost it often comes at the second or third
try of the network, and giving up before that only makes doubles."""
_PATH = re.compile(r"/[A-Za-z0-9/._~-]*")


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """Where and how to reach the Bot API; times in seconds.

    With a `webhook_url` Telegram posts updates there; without one they are polled.
    `send_timeout` bounds every call but the long poll, which waits `poll_timeout` for updates; of a
    picture it bounds the time in which nothing moves.  A picture that is to be sent with its words
    must have left within `picture_patience`, or the words go alone.
    `warm_connections` for words, and where calls are `compact` `warm_for_pictures`, are kept open,
    and tried every `warm_every` seconds; 0 of them: none.
    `compact` calls without a file are sent as JSON, shorter than a form in Chinese: an alarm in
    one packet is lost half as often as one in two.
    After failures receiving pauses from `pause_first`, doubling up to `pause_most`.
    """

    token: Secret
    api: str = "https://api.telegram.org"
    proxy: Secret | None = None
    webhook_url: str = ""
    send_timeout: float = SEND_S
    connect_timeout: float = 2.5
    compact: bool = False
    picture_patience: float = 2.0
    warm_connections: int = 3
    warm_for_pictures: int = 1
    warm_every: float = 20.0
    poll_timeout: int = 25
    pause_first: float = 0.5
    pause_most: float = 30.0
    look_every: float = 60.0

    def pause(self, failures: int, error: DeliveryError) -> float:
        """Seconds to wait after so many failures in a row, the last of which was `error`."""
        if isinstance(error, RetryLater) and error.retry_after is not None:
            return error.retry_after
        return min(self.pause_first * 2 ** min(failures - 1, 16), self.pause_most)

    @property
    def capabilities(self) -> Capabilities:
        """Every process takes in what is posted to it; only one may poll."""
        return replace(CAPABILITIES, one_receiver=not self.webhook_url)

    @property
    def hook_url(self) -> str:
        """The whole address that Telegram is given."""
        path = urlsplit(self.webhook_url).path
        return self.webhook_url if path else self.webhook_url + DEFAULT_PATH

    @property
    def hook_path(self) -> str:
        """Its path, which is served here."""
        return urlsplit(self.hook_url).path

    @property
    def hook_secret(self) -> Secret:
        """What Telegram sends along, so that nobody else can.

        Drawn from the token: the same in every process, and new with a new token.
        """
        key = self.token.reveal().encode()
        return Secret(hmac.new(key, b"loudhailer webhook", hashlib.sha256).hexdigest())


def require_usable(options: TelegramOptions) -> None:
    """Raise `BadInput` for a token, webhook or proxy that cannot work."""
    bot, _, letters = options.token.reveal().partition(":")
    if not (bot.isdigit() and letters) or len(letters.split()) != 1:
        fault = InputFault("LOUDHAILER_TELEGRAM_TOKEN", "not of the form 12345:letters")
        raise BadInput([fault])
    if not _PATH.fullmatch(options.hook_path):
        words = "its path may hold letters, digits and / - _ . ~ only"
        raise BadInput([InputFault("LOUDHAILER_TELEGRAM_WEBHOOK_URL", words)])
    require_usable_proxy(options.proxy)
