"""The signature of a webhook: HMAC-SHA256 over time and body, under the chat's secret.

X-Loudhailer-Time: 1763800000                 seconds since 1970, when it was posted
X-Loudhailer-Id: 12-3-1763800000000           the same id is the same event
X-Loudhailer-Signature: v1=<hex>              HMAC-SHA256(secret, time + "." + body)
"""

from __future__ import annotations

import hashlib
import hmac

from bot.domain.secret import Secret

TIME, ID, SIGNATURE = "X-Loudhailer-Time", "X-Loudhailer-Id", "X-Loudhailer-Signature"


def signed(secret: Secret, body: bytes, id: str, now: int) -> dict[str, str]:
    """The headers of a body that is posted at `now` (ms)."""
    time = str(now // 1000)
    message = time.encode() + b"." + body
    digest = hmac.new(secret.reveal().encode(), message, hashlib.sha256).hexdigest()
    return {TIME: time, ID: id, SIGNATURE: f"v1={digest}", "Content-Type": "application/json"}
