"""One HTTP request to a small device: with its password, in good time, and no more than it needs.

Devices know Basic, Digest or neither, and say so only when asked; the request is sent as it is
first, and once more as the device wants it.  Each has a connection of its own: what was kept open
to a device that was unplugged would hang.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DigestAuthMiddleware,
    TCPConnector,
    encode_basic_auth,
)

from bot.domain.secret import Secret

_WITHIN_S = 4.0
_CONNECT_S = 2.0
MOST_BYTES = 256_000


class NoAnswer(Exception):
    """Nobody is there, or says nothing that is HTTP; the words are without secrets."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `text` is its beginning, as much as is ever read."""

    status: int
    text: str

    @property
    def fault(self) -> str:
        """Why it is no yes; "" where it is one."""
        if 200 <= self.status < 300:
            return ""
        if self.status in (401, 403):
            return f"user or password is wrong (HTTP {self.status})"
        if 300 <= self.status < 400:
            return f"HTTP {self.status}: redirects are not followed"
        return f"HTTP {self.status}"


class Asker:
    """Asks one device; `within` are the seconds that an answer may take."""

    def __init__(self, url: Secret, *, within: float = _WITHIN_S) -> None:
        split = urlsplit(url.reveal())
        host = f"[{split.hostname}]" if ":" in (split.hostname or "") else split.hostname
        at = f"{host}:{split.port}" if split.port else f"{host}"
        scheme = "https" if split.scheme == "https" else "http"
        self.origin = f"{scheme}://{at}"
        self.base = f"{self.origin}{split.path.rstrip('/')}"
        self.user, self.password = unquote(split.username or ""), unquote(split.password or "")
        self._timeout = ClientTimeout(total=within, connect=min(_CONNECT_S, within))
        self._session: ClientSession | None = None

    async def ask(
        self, url: str, *, method: str = "GET", body: str = "", headers: Mapping[str, str]
    ) -> Answer:
        """Ask, with our password where the device wants one; raises `NoAnswer`."""
        digest = DigestAuthMiddleware(self.user, self.password) if self.user else None
        given: dict[str, Any] = {"data": body.encode() or None, "headers": dict(headers)}
        session = self._opened()
        try:
            async with session.request(
                method, url, **given, allow_redirects=False, middlewares=[digest] if digest else []
            ) as response:
                if not (self.user and _wants_basic(response)):
                    return await _read(response)
            given["headers"]["Authorization"] = encode_basic_auth(self.user, self.password)
            async with session.request(method, url, **given, allow_redirects=False) as response:
                return await _read(response)
        except TimeoutError:
            raise NoAnswer("no answer in time") from None
        except (ClientError, OSError, ValueError) as error:
            raise NoAnswer(_words(error)) from None

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(force_close=True),
                timeout=self._timeout,
                auto_decompress=False,  # nobody knows what it would grow to
            )
        return self._session


def _wants_basic(response: ClientResponse) -> bool:
    offered = ",".join(response.headers.getall("WWW-Authenticate", ()))
    return response.status == 401 and "basic" in offered.lower()


async def _read(response: ClientResponse) -> Answer:
    chunks, size = list[bytes](), 0
    while size < MOST_BYTES and (chunk := await response.content.read(MOST_BYTES - size)):
        chunks.append(chunk)
        size += len(chunk)
    response.close()
    return Answer(response.status, b"".join(chunks).decode("utf-8", "replace"))


def _words(error: Exception) -> str:
    """By its type, for its text may hold the address; the system's own reason holds none."""
    if isinstance(error, ClientSSLError):
        return "its certificate is not trusted"
    if isinstance(error, ClientConnectorError):
        return getattr(error.os_error, "strerror", None) or type(error.os_error).__name__
    return f"speaks no HTTP that is understood ({type(error).__name__})"
