"""The file speaker numbers its files and never replaces one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from voice.sound import Sound
from voice.speakers.file import FileSpeaker

MakeTone = Callable[..., Sound]


def names(folder: Path) -> list[str]:
    """The files of a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


async def test_it_goes_on_counting_after_a_restart(make_tone: MakeTone, tmp_path: Path) -> None:
    for _ in range(2):
        speaker = FileSpeaker(tmp_path / "new" / "out")
        await speaker.play(make_tone(), key="a")
        await speaker.close()
    assert names(tmp_path / "new" / "out") == ["000001.wav", "000002.wav"]


async def test_it_counts_from_the_highest_number(make_tone: MakeTone, tmp_path: Path) -> None:
    for name in ("000007.wav", "1234567.wav", "notes.txt", "000009.mp3", "99.wav"):
        (tmp_path / name).touch()
    report = await FileSpeaker(tmp_path).play(make_tone(), key="a")
    assert report.detail == str(tmp_path / "1234568.wav")


async def test_two_speakers_in_one_folder_lose_nothing(make_tone: MakeTone, tmp_path: Path) -> None:
    speakers = [FileSpeaker(tmp_path) for _ in range(4)]
    await asyncio.gather(
        *(speaker.play(make_tone(), key="a") for speaker in speakers for _ in range(5))
    )
    assert names(tmp_path) == [f"{number:06}.wav" for number in range(1, 21)]


async def test_a_folder_that_cannot_be_written_is_found_by_the_probe(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    health = await FileSpeaker(tmp_path / "file" / "out").probe()
    assert not health.ok
    assert health.detail
