"""Digits that a recogniser wrote as other words: looked at only where nothing else makes sense."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HOMOPHONES: Mapping[str, str] = {
    **dict.fromkeys("衣依医以已", "一"),
    **dict.fromkeys("儿而耳", "二"),
    **dict.fromkeys("伞散山", "三"),
    **dict.fromkeys("死思司", "四"),
    **dict.fromkeys("无武午屋舞", "五"),
    **dict.fromkeys("刘流留", "六"),
    **dict.fromkeys("气七期汽", "七"),
    **dict.fromkeys("把吧巴爸", "八"),
    **dict.fromkeys("酒就久旧", "九"),
}
_BEFORE_NUMBER = re.compile(f"([{''.join(_HOMOPHONES)}])(?=号)")
_SPAN = re.compile(r"\bfor (\d{1,3})-(\d{1,3})(?= minutes)", re.IGNORECASE)


def with_digits_restored(text: str) -> str:
    """`把把号案件` -> `把八号案件`; `camera for 4-10 minutes` -> `camera 4 for 10 minutes`."""
    text = _SPAN.sub(r"\1 for \2", text)
    return _BEFORE_NUMBER.sub(lambda match: _HOMOPHONES[match[1]], text)
