"""A speaker's own link, and the chime of its start."""

from __future__ import annotations

import io
import wave
from array import array
from urllib.parse import parse_qs, urlsplit

import pytest

from handlers.console.speaker import two_tones
from handlers.console.speakerlinks import SpeakerLinks


def test_a_link_is_good_for_its_speaker_only() -> None:
    """And only with the key that made it."""
    links, others = SpeakerLinks(b"a" * 32), SpeakerLinks(b"b" * 32)
    split = urlsplit(links.path("gate-horn"))
    key = parse_qs(split.query)["key"][0]
    assert split.path == "/speaker/gate-horn"
    assert links.holds("gate-horn", key)
    assert not links.holds("pit-horn", key)
    assert not others.holds("gate-horn", key)
    assert not links.holds("gate-horn", "")
    assert not links.holds("gate-horn", "ü")


def test_a_short_key_is_refused() -> None:
    """Too short to be random enough."""
    with pytest.raises(ValueError, match="32 bytes"):
        SpeakerLinks(b"short")


def test_the_chime_can_be_heard_and_does_not_click() -> None:
    """0.7 s of sound that begins and ends in silence."""
    with wave.open(io.BytesIO(two_tones())) as sound:
        frames = array("h", sound.readframes(sound.getnframes()))
        assert 0.6 < sound.getnframes() / sound.getframerate() < 0.8
    assert max(map(abs, frames)) > 3000
    assert abs(frames[0]) < 200
    assert abs(frames[-1]) < 200
