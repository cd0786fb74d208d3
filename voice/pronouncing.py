"""How written words sound: Mandarin syllables without their tones, English words as they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_PARTS = re.compile(r"[\u3400-\u9fff]+|[a-z']+|[0-9]")
_DIGITS: Mapping[str, str] = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


@lru_cache(maxsize=4096)
def syllables(text: str) -> tuple[str, ...]:
    """`关闭大门` -> guan bi da men; digits are read one by one.  The first call is slow."""
    from pypinyin import lazy_pinyin  # 30 MB that only those need to whom somebody speaks

    found: list[str] = []
    for part in _PARTS.findall(text.casefold()):
        part = _DIGITS.get(part, part)
        found += [part] if part.isascii() else lazy_pinyin(part)
    return tuple(found)
