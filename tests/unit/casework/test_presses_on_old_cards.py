"""A card that tells an old state is put right by the first press on it."""

from __future__ import annotations

import pytest

from bot.casework.answer import Reply
from bot.domain.command import Command, Verb
from bot.domain.error import NotFound, Refused, Rejected
from tests.support.workshop import GROUP, LI, WANG, Workshop


async def stale_card(shop: Workshop) -> str:
    """Case 1 is closed, and the edit of its card has died; the message's id."""
    await shop.report()
    await shop.deliver()
    (card,) = shop.telegram.messages
    await shop.act(Verb.CLOSE, reason="已整改")
    shop.telegram.faults.append(Rejected("bot was kicked from the supergroup chat"))
    await shop.deliver()
    assert "待处理" in shop.telegram.messages[card].post.text
    return card


def pressed(card: str) -> Reply:
    """A press under that message."""
    return Reply(GROUP, "zh", reply_to=card, press_id="p-1")


@pytest.mark.parametrize("later", [0, 60_000], ids=["too late", "in time"])
async def test_a_press_repairs_the_card(shop: Workshop, later: int) -> None:
    """Refused or carried out: in the end the card tells what is."""
    card = await stale_card(shop)
    shop.now += later
    command = Command("p1", WANG, Verb.ACKNOWLEDGE, shop.now, (1,), seq=1, chat=GROUP)
    answer = await shop.casework.carry_out(command, reply=pressed(card))
    assert not answer.ok
    await shop.deliver()
    assert "已关闭" in shop.telegram.messages[card].post.text


@pytest.mark.parametrize("refused", [Refused("refused.stranger_press"), NotFound("refused.forged")])
async def test_a_press_that_is_turned_away_repairs_it_too(
    shop: Workshop, refused: Refused | NotFound
) -> None:
    """Whoever looks at it."""
    card = await stale_card(shop)
    command = Command("p1", LI, Verb.CLOSE, shop.now, (1,), seq=1, chat=GROUP)
    await shop.casework.turn_away(command, refused, reply=pressed(card))
    await shop.deliver()
    assert "已关闭" in shop.telegram.messages[card].post.text


async def test_a_press_on_a_true_card_edits_nothing(shop: Workshop) -> None:
    """An edit costs the chat's patience."""
    await shop.report()
    await shop.deliver()
    (card,) = shop.telegram.messages
    command = Command("p1", LI, Verb.CASE, shop.now, (1,), chat=GROUP)
    await shop.casework.turn_away(command, Refused("refused.forged"), reply=pressed(card))
    await shop.deliver()
    assert ("edit", card) not in shop.telegram.calls
