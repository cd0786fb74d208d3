"""`browser:`: a web page is the loudspeaker. This is the hub between plays and open pages.

The web server owns the transport; for each open page it does this (`send` may raise OSError
when the page is gone, and must not wait for ever):

    listener = speaker.join(send)      # send: async function taking a JSON-ready dict
    try:
        async for message in socket:   # each a dict that the page sent
            listener.heard(message)
    finally:
        listener.leave()

A page joins after its start tap (browsers are mute before a tap), not before.

    to the page:    {"type": "play", "play": ID, "text": STR, "seconds": S, "bytes": N,
                     "volume": 0-1}
                    {"type": "stop", "play": ID}     fall silent now
    from the page:  {"type": "heartbeat"}            every 5 s; 15 s without one: nobody is there
                    {"type": "started", "play": ID}  sound is coming out
                    {"type": "ended", "play": ID}
                    {"type": "failed", "play": ID, "detail": STR}

The page fetches the WAV from a route that answers with `speaker.sound_file(ID)`, for as long as
the play lasts. IDs cannot be guessed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voice.sound import Sound, write_atomically
from voice.speakers.port import Outcome, PlayReport, SpeakerHealth

log = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]

HEARTBEAT_WITHIN = 15.0
SEND_WITHIN = 2.0


class UnknownPlay(LookupError):
    """No play of this id is going on."""


@dataclass(slots=True, eq=False)
class Play:
    """One sound on its way through the pages. `waiting` are the pages not finished with it."""

    id: str
    path: Path
    asked: float
    waiting: set[Listener] = field(default_factory=set)
    started_at: float | None = None
    ended: bool = False
    faults: list[str] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    def done_with(self, listener: Listener) -> None:
        """This page has nothing more to say about the play."""
        self.waiting.discard(listener)
        if not self.waiting:
            self.finished.set()


class Listener:
    """One open page."""

    def __init__(self, hub: BrowserSpeaker, send: Send) -> None:
        self._hub = hub
        self.send = send
        self.heard_at = hub.now()

    def heard(self, message: Mapping[str, Any]) -> None:
        """Take a message of the page's. What makes no sense is ignored: pages are not trusted."""
        self.heard_at = self._hub.now()
        self._hub.take(self, message)

    def leave(self) -> None:
        """The page is gone. May be called twice."""
        self._hub.drop(self)


