"""Telegram's flood limits: sliding windows, off unless a test switches them on."""

from __future__ import annotations

import math
from collections import defaultdict, deque

from .errors import Refused
from .model import Chat

GROUP_WINDOW_S = 60.0
PRIVATE_WINDOW_S = 1.0


class FloodLimits:
    """At most `per_group` messages in any 60 s to a group, `per_private` a second to a person."""

    def __init__(self) -> None:
        self.per_group: int | None = None
        self.per_private: int | None = None
        self._sent: dict[int, deque[float]] = defaultdict(deque)

    def admit(self, chat: Chat, count: int, now: float) -> None:
        """Book `count` messages (an album counts each picture) or answer 429 with retry_after."""
        limit = self.per_private if chat.kind == "private" else self.per_group
        window = PRIVATE_WINDOW_S if chat.kind == "private" else GROUP_WINDOW_S
        sent = self._sent[chat.id]
        while sent and sent[0] <= now - window:
            sent.popleft()
        if limit is not None and len(sent) + count > limit:
            oldest = sent[0] if sent else now
            raise too_many(max(1, math.ceil(oldest + window - now)))
        sent.extend([now] * count)


def too_many(seconds: int) -> Refused:
    """Telegram's 429."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
