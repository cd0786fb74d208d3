"""What the Telegram channel is given."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.secret import Secret


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
