"""Figures as characters: a chart that every chat shows, and no picture has to be loaded for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)

BAR_WIDTH = 10
_STEPS = "▁▂▃▄▅▆▇█"


def tally(items: Iterable[Item]) -> list[tuple[Item, int]]:
    """How often each item occurs, the most frequent first."""
    return Counter(items).most_common()


def bar(count: int, most: int) -> str:
    """A bar whose longest is `BAR_WIDTH`; what is there at all has at least one block."""
    return "█" * max(round(BAR_WIDTH * count / most), 1 if count else 0)


def sparkline(counts: Sequence[int]) -> str:
    """One column for each count, from nothing to the most of them."""
    most = max(counts, default=0) or 1
    return "".join(_STEPS[-(-count * (len(_STEPS) - 1) // most)] for count in counts)
