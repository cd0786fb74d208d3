"""The database cannot be written: an emergency goes out from memory and is recorded later, once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.casework import Intake
from bot.casework.answer import ReportAnswer
from bot.courier import ALERTS, Courier
from bot.domain.case import State
from bot.domain.error import Conflict, RetryLater, Unavailable, Uncertain
from bot.domain.message import Picture
from bot.domain.report import Phase, Report, Shot
from bot.domain.secret import Secret
from bot.domain.site import Alert
from bot.lastresort import LastResort
from bot.ports import AlertMessage, Tx
from storage.journal import JournalFile
from tests.support.cases import MINUTE, SECOND
from tests.support.workshop import ADMINS, CONFIG, GROUP, Workshop, running, until

MARK = "尚未入库"


class Outage:
    """A store that can be told to fail, to hang before it writes, or to linger after that."""

    def __init__(self, shop: Workshop) -> None:
        self._begin, self._holding = shop.store.begin, shop.store.holding
        self.broken = False
        self.hangs: asyncio.Event | None = None
        self.lingers: asyncio.Event | None = None
        shop.store.begin = self._opened  # type: ignore[method-assign]  # the seam of the database
        shop.store.holding = self._asked  # type: ignore[method-assign]

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Tx]:
        if self.broken:
            raise OSError("database or disk is full")
        if self.hangs is not None:
            await self.hangs.wait()
        async with self._begin() as tx:
            yield tx
        if self.lingers is not None:
            await self.lingers.wait()

    async def _asked(self, live_key: str) -> object:
        if self.broken:
            raise OSError("disk I/O error")
        return await self._holding(live_key)


class House:
    """A workshop with a last resort over a journal on disk."""

    def __init__(self, shop: Workshop, folder: Path) -> None:
        self.shop, self.folder = shop, folder
        self.outage = Outage(shop)
        self.journal = JournalFile(folder, 256 * 1024)
        self.resort = LastResort(shop.desk, self.journal, look_every_s=0.05)
        self.intake = Intake(shop.core, self.resort)

    async def restart(self) -> None:
        """What a new process finds."""
        await asyncio.to_thread(self.journal.close)
        self.journal = JournalFile(self.folder, 256 * 1024)
        self.resort = LastResort(self.shop.desk, self.journal, look_every_s=0.05)
        self.intake = Intake(self.shop.core, self.resort)
        await self.resort.open()

    async def report(self, report: Report) -> ReportAnswer:
        async with running(self.intake.run):
            return await self.intake.report(report)

    def fall(self, **changes: object) -> Report:
        return self.shop.a_report(**{"id": "f1", "hazard": "fall", **changes})

    async def told(self, count: int = 1) -> None:
        """Wait until so many messages stand in the group."""
        await self.until(lambda: len(self.shop.telegram.texts(GROUP.id)) == count)

    async def noted(self, *words: str) -> None:
        """Wait until the journal has these words."""

        async def there() -> bool:
            written = b"".join(await self.journal.read()).decode()
            return all(word in written for word in words)

        await until(there)

    async def until(self, condition: Callable[[], bool]) -> None:
        async def holds() -> bool:
            return condition()

        await until(holds)


@pytest.fixture
async def house(
    shop: Workshop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[House]:
    caplog.set_level(logging.CRITICAL)
    opened = House(shop, tmp_path)
    await opened.resort.open()
    yield opened
    await asyncio.to_thread(opened.journal.close)


async def test_an_emergency_goes_out_at_once_and_is_recorded_when_that_can_be(
    house: House,
) -> None:
    """The message that went out becomes the card, with the times of the report."""
    shop = house.shop
    house.outage.broken = True
    given = house.fall()
    async with running(house.resort.run):
        answer = await house.report(given)
        assert (answer.case, answer.state, answer.created) == (None, "unrecorded", False)
        await house.told()
        (text,) = shop.telegram.texts(GROUP.id)
        assert text.startswith("🔴 紧急 疑似人员摔倒 · 大门")
        assert MARK in text
        assert "#" not in text
        shop.now += 5 * MINUTE
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
    case = await shop.store.get_case(1)
    assert case is not None
    assert (case.state, case.opened_at, case.first_seen) == (
        State.OPEN,
        given.received_at,
        given.at,
    )
    await shop.deliver()
    (message,) = [one for one in shop.telegram.messages.values() if one.chat.id == GROUP.id]
    assert "#1" in message.post.text
    assert MARK not in message.post.text
    assert message.post.buttons
    assert await shop.store.verify_audit() == (1, [])
    events = [row.entry.event for row in await shop.store.history(1)]
    assert events == ["opened", "delivery", "delivery", "imported"]
    sent = {row.kind: row.outcome for row in await shop.store.deliveries(1)}
    assert sent["card"] == {"outcome": "delivered", "message": message.id, "unrecorded": True}
    assert sent["announce"] == {
        "outcome": "spoken",
        "said": "大门，疑似有人摔倒。附近的师傅请马上过去看一下。",
        "language": "zh",
        "unrecorded": True,
    }


async def test_the_horn_is_not_sounded_again(house: House) -> None:
    """It spoke from memory; the case that opens later does not repeat that."""
    house.outage.broken = True
    async with running(house.resort.run):
        await house.report(house.fall())
        await house.until(lambda: len(house.shop.announcer.said) == 1)
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
        await house.shop.deliver(speaks=True)
    assert len(house.shop.announcer.said) == 1


class Gateway:
    """A second path that keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[AlertMessage] = []

    async def send(self, message: AlertMessage) -> None:
        self.taken.append(message)

    async def probe(self) -> None: ...

    async def close(self) -> None: ...


