"""Charts made of characters."""

from __future__ import annotations

from bot.texts.charts import BAR_WIDTH, bar, sparkline, tally


def test_a_sparkline_has_a_column_for_each_day() -> None:
    """Nothing is the lowest, the most is the highest, a single one is never as low as nothing."""
    assert sparkline([0, 1, 50, 100]) == "▁▂▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""


def test_bars_are_as_long_as_their_share() -> None:
    """The longest fills the width; what occurs at all is seen."""
    assert len(bar(8, 8)) == BAR_WIDTH
    assert len(bar(4, 8)) == BAR_WIDTH // 2
    assert len(bar(1, 1000)) == 1


def test_the_most_frequent_comes_first() -> None:
    """Ties stay in the order in which they came."""
    assert tally("abbc") == [("b", 2), ("a", 1), ("c", 1)]
