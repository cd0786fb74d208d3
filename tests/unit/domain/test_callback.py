"""What stands behind a button survives the way to the platform and back, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.callback import MAX_BYTES, Press, decode, encode
from bot.domain.command import Verb

NUMBERS = st.integers(0, 10**15 - 1)
EXTRAS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", max_size=16)


@given(st.sampled_from(Verb), NUMBERS, NUMBERS, EXTRAS)
def test_every_press_comes_back_as_it_was(verb: Verb, case: int, seq: int, extra: str) -> None:
    """Whatever the verb and however large the numbers, data fits and is read back."""
    press = Press(verb, case, seq, extra)
    data = encode(press)
    assert len(data.encode()) <= MAX_BYTES
    assert decode(data) == press


def test_the_format_is_stable() -> None:
    """Buttons sent by yesterday's version are pressed today."""
    assert encode(Press(Verb.CLOSE, 12, 3)) == "1|close|12|3"
    assert decode("1|false_alarm|12|3") == Press(Verb.FALSE_ALARM, 12, 3)
    assert decode("1|undo|12|3|7") == Press(Verb.UNDO, 12, 3, "7")


@pytest.mark.parametrize(
    "data",
    [
        "",
        "close",
        "1|close|12",
        "1|close|12|3|",
        "1|close|12|3|4|5",
        "2|close|12|3",
        "1|explode|12|3",
        "1|CLOSE|12|3",
        "1|close|-12|3",
        "1|close|+12|3",
        "1|close| 12|3",
        "1|close|012|3",
        "1|close|1_2|3",
        "1|close|12.0|3",
        "1|close|十二|3",
        "1|close|１２|3",
        "1|close|²|3",
        "1|close||3",
        "1|close|12|",
        "1|close|1000000000000000|3",
        "1|close|12|3|" + "x" * 60,
        "1|undo|12|3|撤销",
        "1|close|12|3\n",
        "\ud800|close|12|3",
        "vote:yes",
        '{"verb": "close"}',
    ],
)
def test_forged_foreign_and_oversized_data_is_nothing(data: str) -> None:
    """Not an error: another bot's button, or somebody playing, is answered politely elsewhere."""
    assert decode(data) is None


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_without_an_error(data: str) -> None:
    """What is read is exactly what would have been written."""
    press = decode(data)
    assert press is None or encode(press) == data


@pytest.mark.parametrize(
    "press",
    [
        Press(Verb.CLOSE, 12, 3, "a|b"),
        Press(Verb.CLOSE, 12, 3, "大门"),
        Press(Verb.CLOSE, 12, 3, "x" * 60),
        Press(Verb.CLOSE, -1, 3),
        Press(Verb.CLOSE, 12, 10**15),
    ],
)
def test_what_could_not_be_read_back_is_never_sent(press: Press) -> None:
    """A button that cannot work is a mistake of ours, found where it is made."""
    with pytest.raises(ValueError, match="not a button's data"):
        encode(press)
