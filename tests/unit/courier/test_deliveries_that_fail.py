"""What becomes of a row when the platform refuses, limits, hangs up or forgets to answer."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.command import Verb
from bot.domain.error import ChatMoved, CopyGone, NotReady, Rejected, RetryLater, Uncertain
from bot.ports import OutboxRow, Outgoing
from tests.support.cases import T0
from tests.support.workshop import ADMINS, GROUP, Workshop, running

MINUTE = 60_000
REPEAT = "可能重复"


async def only(shop: Workshop, kind: str = "card", case: int = 1) -> OutboxRow:
    """The one row of that kind."""
    (row,) = [row for row in await shop.store.deliveries(case) if row.kind == kind]
    return row


async def say(shop: Workshop, lane: str = "answer", **changes: Any) -> None:
    """A sentence for the group that belongs to no case."""
    row = Outgoing("text", GROUP.key, {"text": "好的"}, shop.now, lane=lane, **changes)
    async with shop.store.begin() as tx:
        await tx.send(row)


async def test_a_card_is_delivered_and_its_outcome_is_evidence(shop: Workshop) -> None:
    """The copy is known, the history says where and as which message it went."""
    await shop.report()
    await shop.deliver()
    (message,) = shop.telegram.messages.values()
    assert (message.chat, message.picture) == (GROUP, None)
    assert "未戴安全帽" in message.post.text
    row = await only(shop)
    assert (row.state, row.due, row.attempts) == ("done", None, 1)
    (copy,) = await shop.store.copies(1)
    assert (copy.message_id, copy.has_picture, copy.shown) == (message.id, False, 1)
    delivery = (await shop.store.history(1))[-1].entry
    assert delivery.event == "delivery"
    assert delivery.data["message"] == message.id


async def test_not_delivered_is_tried_again_ever_more_slowly(shop: Workshop) -> None:
    """Six times in vain, then it arrives once, and nothing says that it might be a repeat."""
    shop.telegram.faults.extend([RetryLater("away")] * 6)
    await shop.report()
    pauses = []
    for _ in range(6):
        await shop.deliver()
        row = await only(shop)
        assert (row.state, row.unsure) == ("waiting", False)
        assert row.outcome is not None
        assert row.outcome["why"] == "away"
        assert row.due is not None
        pauses.append(row.due - shop.now)
        shop.now = row.due
    assert all(0 < pause <= MINUTE for pause in pauses)
    assert pauses[-1] > 4 * pauses[0]
    await shop.deliver()
    assert len(shop.telegram.messages) == 1
    assert not any(REPEAT in text for text in shop.telegram.texts())


async def test_a_channel_that_is_still_being_opened_costs_no_attempt(shop: Workshop) -> None:
    """However long it takes, the row comes back each second and counts its real tries alone."""
    shop.telegram.faults.extend([NotReady("opening", 1.0)] * 9)
    await shop.report()
    for _ in range(9):
        await shop.deliver()
        row = await only(shop)
        assert (row.state, row.attempts, row.unsure) == ("waiting", 0, False)
        assert row.due == shop.now + 1000
        shop.now = row.due
    await shop.deliver()
    assert (await only(shop)).attempts == 1
    assert not any(REPEAT in text for text in shop.telegram.texts())


async def test_the_platforms_wish_for_silence_holds_for_the_whole_chat(shop: Workshop) -> None:
    """Cards, edits and answers wait as long as it asked; another chat does not."""
    shop.telegram.faults.append(RetryLater("429", retry_after=7))
    courier = shop.courier()
    async with running(courier.run):
        await shop.report(id="first")
        await shop.until_idle(courier)
        await shop.report(id="second", zone="pit")
        await say(shop)
        await shop.report(id="other", site="yard-8", camera="door")
        shop.now = T0 + 6_999
        await shop.until_idle(courier)
        assert {message.chat.id for message in shop.telegram.messages.values()} == {"-1008"}
        assert shop.telegram.calls.count(("send", "-1001")) == 1
        shop.now = T0 + 7_000
        await shop.until_idle(courier)
        assert len(shop.telegram.texts("-1001")) == 3


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_card_that_may_have_arrived_is_sent_again_and_says_so(
    shop: Workshop, arrives: bool
) -> None:
    """Two cards if it had arrived, the second marked; the copy is the one that is known."""
    shop.telegram.arrives = arrives
    shop.telegram.faults.append(Uncertain("cut"))
    await shop.report()
    await shop.deliver()
    row = await only(shop)
    assert (row.state, row.unsure) == ("waiting", True)
    assert row.due is not None
    shop.now = row.due
    await shop.deliver()
    texts = shop.telegram.texts()
    assert [REPEAT in text for text in texts] == ([False, True] if arrives else [True])
    (copy,) = await shop.store.copies(1)
    assert copy.message_id == max(shop.telegram.messages)
    assert (await only(shop)).state == "done"
    await shop.act(Verb.ACKNOWLEDGE, 1)
    await shop.deliver()
    edited = shop.telegram.messages[copy.message_id].post.text
    assert "已确认" in edited
    assert REPEAT in edited


async def test_a_platform_that_honours_keys_gets_the_same_key_and_shows_no_mark(
    shop: Workshop,
) -> None:
    """The repeat is the same message; nobody is troubled with it."""
    shop.telegram.capabilities = shop.console.capabilities
    shop.telegram.faults.append(Uncertain("cut"))
    await shop.report()
    await shop.deliver()
    row = await only(shop)
    assert row.due is not None
    shop.now = row.due
    await shop.deliver()
    assert len(shop.telegram.messages) == 1
    assert REPEAT not in shop.telegram.texts()[0]
    assert len(await shop.store.copies(1)) == 1


async def test_a_small_answer_that_may_have_arrived_is_not_repeated(shop: Workshop) -> None:
    """That stays on record; an emergency's sentence is repeated."""
    shop.telegram.faults.append(Uncertain("cut"))
    await say(shop)
    await shop.deliver()
    (row,) = await shop.store.undelivered()
    assert (row.state, row.due) == ("uncertain", None)
    shop.telegram.faults.append(Uncertain("cut"))
    await say(shop, lane="emergency")
    await shop.deliver()
    shop.now += MINUTE
    await shop.deliver()
    assert len(shop.telegram.messages) == 3
    assert REPEAT in shop.telegram.texts()[-1]


