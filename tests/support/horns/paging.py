"""A paging horn: takes RTP off the wire with its times and marks; PyAV decodes it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from tests.support.ports import free_port
from voice.sound import Sound

RTPMAPS = {0: "PCMU/8000", 8: "PCMA/8000", 96: "L16/16000"}
IP_RECVTTL, IP_RECVTOS = 12, 13


@dataclass(frozen=True, slots=True)
class Packet:
    """One datagram as it arrived. `at` on the monotonic clock."""

    data: bytes
    at: float
    ttl: int
    tos: int

    @property
    def marker(self) -> bool:
        return bool(self.data[1] & 0x80)

    @property
    def payload_type(self) -> int:
        return self.data[1] & 0x7F

    @property
    def sequence(self) -> int:
        return struct.unpack_from("!H", self.data, 2)[0]

    @property
    def timestamp(self) -> int:
        return struct.unpack_from("!I", self.data, 4)[0]

    @property
    def ssrc(self) -> int:
        return struct.unpack_from("!I", self.data, 8)[0]


class PagingHorn:
    """Listens on a port of loopback, in a thread so that our own loop does not bend its times."""

    def __init__(self, group: str = "") -> None:
        self.packets: list[Packet] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        self._socket.setsockopt(socket.IPPROTO_IP, IP_RECVTOS, 1)
        self._socket.bind((group or "127.0.0.1", 0))
        if group:
            member = socket.inet_aton(group) + socket.inet_aton("127.0.0.1")
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        self._socket.settimeout(0.1)
        self.port = self._socket.getsockname()[1]
        self._open = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while self._open:
            with contextlib.suppress(TimeoutError):
                data, marks, _, _ = self._socket.recvmsg(2048, 256)
                now = time.monotonic()
                told = {kind: value[0] for _, kind, value in marks}
                self.packets.append(
                    Packet(data, now, told.get(socket.IP_TTL, 0), told.get(socket.IP_TOS, 0))
                )
        self._socket.close()

    def close(self) -> None:
        """Stop listening; from now on the port refuses."""
        self._open = False
        self._thread.join()

    async def heard(self) -> list[Sound]:
        """Each page as PyAV decodes it."""
        await asyncio.sleep(0.05)  # what is on loopback has arrived by then
        pages: dict[int, list[Packet]] = {}
        for packet in list(self.packets):
            pages.setdefault(packet.ssrc, []).append(packet)
        return await asyncio.gather(*(asyncio.to_thread(decoded, one) for one in pages.values()))


def decoded(page: list[Packet]) -> Sound:
    """What FFmpeg's RTP receiver makes of packets that it is sent over loopback. Blocking."""
    port = free_port()
    kind = page[0].payload_type
    sdp = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=page\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {kind}\r\na=rtpmap:{kind} {RTPMAPS[kind]}\r\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sdp") as file:
        file.write(sdp)
        file.flush()
        sender = threading.Thread(target=_replay, args=(page, port), daemon=True)
        sender.start()
        options = {"protocol_whitelist": "file,udp,rtp", "listen_timeout": "1"}
        with av.open(str(Path(file.name)), format="sdp", options=options) as container:
            frames: list[np.ndarray] = []
            with contextlib.suppress(av.error.TimeoutError):  # nothing comes any more
                frames += (frame.to_ndarray()[0] for frame in container.decode(audio=0))
            rate = container.streams.audio[0].rate
        sender.join()
    return Sound(np.concatenate(frames), rate)


def _replay(page: list[Packet], port: int) -> None:
    """Send the packets once somebody listens at the port."""
    deadline = time.monotonic() + 10
    while not _listening(port) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for packet in page:
            sock.sendto(packet.data, ("127.0.0.1", port))
            time.sleep(0.0005)


def _listening(port: int) -> bool:
    """Whether a UDP socket is bound there; trying to bind would disturb others who try."""
    lines = Path("/proc/net/udp").read_text("ascii").splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)
