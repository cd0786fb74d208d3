"""An alert as JSON to a gateway: `{id, to, text, case, severity, attempt, fields}`."""

from __future__ import annotations

import json
from typing import Any

from bot.channels.posting import Postman
from bot.channels.reaching import reach
from bot.domain.error import CopyGone, Rejected, RetryLater
from bot.domain.secret import Secret
from bot.ports import AlertMessage

LONGEST_WAIT_S = 30.0
"""An emergency does not wait longer than this, whatever the gateway would like."""


class HttpAlert:
    """See `bot.ports.AlertPath`.  Any 2xx means accepted; the same id means the same message."""

    def __init__(self, url: Secret, proxy: Secret | None = None, **limits: float) -> None:
        self._url = url
        self._proxy = proxy
        self._postman = Postman(proxy, **limits)

    async def send(self, message: AlertMessage) -> None:
        """Post it."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
        try:
            await self._postman.post(self._url, body_of(message), headers)
        except CopyGone as error:
            raise Rejected(str(error)) from None
        except RetryLater as error:
            if error.retry_after is None:
                raise
            raise RetryLater(str(error), min(error.retry_after, LONGEST_WAIT_S)) from None

    async def probe(self) -> None:
        """Connect, and no more: a gateway would send whatever it is posted."""
        await reach(self._url, self._proxy)

    async def close(self) -> None:
        """Let go of connections."""
        await self._postman.close()


def body_of(message: AlertMessage) -> bytes:
    """The JSON of a message."""
    told: dict[str, Any] = {
        "id": message.id,
        "to": list(message.to),
        "text": message.text,
        "case": message.case,
        "severity": message.severity,
        "attempt": message.attempt,
        "fields": dict(message.fields),
    }
    return json.dumps(told, ensure_ascii=False).encode()
