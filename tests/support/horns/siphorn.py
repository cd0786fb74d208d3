"""A scripted SIP horn on loopback: the answers of real ones that refuse, break or mislead."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable

from voice.sound import Sound

USER, PASSWORD = "desk", "ge:heim"
NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"

Lines = list[str]


class SipHorn(asyncio.DatagramProtocol):
    """Answers a call as `trouble` says:

    a status (refuses with it), `rings` (180 and no more), `silent`, `loses` (the first datagram of
    each kind goes missing), `hold` (takes no sound), `deaf` (its sound port is closed), `hangs_up`
    (after `patience` packets), `dies` (then, without a word), `crosses` (answers just when it is
    called off), or "" (all well). It rings for `rings_for` seconds.
    `challenge` is 401 or 407 where it wants a password.
    """

    def __init__(self, trouble: str | int = "", challenge: int = 0) -> None:
        self.trouble = trouble
        self.challenge = challenge
        self.patience = 50
        self.rings_for = 0.0
        self.met: list[tuple[str, dict[str, str], str]] = []
        self.packets: list[bytes] = []
        self.sdp = ""
        self._lost: set[str] = set()
        self._invite: dict[str, str] = {}
        self._caller: tuple[str, int] = ("", 0)

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self.port = self._transport.get_extra_info("sockname")[1]
        self._media, _ = await loop.create_datagram_endpoint(
            lambda: _Media(self._sound), local_addr=("127.0.0.1", 0)
        )
        self.media_port = self._media.get_extra_info("sockname")[1]
        if self.trouble == "deaf":
            self._media.close()
            await asyncio.sleep(0)

    def close(self) -> None:
        self._transport.close()
        self._media.close()

    @property
    def methods(self) -> list[str]:
        """What came, in order."""
        return [method for method, _, _ in self.met]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        head, _, body = data.decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers = {
            k.strip().lower(): v.strip() for k, _, v in (one.partition(":") for one in lines)
        }
        method = first.partition(" ")[0]
        self.met.append((method, headers, body))
        dead = self.trouble == "dies" and len(self.packets) >= self.patience
        if self.trouble == "silent" or dead:
            return
        if self.trouble == "loses" and method not in self._lost:
            self._lost.add(method)
            return
        self._caller = addr
        handle: Callable[[str, dict[str, str]], None] | None = {
            "INVITE": self._invited,
            "CANCEL": self._cancelled,
            "BYE": lambda _, given: self._say(200, given),
            "OPTIONS": lambda _, given: self._say(200, given),
        }.get(method)
        if method == "INVITE":
            self.sdp = body
        if handle:
            handle(first, headers)

    def _invited(self, first: str, given: dict[str, str]) -> None:
        if self.challenge and not self._authorised(first, given):
            name = "WWW-Authenticate" if self.challenge == 401 else "Proxy-Authenticate"
            asked = f'{name}: Digest realm="pbx", nonce="{NONCE}", qop="auth", algorithm=MD5'
            self._say(self.challenge, given, [asked])
            return
        self._invite = given
        if isinstance(self.trouble, int):
            self._say(self.trouble, given)
            return
        self._say(100, given)
        self._say(180, given)
        if self.trouble not in ("rings", "crosses"):
            asyncio.get_running_loop().call_later(self.rings_for, self._pick_up, given)

    def _pick_up(self, given: dict[str, str]) -> None:
        direction = "inactive" if self.trouble == "hold" else "recvonly"
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.media_port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na={direction}\r\n"
        )
        more = [f"Contact: <sip:horn@127.0.0.1:{self.port}>", "Content-Type: application/sdp"]
        self._say(200, given, more, sdp)

    def _cancelled(self, _: str, given: dict[str, str]) -> None:
        self._say(200, given)
        if self.trouble == "crosses":
            self._pick_up(self._invite)
        else:
            self._say(487, self._invite)

    def _sound(self, packet: bytes) -> None:
        self.packets.append(packet)
        if self.trouble == "hangs_up" and len(self.packets) == self.patience:
            invite = self._invite
            lines = [
                f"BYE sip:caller@{self._caller[0]}:{self._caller[1]} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bKbye",
                f"From: {invite['to']};tag=horn",
                f"To: {invite['from']}",
                f"Call-ID: {invite['call-id']}",
                "CSeq: 1 BYE",
                "Content-Length: 0",
            ]
            self._transport.sendto("\r\n".join([*lines, "", ""]).encode(), self._caller)

    def _say(
        self, status: int, given: dict[str, str], more: Lines | None = None, body: str = ""
    ) -> None:
        tag = "" if "tag=" in given["to"] else ";tag=horn"
        lines = [
            f"SIP/2.0 {status} Said",
            f"Via: {given['via']}",
            f"From: {given['from']}",
            f"To: {given['to']}{tag if status > 100 else ''}",
            f"Call-ID: {given['call-id']}",
            f"CSeq: {given['cseq']}",
            *(more or []),
            f"Content-Length: {len(body)}",
        ]
        self._transport.sendto(("\r\n".join([*lines, "", ""]) + body).encode(), self._caller)

    def _authorised(self, first: str, given: dict[str, str]) -> bool:
        header = given.get("authorization" if self.challenge == 401 else "proxy-authorization", "")
        told = {k: q or b for k, q, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}
        if not told:
            return False

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        secret = md5(f"{USER}:pbx:{PASSWORD}")
        asked = md5(f"INVITE:{first.split()[1]}")
        middle = f"{NONCE}:{told['nc']}:{told['cnonce']}:auth"
        return told["response"] == md5(f"{secret}:{middle}:{asked}")

    def heard(self, decode: Callable[[bytes], Sound]) -> Sound:
        """What its sound port got, decoded."""
        return decode(b"".join(one[12:] for one in self.packets))


class _Media(asyncio.DatagramProtocol):
    def __init__(self, took: Callable[[bytes], None]) -> None:
        self._took = took

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._took(data)
