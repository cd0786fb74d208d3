"""Sentences said by the good voice ahead of time, so that it is there when they are wanted.

The sentences that may be said here are known: hazards by places by languages. They are made one
after the other, the gravest first, whenever nobody asks for a sentence; what is no longer among
them is removed. What was said in the instant voice since is made as well, for the next time.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from voice.faults import SpeechFailed, VoiceMissing
from voice.shelf import Shelf
from voice.speech import LIMIT_BYTES, PREPARED, SpeechMaker, Voice, checked_text, made

log = logging.getLogger(__name__)

QUIET_SECONDS = 2.0
"""So long nobody must have asked for a sentence before one is made ahead."""

RETRY_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 3600.0
"""After a fault, or while another process of this data folder prepares; twice as long each time."""

GIVEN_UP_AFTER = 3

MOST_PREPARED = 2000  # about half a gigabyte
MOST_MISSED = 50


@dataclass(frozen=True, slots=True)
class Sentence:
    """What may be said here."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many of the sentences that may be said are there in the good voice."""

    ready: int
    wanted: int


class Preparer:
    """Makes the sentences of a site in the good voice, and keeps them; see `run`."""

    def __init__(
        self,
        voice: Voice,
        maker: SpeechMaker,
        folder: Path,
        sentences: Sequence[Sentence],
        *,
        quiet: float = QUIET_SECONDS,
        retry: float = RETRY_SECONDS,
    ) -> None:
        self._voice = voice
        self._maker = maker
        self._folder = folder
        self._prepared = Shelf(folder / PREPARED)
        self._said = Shelf(folder, LIMIT_BYTES)
        self._sentences = speakable(voice, sentences)
        self._quiet = quiet
        self._retry = retry
        self._missed: deque[Sentence] = deque(maxlen=MOST_MISSED)
        self._news = asyncio.Event()
        self._done = False
        maker.missed = self._note

    def _note(self, text: str, language: str) -> None:
        sentence = Sentence(text, language)
        if sentence not in self._missed and sentence not in self._sentences:
            self._missed.append(sentence)
            self._news.set()

    async def readiness(self) -> Readiness:
        """How far it is."""
        return await asyncio.to_thread(readiness, self._voice, self._folder, self._sentences)

    async def run(self) -> None:
        """Prepare everything, then whatever is missed; for ever."""
        pause = self._retry
        while True:
            self._news.clear()
            done = await self._all_prepared()
            while self._missed:
                await self._make(self._missed[0], self._said)
                self._missed.popleft()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if done else pause):
                    await self._news.wait()
            pause = min(2 * pause, LONGEST_RETRY_SECONDS)

    async def _all_prepared(self) -> bool:
        """One round; False where it is to be tried again."""
        if self._done:
            return True
        with alone(await asyncio.to_thread(lock_of, self._folder)) as ours:
            if ours:
                wanted = [(self._voice.key(one.language), one.text) for one in self._sentences]
                gone = await asyncio.to_thread(self._prepared.keep_only, wanted)
                before = await self.readiness()
                self._done = await self._round()
                after = await self.readiness()
                log.info("sentences in the good voice: %d of %d, %d made now, %d old ones removed",
                         after.ready, after.wanted, after.ready - before.ready, gone)  # fmt: skip
        return self._done

    async def _round(self) -> bool:
        """All sentences, unless one after the other fails: then it is the voice that does."""
        failed = running = 0
        for one in self._sentences:
            running = 0 if await self._make(one, self._prepared) else running + 1
            failed += running > 0
            if running == GIVEN_UP_AFTER:
                break
        return not failed

    async def _make(self, sentence: Sentence, shelf: Shelf) -> bool:
        key = self._voice.key(sentence.language)
        if await asyncio.to_thread(shelf.has, key, sentence.text):
            return True
        await self._until_quiet()
        try:
            await made(self._voice, shelf, sentence.text, sentence.language)
        except SpeechFailed as fault:
            log.warning("not made in the good voice: %s", fault)
            return False
        return True

    async def _until_quiet(self) -> None:
        while True:
            still = self._quiet - self._maker.idle_seconds
            if still <= 0:
                return
            await asyncio.sleep(still)


def speakable(voice: Voice, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Those that the voice has a speaker for, each once, as they are looked up."""
    found: dict[Sentence, None] = {}
    for one in sentences:
        try:
            voice.key(one.language)
            found[Sentence(checked_text(one.text), one.language)] = None
        except (VoiceMissing, SpeechFailed):
            continue
    return tuple(found)[:MOST_PREPARED]


def readiness(voice: Voice, folder: Path, sentences: Sequence[Sentence]) -> Readiness:
    """How many of the sentences are there, without a sound. Blocking."""
    shelf, wanted = Shelf(folder / PREPARED), speakable(voice, sentences)
    ready = sum(shelf.has(voice.key(one.language), one.text) for one in wanted)
    return Readiness(ready, len(wanted))


def lock_of(folder: Path) -> int:
    """A descriptor of the folder, to be locked. Blocking."""
    (folder / PREPARED).mkdir(parents=True, exist_ok=True)
    return os.open(folder / PREPARED, os.O_RDONLY)


@contextmanager
def alone(descriptor: int) -> Iterator[bool]:
    """Whether no other process prepares in the same folder; held until the end."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = True
    except BlockingIOError:
        ours = False
    try:
        yield ours
    finally:
        os.close(descriptor)
