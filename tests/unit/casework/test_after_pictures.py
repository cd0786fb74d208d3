"""The card speaks of an after-picture only while it shows what the card says."""

from __future__ import annotations

from bot.domain.command import Verb
from tests.support.workshop import WANG, Workshop


async def card(shop: Workshop) -> str:
    """What the group's first message says now."""
    await shop.deliver()
    return next(iter(shop.telegram.messages.values())).post.text


async def test_one_from_before_a_reopening_proves_nothing(shop: Workshop) -> None:
    """Closed again by a word alone, it has none; with a new photo it has."""
    await shop.report()
    shop.now += 60_000
    await shop.act(Verb.RECTIFIED, args={"pictures": ["a" * 64]})
    assert "（见后图）" in await card(shop)
    shop.now += 60_000
    await shop.act(Verb.REOPEN, actor=WANG)
    shop.now += 60_000
    await shop.act(Verb.CLOSE, reason="已整改")
    assert "见后图" not in await card(shop)
    shop.now += 60_000
    await shop.act(Verb.REOPEN, actor=WANG)
    shop.now += 60_000
    await shop.act(Verb.RECTIFIED, args={"pictures": ["b" * 64]})
    assert "（见后图）" in await card(shop)


async def test_one_that_was_verified_is_still_there_after_the_closing_is_undone(
    shop: Workshop,
) -> None:
    """Undoing the close leads back to rectified, which the picture shows."""
    await shop.report(hazard="fatigue")
    shop.now += 60_000
    await shop.act(Verb.RECTIFIED, args={"pictures": ["a" * 64]})
    shop.now += 60_000
    await shop.act(Verb.VERIFY, actor=WANG, passed=True)
    shop.now += 60_000
    await shop.act(Verb.UNDO, actor=WANG)
    text = await card(shop)
    assert "待复查" in text
    assert "（见后图）" in text


async def test_one_that_shows_it_undone_is_none(shop: Workshop) -> None:
    """A verifier's photo of what is still wrong."""
    await shop.report(hazard="fatigue")
    shop.now += 60_000
    await shop.act(Verb.RECTIFIED, args={"pictures": ["a" * 64]})
    shop.now += 60_000
    await shop.act(
        Verb.VERIFY, actor=WANG, passed=False, reason="还在", args={"pictures": ["b" * 64]}
    )
    shop.now += 60_000
    await shop.act(Verb.CLOSE, actor=WANG)
    assert "见后图" not in await card(shop)