class BrowserSpeaker:
    """A loudspeaker made of any number of open pages; it has spoken when one of them says so."""

    kind = "browser"

    def __init__(
        self,
        folder: Path,
        *,
        start_within: float = 4.0,
        end_grace: float = 3.0,
        volume: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`folder` holds the sounds while they are played. Times in seconds."""
        self.now = now
        self._folder = folder
        self._start_within = start_within
        self._end_grace = end_grace
        self._volume = volume
        self._listeners: set[Listener] = set()
        self._plays: dict[str, Play] = {}
        self._closed = False

    def join(self, send: Send) -> Listener:
        """Register an open page that can sound."""
        listener = Listener(self, send)
        self._listeners.add(listener)
        return listener

    def drop(self, listener: Listener) -> None:
        """Forget a page; a play no longer waits for it."""
        self._listeners.discard(listener)
        for play in self._plays.values():
            play.done_with(listener)

    @property
    def live(self) -> list[Listener]:
        """The pages heard from lately."""
        oldest = self.now() - HEARTBEAT_WITHIN
        return [one for one in self._listeners if one.heard_at >= oldest]

    def sound_file(self, play_id: str) -> Path:
        """The WAV file of a play that is going on. Raises UnknownPlay."""
        try:
            return self._plays[play_id].path
        except KeyError:
            raise UnknownPlay(play_id) from None

    def take(self, listener: Listener, message: Mapping[str, Any]) -> None:
        """What a page reports about a play."""
        play = self._plays.get(str(message.get("play")))
        if play is None or listener not in play.waiting:
            return
        match message.get("type"):
            case "started":
                self._sounded(play)
            case "ended":
                self._sounded(play)
                play.ended = True
                play.done_with(listener)
            case "failed":
                play.faults.append(str(message.get("detail", "no reason given"))[:200])
                play.done_with(listener)
            case _:
                pass

    def _sounded(self, play: Play) -> None:
        if play.started_at is None:
            play.started_at = self.now()
            play.started.set()

    async def play(self, sound: Sound, *, key: str) -> PlayReport:
        """Play on all live pages; returns when they have ended or time is up."""
        if self._closed:
            return PlayReport(Outcome.FAILED, detail="the speaker is closed")
        listeners = self.live
        if not listeners:
            return PlayReport(Outcome.NO_LISTENER, detail="no open speaker page")
        play_id = secrets.token_urlsafe(16)
        play = Play(play_id, self._folder / f"{play_id}.wav", self.now(), set(listeners))
        content = sound.to_wav()
        try:
            await asyncio.to_thread(write_atomically, play.path, content)
            self._plays[play_id] = play
            await self._start(play, sound, len(content))
            await self._follow(play, sound.seconds)
        except OSError as fault:
            return PlayReport(Outcome.FAILED, detail=str(fault))
        finally:
            self._plays.pop(play_id, None)
            await self._silence(play)
            await asyncio.to_thread(discard, play.path)
        log.info("play %s: %d pages, started %s", key, len(listeners), play.started_at is not None)
        return report_of(play, sound, len(content))

    async def _start(self, play: Play, sound: Sound, size: int) -> None:
        await self._tell(
            play,
            {
                "type": "play",
                "play": play.id,
                "text": sound.caption,
                "seconds": round(sound.seconds, 3),
                "bytes": size,
                "volume": self._volume,
            },
        )

    async def _follow(self, play: Play, seconds: float) -> None:
        """Wait for the pages' reports: first that it starts, then that it ends."""
        if not await came(self._first_report(play), self._start_within):
            return
        if play.started.is_set():
            await came(play.finished.wait(), seconds + self._end_grace)

    async def _first_report(self, play: Play) -> None:
        waits = [asyncio.ensure_future(one.wait()) for one in (play.started, play.finished)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _silence(self, play: Play) -> None:
        """Pages that have not ended must not sound later: by then the sentence may be untrue."""
        await self._tell(play, {"type": "stop", "play": play.id})

    async def _tell(self, play: Play, message: dict[str, Any]) -> None:
        listeners = list(play.waiting)
        told = await asyncio.gather(
            *(asyncio.wait_for(one.send(message), SEND_WITHIN) for one in listeners),
            return_exceptions=True,
        )
        for listener, result in zip(listeners, told, strict=True):
            if isinstance(result, BaseException):
                # Whatever a transport raises, that page cannot be reached and the others can.
                log.warning("a speaker page could not be told", exc_info=result)
                play.faults.append(f"a page could not be reached: {type(result).__name__}")
                self.drop(listener)
                play.done_with(listener)

    async def probe(self) -> SpeakerHealth:
        """Whether a page is open."""
        count = len(self.live)
        return SpeakerHealth(count > 0, f"{count} open speaker pages")

    async def close(self) -> None:
        """Forget all pages. Plays that are going on end."""
        self._closed = True
        for listener in list(self._listeners):
            self.drop(listener)


async def came(waited: Awaitable[Any], within: float) -> bool:
    """Whether something came within a time."""
    try:
        await asyncio.wait_for(waited, within)
    except TimeoutError:
        return False
    return True


def discard(path: Path) -> None:
    """Remove a played sound. Blocking. What cannot be removed now goes at the next start."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def report_of(play: Play, sound: Sound, size: int) -> PlayReport:
    """What may be said of a play, given the pages' words."""
    faults = "; ".join(play.faults)
    if play.started_at is not None:
        detail = (
            faults if play.ended else "; ".join(filter(None, ("its end was not reported", faults)))
        )
        first_ms = (play.started_at - play.asked) * 1000
        return PlayReport(Outcome.SPOKEN, size, sound.seconds, first_ms, detail)
    if play.faults and not play.waiting:
        return PlayReport(Outcome.FAILED, detail=faults)
    return PlayReport(Outcome.NOT_CONFIRMED, size, detail=faults or "no page said that it sounded")
