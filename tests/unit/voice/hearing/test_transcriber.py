"""Between the ears and the core: what is still missing, and what becomes of a recording."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from bot.hearing import MODEL, ModelTranscriber, wanting
from bot.ports import Recording
from bot.texts.hearing import HEARING
from storage.shipped import SHIPPED
from tests.support.patience import PATIENCE_S
from voice.faults import SpeechFailed
from voice.hearing.ears import Ears
from voice.hearing.transcript import Heard

NOTE = Recording(b"RIFF", 1.5)


class FakeProcess:
    """Hears `heard`; `faults` come when it is started."""

    def __init__(self, heard: Heard, faults: list[SpeechFailed] | None = None) -> None:
        self.heard, self.faults = heard, faults or []
        self.warmed = 0
        self.closed = False

    async def hear(self, wav: bytes) -> Heard:
        return self.heard

    async def warm_up(self) -> None:
        self.warmed += 1
        if self.faults:
            raise self.faults.pop()

    async def close(self) -> None:
        self.closed = True


def pulled_into(folder: Path) -> None:
    """Files of the model, as far as their names go."""
    (folder / MODEL).mkdir(parents=True)
    for file in SHIPPED[MODEL].files:
        (folder / MODEL / file.name).write_bytes(b"")


def transcriber(folder: Path, process: FakeProcess) -> ModelTranscriber:
    opened = cast(Callable[[Any, Path], Ears], lambda engine, model: process)
    return ModelTranscriber(folder, "light", opened)


def test_the_command_is_named_that_brings_what_is_missing(tmp_path: Path) -> None:
    """The model; of the other engine its package first."""
    assert wanting(tmp_path, "light").endswith("models pull whisper-base")
    if find_spec("whisper") is None:
        assert wanting(tmp_path, "whisper") == "pip install openai-whisper"
    pulled_into(tmp_path)
    assert wanting(tmp_path, "light") == ""


async def test_a_model_that_comes_later_is_found(tmp_path: Path) -> None:
    """Without a new start of the program."""
    ears = transcriber(tmp_path, FakeProcess(Heard("close it", "en")))
    assert "models pull" in await ears.missing()
    pulled_into(tmp_path)
    assert await ears.missing() == ""
    assert (await ears.transcribe(NOTE)).text == "close it"


async def test_every_refusal_of_the_ears_has_its_sentence(tmp_path: Path) -> None:
    """None of them would be a KeyError in the middle of the night."""
    for refusal in ("silence", "unclear", "language", "cantonese", "slow", "failed", "busy"):
        ears = transcriber(tmp_path, FakeProcess(Heard(refusal=refusal)))  # type: ignore[arg-type]  # all are
        assert (await ears.transcribe(NOTE)).refusal in HEARING


async def test_it_is_warm_before_it_is_wanted(tmp_path: Path) -> None:
    """And where it does not start, the log says so, and it is tried again."""
    pulled_into(tmp_path)
    process = FakeProcess(Heard("close it", "en"), [SpeechFailed("no memory")])
    ears = transcriber(tmp_path, process)
    warming = asyncio.create_task(ears.keep_ready())
    async with asyncio.timeout(PATIENCE_S):
        while not process.warmed:
            await asyncio.sleep(0.01)
    assert not warming.done()
    warming.cancel()
    with suppress(asyncio.CancelledError):
        await warming
    await ears.close()
    assert process.closed


async def test_the_log_tells_how_it_went_and_not_what_was_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """People's words are evidence, kept where they can be erased."""
    caplog.set_level("INFO")
    ears = transcriber(tmp_path, FakeProcess(Heard("close case twelve", "en", 1.2, -0.3)))
    await ears.transcribe(NOTE)
    assert "understood" in caplog.text
    assert "twelve" not in caplog.text
