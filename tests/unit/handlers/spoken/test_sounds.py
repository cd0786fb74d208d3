"""What sounds alike is told apart from what does not."""

from __future__ import annotations

import pytest

from bot.domain.command import Verb
from handlers.spoken.guessing import guess
from handlers.spoken.lexicon import Lexicon
from handlers.spoken.misheard import with_digits_restored
from handlers.spoken.resolving import by_sound, nearest_name
from handlers.spoken.sounds import are_alike, distance, number_distance
from handlers.spoken.understanding import understand
from voice.pronouncing import syllables


@pytest.mark.parametrize("pair", [(4, 10), (14, 40), (1, 7), (2, 20), (11, 17)])
def test_numbers_that_sound_alike_in_mandarin(pair: tuple[int, int]) -> None:
    """Either way round."""
    one, other = pair
    assert are_alike(one, other, "zh")
    assert are_alike(other, one, "zh")


@pytest.mark.parametrize("ten", range(3, 10))
def test_teens_and_tens_sound_alike_in_english(ten: int) -> None:
    assert are_alike(10 + ten, 10 * ten, "en")


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [(12, 13, "zh"), (12, 20, "en"), (5, 8, "zh"), (12, 21, "zh"), (3, 30, "en")],
)
def test_others_do_not(one: int, other: int, language: str) -> None:
    assert not are_alike(one, other, language)


def test_no_number_is_like_itself() -> None:
    assert not any(are_alike(number, number, "zh") for number in range(1, 200))


def test_the_word_before_a_number_may_melt_into_it() -> None:
    """`把十二号` is heard as 82号."""
    assert number_distance(82, 12, "zh", "ba") == 0
    assert number_distance(82, 14, "zh", "ba") > 0


def test_the_distance_counts_syllables() -> None:
    assert distance(["guan", "bi"], ["guan", "bi"]) == 0
    assert distance(["shi"], ["si"]) == pytest.approx(0.25)
    assert distance(["guan"], []) == 1


def test_a_name_that_was_misheard_is_found(lexicon: Lexicon) -> None:
    """大们 is 大门; what sounds like nothing here is nothing."""
    heard = understand("把大们那个关了", lexicon, loosely=True)
    assert heard is not None
    assert heard.mention.unknown == ("大们",)
    found = by_sound(heard, lexicon, syllables)
    assert found is not None
    assert {place.camera for place in found.mention.places} == {"gate"}
    assert nearest_name("食堂", tuple(lexicon.places), syllables) == ""


@pytest.mark.parametrize(
    ("heard", "verb", "case"),
    [
        ("官兵十二号", Verb.CLOSE, 12),
        ("把十二号官了", Verb.CLOSE, 12),
        ("生气五号案件", Verb.ESCALATE, 5),
        ("九号案件是武报", Verb.FALSE_ALARM, 9),
    ],
)
def test_what_was_misheard_whole_is_found_by_its_sound(heard: str, verb: Verb, case: int) -> None:
    found = guess(heard, [12, 5, 9, 21], syllables)
    assert found is not None
    assert (found.verb, found.mention.numbers) == (verb, (case,))


@pytest.mark.parametrize(
    "heard",
    [
        *("今天中午吃什么", "十二点去开会", "不要关闭十二号", "先别官十二号", "官兵十二号吗"),
        *("我们的车停在门口", "谢谢观看", "大家好", "close twelve", "", "关" * 500),
    ],
)
def test_talk_sounds_like_no_command(heard: str) -> None:
    assert guess(heard, [12, 5, 9, 21], syllables) is None


def test_without_cases_nothing_is_guessed() -> None:
    assert guess("官兵十二号", [], syllables) is None


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("把把号案件派给二班", "把八号案件派给二班"),
        ("酒号是误报", "九号是误报"),
        ("mute camera for 4-10 minutes", "mute camera 4 for 10 minutes"),
        ("把十二号关了", "把十二号关了"),
        ("信号不好", "信号不好"),
    ],
)
def test_digits_that_were_written_as_words_are_restored(heard: str, said: str) -> None:
    assert with_digits_restored(heard) == said
