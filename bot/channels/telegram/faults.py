"""What went wrong at Telegram, in the core's words.

No message here holds the bot's token: it is part of every URL, so errors of the HTTP library are
told by their type alone, and nothing is chained to them.
"""

from __future__ import annotations

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import (
    ClientConnectorError,
    ClientHttpProxyError,
    ConnectionTimeoutError,
    InvalidURL,
)

from bot.domain.error import (
    ChatClosed,
    ChatMoved,
    CopyGone,
    DeliveryError,
    PictureRefused,
    Rejected,
    RetryLater,
    SignedOut,
    Uncertain,
)

UNKNOWN_BOT = "Telegram does not know the bot token: check LOUDHAILER_TELEGRAM_TOKEN"
SECOND_RECEIVER = (
    "another program receives with the same bot token: stop it, or give this one a token of its own"
)
UNKNOWN_BOT_PAUSE = 30.0

NOT_MODIFIED = "message is not modified"
WRONG_KIND = ("there is no text in the message", "there is no caption in the message")
THREAD_GONE = ("message thread not found", "topic_closed", "topic_deleted")
QUERY_OVER = ("query is too old", "query id is invalid", "query_id_invalid")
COPY_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message to be edited not found",
)
PICTURE_REFUSED = (
    "image_process_failed",
    "photo_invalid_dimensions",
    "too big for a photo",
    "photo_save_file_invalid",
    "photo_ext_invalid",
    "wrong type of the web page content",
    "not enough rights to send photos",
    "chat_send_photos_forbidden",
    "chat_send_media_forbidden",
)
CLOSED = {
    "blocked": ("blocked by the user", "user is deactivated", "can't initiate conversation"),
    "kicked": ("kicked from", "bot is not a member"),
    "absent": ("chat not found", "group chat was deactivated", "group chat was deleted"),
    "muted": (
        "have no rights to send",
        "not enough rights to send text messages",
        "need administrator rights in the channel chat",
        "chat_write_forbidden",
        "chat_restricted",
        "chat_send_plain_forbidden",
    ),
}
"""What Telegram says when a chat takes nothing from us -> why."""

_NOT_REACHED = (ClientConnectorError, ConnectionTimeoutError, ClientHttpProxyError, InvalidURL)
"""Nothing was sent yet when these are raised."""


class SecondReceiver(RetryLater):
    """Another program polls with the same token."""


class WebhookSet(RetryLater):
    """Somebody has the updates posted to an address."""


def cause_of(error: DeliveryError) -> str:
    """What keeps us from receiving, in the words of `bot.ports.Reception`."""
    match error:
        case SecondReceiver():
            return "second_holder"
        case WebhookSet():
            return "webhook"
        case SignedOut():
            return "token"
        case _:
            return "away"


def transport_fault(error: BaseException) -> DeliveryError:
    """The HTTP library's error: surely not sent, or nobody knows."""
    kind = type(error).__name__
    if isinstance(error, _NOT_REACHED):
        return RetryLater(f"Telegram cannot be reached ({kind})")
    return Uncertain(f"the connection to Telegram broke before its answer came ({kind})")


def answer_fault(status: int, *, is_json: bool) -> DeliveryError:
    """An answer that is none of Telegram's own: a redirect, a gateway's page, half an answer."""
    if 300 <= status < 500:
        return RetryLater(
            f"HTTP {status} and no JSON is not the Bot API: check LOUDHAILER_TELEGRAM_API"
        )
    what = "an unknown shape" if is_json else "no complete JSON"
    return Uncertain(f"Telegram answered HTTP {status} with {what}")


def api_fault(error: TelegramAPIError) -> DeliveryError:
    """Telegram's own refusal."""
    words = error.message
    match error:
        case TelegramRetryAfter():
            return RetryLater(
                f"Telegram wants {error.retry_after} s of quiet", float(error.retry_after)
            )
        case TelegramMigrateToChat():
            return ChatMoved(str(error.migrate_to_chat_id))
        case TelegramUnauthorizedError() | TelegramNotFound():
            return SignedOut(UNKNOWN_BOT, UNKNOWN_BOT_PAUSE)
        case TelegramConflictError() if _has(words, "webhook"):
            return WebhookSet("a webhook was set, which keeps polling from working")
        case TelegramConflictError():
            return SecondReceiver(SECOND_RECEIVER)
        case TelegramServerError():
            return RetryLater(f"Telegram failed: {words}")
        case TelegramForbiddenError() | TelegramBadRequest() if why := _closed(words):
            return ChatClosed(words, why)
        case TelegramEntityTooLarge() | TelegramForbiddenError():
            return Rejected(words)
        case TelegramBadRequest() if _has(words, *PICTURE_REFUSED):
            return PictureRefused(words)
        case TelegramBadRequest() if _has(words, *COPY_GONE):
            return CopyGone(words)
        case TelegramNetworkError():
            return Uncertain("the connection to Telegram broke before its answer came")
        case _:
            return Rejected(words)


def _closed(words: str) -> str | None:
    return next((why for why, told in CLOSED.items() if _has(words, *told)), None)


def says(error: BaseException, *words: str) -> bool:
    """Whether an error's text holds one of `words`, in any case."""
    return _has(str(error), *words)


def _has(text: str, *words: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in words)
