"""Sentence templates made into regular expressions.

    [请] 把 {ref} (关|关掉) [了]

`[...]` may be left out, `(a|b)` is one of them, `<name>` is a rule, `{name}` is a slot.  Where a
template has a space the sentence may have one, or a pause; English words end at their own ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_GAP = r"[\s,]*"
_TOKEN = re.compile(
    r"(?P<open>[\[(])|(?P<close>[\])])|(?P<or>\|)|<(?P<rule>[^>]+)>"
    r"|\{(?P<slot>\w+)\}|(?P<gap>\s+)|(?P<text>[^\[\]()|<>{}\s]+)"
)


def compiled(template: str, rules: Mapping[str, str], slots: Mapping[str, str]) -> re.Pattern[str]:
    """The template as a pattern for a whole sentence; KeyError for an unknown rule or slot."""
    return re.compile(pattern_of(template, rules, slots))


def pattern_of(template: str, rules: Mapping[str, str], slots: Mapping[str, str]) -> str:
    """The template as the source of a pattern, every slot a named group."""
    parts: list[str] = []
    ends: list[str] = []
    for match in _TOKEN.finditer(template):
        if match["open"]:
            parts.append("(?:")
            ends.append(")" if match["open"] == "(" else ")?")
        elif match["close"]:
            parts.append(ends.pop())
        elif match["rule"]:
            parts.append(f"(?:{pattern_of(rules[match['rule']], rules, slots)})")
        elif match["slot"]:
            parts.append(f"(?P<{match['slot']}>{slots[match['slot']]})")
        elif match["gap"]:
            parts.append(_GAP)
        else:
            parts.append(match["or"] or _word(match["text"]))
    if ends:
        raise ValueError(f"a bracket is open in {template!r}")
    return "".join(parts)


def _word(text: str) -> str:
    """English words stand apart, Chinese ones need not."""
    escaped = re.escape(text)
    before = r"(?<![a-z])" if text[0].isascii() and text[0].isalpha() else ""
    after = r"(?![a-z'])" if text[-1].isascii() and text[-1].isalpha() else ""
    return before + escaped + after
