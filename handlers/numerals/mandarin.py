"""Mandarin numerals: 十二, 一百零五, 两百, 幺零二四, and the radio's 洞幺两拐勾."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

DIGITS: Mapping[str, int] = {
    **{char: value for value, char in enumerate("零一二三四五六七八九")},
    **{char: value for value, char in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "○": 0,
    "洞": 0,
    "幺": 1,
    "两": 2,
    "拐": 7,
    "勾": 9,
}
_UNITS: Mapping[str, int] = {
    "十": 10,
    "拾": 10,
    "百": 100,
    "佰": 100,
    "千": 1000,
    "仟": 1000,
    "万": 10_000,
    "廿": 20,
    "卅": 30,
}
_TENS = frozenset("廿卅")

_RUN = re.compile(f"[{''.join((*DIGITS, *_UNITS))}]+")
_DIGITS_APART = re.compile(rf"(?<=[{''.join(DIGITS)}])\s+(?=[{''.join(DIGITS)}])")
"""一 零 五: the spaces between digits that are said one by one."""

_NOUN = r"\s*(?:号|#|[个件条台位名扇路]|点(?!儿)|分|刻|天|小时|秒|楼|区|班|组|队)"
_ALONE = {
    **dict.fromkeys("零〇○二三四五六七八九壹贰叁肆伍陆柒捌玖", re.compile(r"")),
    **dict.fromkeys("一两幺十拾", re.compile(rf"{_NOUN}")),
    **dict.fromkeys("洞拐勾廿卅", re.compile(r"\s*号")),
}
"""A numeral that stands alone is often a part of a word (一下, 两边, 拐角): what must follow it."""

_NAMED = re.compile(r"(?:第|案件|编号|号码|#|案子)\s*$")
_WORDS = re.compile(
    r"一(?:点(?:也|都|儿|点)|个都?没|起|下|些|样|定|直|会|边|旦|般|律)|十分(?!钟)|万一|千万(?!号)|百分"
    r"|统一|唯一|第一时间|三番|乱七八糟|七上八下|四处|四周|五金|八成|九成"
)
"""Words that hold a numeral and no number."""


def mandarin_in_digits(text: str) -> str:
    """The text with every Mandarin number in digits: `把十二号关了` -> `把12号关了`."""
    text = _DIGITS_APART.sub("", text)
    words = [match.span() for match in _WORDS.finditer(text)]

    def replaced(match: re.Match[str]) -> str:
        start, end = match.span()
        if any(since <= start and end <= until for since, until in words):
            return match[0]
        if len(match[0]) == 1 and not _is_number_alone(text, start):
            return match[0]
        value = _value(match[0])
        return match[0] if value is None else value

    return _RUN.sub(replaced, text)


def _is_number_alone(text: str, at: int) -> bool:
    needs = _ALONE.get(text[at])
    if needs is None:
        return False
    return needs.match(text, at + 1) is not None or _NAMED.search(text, 0, at) is not None


def _value(run: str) -> str | None:
    """The digits of a run of numerals; None where it is no number."""
    if not any(char in _UNITS for char in run):
        return "".join(str(DIGITS[char]) for char in run)
    total = _by_units(run)
    return None if total is None else str(total)


def _by_units(run: str) -> int | None:
    """一万二千零五: digits and the units that follow them, each smaller than the one before.

    A digit at the very end, with no 零 before it, stands for the next smaller unit: 一百五 is 150.
    """
    total, digit, last, zero = 0, None, 10**9, False
    for char in run:
        unit = _UNITS.get(char)
        if unit is None:
            if digit is not None:
                return None
            value = DIGITS[char]
            zero, digit = (True, None) if value == 0 else (zero, value)
        elif char in _TENS:
            if digit is not None or last <= 10:
                return None
            total, last = total + unit, 10
        else:
            lead = digit is None and unit == 10 and (last > 10)
            if unit >= last or (digit is None and not lead):
                return None
            total, digit, last, zero = total + (digit or 1) * unit, None, unit, False
    if digit is None:
        return total
    short = last >= 100 and last < 10**9 and not zero
    return total + (digit * last // 10 if short else digit)


def _plain(number: int) -> str:
    """一百零五, 一万二千: as a number is read in full."""
    digits = "零一二三四五六七八九"
    units = ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"))
    text, gap, begun = "", False, False
    for size, name in units:
        value, number = divmod(number, size)
        if value:
            text += ("零" if gap else "") + digits[value] + name
            gap, begun = False, True
        elif begun:
            gap = True
    if number:
        text += ("零" if gap else "") + digits[number]
    return text


def _short(number: int) -> str:
    """十二 instead of 一十二."""
    return re.sub(r"^一十", "十", _plain(number))


def _pair(number: int) -> str:
    """两百, 两千 instead of 二百, 二千."""
    return re.sub(r"二(?=[百千万])", "两", _short(number))


def _spelt(digits: str) -> Callable[[int], str]:
    return lambda number: "".join(digits[int(digit)] for digit in str(number))


MANDARIN_FORMS: tuple[Callable[[int], str], ...] = (
    _short,
    _plain,
    _pair,
    _spelt("零一二三四五六七八九"),
    _spelt("零幺二三四五六七八九"),
    _spelt("洞幺两三四五六拐八勾"),
)
"""How a number is said: in full, shortened, digit by digit, and as on the radio."""