async def test_what_is_refused_is_a_dead_letter_told_elsewhere(shop: Workshop) -> None:
    """Once for a chat that nothing reaches, in a chat that is reached, and on the case."""
    shop.telegram.faults.extend([Rejected("kicked")] * 10)
    await shop.report()
    await shop.report(id="second", zone="pit")
    await shop.deliver()
    await shop.deliver()
    assert (await only(shop)).state == "dead"
    told = [text for text in shop.console.texts(ADMINS.id) if "kicked" in text]
    assert len(told) == 1
    assert "telegram:-1001" in told[0]
    assert (await shop.store.history(1))[-1].entry.data["outcome"] == "dead"


async def test_the_picture_is_lost_before_the_alert_is(shop: Workshop) -> None:
    """Where the platform shows none, the copy is known to have none, and edits go by that."""
    await report_with_picture(shop)
    shop.telegram.refuses_pictures = True
    await shop.deliver()
    (copy,) = await shop.store.copies(1)
    assert copy.has_picture is False
    delivery = (await shop.store.history(1))[-1].entry.data
    assert delivery["picture"] is False
    await shop.act(Verb.ACKNOWLEDGE)
    await shop.deliver()
    assert "已确认" in shop.telegram.texts()[0]


async def test_a_refusal_for_the_pictures_sake_is_tried_without_it(shop: Workshop) -> None:
    """On platforms that do not sort that out by themselves."""
    await report_with_picture(shop)
    shop.telegram.faults.append(Rejected("bad picture"))
    await shop.deliver()
    (message,) = shop.telegram.messages.values()
    assert message.picture is None
    assert (await only(shop)).state == "done"


async def test_a_card_with_its_picture(shop: Workshop) -> None:
    """The picture that people are to see goes along; a picture that is gone is no obstacle."""
    await report_with_picture(shop)
    await report_with_picture(shop, id="second", zone="pit", gone=True)
    await shop.deliver()
    shown = [message.picture for message in shop.telegram.messages.values()]  # in any order
    assert len(shown) == 2
    assert {picture.jpeg if picture else None for picture in shown} == {b"jpeg 1", None}
    assert [copy.has_picture for copy in await shop.store.copies(1)] == [True]
    assert [copy.has_picture for copy in await shop.store.copies(2)] == [False]


async def report_with_picture(shop: Workshop, gone: bool = False, **changes: Any) -> None:
    from bot.domain.message import Picture
    from bot.domain.report import Shot

    sha = "f" * 64 if gone else await shop.pictures.put(b"jpeg 1")
    await shop.report(shot=Shot(Picture(b"jpeg 1", sha)), **changes)


async def test_a_message_that_is_gone_is_edited_no_more(shop: Workshop) -> None:
    """The copy is lost; the case goes on."""
    await shop.report()
    await shop.deliver()
    shop.telegram.faults.append(CopyGone("deleted"))
    await shop.act(Verb.ACKNOWLEDGE)
    await shop.deliver()
    (copy,) = await shop.store.copies(1)
    assert copy.lost
    await shop.act(Verb.CLOSE, reason="已整改")
    await shop.deliver()
    assert [call for call in shop.telegram.calls if call[0] == "edit"] == [("edit", "100")]


