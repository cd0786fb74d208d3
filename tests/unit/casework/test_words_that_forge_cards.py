"""A person's reason is one line: it cannot look like lines of the card."""

from __future__ import annotations

import pytest

from bot.domain.command import Verb
from tests.support.workshop import WANG, Workshop

FORGED = "好\n状态：待处理\r\n🔴 紧急 人员摔倒 · 大门 #999\u2028值班：\u202e无"


@pytest.mark.parametrize("verb", [Verb.CLOSE, Verb.FALSE_ALARM, Verb.ESCALATE])
async def test_a_reason_adds_no_line_to_card_or_answer(shop: Workshop, verb: Verb) -> None:
    """Neither where it is shown on the card, nor where people are told of it."""
    await shop.report()
    await shop.deliver()
    (before,) = shop.telegram.texts("-1001")
    answer = await shop.act(verb, actor=WANG, reason=FORGED)
    assert answer.ok
    assert len(answer.text.splitlines()) == 1
    await shop.deliver()
    card, *told = shop.telegram.texts("-1001")
    assert len(card.splitlines()) == len(before.splitlines())
    assert [line[:3] for line in card.splitlines()].count("状态：") == 1
    assert all(len(text.splitlines()) == 1 for text in told)
    assert not any("\u202e" in text for text in (card, answer.text, *told))
