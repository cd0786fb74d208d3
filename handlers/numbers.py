"""Case numbers and spans of time in what people write.

Only digits so far; numbers in words belong into `read_numbers`, and nowhere else.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from handlers.quantities import COUNTED, DOOR, MEASURE, PLAIN_REASON

_MORE = r"[,、;&]|和|与|及|and\b"
_NUMBER = re.compile(
    r"\s*(?:(?P<named>案件|cases?|no\.?|number)\s*)?(?:第\s*)?(?P<hash>#)?\s*"
    r"(?P<digits>[0-9]{1,9})"
    r"(?P<hao>\s*号(?:\s*案件)?)?+"  # possessive: of `5 号塔吊` no bare 5 is left over
    rf"(?=$|\s|:(?![0-9])|{_MORE})",
    re.IGNORECASE,
)
_BETWEEN = re.compile(rf"\s*(?P<more>{_MORE})\s*|\s+", re.IGNORECASE)
_ENDS = re.compile(r"$|\s*[,;:](?!\s*[0-9])|\s*\n")

_SPAN = re.compile(
    r"(?:(?P<count>[0-9]{1,4})\s*"
    r"(?P<unit>分钟?|min(?:ute)?s?|m|个?小时|hours?|hrs?|h|天|days?|d)"
    r"|(?P<half>半个?小时|half an hour))",
    re.IGNORECASE,
)
_MINUTES = {"分": 1, "m": 1, "个": 60, "小": 60, "h": 60, "天": 24 * 60, "d": 24 * 60}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers found, and where the rest of the text begins."""

    numbers: tuple[int, ...]
    end: int


def read_numbers(text: str, start: int = 0) -> Numbers | None:
    """One or more case numbers at `start`; None where there is none or it counts something.

    `12`, `#12`, `12号`, `12 号案件`, `12 13、15`.  A door (`12号门`), a time (`12点`, `12:30`), a
    decimal or a quantity (`12 个人`, `12 块板`) is no case number.  The first number is what the
    verb is about; a later one that might belong to the reason (`关闭 12 10:30 已整改`) does.
    """
    found: list[_Found] = []
    here, led_by = start, ""
    while match := _NUMBER.match(text, here):
        if _is_none(match["digits"]) or (match["hao"] and DOOR.match(text, match.end())):
            break
        found.append(_Found(match, led_by))
        between = _BETWEEN.match(text, match.end())
        if between is None:
            break
        here, led_by = between.end(), between["more"] or ""
    while len(found) > 1 and not _is_certain(text, found):
        found.pop()
    if not found or (len(found) == 1 and MEASURE.match(text, found[0].end)):
        return None
    return Numbers(tuple(dict.fromkeys(one.number for one in found)), found[-1].end)


def _is_none(digits: str) -> bool:
    """No case has the number 0; 00 is the end of 100."""
    return int(digits) == 0 and not 2 <= len(digits) <= 4


@dataclass(frozen=True, slots=True)
class _Found:
    """A number, and what stood between it and the one before."""

    match: re.Match[str]
    led_by: str

    @property
    def number(self) -> int:
        return int(self.match["digits"])

    @property
    def end(self) -> int:
        return self.match.end()


def _is_certain(text: str, found: list[_Found]) -> bool:
    """Whether the last of several numbers is a case beyond doubt, and no part of the reason."""
    last, end = found[-1].match, found[-1].end
    if last["named"] or last["hash"]:
        return not MEASURE.match(text, end)
    if MEASURE.match(text, end) or COUNTED.match(text, end):
        return False
    if _ENDS.match(text, end):
        return True
    if last["hao"] and not found[0].match["hao"]:  # `13号 已整改` may be the 13th of the month
        return False
    return found[-1].led_by == "、" or PLAIN_REASON.match(text, end) is not None


def read_minutes(text: str) -> int | None:
    """A whole span of time in minutes: `30m`, `30分钟`, `2 小时`, `半小时`, `1h30m`; else None."""
    left, unit, minutes = text.strip(), math.inf, 0
    while match := _SPAN.match(left):
        of = 30 if match["half"] else _MINUTES[match["unit"][0].lower()]
        if of >= unit:  # `30m 1h` may be two spans
            return None
        minutes += of * int(match["count"] or 1)
        left, unit = left[match.end() :].lstrip(), of
    return None if left or unit is math.inf else minutes
