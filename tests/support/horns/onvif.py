"""ONVIF cameras to talk to: GStreamer's own server, and a scripted one with the flaws of others."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from functools import cache
from pathlib import Path

import av
import numpy as np

from voice.sound import Sound

LOGIN = "root:ge:heim"
SCRIPT = Path(__file__).with_name("gst_onvif.py")
PYTHON = "/usr/bin/python3"
BINDINGS = 'import gi; gi.require_version("GstRtspServer", "1.0")'


@cache
def gstreamer_is_here() -> bool:
    """Whether the system's Python has the bindings. Blocking."""
    try:
        found = subprocess.run([PYTHON, "-c", BINDINGS], capture_output=True, check=False)
    except OSError:
        return False
    return found.returncode == 0


class GstCamera:
    """GStreamer's RTSPOnvifServer in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self) -> None:
        """Start it and learn its port. Blocking."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [PYTHON, str(SCRIPT), str(self.folder), LOGIN], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def stop(self) -> None:
        """End it. Blocking."""
        if self._process and self._process.stdout:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()

    def settled(self) -> None:
        """Wait until its pipelines have written all they have, 10 s at most. Blocking."""
        before: list[int] = []
        for _ in range(20):
            time.sleep(0.5)
            sizes = [path.stat().st_size for path in sorted(self.folder.glob("*.ulaw"))]
            if sizes == before and all(sizes):
                return
            before = sizes

    def heard(self) -> list[Sound]:
        """Each session's sound, decoded by FFmpeg. Blocking."""
        coded = (path.read_bytes() for path in sorted(self.folder.glob("*.ulaw")))
        return [decoded(one) for one in coded if one]


def decoded(coded: bytes) -> Sound:
    """Mu-law by FFmpeg's codec."""
    decoder = av.CodecContext.create("pcm_mulaw", "r")
    decoder.sample_rate = 8000
    decoder.layout = "mono"
    frames = [frame.to_ndarray()[0] for frame in decoder.decode(av.Packet(coded))]
    return Sound(np.concatenate(frames), 8000)


AUDIO = "m=audio 0 RTP/AVP {formats}\r\na={direction}\r\n{more}a=control:track2\r\n"


class ScriptedCamera:
    """Answers as `trouble` says: a status for DESCRIBE, `busy` (453 to SETUP), `closes` (after
    `patience` packets), `freezes` (then: it reads no more), `closes_at_once` (after PLAY), `udp`
    (sets up another transport), `hangs` (answers nothing), `forgets` (knows no session in the end),
    or "" (all well).  `section` is how it describes what takes sound; each
    answer takes it `slow` seconds."""

    def __init__(self, trouble: str | int = "") -> None:
        self.trouble = trouble
        self.patience = 50
        self.section = AUDIO.format(formats="8", direction="sendonly", more="")
        self.session = "77;timeout=60"
        self.slow = 0.0
        self.met: list[tuple[str, str, dict[str, str]]] = []
        self.packets: list[bytes] = []
        self.answered: list[str] = []
        self._server: asyncio.Server
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.sleep(0)

    @property
    def methods(self) -> list[str]:
        return [method for method, _, _ in self.met]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._one(reader, writer):
                    pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first = await reader.readexactly(1)
        if first == b"$":
            head = await reader.readexactly(3)
            self.packets.append(await reader.readexactly(int.from_bytes(head[1:], "big")))
            spent = len(self.packets) >= self.patience
            if spent and self.trouble == "freezes":
                await asyncio.sleep(60)
            return not (spent and self.trouble == "closes")
        line, *lines = (first + await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        if line.startswith("RTSP/"):  # they answered what we asked
            self.answered.append(line)
            return True
        method, uri, _ = line.split(" ")
        given = {k.lower(): v.strip() for k, _, v in (one.partition(":") for one in lines)}
        self.met.append((method, uri, given))
        if self.trouble == "hangs":
            return True
        await asyncio.sleep(self.slow)
        status, headers, body = self._said(method)
        writer.write(f"OPTIONS * RTSP/1.0\r\nCSeq: {len(self.met)}\r\n\r\n".encode())
        writer.write(b"$\x01\x00\x04RTCP")
        text = f"RTSP/1.0 {status} Said\r\nCSeq: {given['cseq']}\r\n{headers}"
        writer.write(f"{text}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return not (self.trouble == "closes_at_once" and method == "PLAY")

    def _said(self, method: str) -> tuple[int, str, str]:
        if method == "DESCRIBE":
            if isinstance(self.trouble, int):
                return self.trouble, "", ""
            base = f"Content-Base: rtsp://127.0.0.1:{self.port}/live/\r\n"
            return 200, base, f"v=0\r\nm=video 0 RTP/AVP 96\r\na=recvonly\r\n{self.section}"
        if method == "SETUP":
            if self.trouble == "busy":
                return 453, "", ""
            kind = "RTP/AVP;unicast" if self.trouble == "udp" else "RTP/AVP/TCP;interleaved=4-5"
            return 200, f"Session: {self.session}\r\nTransport: {kind}\r\n", ""
        return (454 if method == "TEARDOWN" and self.trouble == "forgets" else 200), "", ""
