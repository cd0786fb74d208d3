"""What people could send that is no speech: playlists, descriptions, orders to the engine."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.ports import Utterance
from bot.speaking import VoiceAnnouncer
from tests.support.announcing import Bench, tone
from voice.faults import SpeechFailed
from voice.recording_worker import decode
from voice.speakers.port import Outcome
from voice.speech import LONGEST_TEXT, checked_text


def test_a_playlist_reads_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording of somebody else, in the folder that the program works in."""
    (tmp_path / "other.wav").write_bytes(tone(1.0).to_wav())
    monkeypatch.chdir(tmp_path)
    assert decode((tmp_path / "other.wav").read_bytes(), 60, 8000), "it could be heard"
    with pytest.raises(ValueError, match="unreadable"):
        decode(b"ffconcat version 1.0\nfile other.wav\n", 60, 8000)


def test_a_session_description_listens_to_nobody() -> None:
    """FFmpeg would wait for packets on a port of its own."""
    described = (
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 50044 RTP/AVP 0\n"
    )
    began = time.monotonic()
    with pytest.raises(ValueError, match="unreadable"):
        decode(described, 60, 8000)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\x01450S请注意", "450S请注意"),
        ("mind\x00your\x07heads", "mind your heads"),
        ("请\u200b注\u202e意", "请注意"),
        ("a\ud800b", "ab"),
        ("one\r\n\ttwo", "one two"),
        ("<speak>请注意</speak>", "<speak>请注意</speak>"),
    ],
)
def test_nothing_in_a_sentence_steers_the_engine(text: str, said: str) -> None:
    """eSpeak takes orders behind ^A, and ends at a NUL."""
    assert checked_text(text) == said


@pytest.mark.parametrize("text", ["", " \n", "\x01\x02", "\u200b", "a" * (LONGEST_TEXT + 1)])
def test_what_is_nothing_or_too_much_is_refused(text: str) -> None:
    with pytest.raises(SpeechFailed):
        checked_text(text)


async def test_what_a_device_says_reaches_the_record_as_a_line(bench: Bench) -> None:
    """PostgreSQL takes no NUL, a card no page of words."""
    bench.gate.detail = "busy\0\x1b[2J\r\nhere" + "!" * 60_000
    bench.gate.outcome = Outcome.FAILED
    bench.gate.gate.set()
    announcer = VoiceAnnouncer(bench.announcer, [])
    expires_at = round((bench.clock.now + 10) * 1000)
    said = await announcer.announce(
        Utterance("a", "gate", "hat", "zh", "general", "normal", expires_at)
    )
    for words in (said.detail, (await announcer.silent())["gate"]):
        assert words.startswith("busy[2Jhere!!")
        assert len(words) <= 200
