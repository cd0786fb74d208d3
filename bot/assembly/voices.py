"""The good voice: found in the model store, and given the sentences that may be said here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain.response import Responses
from bot.domain.site import SiteConfig
from bot.texts.ahead import sentences_ahead
from storage.models import ModelStore, NotPulled

if TYPE_CHECKING:
    from voice.kokoro.voice import KokoroVoice
    from voice.preparing import Sentence
    from voice.speech import SpeechMaker

SPEECH = "speech"
"""The folder of spoken sentences within the data folder."""

NETWORK = "kokoro"
SPEAKERS: Mapping[str, str] = MappingProxyType({"zh": "kokoro-zh", "en": "kokoro-en"})
"""What the model store calls the speaker of a language."""

LOOK_EVERY_S = 30.0
"""A voice may be fetched while the program runs."""


def good_voice(models: Path) -> KokoroVoice | None:
    """The good voice in the languages that are here; None: in none. Blocking."""
    from voice.kokoro.voice import KokoroVoice, Pack

    store = ModelStore(models)
    try:
        model, vocabulary = store.files(NETWORK)
    except NotPulled:
        return None
    styles = {language: path for language, name in SPEAKERS.items() if (path := _here(store, name))}
    return KokoroVoice(Pack(model, vocabulary, styles)) if styles else None


def _here(store: ModelStore, name: str) -> Path | None:
    try:
        return store.path(name)
    except NotPulled:
        return None


class GoodVoice:
    """Gives `speech` the good voice, once it is in the folder `models`, and has it work ahead."""

    def __init__(
        self,
        models: Path,
        speech: SpeechMaker,
        folder: Path,
        may_be_said: Sequence[Sentence],
        *,
        look_every: float = LOOK_EVERY_S,
    ) -> None:
        self._models = models
        self._speech = speech
        self._folder = folder
        self._may_be_said = may_be_said
        self._look_every = look_every
        self._languages: frozenset[str] = frozenset()
        self._working: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """For ever; a language that is fetched later is spoken from then on."""
        try:
            while True:
                await self._look()
                if self._working is None:
                    await asyncio.sleep(self._look_every)
                elif (await asyncio.wait({self._working}, timeout=self._look_every))[0]:
                    self._working.result()
        finally:
            await self._stop()

    async def _look(self) -> None:
        from voice.preparing import Preparer

        found = await asyncio.to_thread(good_voice, self._models)
        if found is None or found.pack.styles.keys() <= self._languages:
            return
        await self._stop()
        await self._speech.improve(found)
        self._languages = frozenset(found.pack.styles)
        preparer = Preparer(found, self._speech, self._folder, self._may_be_said)
        self._working = asyncio.create_task(preparer.run(), name="preparing sentences")

    async def _stop(self) -> None:
        working, self._working = self._working, None
        self._languages = frozenset()
        if working is not None:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def sentences(config: SiteConfig, responses: Responses) -> list[Sentence]:
    """What may be said here, the gravest first."""
    from voice.preparing import Sentence

    return [Sentence(text, language) for text, language in sentences_ahead(config, responses)]
