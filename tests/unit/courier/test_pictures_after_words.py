"""Losing the picture, or waiting for it, never keeps the words from people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.courier import PICTURES, Uplink
from bot.domain.command import Verb
from bot.domain.error import ChatClosed, PictureRefused, Rejected, RetryLater, TooSlow
from bot.domain.message import Picture
from bot.domain.report import Shot
from bot.ports import Copy, OutboxRow
from tests.support.cases import T0
from tests.support.workshop import ADMINS, Workshop, running, until

FOLLOWS, LOST, REPEAT = "照片随后补上", "照片发不出来", "可能重复"
MINUTE = 60_000


@pytest.fixture
def added(shop: Workshop) -> Workshop:
    """A platform where a picture can be edited into a message."""
    shop.telegram.capabilities = replace(shop.telegram.capabilities, adds_pictures=True)
    return shop


async def opens(shop: Workshop, hazard: str = "no_helmet", size: int = 100, **changes: Any) -> str:
    """A report with a picture of `size` bytes; its name."""
    jpeg = b"\xff" * size
    sha = await shop.pictures.put(jpeg)
    id = f"r-{hazard}-{changes.get('zone')}"
    await shop.report(hazard=hazard, shot=Shot(Picture(jpeg, sha)), id=id, **changes)
    return sha


async def the_copy(shop: Workshop, case: int = 1) -> Copy:
    (copy,) = await shop.store.copies(case)
    return copy


async def photo_row(shop: Workshop, case: int = 1) -> OutboxRow:
    (row,) = [row for row in await shop.store.deliveries(case) if row.kind == "photo"]
    return row


async def test_a_general_card_goes_with_its_picture_in_one_call(added: Workshop) -> None:
    """On a line on which nothing was slow."""
    await opens(added)
    await added.deliver()
    assert [call for call, _ in added.telegram.calls] == ["send"]
    (message,) = added.telegram.messages.values()
    assert message.picture is not None
    assert FOLLOWS not in message.post.text


async def test_an_emergencys_words_wait_for_no_picture(added: Workshop) -> None:
    """They say that it follows; then it is there, in the same message, and they no longer do."""
    await opens(added, "fall")
    await added.deliver()
    (message,) = added.telegram.messages.values()
    assert message.picture is None
    assert FOLLOWS in message.post.text
    await added.deliver(kinds=PICTURES)
    assert message.picture is not None
    assert message.picture.jpeg == b"\xff" * 100
    assert FOLLOWS not in message.post.text
    copy = await the_copy(added)
    assert (copy.has_picture, copy.shown >= copy.wanted) == (True, True)
    assert (await photo_row(added)).state == "done"
    assert len(added.telegram.messages) == 1


async def test_where_pictures_cannot_be_added_they_go_along(shop: Workshop) -> None:
    """An emergency too; there is no second chance for them."""
    await opens(shop, "fall")
    await shop.deliver()
    (message,) = shop.telegram.messages.values()
    assert message.picture is not None


async def test_on_a_thin_line_words_go_first_and_pictures_are_small(added: Workshop) -> None:
    """Told by the site file; emergencies' pictures before others, two at a time."""
    thin = Uplink(thin=True)
    added.desk = replace(added.desk, uplink=thin)
    await opens(added, size=200_000)
    await opens(added, "climbing", size=200_001, zone="roof")
    await opens(added, "fall", size=200_002, zone="pit")
    await added.deliver()
    assert all(message.picture is None for message in added.telegram.messages.values())
    assert thin.pictures_at_once() == 2
    added.telegram.calls.clear()
    added.telegram.gate.clear()
    painter = added.courier(kinds=PICTURES)
    async with running(painter.run):

        async def uploading() -> bool:
            return len(added.telegram.calls) == 2

        await until(uploading)
        general = next(m.id for m in added.telegram.messages.values() if m.post.case == 1)
        assert ("edit", general) not in added.telegram.calls
        added.telegram.gate.set()
        await added.until_idle(painter)
    pictures = [m.picture for m in added.telegram.messages.values() if m.picture]
    assert len(pictures) == 3
    assert all(len(picture.jpeg) < 80_000 for picture in pictures)


async def test_a_picture_that_is_too_slow_leaves_its_words_at_once(added: Workshop) -> None:
    """Surely not delivered, so the words are no repeat; the next card does not even try."""
    added.telegram.faults.append(TooSlow("given up", 40_000, 2.0))
    await opens(added, size=300_000)
    await added.deliver()
    (message,) = added.telegram.messages.values()
    assert (message.picture, FOLLOWS in message.post.text) == (None, True)
    assert REPEAT not in message.post.text
    await opens(added, size=300_001, zone="pit")
    await added.deliver()
    assert [call for call, _ in added.telegram.calls] == ["send", "send", "send"]
    await added.deliver(kinds=PICTURES)
    assert all(m.picture is not None for m in added.telegram.messages.values())


async def test_a_refused_picture_is_tried_once_more_as_a_fresh_one(added: Workshop) -> None:
    """What the platform did not like about it may be gone then; the words were there at once."""
    added.telegram.faults.extend([PictureRefused("bad")])
    await opens(added, size=2_000_000)
    await added.deliver()
    (message,) = added.telegram.messages.values()
    assert message.picture is None
    added.telegram.faults.extend([PictureRefused("bad")])
    await added.deliver(kinds=PICTURES)
    assert message.picture is not None
    assert len(message.picture.jpeg) == 1_000_000


