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
    open_groups: list[_Group] = [_Group("")]
    for match in _TOKEN.finditer(template):
        group = open_groups[-1]
        if match["open"]:
            open_groups.append(_Group(")" if match["open"] == "(" else ")?"))
        elif match["close"]:
            made = open_groups.pop().source()
            open_groups[-1].add(made)
        elif match["or"]:
            group.alternatives.append("")
        elif match["rule"]:
            group.add(f"(?:{pattern_of(rules[match['rule']], rules, slots)})")
        elif match["slot"]:
            group.add(f"(?P<{match['slot']}>{slots[match['slot']]})")
        else:
            group.add(_GAP if match["gap"] else _word(match["text"]))
    if len(open_groups) > 1:
        raise ValueError(f"a bracket is open in {template!r}")
    return "|".join(open_groups[0].alternatives)


class _Group:
    """A bracket that is being read; `end` closes it."""

    def __init__(self, end: str) -> None:
        self._end = end
        self.alternatives = [""]

    def add(self, source: str) -> None:
        self.alternatives[-1] += source

    def source(self) -> str:
        """The longest first: a slot behind it would take what is left of a longer word."""
        longest_first = sorted(self.alternatives, key=len, reverse=True)
        return f"(?:{'|'.join(longest_first)}{self._end}"


def _word(text: str) -> str:
    """English words stand apart, Chinese ones need not."""
    escaped = re.escape(text)
    before = r"(?<![a-z])" if text[0].isascii() and text[0].isalpha() else ""
    after = r"(?![a-z'])" if text[-1].isascii() and text[-1].isalpha() else ""
    return before + escaped + after
