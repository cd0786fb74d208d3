"""Case numbers and spans of time in what people write.

Only digits so far; numbers in words belong into `read_numbers`, and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MORE = r"[,、;&]|和|与|及|and\b"
_NUMBER = re.compile(
    r"\s*(?:(?:案件|cases?|no\.?|number)\s*)?(?:第\s*)?#?\s*"
    r"(?P<digits>[0-9]{1,9})"
    r"(?P<hao>\s*号(?:\s*案件)?)?"
    rf"(?=$|[\s:]|{_MORE})",
    re.IGNORECASE,
)
_BETWEEN = re.compile(rf"\s*(?:{_MORE})\s*|\s+", re.IGNORECASE)
_DOOR = re.compile(r"\s*[门楼棚机房库线路井灯阀塔桩梯口仓栋幢车]")

_MEASURE = re.compile(
    r"\s+(?:[个扇盏辆米吨栋幢年月秒]|台(?!风)|件|项(?!目.)|处(?![理置罚于])|点(?![火名检])|分钟?|小时"
    r"|号[门楼棚]|(?:[人名位次起张条块份根层楼天日套班组]|人次)(?=$|[\s,。了])"
    r"|(?:o'?clock|am|pm|min(?:ute)?s?|hours?|hrs?|days?|weeks?|km|kg|m|times|doors?|windows?|gates?"
    r"|lights?|cameras?|helmets?|hats?|vests?|ladders?|pieces|pcs|boxes|more|of|percent)\b|%)",
    re.IGNORECASE,
)
"""What makes the number before it a quantity and no case."""

_COUNTED = re.compile(
    r"\s+(?:[人名位]|(?:people|persons?|men|workers?|guys|injured)\b)", re.IGNORECASE
)
"""Who may be counted in a reason: `升级 12 3 人受伤`."""

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

    `12`, `#12`, `12号`, `12 号案件`, `12 13、15`.  A door (`12号门`), a time (`12点`), a decimal or
    a quantity (`12 个人`) is no case number.
    """
    found: list[tuple[int, int, int]] = []
    here = start
    while match := _NUMBER.match(text, here):
        if int(match["digits"]) == 0 or (match["hao"] and _DOOR.match(text, match.end())):
            break
        found.append((int(match["digits"]), match.start(), match.end()))
        between = _BETWEEN.match(text, match.end())
        if between is None:
            break
        here = between.end()
    if len(found) > 1 and _counts(text, found[-1][2]) and text[found[-1][1] - 1].isspace():
        found.pop()
    if not found or _MEASURE.match(text, found[-1][2]):
        return None
    numbers = tuple(dict.fromkeys(number for number, _, _ in found))
    return Numbers(numbers, found[-1][2])


def read_minutes(text: str) -> int | None:
    """A whole span of time in minutes: `30m`, `30分钟`, `2 小时`, `半小时`; else None."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        return None
    if match["half"]:
        return 30
    return int(match["count"]) * _MINUTES[match["unit"][0].lower()]


def _counts(text: str, end: int) -> bool:
    return bool(_MEASURE.match(text, end) or _COUNTED.match(text, end))
