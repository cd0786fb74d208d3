"""How figures and signs are said. espeak reads 105 in Mandarin as a hundred-five, which is 150."""

from __future__ import annotations

import re

NARROW = str.maketrans("０１２３４５６７８９", "0123456789")
DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
# Emergency numbers are dialled, so they are said digit by digit, 1 as 幺.
DIALLED = re.compile(r"(?<=[打拨叫])\s*(\d{3,12})(?!\d)")
CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:：]([0-5]\d)(?!\d)")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
NUMBER = re.compile(r"(\d+)(?:\.(\d+))?")
# 2 of something is 两; the second is 二.
COUNTED = re.compile(
    r"(?<![\d.,:：第])2(?=(?:个|人|名|位|台|辆|部|米|吨|分钟|小时|天|次|处|件|路|根|块|公里)(?!楼))"
)
SPAN = re.compile(r"(?<![\d-])([1-9]\d{0,3})\s*[-~–—～]\s*(?=[1-9]\d{0,3}(?![\d-]))")
BELOW_ZERO = re.compile(r"(?<![\w-])-(?=\d)")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
PLUS = re.compile(r"(?<=\d)\s*[+＋]\s*(?=\d)")
# eSpeak names them, and in English.
UNSAID = re.compile(r"[#*_=<>/\\|@&^~`$+%\[\]{}-]")
CASE_SIGN = re.compile(r"#\s*(?=\d)")
HOUSE_SIGN = re.compile(r"(?<=\d)\s*#(?=[\u4e00-\u9fff])")  # 12#楼


def spoken_form(text: str, language: str) -> str:
    """The text as it is to be handed to a speech engine."""
    text = CASE_SIGN.sub("", text).translate(NARROW)
    if language != "zh":
        return text
    text = HOUSE_SIGN.sub("号", text)
    text = DIALLED.sub(lambda found: digit_by_digit(found[1]).replace("一", "幺"), text)
    text = CLOCK.sub(lambda found: clock_time(int(found[1]), int(found[2])), text)
    text = THOUSANDS.sub("", text)
    text = BELOW_ZERO.sub("零下", SPAN.sub(r"\1到", text))
    text = PERCENT.sub(r"百分之\1", text).replace("℃", "度")
    text = COUNTED.sub("两", PLUS.sub("加", text))
    text = NUMBER.sub(lambda found: number(found[1], found[2] or ""), text)
    return UNSAID.sub(" ", text)


def number(whole: str, fraction: str = "") -> str:
    """Digits as Chinese words; codes (a leading zero, over four digits) digit by digit."""
    is_code = len(whole) > 4 or (len(whole) > 1 and whole.startswith("0"))
    words = digit_by_digit(whole) if is_code else cardinal(int(whole))
    return f"{words}点{digit_by_digit(fraction)}" if fraction else words


def digit_by_digit(digits: str) -> str:
    """`"0731"` -> 零七三一."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def cardinal(value: int) -> str:
    """0 to 9999 in words: 105 -> 一百零五, 12 -> 十二."""
    if not value:
        return DIGITS[0]
    words, gap = "", False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            words += (DIGITS[0] if gap and words else "") + DIGITS[digit] + UNITS[power]
        gap = not digit
    return words.removeprefix("一") if words.startswith("一十") else words


def clock_time(hour: int, minute: int) -> str:
    """10:05 -> 十点零五分."""
    if not minute:
        return f"{cardinal(hour)}点"
    return f"{cardinal(hour)}点{'零' if minute < 10 else ''}{cardinal(minute)}分"
