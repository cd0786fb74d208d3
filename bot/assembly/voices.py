"""The good voice: found in the model store, and given the sentences that may be said here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain.response import Responses
from bot.domain.site import SiteConfig
from bot.texts.ahead import sentences_ahead
from storage.models import ModelStore, NotPulled

if TYPE_CHECKING:
    from bot.assembly.foundation import Foundation
    from voice.kokoro.voice import KokoroVoice
    from voice.preparing import Sentence
    from voice.speech import SpeechMaker, Voice

SPEECH = "speech"
"""The folder of spoken sentences within the data folder."""

NETWORK = "kokoro"
SPEAKERS: Mapping[str, str] = MappingProxyType({"zh": "kokoro-zh", "en": "kokoro-en"})
"""What the model store calls the speaker of a language."""


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


def preparing(base: Foundation, voice: Voice, speech: SpeechMaker) -> Callable[[], Awaitable[None]]:
    """A loop that has everything made ahead that may be said on the configured sites."""
    from voice.preparing import Preparer

    folder = base.settings.data_dir / SPEECH
    return Preparer(voice, speech, folder, sentences(base.config, base.core.responses)).run


def sentences(config: SiteConfig, responses: Responses) -> list[Sentence]:
    """What may be said here, the gravest first."""
    from voice.preparing import Sentence

    return [Sentence(text, language) for text, language in sentences_ahead(config, responses)]
