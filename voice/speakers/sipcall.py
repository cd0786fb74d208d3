"""One SIP call over UDP: its transactions with their repeats, and its end, whatever happens."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from voice.protocols.digest import Credentials, best_challenge
from voice.protocols.message import BadMessage, Message, parsed
from voice.protocols.sip import Dialog, Headers, host_and_port, transaction
from voice.speakers.port import Outcome, PlayFault
from voice.speakers.udp import open_peer

if TYPE_CHECKING:
    from voice.speakers.address import Address
    from voice.speakers.udp import Peer

# RFC 3261, 17: the first repeat of what may be lost; each further one waits twice as long.
T1 = 0.5
T2 = 4.0
ANSWER_WITHIN = 3.0
"""Until the horn says anything at all."""

HANG_UP_WITHIN = 1.2

OUTCOMES: Mapping[int, Outcome] = {
    401: Outcome.UNAUTHORISED,
    404: Outcome.NOT_FOUND,
    407: Outcome.UNAUTHORISED,
    408: Outcome.NO_ANSWER,
    410: Outcome.NOT_FOUND,
    415: Outcome.NOT_SUPPORTED,
    480: Outcome.NO_ANSWER,
    484: Outcome.NOT_FOUND,
    486: Outcome.BUSY,
    487: Outcome.NO_ANSWER,
    488: Outcome.NOT_SUPPORTED,
    600: Outcome.BUSY,
    604: Outcome.NOT_FOUND,
    606: Outcome.NOT_SUPPORTED,
}
"""What a refusal means; any other is `refused`."""


class Call:
    """A call to one horn. `ended` is set once the horn has hung up."""

    def __init__(self, address: Address) -> None:
        self.ended = asyncio.Event()
        self._address = address
        self._me = Credentials(address.user, address.password.reveal())
        self._peer: Peer
        self._dialog: Dialog
        self._waiting: dict[tuple[str, str], asyncio.Queue[Message | None]] = {}
        self._acks: dict[tuple[str, str], bytes] = {}
        self._invite: Message | None = None
        self._heard = False
        self._accepted = False

    async def open(self) -> None:
        """Get ready to call. Raises OSError, TimeoutError."""
        address = self._address
        self._peer = await open_peer(
            address.host, address.port, received=self._took, faulted=self._broke
        )
        host, port = self._peer.local
        place = address.host if address.port == 5060 else address.netloc
        caller = f"sip:{address.user}@{place}" if address.user else f"sip:loudhailer@{host}"
        self._dialog = Dialog(
            uri=f"sip:{address.path or address.user}@{place}",
            caller=caller,
            host=host,
            port=port,
            call_id=secrets.token_hex(12),
            tag=secrets.token_hex(6),
        )

    @property
    def local_host(self) -> str:
        """Our own address, as the horn sees it."""
        return self._peer.local[0]

    async def invite(self, sdp: str, *, ring: float) -> Message:
        """Call and wait at most `ring` seconds for the horn to answer: its 200.

        Raises PlayFault for whatever else it says.
        """
        more: Headers = []
        while True:
            self._invite = invite = self._dialog.invite(_branch(), sdp, more)
            self._heard = False
            answer = await self._until_final(invite, ring)
            if answer.status < 300:
                self._accept(invite, answer)
                return answer
            self._acknowledge(invite, answer)
            self._invite = None
            again = self._authorised(invite, answer)
            if not again or more:
                raise refusal(answer)
            more = again

    async def options(self) -> Message:
        """Ask whether it is there; its answer. Raises PlayFault where there is none."""
        answer = await self._until_final(request := self._dialog.options(_branch(), []))
        if more := self._authorised(request, answer):
            answer = await self._until_final(self._dialog.options(_branch(), more))
        return answer

    async def hang_up(self) -> bool:
        """End the call in whatever state it is; never longer than `HANG_UP_WITHIN`.

        False: the horn has not said that it is over.
        """
        try:
            with suppress(PlayFault, TimeoutError):
                async with asyncio.timeout(HANG_UP_WITHIN):
                    if self._accepted:
                        await self._bye()
                    elif self._invite is not None and not self._peer.fault:
                        await self._abandon(self._invite)
                    return True
            return False
        finally:
            self._peer.close()

    async def _bye(self) -> None:
        if not self.ended.is_set():
            self._dialog.cseq += 1
            await self._until_final(self._dialog.bye(_branch(), self._dialog.cseq))

    async def _abandon(self, invite: Message) -> None:
        """RFC 3261, 9.1: only what has been heard can be taken back. A 200 may still cross it."""
        queue = self._waiting[transaction(invite)]
        while True:
            if self._heard:
                self._peer.send(self._dialog.cancel(invite).to_bytes())
            try:
                async with asyncio.timeout(T1):
                    answer = await queue.get()
            except TimeoutError:
                continue
            if answer is None:
                return
            self._heard = True
            if 200 <= answer.status < 300:
                self._accept(invite, answer)
                await self._bye()
            elif answer.status >= 300:
                self._acknowledge(invite, answer)
            if answer.status >= 200:
                return

    def _accept(self, invite: Message, answer: Message) -> None:
        self._dialog.accept(answer)
        self._accepted = True
        self._follow()
        ack = self._dialog.accepted(_branch()).to_bytes()
        self._acks[transaction(invite)] = ack
        self._peer.send(ack)

    def _follow(self) -> None:
        """Go on with whoever has answered, where that is not whom we called."""
        host, port = host_and_port(self._dialog.target)
        there = self._peer.sock.getpeername()[:2]
        with suppress(ValueError, OSError):  # a name, or an address of another family: stay
            if not self._dialog.routed and (str(ipaddress.ip_address(host)), port) != there:
                self._peer.sock.connect((host, port))

    def _acknowledge(self, invite: Message, answer: Message) -> None:
        ack = self._dialog.refused(invite, answer).to_bytes()
        self._acks[transaction(invite)] = ack
        self._peer.send(ack)

    def _authorised(self, request: Message, answer: Message) -> Headers:
        """The header that meets the challenge of an answer; none where it cannot be met."""
        theirs, ours = {
            401: ("www-authenticate", "Authorization"),
            407: ("proxy-authenticate", "Proxy-Authorization"),
        }.get(answer.status, ("", ""))
        challenge = best_challenge(answer.all(theirs)) if theirs else None
        if challenge is None or not (self._me.user and self._address.password):
            return []
        method, uri, _ = request.start
        return [(ours, self._me.answer(challenge, method, uri, cnonce=secrets.token_hex(8)))]

    async def _until_final(self, request: Message, ring: float = ANSWER_WITHIN) -> Message:
        """Send a request, again and again while nothing comes, and wait for its final answer."""
        queue = self._waiting[transaction(request)] = asyncio.Queue()
        now = asyncio.get_running_loop().time
        until, wait, heard = now() + ANSWER_WITHIN, T1, False
        begun = now()
        self._peer.send(request.to_bytes())
        while True:
            try:
                async with asyncio.timeout(max(0.0, min(wait, until - now()))):
                    answer = await queue.get()
            except TimeoutError:
                if now() >= until:
                    told = "it rings, but is not answered" if heard else "no answer in time"
                    raise PlayFault(Outcome.NO_ANSWER, told) from None
                if not heard:
                    self._peer.send(request.to_bytes())
                    wait = min(2 * wait, T2)
                continue
            if answer is None:
                raise PlayFault(Outcome.UNREACHABLE, self._peer.fault)
            if answer.status >= 200:
                return answer
            heard = True
            if request is self._invite:
                self._heard = True
            until = begun + ring

    def _took(self, data: bytes) -> None:
        """A datagram came. What is no SIP, or of another call, is nobody's business."""
        try:
            message = parsed(data)
        except BadMessage:
            return
        if message.get("call-id") != self._dialog.call_id:
            if not message.status and message.method == "OPTIONS":  # are you there?
                self._peer.send(self._dialog.answer(message, 200, "OK").to_bytes())
            return
        if message.status:
            self._answered(message)
        elif message.method != "ACK":
            self._asked(message)

    def _answered(self, message: Message) -> None:
        key = transaction(message)
        if message.status >= 200 and (ack := self._acks.get(key)):
            self._peer.send(ack)  # ours was lost, so it says so once more
        elif queue := self._waiting.get(key):
            queue.put_nowait(message)

    def _asked(self, request: Message) -> None:
        status, reason = 405, "Method Not Allowed"
        if request.method == "BYE":
            status, reason = 200, "OK"
            self.ended.set()
        elif request.method in ("OPTIONS", "INFO", "NOTIFY"):
            status, reason = 200, "OK"
        elif request.method in ("INVITE", "UPDATE"):  # another stream than agreed upon
            status, reason = 488, "Not Acceptable Here"
        self._peer.send(self._dialog.answer(request, status, reason).to_bytes())

    def _broke(self) -> None:
        for queue in self._waiting.values():
            queue.put_nowait(None)


def refusal(answer: Message) -> PlayFault:
    """What a final answer other than 200 means."""
    outcome = OUTCOMES.get(answer.status, Outcome.REFUSED)
    return PlayFault(outcome, f"the device answered {answer.reason}")


def _branch() -> str:
    return secrets.token_hex(8)
