"""Sentences that sound like an order, or like a yes, and are another thing or none."""

from __future__ import annotations

import time

import pytest

from bot.domain.command import Verb
from handlers.numerals import in_digits
from handlers.spoken.guessing import guess
from handlers.spoken.lexicon import Lexicon
from handlers.spoken.understanding import understand
from voice.pronouncing import syllables


@pytest.mark.parametrize(
    "said",
    [
        "confirm",
        "Confirm.",
        "OK, confirm",
        "please confirm",
        "执行",
        "好的，执行",
        "执行吧",
        "确认执行",
    ],
)
def test_the_word_that_carries_out(lexicon: Lexicon, said: str) -> None:
    """In English too, where it also means to acknowledge a case that is named."""
    heard = understand(said, lexicon)
    assert heard is not None
    assert heard.verb is Verb.CONFIRM


@pytest.mark.parametrize(
    "said",
    [
        *(
            "confirm?",
            "can you confirm",
            "could you confirm?",
            "Would you confirm",
            "let's confirm",
        ),
        *("执行？", "你执行一下", "我想执行", "执行吗", "先执行", "不要执行", "don't confirm"),
    ],
)
def test_a_yes_that_asks_or_is_said_to_others_is_none(lexicon: Lexicon, said: str) -> None:
    """`can you confirm` carries nothing out."""
    assert understand(said, lexicon) is None


@pytest.mark.parametrize("said", ["confirm twelve", "confirm fire alarm"])
def test_with_a_case_it_still_acknowledges(lexicon: Lexicon, said: str) -> None:
    heard = understand(said, lexicon)
    assert heard is not None
    assert heard.verb is Verb.ACKNOWLEDGE


@pytest.mark.parametrize("said", ["close the second one", "the twelfth one is fixed", "first one"])
def test_the_second_one_is_not_twenty_one(lexicon: Lexicon, said: str) -> None:
    """Nor the twelfth one two cases."""
    assert not [char for char in in_digits(said) if char.isdigit()]
    heard = understand(said, lexicon)
    assert heard is None or heard.mention.numbers == ()


@pytest.mark.parametrize(
    ("said", "number"),
    [("close case for now", ()), ("close number two", (2,)), ("close case for", (4,))],
)
def test_for_is_four_only_where_nothing_follows(
    lexicon: Lexicon, said: str, number: tuple[int, ...]
) -> None:
    heard = understand(said, lexicon)
    assert (heard.mention.numbers if heard else ()) == number


def test_case_to_somebody_is_no_number(lexicon: Lexicon) -> None:
    """As a reply to a card one says `assign this case to Li`."""
    heard = understand("assign this case to Li", lexicon)
    assert heard is not None
    assert (heard.verb, heard.mention.open, heard.args) == (Verb.ASSIGN, True, {"person": "li"})


@pytest.mark.parametrize(
    "said", ["let me take number twelve", "让我来处理十二号", "十二号让我处理"]
)
def test_who_takes_it_over_does_not_assign_it(lexicon: Lexicon, said: str) -> None:
    """To somebody who is called me."""
    heard = understand(said, lexicon)
    assert heard is not None
    assert (heard.verb, heard.mention.numbers) == (Verb.ACKNOWLEDGE, (12,))


@pytest.mark.parametrize(
    "said",
    [
        *("close twelve, I mean thirteen", "close twelve, sorry, thirteen"),
        *("关闭十二号，口误，十三号", "关闭十二号，哦不，十三号", "关闭十二号，我是说十三号"),
    ],
)
def test_a_slip_of_the_tongue_is_not_the_reason(lexicon: Lexicon, said: str) -> None:
    """The case that was named by mistake is not asked about."""
    assert understand(said, lexicon) is None


@pytest.mark.parametrize(
    ("said", "minutes"), [("一个半小时", 90), ("两个半小时", 150), ("半小时", 30)]
)
def test_one_and_a_half_hours_are_ninety_minutes(lexicon: Lexicon, said: str, minutes: int) -> None:
    heard = understand(f"大门静音{said}", lexicon)
    assert heard is not None
    assert heard.args["minutes"] == minutes


@pytest.mark.parametrize("said", ["请" * 100 + "吧" * 100, "ok " * 33 + "x" + " ok" * 33])
def test_a_hundred_small_words_hold_nobody_up(lexicon: Lexicon, said: str) -> None:
    """Each may be left out, and with it each of the others: they are not tried by the thousand."""
    understand("关闭十二号", lexicon)
    begun = time.process_time()
    assert understand(said, lexicon) is None
    assert time.process_time() - begun < 1.0


def test_a_number_that_is_like_any_other_is_not_the_lowest() -> None:
    """关闭浩号案件 names no number."""
    heard = guess("关闭浩号案件", [5, 3, 1], syllables)
    assert heard is not None
    assert (heard.verb, heard.mention.open) == (Verb.CLOSE, True)
