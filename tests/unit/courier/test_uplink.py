"""Whether words go ahead of their picture, by what was measured."""

from __future__ import annotations

from bot.courier import Uplink


class Now:
    """A clock that is moved, in seconds."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_nothing_measured_is_taken_for_a_good_line() -> None:
    """The first picture is the measurement."""
    uplink = Uplink()
    assert not uplink.words_first("telegram", 400_000)
    assert uplink.room("telegram") is None
    assert uplink.pictures_at_once() > 1


def test_a_slow_picture_makes_the_line_thin_for_large_ones() -> None:
    """125 KB took 5 s: 25 KB/s; small ones still go along, large ones are made to fit 3 s."""
    uplink = Uplink()
    uplink.measured("telegram", 125_000, 5.0)
    assert uplink.words_first("telegram", 300_000)
    assert not uplink.words_first("telegram", 30_000)
    assert uplink.room("telegram") == 75_000
    assert uplink.pictures_at_once() == 2
    assert not uplink.words_first("console", 300_000)


def test_a_line_that_has_become_good_is_good_again() -> None:
    """After a few quick pictures, or when the slow one is long ago."""
    now = Now()
    uplink = Uplink(clock=now)
    uplink.measured("telegram", 50_000, 5.0)
    for _ in range(4):
        uplink.measured("telegram", 75_000, 0.2)
    assert not uplink.is_thin("telegram")
    uplink.measured("telegram", 50_000, 60.0)
    assert uplink.is_thin("telegram")
    now.at += 3600
    assert not uplink.is_thin("telegram")


def test_slow_words_warn_of_slow_pictures() -> None:
    """While no picture was measured."""
    uplink = Uplink()
    uplink.answered("telegram", 1.7)
    assert uplink.words_first("telegram", 1_000)
    assert uplink.room("telegram") == 48_000
    uplink.measured("telegram", 300_000, 0.3)
    assert not uplink.words_first("telegram", 300_000)


def test_what_the_site_file_says_holds_whatever_is_measured() -> None:
    """Under 80 KB, and never with the words."""
    uplink = Uplink(thin=True)
    assert uplink.room("telegram") == 48_000
    uplink.measured("telegram", 300_000, 0.1)
    assert uplink.words_first("telegram", 10)
    assert uplink.room("telegram") == 79_000
    for _ in range(4):
        uplink.measured("telegram", 10_000, 10.0)
    assert uplink.room("telegram") == 24_000
    assert uplink.pictures_at_once() == 2