async def test_second_paths_are_taken_from_memory_too(house: House) -> None:
    """Once: the case that opens later does not send the text message again, and proves it."""
    shop, gateway = house.shop, Gateway()
    config = replace(CONFIG, alerts=(Alert("sms", "http", "sms", Secret("http://gateway")),))
    shop.core.people.config = config
    shop.desk.alerts["sms"] = gateway  # type: ignore[index]  # a dict, at the workshop's bench
    house.outage.broken = True
    async with running(house.resort.run):
        await house.report(house.fall())
        await house.until(lambda: len(gateway.taken) == 1)
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
    (message,) = gateway.taken
    assert message.case is None
    assert MARK in message.text
    async with running(Courier(shop.desk, shop.wake, kinds=ALERTS).run):
        assert await shop.store.next_due(ALERTS) is None
    (row,) = [row for row in await shop.store.deliveries(1) if row.kind == "alert"]
    assert row.outcome is not None
    assert (row.state, row.outcome["path"]) == ("done", "sms")
    assert len(gateway.taken) == 1


async def test_the_admins_are_told_once_and_again_when_all_is_recorded(house: House) -> None:
    """Three emergencies, one notice from memory and one through the outbox."""
    house.outage.broken = True
    async with running(house.resort.run):
        for n in range(3):
            await house.report(house.fall(id=f"f{n}", zone=f"z{n}"))
        await house.told(3)
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
    await house.shop.deliver()
    told = house.shop.console.texts(ADMINS.id)
    assert [text[:1] for text in told] == ["⛔", "✅"]
    assert "3 条" in told[1]


async def test_other_reports_are_refused(house: House) -> None:
    """They come again; nothing of them is told."""
    house.outage.broken = True
    with pytest.raises(Unavailable):
        await house.report(house.shop.a_report(id="r1"))
    assert house.resort.pending == 0
    assert house.shop.telegram.texts() == []


async def test_a_slow_database_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what it writes in the end opens no second case, nor a second message."""
    monkeypatch.setattr("bot.casework.intake.EMERGENCY_WITHIN_S", 0.2)
    shop, house.outage.hangs = house.shop, asyncio.Event()
    async with running(house.intake.run, house.resort.run):
        answer = await house.intake.report(house.fall())
        assert answer.state == "unrecorded"
        await house.told()
        house.outage.hangs.set()
        await house.until(lambda: house.resort.pending == 0)
        again = await house.intake.report(house.fall())
    assert (again.case, again.repeat) == (1, True)
    await shop.deliver()
    assert len(shop.telegram.texts(GROUP.id)) == 1
    assert await shop.store.get_case(2) is None


async def test_what_was_written_after_all_is_not_told_from_memory_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit came, but its confirmation late: the card is on its way, one is enough."""
    monkeypatch.setattr("bot.casework.intake.EMERGENCY_WITHIN_S", 1.5)
    shop, house.outage.lingers = house.shop, asyncio.Event()
    try:
        async with running(house.intake.run, house.resort.run):
            answer = await house.intake.report(house.fall())
            assert answer.state == "unrecorded"
            house.outage.lingers.set()
            await house.until(lambda: house.resort.pending == 0)
    finally:
        house.outage.lingers.set()
    await shop.deliver()
    (text,) = shop.telegram.texts(GROUP.id)
    assert "#1" in text
    assert await shop.store.get_case(2) is None


async def test_a_crash_after_the_import_repeats_nothing(house: House) -> None:
    """The journal was not emptied yet: its records are known by their marks."""
    house.outage.broken = True
    async with running(house.resort.run):
        await house.report(house.fall())
        await house.noted('"told"', '"spoken"')
    kept = await house.journal.read()
    await house.restart()
    house.outage.broken = False
    await house.resort.catch_up()
    assert await house.journal.read() == []
    for entry in kept:
        await house.journal.write(entry)
    await house.restart()
    assert house.resort.pending == 1
    history = await house.shop.store.history(1)
    await house.resort.catch_up()
    assert house.resort.pending == 0
    assert await house.shop.store.history(1) == history
    await house.shop.deliver()
    assert len(house.shop.telegram.texts(GROUP.id)) == 1


