"""A device whose clock is wrong: its alarm is taken, and the card says so."""

from __future__ import annotations

from tests.support.workshop import Workshop


async def test_the_card_tells_that_the_devices_clock_is_wrong(shop: Workshop) -> None:
    """As long as the case is shown, also after it was closed."""
    await shop.report(attributes={"claimed_at": "1970-01-01T00:00:00Z"})
    await shop.deliver()
    (card,) = shop.telegram.texts()
    assert "设备时钟不对（报 1970-01-01T00:00:00Z）" in card
    assert "迟到" not in card


async def test_a_card_of_a_right_clock_does_not(shop: Workshop) -> None:
    """Nothing is said where nothing is wrong."""
    await shop.report(attributes={"speed": 3})
    await shop.deliver()
    assert "时钟" not in shop.telegram.texts()[0]
