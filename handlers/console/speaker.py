"""A page as a loudspeaker: its socket, its sounds, and the page that does nothing else."""

from __future__ import annotations

import asyncio
import io
import json
import math
import wave
from array import array
from functools import lru_cache
from typing import Any

from aiohttp import WSMsgType, web

from bot.domain.error import Unavailable
from bot.domain.site import Speaker
from bot.ports_console import SpeakerHub, SpeakerListener
from handlers.console import audience
from handlers.console.context import console_of, member_of, open_socket

LONGEST_FRAME = 4 * 1024
SILENCE_MEANS_GONE = 20.0
_RATE = 16_000


async def speaker_of(request: web.Request) -> Speaker:
    """The loudspeaker of the address, if this visitor may be it; 401 or 404 otherwise."""
    console = console_of(request)
    id = request.match_info["speaker"]
    links = console.speaker_links
    found = console.config.speaker(id)
    if links is None or not links.holds(id, request.query.get("key", "")):
        member = await member_of(request)
        found = found if found in audience.speakers_of(console.config, member) else None
    if found is None or id not in console.speakers:
        raise web.HTTPNotFound
    return found


async def about(request: web.Request) -> web.Response:
    """`GET /speaker/{id}/about`: what the speaker page shows at the start."""
    speaker = await speaker_of(request)
    config = console_of(request).config
    site = config.site(speaker.site)
    return web.json_response(
        {
            "id": speaker.id,
            "name": speaker.name,
            "site_name": site.name if site else speaker.site,
            "timezone": site.timezone.key if site else None,
            "language": config.language,
        },
        headers={"Cache-Control": "no-store"},
    )


async def socket(request: web.Request) -> web.WebSocketResponse:
    """`GET /speaker/{id}/socket`: opened after the start tap, so only by pages that can sound."""
    speaker = await speaker_of(request)
    hub = console_of(request).speakers[speaker.id]
    async with open_socket(request, heartbeat=10, max_msg_size=LONGEST_FRAME) as answer:
        listener = _join(hub, answer)
        try:
            await _listen(request, answer, listener)
        finally:
            listener.leave()
    return answer


def _join(hub: SpeakerHub, answer: web.WebSocketResponse) -> SpeakerListener:
    async def send(message: dict[str, Any]) -> None:
        await answer.send_str(json.dumps(message, ensure_ascii=False))

    return hub.join(send)


async def _listen(
    request: web.Request, answer: web.WebSocketResponse, listener: SpeakerListener
) -> None:
    """Pass on what the page reports, until it goes, falls silent or loses its right."""
    while True:
        try:
            frame = await answer.receive(timeout=SILENCE_MEANS_GONE)
        except TimeoutError:
            return
        if frame.type is not WSMsgType.TEXT:
            return
        message = _object(frame.data)
        listener.heard(message)
        if message.get("type") == "heartbeat" and not await _may_still(request):
            await answer.send_str(json.dumps({"type": "signed_out"}))
            return


async def _may_still(request: web.Request) -> bool:
    try:
        await speaker_of(request)
    except web.HTTPException:
        return False
    except Unavailable:
        return True  # a database that is down must not silence the horn
    return True


def _object(data: str) -> dict[str, Any]:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


async def sound(request: web.Request) -> web.StreamResponse:
    """`GET /speaker/{id}/sound/{play}`: the WAV, as long as the play goes on."""
    speaker = await speaker_of(request)
    hub = console_of(request).speakers[speaker.id]
    try:
        path = hub.sound_file(request.match_info["play"])
        data = await asyncio.to_thread(path.read_bytes)
    except (LookupError, FileNotFoundError) as fault:
        raise web.HTTPNotFound from fault
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=data, content_type="audio/wav", headers=headers)


async def chime(_: web.Request) -> web.Response:
    """`GET /speaker/chime.wav`: two soft tones that say "I can be heard" after the start tap."""
    headers = {"Cache-Control": "public, max-age=86400"}
    body = await asyncio.to_thread(two_tones)
    return web.Response(body=body, content_type="audio/wav", headers=headers)


@lru_cache(maxsize=1)
def two_tones() -> bytes:
    """0.7 s of mono 16-bit sound, rising from e'' to a''."""
    samples = array("h", [*_tone(659.3, 0.25), *_tone(880.0, 0.45)])
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(samples.tobytes())
    return buffer.getvalue()


def _tone(hertz: float, seconds: float) -> list[int]:
    """A tone that swells quickly and fades, so that it does not click."""
    count = round(seconds * _RATE)
    return [
        round(
            9_000
            * min(1.0, at / 320)
            * (1 - at / count) ** 2
            * math.sin(2 * math.pi * hertz * at / _RATE)
        )
        for at in range(count)
    ]
