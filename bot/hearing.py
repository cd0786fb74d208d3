"""Between voice and the core: recordings become transcripts, as soon as the model is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from bot.ports import Recording, Transcript
from bot.program import program
from storage.models import ModelStore, NotPulled

if TYPE_CHECKING:
    from voice.hearing.ears import Ears

log = logging.getLogger(__name__)

MODEL = "whisper-base"
Engine = Literal["light", "whisper"]

_LOOK_AGAIN_S = 30.0


def wanting(models: Path, engine: Engine) -> str:
    """The command that brings what the engine still lacks; "" where all is here.  Blocking."""
    if engine == "whisper" and find_spec("whisper") is None:
        return "pip install openai-whisper"
    try:
        ModelStore(models).files(MODEL)
    except NotPulled:
        return f"{program()} models pull {MODEL}"
    return ""


class ModelTranscriber:
    """See `bot.ports.Transcriber`; `close` after use."""

    def __init__(
        self,
        models: Path,
        engine: Engine,
        open_ears: Callable[[Engine, Path], Ears] | None = None,
    ) -> None:
        self._models = models
        self._engine: Engine = engine
        self._open = open_ears or _ears
        self._ears: Ears | None = None

    async def missing(self) -> str:
        """The command that brings it."""
        if self._ears is not None:
            return ""
        return await asyncio.to_thread(wanting, self._models, self._engine)

    async def transcribe(self, recording: Recording) -> Transcript:
        """See `bot.ports.Transcriber`; the log tells how it went, and not what was said."""
        begun = perf_counter()
        heard = await self._opened().hear(recording.wav)
        log.info(
            "%.1f s of recording, %.1f s of speech: %s, %s, score %.2f, in %.2f s",
            recording.seconds,
            heard.seconds,
            heard.language or "no language",
            heard.refusal or "understood",
            heard.score,
            perf_counter() - begun,
        )
        return Transcript(
            text=heard.text,
            language=heard.language,
            seconds=heard.seconds,
            score=heard.score,
            compression=heard.compression,
            refusal=f"hearing.{heard.refusal}" if heard.refusal else "",
        )

    async def keep_ready(self) -> None:
        """Have the network loaded before it is wanted, and again where it was lost; for ever."""
        from voice.faults import SpeechFailed

        while True:
            if not await self.missing():
                try:
                    await self._opened().warm_up()
                except SpeechFailed as fault:
                    log.error("nothing that is said can be understood: %s", fault)
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def close(self) -> None:
        """End the process that listens."""
        if self._ears is not None:
            await self._ears.close()

    def _opened(self) -> Ears:
        if self._ears is None:
            self._ears = self._open(self._engine, self._models / MODEL)
        return self._ears


def _ears(engine: Engine, folder: Path) -> Ears:
    from voice.hearing.ears import Ears, command_of

    return Ears(command_of(engine, folder))