async def test_a_chat_that_moved_is_followed(shop: Workshop) -> None:
    """What was not delivered goes to the new id, and so does all that comes later."""
    shop.telegram.faults.append(ChatMoved("-2002"))
    await shop.report()
    await shop.deliver()
    assert [message.chat.id for message in shop.telegram.messages.values()] == ["-2002"]
    await shop.report(id="second", zone="pit")
    await shop.deliver()
    assert len(shop.telegram.texts("-2002")) == 2
    assert any("-2002" in text for text in shop.console.texts(ADMINS.id))


async def test_a_stranger_chat_that_moved_ends_as_a_dead_letter(shop: Workshop) -> None:
    """Nothing leads to its new id, and trying again would go on for ever."""
    shop.telegram.faults.append(ChatMoved("-2003"))
    async with shop.store.begin() as tx:
        await tx.send(Outgoing("text", "telegram:-555", {"text": "?"}, T0, lane="answer"))
    await shop.deliver()
    (row,) = await shop.store.undelivered()
    assert row.state == "dead"


async def test_a_fault_of_ours_is_tried_a_few_times_then_a_dead_letter(shop: Workshop) -> None:
    """How far each try came nobody knows, so the next one says so."""
    shop.telegram.faults.extend([ValueError("a bug")] * 2)
    await shop.report()
    for _ in range(3):
        await shop.deliver()
        shop.now += MINUTE
    assert [REPEAT in text for text in shop.telegram.texts()] == [True]
    shop.telegram.faults.extend([ValueError("a bug")] * 9)
    await shop.report(id="second", zone="pit")
    for _ in range(7):
        await shop.deliver()
        shop.now += MINUTE
    row = await only(shop, case=2)
    assert (row.state, row.attempts) == ("dead", 6)


async def test_a_database_that_was_away_before_sending_puts_no_doubt_on_a_card(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it may go could not be asked: tried again soon, and nothing calls it a repeat."""
    get_case, away = shop.store.get_case, [OSError("the server is restarted")]

    async def failing(number: int) -> Any:
        if away:
            raise away.pop()
        return await get_case(number)

    await shop.report()
    monkeypatch.setattr(shop.store, "get_case", failing)
    await shop.deliver()
    row = await only(shop)
    assert (row.state, row.unsure) == ("waiting", False)
    assert row.due is not None
    assert row.due - shop.now <= 2_000
    shop.now = row.due
    await shop.deliver()
    (card,) = shop.telegram.texts()
    assert REPEAT not in card


async def test_answers_nobody_waits_for_any_more_are_not_given(shop: Workshop) -> None:
    """A toast after half a minute, a sentence after ten; a warning to the admins stays."""
    async with shop.store.begin() as tx:
        payload = {"press_id": "9", "text": "好的"}
        await tx.send(Outgoing("press", GROUP.key, payload, T0, lane="answer"))
        await tx.send(Outgoing("text", GROUP.key, {"text": "好的"}, T0, lane="answer"))
        await tx.send(Outgoing("text", ADMINS.key, {"text": "坏了"}, T0))
    shop.now = T0 + 11 * MINUTE
    await shop.deliver()
    assert (shop.telegram.calls, shop.console.texts()) == ([], ["坏了"])
    assert [row.state for row in await shop.store.undelivered()] == ["dead", "dead"]


async def test_a_press_is_answered(shop: Workshop) -> None:
    """At once, without counting as a message."""
    async with shop.store.begin() as tx:
        payload = {"press_id": "9", "text": "好的"}
        await tx.send(Outgoing("press", GROUP.key, payload, T0, lane="answer"))
    await shop.deliver()
    assert shop.telegram.answers == [("9", "好的")]


@pytest.mark.parametrize("refused", [True, False])
async def test_a_refusal_whose_toast_came_too_late_is_said_in_the_chat(
    shop: Workshop, refused: bool
) -> None:
    """A command is never dropped in silence; what was carried out stands on the card anyway."""
    async with shop.store.begin() as tx:
        payload = {"press_id": "9", "text": "慢了一步：李工 已关闭 #1", "alert": refused}
        await tx.send(Outgoing("press", GROUP.key, payload, T0, lane="answer"))
    shop.now = T0 + MINUTE
    await shop.deliver()
    await shop.deliver()
    assert shop.telegram.answers == []
    assert shop.telegram.texts() == (["慢了一步：李工 已关闭 #1"] if refused else [])


async def test_a_channel_that_is_not_there_keeps_its_rows(shop: Workshop) -> None:
    """They go out when it is configured again; nothing else waits for them."""
    async with shop.store.begin() as tx:
        await tx.send(Outgoing("card", "feishu:1", {}, T0, case=1, stream="feishu:1#1"))
    await shop.report()
    await shop.deliver()
    assert len(shop.telegram.messages) == 1
    (row,) = [row for row in await shop.store.undelivered() if row.kind == "card"]
    assert (row.state, row.due) == ("waiting", T0 + MINUTE)
