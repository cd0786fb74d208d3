"""Foreign sound files: decoded elsewhere, within limits, each by a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.domain.recording import LONGEST_S, MOST_BYTES
from bot.texts.answers import ANSWERS
from tests.support.patience import PATIENCE_S
from tests.support.sounds import recorded, tone
from voice.faults import RecordingUnusable
from voice.recordings import RATE, RecordingDesk


@pytest.fixture
async def desk() -> AsyncIterator[RecordingDesk]:
    """A desk, closed in the end."""
    opened = RecordingDesk()
    await opened.start()
    yield opened
    await opened.close()


def loudest(samples: np.ndarray) -> float:
    """The strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * RATE / len(samples))


@pytest.mark.parametrize(
    ("container", "codec"),
    [("ogg", "libopus"), ("webm", "libopus"), ("wav", "pcm_s16le"), ("ipod", "aac")],
)
async def test_what_phones_and_browsers_record_is_heard(
    desk: RecordingDesk, container: str, codec: str
) -> None:
    """The same tone, as long as it was, at the one rate that all here use."""
    sound = await desk.decode(recorded(tone(1.5), container, codec))
    assert sound.sample_rate == RATE
    assert sound.seconds == pytest.approx(1.5, abs=0.1)
    assert loudest(sound.samples) == pytest.approx(440, abs=3)
    assert sound.peak == pytest.approx(0.49, abs=0.05)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "unreadable"),
        (b"OggS" + b"\0" * 5000, "unreadable"),
        (b"just words", "unreadable"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "unreadable"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "unreadable"),
        (recorded(tone(0.05)), "too_short"),
        (recorded(tone(2.4)), "too_long"),
        (b"\0" * (MOST_BYTES + 1), "too_large"),
    ],
    ids=["nothing", "broken", "text", "playlist", "picture", "short", "long", "large"],
)
async def test_what_cannot_be_used_says_why(desk: RecordingDesk, data: bytes, reason: str) -> None:
    """And the next recording is none the worse for it."""
    with pytest.raises(RecordingUnusable) as fault:
        await desk.decode(data, longest_s=2)
    assert fault.value.reason == reason
    assert (await desk.decode(recorded(tone(0.5)))).seconds == pytest.approx(0.5, abs=0.1)


async def test_a_decoder_that_hangs_or_dies_costs_one_recording(tmp_path: Path) -> None:
    """It is killed when its time is over; nothing waits for it."""
    for name, script, reason in (
        ("hangs.py", "import time; print(end=chr(1), flush=True); time.sleep(600)", "slow"),
        ("dies.py", "print(end=chr(1), flush=True); open(0, 'rb').read(1)", "unreadable"),
    ):
        (tmp_path / name).write_text(script)
        desk = RecordingDesk(time_limit_s=0.5, worker=tmp_path / name)
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(RecordingUnusable) as fault:
                await desk.decode(recorded(tone(0.5)))
            assert fault.value.reason == reason
            await desk.close()


async def test_a_decoder_that_does_not_start_is_not_the_recordings_fault(tmp_path: Path) -> None:
    """Nor is one that died while it had nothing to do: another takes its place."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(1)\n", encoding="utf-8")
    desk = RecordingDesk(worker=broken)
    with pytest.raises(RecordingUnusable, match="slow"):
        await desk.decode(recorded(tone(1.0)))
    await desk.close()
    desk = RecordingDesk()
    await desk.start()
    spare = desk._spare
    assert spare is not None
    spare.kill()
    await spare.wait()
    assert (await desk.decode(recorded(tone(1.0)))).seconds == pytest.approx(1.0, abs=0.1)
    await desk.close()


async def test_several_at_once_get_each_their_own(desk: RecordingDesk) -> None:
    """One after the other, and nothing is mixed up."""
    pitches = [300, 500, 700]
    sounds = await asyncio.gather(*(desk.decode(recorded(tone(0.6, p))) for p in pitches))
    assert [loudest(s.samples) for s in sounds] == pytest.approx(pitches, abs=5)


def test_the_answers_name_the_limits_that_hold() -> None:
    """In both languages."""
    for key, limit in (("too_long", LONGEST_S), ("too_large", MOST_BYTES // 1_000_000)):
        words = ANSWERS[f"recording.{key}"]
        assert f" {limit} " in words.zh
        assert f" {limit} " in words.en
