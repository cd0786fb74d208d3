"""One RTSP connection: requests, their answers, and packets in between."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from voice.protocols.digest import Challenge, Credentials, best_challenge
from voice.protocols.message import BadMessage, Message, body_length, parsed_head
from voice.protocols.rtp import interleaved
from voice.protocols.rtsp import VERSION
from voice.speakers.port import Outcome, PlayFault
from voice.speakers.udp import told

if TYPE_CHECKING:
    from voice.speakers.address import Address

CONNECT_WITHIN = 2.0
ANSWER_WITHIN = 4.0
# About four seconds of sound that the device does not take.
MOST_WAITING_BYTES = 32 * 1024

OUTCOMES: Mapping[int, Outcome] = {
    401: Outcome.UNAUTHORISED,
    404: Outcome.NOT_FOUND,
    405: Outcome.NOT_SUPPORTED,
    453: Outcome.BUSY,
    461: Outcome.NOT_SUPPORTED,
    486: Outcome.BUSY,
    501: Outcome.NOT_SUPPORTED,
    503: Outcome.BUSY,
    551: Outcome.NOT_SUPPORTED,
}
"""What a refusal means; any other is `refused`."""


class RtspClient:
    """A connection to one device. `fault` says why it is of no more use, "" while it is."""

    def __init__(self, address: Address) -> None:
        self.fault = ""
        self._address = address
        self._me = Credentials(address.user, address.password.reveal())
        self._challenge: Challenge | None = None
        self._cseq = 0
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._writer: asyncio.StreamWriter
        self._listener: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect. Raises PlayFault."""
        address = self._address
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                reader, self._writer = await asyncio.open_connection(address.host, address.port)
        except TimeoutError:
            raise PlayFault(Outcome.NO_ANSWER, "no answer in time") from None
        except (OSError, UnicodeError) as fault:
            raise PlayFault(Outcome.UNREACHABLE, told(fault)) from fault
        self._listener = asyncio.create_task(self._listen(reader), name="rtsp listener")

    async def close(self) -> None:
        """Let go of the connection. May be called before it was opened."""
        if self._listener is None:
            return
        self._writer.close()
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)

    async def request(self, method: str, uri: str, *headers: tuple[str, str]) -> Message:
        """Ask, with our credentials once they are wanted; the answer if it is a yes.

        Raises PlayFault where it is not, or does not come.
        """
        answer = await self._asked(method, uri, headers)
        if answer.status == 401 and self._learned(answer):
            answer = await self._asked(method, uri, headers)
        if not 200 <= answer.status < 300:
            outcome = OUTCOMES.get(answer.status, Outcome.REFUSED)
            raise PlayFault(outcome, f"the device answered {answer.reason}")
        return answer

    def send(self, channel: int, packet: bytes) -> None:
        """Send a packet; what goes wrong shows in `fault`."""
        if self._writer.transport.get_write_buffer_size() > MOST_WAITING_BYTES:
            self.fault = "the device stopped taking the sound"
        elif not self.fault:
            self._writer.write(interleaved(channel, packet))

    def _learned(self, answer: Message) -> bool:
        challenge = best_challenge(answer.all("www-authenticate"))
        known, self._challenge = self._challenge, challenge
        if challenge is None or not (self._me.user or self._me.password):
            return False
        return known is None or known.nonce != challenge.nonce

    async def _asked(self, method: str, uri: str, headers: tuple[tuple[str, str], ...]) -> Message:
        self._cseq += 1
        number = str(self._cseq)
        sent = [("CSeq", number), ("User-Agent", "loudhailer"), *headers]
        if self._challenge and (self._me.user or self._me.password):
            cnonce = secrets.token_hex(8)
            proof = self._me.answer(self._challenge, method, uri, cnonce=cnonce)
            sent.append(("Authorization", proof))
        lines = [f"{method} {uri} {VERSION}", *(f"{name}: {value}" for name, value in sent)]
        coming = self._answers[number] = asyncio.get_running_loop().create_future()
        if self.fault:
            raise PlayFault(Outcome.NO_ANSWER, self.fault)
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await coming
        except TimeoutError:
            raise PlayFault(Outcome.NO_ANSWER, "no answer in time") from None
        finally:
            self._answers.pop(number, None)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                await self._next(reader)
                await asyncio.sleep(0)  # what has arrived needs no waiting: others have their turn
        except (OSError, EOFError, BadMessage, asyncio.LimitOverrunError):
            self.fault = self.fault or "the device closed the connection"
        for coming in self._answers.values():
            if not coming.done():
                coming.set_exception(PlayFault(Outcome.NO_ANSWER, self.fault))

    async def _next(self, reader: asyncio.StreamReader) -> None:
        first = await reader.readexactly(1)
        if first == b"$":  # a packet of theirs, such as a receiver's report
            head = await reader.readexactly(3)
            await reader.readexactly(int.from_bytes(head[1:]))
            return
        message = parsed_head(first + await reader.readuntil(b"\r\n\r\n"))
        body = await reader.readexactly(body_length(message, 0))
        message = Message(message.start, message.headers, body)
        if not message.status:
            self._refuse(message)
        elif (coming := self._answers.get(message.get("cseq"))) and not coming.done():
            coming.set_result(message)

    def _refuse(self, request: Message) -> None:
        """Devices ask whether we are there; any answer tells them."""
        number = request.get("cseq")
        with suppress(OSError):
            self._writer.write(f"{VERSION} 501 Not Implemented\r\nCSeq: {number}\r\n\r\n".encode())
