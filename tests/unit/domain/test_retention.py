"""How much and how long, as people write it."""

from __future__ import annotations

import pytest

from bot.domain.hazard import Severity
from bot.domain.retention import Amount, Retention, gigabytes, parse_amount


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 500_000_000), ("20GB", 20 * 10**9), ("1TB", 10**12), ("5%", 5), ("100%", 100)],
)
def test_amounts(text: str, size: int) -> None:
    """Bytes as they are, per cent of the disk."""
    total = 100 if "%" in text else 10**15
    assert parse_amount(text).of(total) == size


@pytest.mark.parametrize("text", ["", "5", "5 GB", "-1GB", "101%", "1.5GB", "5gb", "５GB"])
def test_what_is_no_amount(text: str) -> None:
    """Told by `check`, with file and line."""
    with pytest.raises(ValueError):
        parse_amount(text)


def test_the_defaults_suit_a_small_disk_and_a_large_one() -> None:
    """A mini PC of 60 GB keeps 3 free and gives pictures 24; a large one wastes no more than 5."""
    kept = Retention()
    assert (kept.keep_free.of(60 * 10**9), kept.disk_quota.of(60 * 10**9)) == (3e9, 24e9)
    assert kept.keep_free.of(4 * 10**12) == 5e9
    assert Amount(bytes=7).of(100) == Amount(percent=7).of(100) == 7
    assert kept.term(Severity.EMERGENCY) > kept.term(Severity.SERIOUS)
    assert (gigabytes(2_500_000_000), gigabytes(2_500_000)) == ("2.5 GB", "2 MB")
