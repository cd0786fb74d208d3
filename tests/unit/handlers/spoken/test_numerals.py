"""Numbers as people say them become the digits they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.numerals import ENGLISH_FORMS, MANDARIN_FORMS, in_digits

NUMBERS = st.integers(1, 99_999)


@given(NUMBERS, st.sampled_from(MANDARIN_FORMS))
def test_every_mandarin_form_is_read_back(number: int, form) -> None:
    """In full, shortened, digit by digit, and as on the radio."""
    assert in_digits(f"把{form(number)}号关了") == f"把{number}号关了"


@given(NUMBERS, st.sampled_from(MANDARIN_FORMS))
def test_spaces_between_mandarin_digits_change_nothing(number: int, form) -> None:
    """Recognisers put them in."""
    spaced = " ".join(form(number)) if form is MANDARIN_FORMS[3] else form(number)
    assert in_digits(f"第 {spaced} 号") == f"{number} 号"


@given(NUMBERS, st.sampled_from(ENGLISH_FORMS))
def test_every_english_form_is_read_back(number: int, form) -> None:
    """With `and`, hyphens, and digit by digit."""
    assert in_digits(f"close case {form(number)} please") == f"close case {number} please"


@given(NUMBERS)
def test_digits_stay_however_they_are_written(number: int) -> None:
    """Full-width, grouped, with spaces, as an ordinal."""
    wide = "".join(chr(ord("０") + int(digit)) for digit in str(number))
    for written in (str(number), wide, f"{number:,}", f"{number}th", f"第{number}"):
        assert in_digits(written) == str(number)
    assert in_digits(" ".join(str(number))) == str(number)


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("洞幺两拐勾", "01279"),
        ("两百零五号", "205号"),
        ("一百五", "150"),
        ("一万二", "12000"),
        ("廿一号", "21号"),
        ("the twelfth case", "the 12 case"),
        ("twenty-first", "21"),
        ("a hundred and five", "105"),
        ("one twenty five", "125"),
        ("ten twenty-four", "1024"),
        ("twelve thirteen", "1213"),
        ("twelve five", "12 5"),
        ("twelve and thirteen", "12 and 13"),
        ("one hundred and five and twelve", "105 12"),
        ("number for", "number 4"),
        ("静音十分钟", "静音10分钟"),
    ],
)
def test_said_so(said: str, digits: str) -> None:
    assert in_digits(said) == digits


@pytest.mark.parametrize(
    "said",
    [
        *("处理一下", "一起去", "十分感谢", "万一", "拐角", "洞口", "两边", "统一"),
        *("the one at the gate", "no one", "someone", "that one", "tension", "oh well", "often"),
    ],
)
def test_words_that_only_hold_a_numeral_stay(said: str) -> None:
    assert in_digits(said) == said


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    in_digits(text)