async def test_a_picture_that_cannot_be_shown_is_said_to_be_lost(added: Workshop) -> None:
    """On the card, and once to the admins; the case goes on."""
    added.telegram.refuses_pictures = True
    await opens(added, "fall")
    await added.deliver()
    await added.deliver(kinds=PICTURES)
    await added.deliver()
    (message,) = added.telegram.messages.values()
    assert LOST in message.post.text
    assert (await photo_row(added)).state == "dead"
    assert len([text for text in added.console.texts(ADMINS.id) if "显示不了照片" in text]) == 1
    await added.act(Verb.ACKNOWLEDGE)
    await added.deliver()
    assert "已确认" in message.post.text


@pytest.mark.parametrize("hazard", ["fall", "no_helmet"])
async def test_a_picture_that_is_away_is_added_when_it_is_back(
    added: Workshop, hazard: str
) -> None:
    """The store is down: the words go at once; it is looked for every minute, at no cost."""

    class Down:
        async def get(self, sha256: str) -> bytes | None:
            raise OSError("the disk is gone")

    store = added.desk.pictures
    await opens(added, hazard)
    added.desk = replace(added.desk, pictures=Down())
    await added.deliver()
    (message,) = added.telegram.messages.values()
    assert FOLLOWS in message.post.text
    for _ in range(5):
        await added.deliver(kinds=PICTURES)
        row = await photo_row(added)
        assert (row.state, row.attempts, row.due) == ("waiting", 0, added.now + MINUTE)
        added.now += MINUTE
    added.desk = replace(added.desk, pictures=store)
    await added.deliver(kinds=PICTURES)
    assert message.picture is not None


async def test_a_picture_that_never_comes_back_is_given_up_after_a_day(added: Workshop) -> None:
    """No row is tried for ever."""
    missing = Shot(Picture(b"", "f" * 64))
    await added.report(hazard="fall", shot=missing)
    await added.deliver()
    await added.deliver(kinds=PICTURES)
    added.now += 24 * 60 * MINUTE + 1
    await added.deliver(kinds=PICTURES)
    assert (await photo_row(added)).state == "dead"


async def test_words_that_change_meanwhile_are_not_overwritten_by_an_old_picture(
    added: Workshop,
) -> None:
    """The picture's own words are of the state at which it began; the newest state wins."""
    await opens(added, "fall")
    await added.deliver()
    added.telegram.gate.clear()
    painter, courier = added.courier(kinds=PICTURES), added.courier()
    async with running(painter.run, courier.run):

        async def uploading() -> bool:
            return ("edit", "100") in added.telegram.calls

        await until(uploading)
        await added.act(Verb.ACKNOWLEDGE)
        added.telegram.gate.set()
        await added.until_idle(painter, courier)
    (message,) = added.telegram.messages.values()
    assert "已确认" in message.post.text
    assert message.picture is not None
    copy = await the_copy(added)
    assert (copy.has_picture, copy.shown) == (True, copy.wanted)


async def test_a_picture_that_may_have_arrived_is_simply_tried_again(added: Workshop) -> None:
    """In the same message; there is never a second one."""
    await opens(added, "fall")
    await added.deliver()
    added.telegram.faults.extend([RetryLater("cut"), TooSlow("slow", 9, 1.0)])
    for _ in range(3):
        await added.deliver(kinds=PICTURES)
        added.now += 15_000
    assert len(added.telegram.messages) == 1
    assert (await the_copy(added)).has_picture


async def test_the_next_try_of_an_emergency_comes_within_three_seconds(added: Workshop) -> None:
    """However often it has failed; what is general waits up to fifteen."""
    added.telegram.faults.extend([RetryLater("away")] * 24)
    await opens(added, "fall")
    await opens(added, zone="pit")
    for _ in range(10):
        await added.deliver()
        rows = [row for n in (1, 2) for row in await added.store.deliveries(n)]
        added.now = min(row.due for row in rows if row.kind == "card" and row.due)
    tries = [row.attempts for row in rows if row.kind == "card"]
    assert tries[0] > tries[1] > 1


async def test_a_card_that_was_kept_from_its_chat_says_so(added: Workshop) -> None:
    """Half an hour without the platform; what becomes of the case later does not change that."""
    added.telegram.faults.append(RetryLater("away"))
    await opens(added)
    await added.deliver()
    added.now = T0 + 38 * MINUTE
    await added.deliver()
    (message,) = added.telegram.messages.values()
    assert "⏱ 迟到 38 分钟（当时发不出去）" in message.post.text
    assert message.post.fields["late_ms"] == 38 * MINUTE
    added.now += 60 * MINUTE
    await added.act(Verb.ACKNOWLEDGE)
    await added.deliver()
    assert "⏱ 迟到 38 分钟（当时发不出去）" in message.post.text
    delivery = next(e.entry for e in await added.store.history(1) if e.entry.event == "delivery")
    assert delivery.data["late_ms"] == 38 * MINUTE


async def test_a_refusal_of_the_whole_chat_is_not_tried_without_the_picture(
    added: Workshop,
) -> None:
    """Only what may be the picture's fault is."""
    added.telegram.faults.append(ChatClosed("kicked from the group", "kicked"))
    await opens(added)
    await added.deliver()
    assert added.telegram.calls.count(("send", "-1001")) == 1
    added.telegram.faults.append(Rejected("something"))
    await opens(added, zone="pit")
    await added.deliver()
    assert added.telegram.calls.count(("send", "-1001")) == 4, (
        "with and without, and what was missed"
    )
    assert len(added.telegram.texts("-1001")) == 2
