"""eSpeak NG through pyttsx3: the voice that is always there, at once, in one worker process.

Its Mandarin is poor but instant, so it is what speaks when nothing better is installed or ready.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from voice.faults import VoiceMissing
from voice.reading import spoken_form
from voice.shelf import VoiceKey
from voice.sound import Sound
from voice.worker import SpeakingProcess

# The pinyin voice: `sit/cmn` of some espeak-ng releases reads tone digits in English.
VOICES: Mapping[str, VoiceKey] = {
    "zh": VoiceKey("espeak", "sit/cmn-latn-pinyin", 165),
    "en": VoiceKey("espeak", "gmw/en-us", 150),
}
WORKER = Path(__file__).with_name("espeak_worker.py")
COMMAND = (sys.executable, "-P", str(WORKER))


class EspeakVoice:
    """Text to sound through pyttsx3, one sentence at a time; see `SpeakingProcess`."""

    def __init__(
        self,
        *,
        limit: float = 4.0,
        start_limit: float = 15.0,
        voices: Mapping[str, VoiceKey] = VOICES,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._voices = voices
        self._process = SpeakingProcess(command, limit=limit, start_limit=start_limit)

    def key(self, language: str) -> VoiceKey:
        """The voice that speaks a language. Raises VoiceMissing."""
        try:
            return self._voices[language]
        except KeyError:
            raise VoiceMissing(language) from None

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, None while there is none."""
        return self._process.pid

    async def make(self, text: str, language: str) -> Sound:
        """Say `text`. Raises SpeechFailed (VoiceMissing where the engine lacks the voice)."""
        key = self.key(language)
        return await self._process.say(
            {"text": spoken_form(text, language), "voice": key.voice, "rate": key.rate}
        )

    async def warm_up(self) -> None:
        """Start the worker ahead of the first sentence. Raises SpeechFailed."""
        await self._process.warm_up()

    async def close(self) -> None:
        """End the worker. Waits for a sentence in progress; its time is limited."""
        await self._process.close()
