"""HTTP to one camera or horn: our credentials, no redirects, and a body at the speed of sound."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from voice.pacing import Pacer
from voice.protocols.digest import Challenge, Credentials, best_challenge
from voice.protocols.rtp import PACKET_SECONDS
from voice.speakers.address import Address
from voice.speakers.port import Outcome, PlayFault
from voice.speakers.streaming import Sending
from voice.speakers.udp import told

CONNECT_WITHIN = 2.0
ANSWER_WITHIN = 4.0
LONG_BODY = "9999999"
"""The length that some devices want to be told: the sound ends when the connection does."""

# A device whose buffers are this full has stopped taking the sound.
MOST_BEHIND_SECONDS = 5.0
MOST_TEXT = 4096
READ_WITHIN = 1.0

OUTCOMES: Mapping[int, Outcome] = {
    401: Outcome.UNAUTHORISED,
    404: Outcome.NOT_FOUND,
    405: Outcome.NOT_SUPPORTED,
    409: Outcome.BUSY,
    415: Outcome.NOT_SUPPORTED,
    423: Outcome.BUSY,
    501: Outcome.NOT_SUPPORTED,
    503: Outcome.BUSY,
}
"""What a refusal means; any other is `refused`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device said to one request; status 0: it closed the connection without a word."""

    status: int
    text: str = ""
    challenges: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether it was a yes."""
        return 200 <= self.status < 300

    def fault(self) -> PlayFault:
        """The refusal that this is."""
        outcome = OUTCOMES.get(self.status, Outcome.REFUSED)
        return PlayFault(outcome, f"the device answered {self.status}")


@dataclass(frozen=True, slots=True)
class Push:
    """A request whose body is the sound. `body`: its length is told exactly, not at all (chunk),
    or as much longer than it is (long)."""

    method: str
    path: str
    content_type: str
    body: str = "exact"


class HttpDevice:
    """A session with one device, for as long as one play. Faults are `PlayFault`s."""

    def __init__(self, address: Address) -> None:
        self._base = f"http://{address.netloc}"
        self._me = Credentials(address.user, address.password.reveal())
        self._challenge: Challenge | None = None
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_WITHIN)
        self._session = aiohttp.ClientSession(timeout=timeout)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def call(self, method: str, path: str) -> Answer:
        """A request without a body, with our credentials once they are asked for."""
        answer = await self._asked(method, path)
        if answer.status == 401 and self._learned(answer):
            answer = await self._asked(method, path)
        return answer

    async def prime(self, path: str) -> None:
        """Be challenged now: a body that is sent into a challenge is lost."""
        answer = await self._asked("GET", path)
        if answer.status == 401:
            self._learned(answer)

    async def push(self, push: Push, payloads: list[bytes], sending: Sending) -> Answer | None:
        """Send the sound; the device's answer, None where it kept silent.

        `sending.fault` says if the device ended it before its end.
        """
        answer = await self._pushed(push, payloads, sending)
        if answer is not None and answer.status == 401 and self._learned(answer):
            # What went into the challenge was dropped, so the sound begins anew.
            sending.restart()
            answer = await self._pushed(push, payloads, sending)
        return answer

    def _learned(self, answer: Answer) -> bool:
        """Take up a challenge; False: it was met already, or cannot be.

        Not every device says `stale` of a nonce that it has forgotten.
        """
        challenge = best_challenge(answer.challenges)
        known = self._challenge
        self._challenge = challenge
        if challenge is None or not (self._me.user or self._me.password):
            return False
        return known is None or challenge.nonce != known.nonce

    async def _asked(self, method: str, path: str) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                async with self._session.request(
                    method,
                    self._url(path),
                    headers=self._authorised(method, path),
                    allow_redirects=False,
                ) as response:
                    return await _read(response)
        except TimeoutError:
            raise PlayFault(Outcome.NO_ANSWER, "no answer in time") from None
        except aiohttp.ClientError as fault:
            raise _unreached(fault) from fault

    async def _pushed(self, push: Push, payloads: list[bytes], sending: Sending) -> Answer | None:
        done = asyncio.Event()
        headers = {"Content-Type": push.content_type, **self._authorised(push.method, push.path)}
        if push.body != "chunk":
            length = LONG_BODY if push.body == "long" else str(sum(map(len, payloads)))
            headers["Content-Length"] = length
        asked = asyncio.ensure_future(self._answered(push, headers, _body(payloads, sending, done)))
        ended = asyncio.ensure_future(done.wait())
        try:
            seconds = len(payloads) * PACKET_SECONDS + MOST_BEHIND_SECONDS
            await asyncio.wait({asked, ended}, timeout=seconds, return_when="FIRST_COMPLETED")
            if not asked.done() and done.is_set():
                within = 0.2 if push.body == "long" else ANSWER_WITHIN
                await asyncio.wait({asked}, timeout=within)
            if asked.done():
                return _settled(asked, sending, len(payloads))
            if not done.is_set():
                sending.fault = "the device stopped taking the sound"
            return None
        finally:
            asked.cancel()
            ended.cancel()
            await asyncio.gather(asked, ended, return_exceptions=True)

    async def _answered(
        self, push: Push, headers: Mapping[str, str], body: AsyncIterator[bytes]
    ) -> Answer:
        async with self._session.request(
            push.method, self._url(push.path), headers=headers, data=body, allow_redirects=False
        ) as response:
            return await _read(response)

    def _url(self, path: str) -> str:
        return self._base + path

    def _authorised(self, method: str, path: str) -> dict[str, str]:
        if self._challenge is None or not (self._me.user or self._me.password):
            return {}
        cnonce = secrets.token_hex(8)
        return {"Authorization": self._me.answer(self._challenge, method, path, cnonce=cnonce)}


