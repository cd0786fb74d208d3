"""Kokoro as a voice: good Mandarin and English, seconds a sentence, so it is prepared ahead."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voice.faults import VoiceMissing
from voice.reading import spoken_form
from voice.shelf import VoiceKey
from voice.sound import Sound
from voice.worker import SpeakingProcess

# Our packages by their place: the program may have been started from anywhere.
ROOT = Path(__file__).resolve().parents[2]
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from voice.kokoro.worker import main; main()"
)
IDLE_SECONDS = 60.0
"""So long the process keeps its 330 MB without a sentence."""

PACE = 100  # per cent of the network's own

LOW_PRIORITY = 15
"""Its niceness: a thirtieth of a core's time where all else wants to compute as well."""


@dataclass(frozen=True, slots=True)
class Pack:
    """The files of the network, and of each language's speaker."""

    model: Path
    vocabulary: Path
    styles: Mapping[str, Path]


class KokoroVoice:
    """Text to sound through Kokoro, one sentence at a time; see `SpeakingProcess`."""

    def __init__(
        self,
        pack: Pack,
        *,
        limit: float = 300.0,
        start_limit: float = 120.0,
        idle: float = IDLE_SECONDS,
        niceness: int = LOW_PRIORITY,
    ) -> None:
        self.pack = pack
        files = (str(pack.model), str(pack.vocabulary))
        command = (sys.executable, "-P", "-c", START, str(ROOT), str(niceness), *files)
        self._process = SpeakingProcess(command, limit=limit, start_limit=start_limit, idle=idle)

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, None while there is none."""
        return self._process.pid

    def key(self, language: str) -> VoiceKey:
        """The voice that speaks a language. Raises VoiceMissing."""
        return VoiceKey("kokoro", self._style(language).stem, PACE)

    async def make(self, text: str, language: str) -> Sound:
        """Say `text`. Raises SpeechFailed (VoiceMissing where there is no speaker for it)."""
        style = self._style(language)
        return await self._process.say(
            {"text": spoken_form(text, language), "style": str(style), "pace": PACE / 100}
        )

    async def warm_up(self) -> None:
        """Nothing: what is asked of this voice can wait, and its memory is worth having."""

    async def close(self) -> None:
        """End the worker."""
        await self._process.close()

    def _style(self, language: str) -> Path:
        try:
            return self.pack.styles[language]
        except KeyError:
            raise VoiceMissing(language) from None
