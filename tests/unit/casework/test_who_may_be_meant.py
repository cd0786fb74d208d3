"""Who acts and who is given a case, as the database knows it at that moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.casework.people import DEACTIVATED
from bot.domain.command import Command, Verb
from bot.domain.error import Conflict
from bot.texts.cards import CardFacts
from bot.texts.lists import case_detail
from tests.support.workshop import LI, Workshop


async def shut_out(shop: Workshop, member: str) -> None:
    """As `member deactivate` does it, in a process of its own."""
    async with shop.store.begin() as tx:
        await tx.learn(DEACTIVATED, member, {"at": shop.now})


@pytest.mark.parametrize("verb", [Verb.CLOSE, Verb.ACKNOWLEDGE, Verb.SOS])
async def test_who_was_shut_out_a_moment_ago_does_nothing_more(shop: Workshop, verb: Verb) -> None:
    """The running program need not have heard of it yet."""
    await shop.report()
    await shut_out(shop, "li")
    answer = await shop.act(verb)
    assert (answer.ok, answer.key) == (False, "refused.stranger")
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.state == "open"
    assert shop.core.people.active("li") is None


@pytest.mark.parametrize("member", ["nobody-at-all", "zhao", "wang"])
async def test_a_case_is_given_to_people_of_its_site_only(shop: Workshop, member: str) -> None:
    """Not to nobody, not to another site's, not to one who was shut out."""
    await shop.report()
    await shut_out(shop, "wang")
    await shop.core.recall()
    answer = await shop.act(Verb.ASSIGN, args={"member": member})
    assert (answer.ok, answer.key) == (False, "refused.no_such_member")
    assert "李工" in answer.text
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.assigned_to is None


async def test_a_case_is_given_to_somebody_of_its_site(shop: Workshop) -> None:
    """As before."""
    await shop.report()
    answer = await shop.act(Verb.ASSIGN, args={"member": "wang"})
    assert answer.ok
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.assigned_to == "wang"


async def test_a_case_given_twice_to_the_same_person_says_so_twice(shop: Workshop) -> None:
    """Nothing about the case changed the second time, and the history still names them."""
    await shop.report()
    for _ in range(2):
        assert (await shop.act(Verb.ASSIGN, args={"member": "wang"})).ok
    case, history = await shop.store.get_case(1), await shop.store.history(1)
    assert case is not None
    told = case_detail(case, history, CardFacts(shop.core.people.config, shop.now), "zh")
    assert told.count("李工指派：王监督") == 2, told


async def test_who_may_not_is_never_sent_to_oneself(shop: Workshop) -> None:
    """Li is the only site lead here, so whoever is next is named."""
    await shop.report(hazard="thrown_object")
    assert (await shop.act(Verb.RECTIFIED)).state == "rectified"
    refused = await shop.act(Verb.VERIFY)
    assert refused.key == "refused.own_work"
    assert "@李工" not in refused.text
    assert "@王监督" in refused.text


async def test_a_second_undo_says_what_can_be_undone(shop: Workshop) -> None:
    """It does not claim that nothing was changed."""
    await shop.report()
    assert (await shop.act(Verb.ACKNOWLEDGE)).ok
    undo = Command("u1", LI, Verb.UNDO, shop.now)
    assert (await shop.casework.carry_out(undo)).ok
    again = await shop.casework.carry_out(replace(undo, id="u2"))
    assert not again.ok
    assert again.text == "没有可以撤销的：只能撤销自己 10 分钟内的最后一步。"


async def test_an_id_that_was_used_for_something_else_is_a_conflict(shop: Workshop) -> None:
    """Neither done nor answered as if it had been; a true repeat still is."""
    await shop.report()
    first = await shop.act(Verb.ACKNOWLEDGE, id="http:1:a", content="x")
    again = await shop.act(Verb.ACKNOWLEDGE, id="http:1:a", content="x")
    assert (first.ok, again.ok, again.repeat) == (True, True, True)
    with pytest.raises(Conflict):
        await shop.act(Verb.CLOSE, id="http:1:a", content="y", reason="已整改")
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.state == "acknowledged"
