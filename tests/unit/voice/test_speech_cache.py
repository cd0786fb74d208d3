"""A sentence is made once, checked, and kept within bounds."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voice.faults import SpeechFailed
from voice.shelf import Shelf, VoiceKey
from voice.sound import read_wav
from voice.speech import LONGEST_TEXT, SpeechMaker

if TYPE_CHECKING:
    from conftest import ToneVoice


def files(folder: Path) -> list[Path]:
    """All files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_the_second_time_comes_from_the_file(tone_voice: ToneVoice, tmp_path: Path) -> None:
    maker = SpeechMaker(tone_voice, tmp_path)
    first = await maker.speak_to_file("请注意", "zh")
    second = await maker.speak_to_file("  请注意\n", "zh")
    assert (first.cached, second.cached) == (False, True)
    assert tone_voice.said == ["请注意"]
    assert first.path == second.path
    assert second.sound.caption == "请注意"
    kept = await asyncio.to_thread(read_wav, second.path)
    assert kept.seconds == second.sound.seconds


async def test_asked_for_by_many_at_once_it_is_made_once(
    tone_voice: ToneVoice, tmp_path: Path
) -> None:
    tone_voice.gate.clear()
    maker = SpeechMaker(tone_voice, tmp_path)
    asked = [asyncio.create_task(maker.speak_to_file("请注意", "zh")) for _ in range(10)]
    await asyncio.sleep(0)
    tone_voice.gate.set()
    await asyncio.gather(*asked)
    assert tone_voice.said == ["请注意"]


def test_engine_voice_rate_and_text_make_the_place(tmp_path: Path) -> None:
    keys = [
        VoiceKey("a", "b", 1),
        VoiceKey("x", "b", 1),
        VoiceKey("a", "x", 1),
        VoiceKey("a", "b", 2),
    ]
    places = {Shelf(tmp_path).place(key, text) for key in keys for text in ("请", "注")}
    assert len(places) == 8


def test_a_text_never_becomes_part_of_a_path(tmp_path: Path) -> None:
    place = Shelf(tmp_path).place(VoiceKey("a", "b", 1), "../../etc/passwd").relative_to(tmp_path)
    assert len(place.parts) == 2
    assert ".." not in place.parts


async def test_a_damaged_file_is_made_anew(tone_voice: ToneVoice, tmp_path: Path) -> None:
    maker = SpeechMaker(tone_voice, tmp_path)
    path = (await maker.speak_to_file("请注意", "zh")).path
    path.write_bytes(path.read_bytes()[:50])
    again = await maker.speak_to_file("请注意", "zh")
    assert not again.cached
    assert (await asyncio.to_thread(read_wav, path)).seconds == 0.5


async def test_silence_is_a_fault_and_is_not_kept(tone_voice: ToneVoice, tmp_path: Path) -> None:
    tone_voice.level = 0.0
    with pytest.raises(SpeechFailed, match="nothing"):
        await SpeechMaker(tone_voice, tmp_path).speak_to_file("🙂", "zh")
    assert files(tmp_path) == []


@pytest.mark.parametrize("text", ["", " \n", "请" * (LONGEST_TEXT + 1)])
async def test_nothing_and_too_much_are_refused(
    text: str, tone_voice: ToneVoice, tmp_path: Path
) -> None:
    with pytest.raises(SpeechFailed, match="characters"):
        await SpeechMaker(tone_voice, tmp_path).speak_to_file(text, "zh")


async def test_a_folder_that_cannot_be_written_is_a_speech_fault(
    tone_voice: ToneVoice, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(SpeechFailed, match="stored"):
        await SpeechMaker(tone_voice, tmp_path / "taken").speak_to_file("请注意", "zh")


async def test_what_was_used_longest_ago_goes_first(tone_voice: ToneVoice, tmp_path: Path) -> None:
    maker = SpeechMaker(tone_voice, tmp_path)
    paths = [(await maker.speak_to_file(text, "zh")).path for text in "甲乙丙"]
    for age, path in zip((30, 20, 10), paths, strict=True):
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    assert (await maker.speak_to_file("甲", "zh")).cached
    fits = 3 * paths[0].stat().st_size
    newest = await SpeechMaker(tone_voice, tmp_path, limit_bytes=fits).speak_to_file("丁", "zh")
    assert files(tmp_path) == sorted([paths[0], paths[2], newest.path])


async def test_the_cache_stays_within_its_limit(tone_voice: ToneVoice, tmp_path: Path) -> None:
    maker = SpeechMaker(tone_voice, tmp_path, limit_bytes=30_000)
    for number in range(12):
        speech = await maker.speak_to_file(f"第{number}句", "zh")
        assert speech.path.exists()
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 30_000


async def test_closing_closes_the_voice(tone_voice: ToneVoice, tmp_path: Path) -> None:
    await SpeechMaker(tone_voice, tmp_path).close()
    assert tone_voice.closed
