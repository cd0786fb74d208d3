"""An emulated camera: what the makers' HTTP says to a talker, with the flaws that are met."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import av
import numpy as np

from voice.sound import Sound

USER, PASSWORD = "root", "ge:heim"
REALM = "camera"


@dataclass(slots=True)
class Request:
    """One request as it came. `pieces`: (when, how much of the body had come by then)."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    pieces: list[tuple[float, int]] = field(default_factory=list)
    whole: bool = False

    @property
    def authorised(self) -> bool:
        return bool(self.headers.get("authorization"))


Reply = tuple[int, str]


class Camera:
    """Listens on loopback. `trouble` is what goes wrong with the sound:

    `early` (yes before any of it), `closes` (in the middle), `closes_at_once`, `mute` (takes it and
    says nothing), `stale` (forgets its nonce before the sound), `moved` (redirects), `hangs`
    (accepts and never answers anything), or a status.  `in_pieces`: an answer takes two segments;
    it comes `slow` seconds late.
    """

    def __init__(self, *, protected: bool = True) -> None:
        self.requests: list[Request] = []
        self.trouble: str | int = ""
        self.protected = protected
        self.stale = 0
        self.sounds_at: re.Pattern[str] = re.compile("never")
        self.rate = 8000
        self.decoder = "pcm_mulaw"
        self.closes_without_answer = False
        self.in_pieces = False
        self.slow = 0.0
        self.realm = REALM.encode()
        self.replies: Callable[[Request], Reply | None] = lambda _: None
        self._nonce = 0
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
    def sounds(self) -> list[Request]:
        """The requests that brought sound and were authorised."""
        return [
            one
            for one in self.requests
            if self.sounds_at.search(one.path) and one.method != "GET" and one.whole
        ]

    async def heard(self) -> list[Sound]:
        return [self.decoded(one.body) for one in self.sounds]

    def decoded(self, body: bytes) -> Sound:
        """By FFmpeg's codec."""
        decoder = av.CodecContext.create(self.decoder, "r")
        decoder.sample_rate = self.rate
        decoder.layout = "mono"
        frames = [frame.to_ndarray()[0] for frame in decoder.decode(av.Packet(body))]
        return Sound(np.concatenate(frames), self.rate)

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
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        request = Request(method, path, headers)
        self.requests.append(request)
        sound = bool(self.sounds_at.search(path)) and method != "GET"
        await asyncio.sleep(self.slow)
        if self.trouble == "hangs":
            await asyncio.sleep(60)
        if self.trouble == "moved":
            elsewhere = f"http://127.0.0.1:{self.port}/elsewhere"
            return await self._answer(writer, 302, "", f"Location: {elsewhere}\r\n")
        if sound and self.trouble == "stale" and self.stale == 0:
            self.stale = 1
            self._nonce += 1
        if self.protected and not self._authorised(request):
            return await self._challenged(reader, writer, request)
        if sound and (code := self.trouble) and isinstance(code, int):
            return await self._answer(writer, code, "")
        if sound and self.trouble in ("early", "closes_at_once"):
            if self.trouble == "early":
                await self._answer(writer, 200, "OK")
                await asyncio.sleep(5)
            return False
        await self._body(reader, request, 4000 if sound and self.trouble == "closes" else None)
        if sound and not request.whole:
            return False
        if sound and self.trouble == "mute":
            await asyncio.sleep(60)
        if sound and self.closes_without_answer:
            return False
        status, text = self.replies(request) or (200, "OK")
        return await self._answer(writer, status, text)

    async def _body(self, reader: asyncio.StreamReader, request: Request, most: int | None) -> None:
        if request.headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                self._took(request, await reader.readexactly(size))
                await reader.readline()
                if most is not None and len(request.body) > most:
                    return
            await reader.readline()
        else:
            length = int(request.headers.get("content-length", 0))
            while len(request.body) < length:
                piece = await reader.read(2048)
                if not piece:
                    request.whole = length == 9999999
                    return
                self._took(request, piece)
                if most is not None and len(request.body) > most:
                    return
        request.whole = True

    def _took(self, request: Request, piece: bytes) -> None:
        request.body += piece
        request.pieces.append((time.monotonic(), len(request.body)))

    async def _challenged(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request
    ) -> bool:
        self._nonce += self._nonce == 0
        stale = ", stale=true" if request.authorised else ""
        realm = self.realm.decode("utf-8", "surrogateescape")
        challenge = f'Digest realm="{realm}", nonce="n{self._nonce}", qop="auth"{stale}'
        await self._answer(writer, 401, "", f"WWW-Authenticate: {challenge}\r\n")
        return request.headers.get("content-length", "0") == "0"

    def _authorised(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        told = {k: q or b for k, q, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', given)}
        if told.get("nonce") != f"n{self._nonce}" or told.get("uri") != request.path:
            return False

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        secret = md5(f"{USER}:{REALM}:{PASSWORD}")
        asked = md5(f"{request.method}:{request.path}")
        middle = f"{told['nonce']}:{told['nc']}:{told['cnonce']}:{told['qop']}"
        return told["response"] == md5(f"{secret}:{middle}:{asked}")

    async def _answer(
        self, writer: asyncio.StreamWriter, status: int, text: str, more: str = ""
    ) -> bool:
        body = text.encode()
        head = f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        writer.write(
            head.encode(errors="surrogateescape")
            + body[: len(body) // 2 if self.in_pieces else None]
        )
        await writer.drain()
        if self.in_pieces:
            await asyncio.sleep(0.05)  # a segment of its own
            writer.write(body[len(body) // 2 :])
            await writer.drain()
        return True


HIKVISION_STATUS = "<ResponseStatus><statusCode>{}</statusCode></ResponseStatus>"


class HikvisionSessions:
    """The state that a Hikvision camera keeps: one session, which must be closed."""

    def __init__(self) -> None:
        self.session = ""
        self.opened = 0

    def __call__(self, request: Request) -> Reply | None:
        if request.path.endswith("/close"):
            self.session = ""
            return 200, HIKVISION_STATUS.format(1)
        if request.path.endswith("/open"):
            if self.session:
                return 200, HIKVISION_STATUS.format(2)
            self.opened += 1
            self.session = f"s{self.opened}"
            return 200, f"<TwoWayAudioSession><sessionId>{self.session}</sessionId></TwoWay...>"
        if "audioData" in request.path and not request.path.endswith(f"={self.session}"):
            return 403, HIKVISION_STATUS.format(4)
        return None


def axis() -> Camera:
    camera = Camera()
    camera.sounds_at = re.compile(r"^/axis-cgi/audio/transmit\.cgi$")
    return camera


def hikvision() -> Camera:
    camera = Camera()
    camera.sounds_at = re.compile(r"^/ISAPI/System/TwoWayAudio/channels/1/audioData\?sessionId=s")
    camera.replies = HikvisionSessions()
    return camera


def dahua() -> Camera:
    camera = Camera()
    camera.sounds_at = re.compile(
        r"^/cgi-bin/audio\.cgi\?action=postAudio&httptype=singlepart&channel=1$"
    )
    camera.decoder = "pcm_alaw"
    camera.closes_without_answer = True
    return camera


CAMERAS = {"axis": axis, "hikvision": hikvision, "dahua": dahua}


def url_of(kind: str, camera: Camera, options: str = "") -> str:
    """The URL of a speaker that is this camera."""
    return f"{kind}://root:ge%3Aheim@127.0.0.1:{camera.port}/{options}"
