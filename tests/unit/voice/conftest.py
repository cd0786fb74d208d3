"""Small factories for what the voice's tests need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.announcing import Bench, ToneVoice, tone
from voice.policy import SpeakerSpec
from voice.sound import Sound

__all__ = ["ToneVoice"]


@pytest.fixture
def tone_voice() -> ToneVoice:
    return ToneVoice()


@pytest.fixture
def make_tone() -> Callable[..., Sound]:
    return tone


@pytest.fixture
async def bench(tone_voice: ToneVoice, tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tone_voice, tmp_path)
    bench.open(SpeakerSpec("gate", "gated:"), SpeakerSpec("pit", "gated:"))
    yield bench
    for speaker in bench.speakers.values():
        speaker.gate.set()
    await bench.announcer.close()
