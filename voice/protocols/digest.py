"""Digest access authentication (RFC 7616) as HTTP, RTSP and SIP use it; Basic where need be."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

HASHES: Mapping[str, str] = {"md5": "md5", "sha-256": "sha256", "sha-512-256": "sha512_256"}
"""What can be computed, the weakest first."""

_SCHEME = re.compile(r"^\s*(digest|basic)\b", re.IGNORECASE)
_ANOTHER = re.compile(r",\s*(?=(?:digest|basic)\s+\w+\s*=)", re.IGNORECASE)
# A name begins where no name goes on: else a long word costs the square of its length.
_PARAMETER = re.compile(r'(?<![\w-])([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a device asks for. `algorithm` is empty where it named none, which means MD5."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    algorithm: str = ""
    qop: str = ""
    opaque: str | None = None
    stale: bool = False


@dataclass(slots=True)
class Credentials:
    """Who we are to one device; counts how often each nonce was used."""

    user: str
    password: str = field(repr=False)
    _used: dict[str, int] = field(default_factory=dict, repr=False)

    def answer(self, challenge: Challenge, method: str, uri: str, *, cnonce: str) -> str:
        """The value of the (Proxy-)Authorization header for one request."""
        if challenge.scheme == "basic":
            pair = f"{self.user}:{self.password}".encode()
            return f"Basic {base64.b64encode(pair).decode('ascii')}"
        count = self._used[challenge.nonce] = self._used.get(challenge.nonce, 0) + 1
        parts = {
            "username": _quoted(self.user),
            "realm": _quoted(challenge.realm),
            "nonce": _quoted(challenge.nonce),
            "uri": _quoted(uri),
            "response": _quoted(self._response(challenge, method, uri, cnonce, count)),
        }
        if challenge.algorithm:
            parts["algorithm"] = challenge.algorithm
        if challenge.opaque is not None:
            parts["opaque"] = _quoted(challenge.opaque)
        if challenge.qop:
            parts |= {"qop": challenge.qop, "nc": f"{count:08x}", "cnonce": _quoted(cnonce)}
        return "Digest " + ", ".join(f"{name}={value}" for name, value in parts.items())

    def _response(
        self, challenge: Challenge, method: str, uri: str, cnonce: str, count: int
    ) -> str:
        name = HASHES[_hash_of(challenge)]

        def hashed(text: str) -> str:
            return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

        secret = hashed(f"{self.user}:{challenge.realm}:{self.password}")
        if challenge.algorithm.lower().endswith("-sess"):
            secret = hashed(f"{secret}:{challenge.nonce}:{cnonce}")
        asked = hashed(f"{method}:{uri}")
        if not challenge.qop:
            return hashed(f"{secret}:{challenge.nonce}:{asked}")
        return hashed(f"{secret}:{challenge.nonce}:{count:08x}:{cnonce}:{challenge.qop}:{asked}")


def best_challenge(headers: Iterable[str]) -> Challenge | None:
    """The strongest challenge we can answer, of all those in a response's headers."""
    found = [one for header in headers for text in _ANOTHER.split(header) if (one := _read(text))]
    return max(found, key=_strength, default=None)


def _read(text: str) -> Challenge | None:
    scheme = _SCHEME.match(text)
    if not scheme:
        return None
    given = {
        name.lower(): quoted.replace('\\"', '"') if quoted else bare
        for name, quoted, bare in _PARAMETER.findall(text[scheme.end() :])
    }
    kinds = {word.strip().lower() for word in given.get("qop", "").split(",")} - {""}
    challenge = Challenge(
        scheme[1].lower(),
        given.get("realm", ""),
        given.get("nonce", ""),
        given.get("algorithm", ""),
        "auth" if "auth" in kinds else "",
        given.get("opaque"),
        given.get("stale", "").lower() == "true",
    )
    # `auth-int` alone would need the hash of a body that is still to be spoken.
    answerable = not kinds or challenge.qop == "auth"
    known = challenge.scheme == "basic" or _hash_of(challenge) in HASHES
    return challenge if answerable and known else None


def _strength(challenge: Challenge) -> int:
    return -1 if challenge.scheme == "basic" else list(HASHES).index(_hash_of(challenge))


def _hash_of(challenge: Challenge) -> str:
    return challenge.algorithm.lower().removesuffix("-sess") or "md5"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