async def test_killed_while_it_was_told_the_card_says_possibly_repeated(house: House) -> None:
    """Nobody knows whether the message arrived; the card goes out, and says so."""
    house.outage.broken = True
    house.shop.telegram.gate.clear()
    async with running(house.resort.run):
        await house.report(house.fall())
        await house.until(lambda: ("send", GROUP.id) in house.shop.telegram.calls)
    house.shop.telegram.gate.set()
    await house.restart()
    house.outage.broken = False
    await house.resort.catch_up()
    await house.shop.deliver()
    (text,) = house.shop.telegram.texts(GROUP.id)
    assert "#1" in text
    assert "可能重复" in text


async def test_a_chat_that_surely_has_not_got_it_gets_the_plain_card(house: House) -> None:
    """Refused for now is no doubt: the outbox goes on, and marks nothing."""
    house.outage.broken = True
    house.shop.telegram.faults.extend([RetryLater("not now")] * 50)
    async with running(house.resort.run):
        await house.report(house.fall())
        await house.until(lambda: len(house.shop.telegram.calls) > 0)
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
    house.shop.telegram.faults.clear()
    await house.shop.deliver()
    (text,) = house.shop.telegram.texts(GROUP.id)
    assert "#1" in text
    assert "可能重复" not in text


async def test_a_chat_is_tried_until_it_has_it(house: House) -> None:
    """The second one, after a lost answer, says that it may be a repeat."""
    house.outage.broken = True
    house.shop.telegram.faults.extend([RetryLater("not now"), Uncertain("lost"), None])
    async with running(house.resort.run):
        await house.report(house.fall())
        await house.told(2)
    first, second = house.shop.telegram.texts(GROUP.id)
    assert "可能重复" not in first
    assert "可能重复" in second
    assert MARK in second


async def test_with_its_picture_or_else_without(house: House) -> None:
    """A picture that a chat refuses never costs the words."""
    house.outage.broken = True
    shot = Shot(Picture(b"clear", "a" * 64), blurred=Picture(b"blurred", "b" * 64))
    async with running(house.resort.run):
        await house.report(house.fall(shot=shot))
        await house.told()
        house.shop.telegram.faults.extend([RetryLater("no pictures now"), None])
        await house.report(house.fall(id="f2", zone="pit", shot=shot))
        await house.told(2)
    first, second = house.shop.telegram.messages.values()
    assert first.picture is not None
    assert first.picture.jpeg == b"blurred"
    assert second.picture is None


async def test_the_same_hazard_is_told_once(house: House) -> None:
    """By the rule by which a case rings: again only after it was unseen for half a minute."""
    shop = house.shop
    house.outage.broken = True
    async with running(house.resort.run):
        for n in range(5):
            shop.now += SECOND
            await house.report(house.fall(id=f"f{n}", phase=Phase.EVENT))
        with pytest.raises(Unavailable):
            await house.report(house.fall(id="on", phase=Phase.CONTINUE))
        await house.told(1)
        shop.now += MINUTE
        await house.report(house.fall(id="later", phase=Phase.EVENT))
        await house.told(2)
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
    case = await shop.store.get_case(1)
    assert case is not None
    assert case.count == 6
    assert await shop.store.get_case(2) is None
    await shop.deliver()
    assert all("#1" in text for text in shop.telegram.texts(GROUP.id))


async def test_a_repeat_is_answered_the_same_and_other_content_is_a_conflict(
    house: House,
) -> None:
    """Before the import as after it."""
    house.outage.broken = True
    given = house.fall(content="a")
    async with running(house.resort.run):
        for _ in range(3):
            assert (await house.report(given)).state == "unrecorded"
        with pytest.raises(Conflict):
            await house.report(replace(given, content="b"))
        await house.told(1)
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
    assert (await house.report(given)).repeat


async def test_a_full_journal_refuses_but_tells_all_the_same(house: House) -> None:
    """Only what is durable is answered as taken; people hear of it in any case."""
    house.outage.broken = True
    async with running(house.resort.run):
        with pytest.raises(Unavailable):
            await house.report(house.fall(note="x" * 300_000))
        await house.told(1)
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
    assert await house.shop.store.get_case(1) is not None


async def test_a_record_that_can_never_go_in_stands_in_nobodys_way(house: House) -> None:
    """Its fault is its own; the others are recorded, and the admins note it by hand."""
    house.outage.broken = True
    async with running(house.resort.run):
        await house.report(house.fall(id="bad", zone="\ud800"))
        await house.report(house.fall(id="good", zone="pit"))
        house.outage.broken = False
        await house.until(lambda: house.resort.pending == 0)
    await house.shop.deliver()
    case = await house.shop.store.get_case(1)
    assert case is not None
    assert case.zone == "pit"
    assert any("补记" in text for text in house.shop.console.texts(ADMINS.id))
