"""Links that make a device at the gate one loudspeaker and nothing else.

They do not expire: a tablet is switched on every morning for months. A new key revokes them all.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode

from bot.domain.secret import Secret


class SpeakerLinks:
    """Makes and checks them.  `key` is 32 random bytes that outlive restarts."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the key of the speaker links is 32 bytes or more")
        self._key = key
        Secret(key.hex())

    def path(self, speaker: str) -> str:
        """The link without host."""
        return f"/speaker/{speaker}?{urlencode({'key': self._signature(speaker)})}"

    def holds(self, speaker: str, signature: str) -> bool:
        """Whether a link's key is that speaker's."""
        expected = self._signature(speaker).encode()
        return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))

    def _signature(self, speaker: str) -> str:
        return hmac.new(self._key, f"speaker\n{speaker}".encode(), hashlib.sha256).hexdigest()