async def _body(
    payloads: list[bytes], sending: Sending, done: asyncio.Event
) -> AsyncIterator[bytes]:
    pacer = Pacer(PACKET_SECONDS)
    for payload in payloads:
        await pacer.turn()
        sending.sent(payload)
        sending.late_ms = pacer.late_ms() if sending.packets == len(payloads) else 0.0
        yield payload
    done.set()


async def _read(response: aiohttp.ClientResponse) -> Answer:
    text = b""
    with suppress(TimeoutError):  # what there is by then must do
        async with asyncio.timeout(READ_WITHIN):
            while piece := await response.content.read(MOST_TEXT - len(text)):
                text += piece
    challenges = tuple(map(_words, response.headers.getall("WWW-Authenticate", ())))
    return Answer(response.status, text.decode("utf-8", "replace"), challenges)


def _words(header: str) -> str:
    """Without the bytes that are no UTF-8, such as a name in GBK: no request can repeat them."""
    return header.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _settled(asked: asyncio.Future[Answer], sending: Sending, packets: int) -> Answer | None:
    """What came of a push that ended by itself; see `HttpDevice.push`."""
    fault = asked.exception()
    whole = sending.packets == packets
    if fault is None:
        answer = asked.result()
        if answer.fine and not whole:
            sending.fault = f"the device answered {answer.status} before the sound had been sent"
        return answer
    if isinstance(fault, aiohttp.ClientConnectorError):
        raise _unreached(fault) from fault
    if isinstance(fault, (aiohttp.ClientError, OSError)):
        if not whole:
            sending.fault = "the device closed the connection"
        return Answer(0)
    raise fault


def _unreached(fault: aiohttp.ClientError) -> PlayFault:
    if isinstance(fault, aiohttp.ClientConnectorError):
        return PlayFault(Outcome.UNREACHABLE, told(fault.os_error))
    if isinstance(fault, aiohttp.ServerTimeoutError):
        return PlayFault(Outcome.NO_ANSWER, "no answer in time")
    return PlayFault(Outcome.FAILED, "the device speaks no HTTP that is understood")
