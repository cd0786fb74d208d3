"""The second path of emergencies, through a real gateway on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.alerts import open_alerts
from bot.courier import ALERTS, CHATS
from bot.domain.command import Verb
from bot.domain.error import RetryLater
from bot.domain.hazard import Severity
from bot.domain.report import Phase
from bot.domain.secret import Secret
from bot.domain.site import Alert, Duty, Member, Role
from bot.ports import OutboxRow, Timer
from tests.support.cases import MINUTE
from tests.support.receiver import Receiver, receiver
from tests.support.workshop import CONFIG, WANG, Workshop, running, until, workshop

PEOPLE = (
    Member("li", "李工", Role.SITE_LEAD, telegram="111", phone="+8613800000001"),
    Member("wang", "王监督", Role.SUPERVISOR, telegram="112", phone="+8613800000002"),
    Member("zhao", "赵值班", Role.COMMUNITY_WORKER, phone="+8613800000003"),
    Member("chen", "陈查看", Role.VIEWER, phone="+8613800000004"),
    Member("sun", "孙工", Role.SITE_LEAD),
)


@pytest.fixture
async def gateway() -> AsyncIterator[Receiver]:
    """Takes text messages."""
    async with receiver() as running:
        yield running


@asynccontextmanager
async def house(url: str, folder: Path, *alerts: Alert) -> AsyncIterator[Workshop]:
    """A workshop whose emergencies have second paths."""
    duty = (Duty("yard-7", ("zhao",)),)
    config = replace(CONFIG, members=PEOPLE, alerts=alerts, duty=duty)
    async with workshop(url, folder, config) as shop:
        paths = await open_alerts(alerts, None)
        shop.desk = replace(shop.desk, alerts=paths)
        yield shop
        for path in paths.values():
            await path.close()


@pytest.fixture
async def shop(sqlite_url: str, tmp_path: Path, gateway: Receiver) -> AsyncIterator[Workshop]:
    """With text messages to the gateway."""
    async with house(sqlite_url, tmp_path, sms(gateway)) as opened:
        yield opened


def sms(gateway: Receiver, id: str = "sms", **changes: Any) -> Alert:
    return replace(Alert(id, "http", "sms", Secret(gateway.url, listed=False)), **changes)


async def fall(shop: Workshop, **changes: Any) -> None:
    """Somebody has fallen at the gate."""
    await shop.report(hazard="fall", **changes)


async def alerts(shop: Workshop) -> list[OutboxRow]:
    return [row for row in await shop.store.deliveries(1) if row.kind == "alert"]


async def due_again(shop: Workshop) -> None:
    """The clock is moved to the next try of an alert, which is made."""
    (row,) = [row for row in await alerts(shop) if row.due is not None]
    assert row.due is not None
    shop.now = row.due
    await shop.deliver(kinds=ALERTS)


def card(shop: Workshop) -> str:
    """What the group's card says."""
    (text,) = [text for text in shop.telegram.texts("-1001") if "状态" in text]
    return text


async def test_an_emergency_is_a_message_for_those_who_must_come(
    shop: Workshop, gateway: Receiver
) -> None:
    """Who is on duty and the whole chain, each phone once; viewers are left in peace."""
    await fall(shop, note="脚手架旁")
    await shop.deliver(kinds=ALERTS)
    (got,) = gateway.taken
    told = got.json
    assert told.keys() == {"id", "to", "text", "case", "severity", "attempt", "fields"}
    assert told["to"] == ["+8613800000003", "+8613800000001", "+8613800000002"]
    assert (told["case"], told["severity"], told["attempt"]) == (1, "emergency", 1)
    assert told["text"].splitlines()[0] == "紧急 疑似人员摔倒 · 大门 #1"
    assert "七号工地" in told["text"]
    assert "脚手架旁" in told["text"]
    assert "请马上到场" in told["text"]
    assert told["fields"]["hazard_name"] == "人员摔倒"
    assert [who["name"] for who in told["fields"]["people"]] == ["赵值班", "李工", "王监督", "孙工"]
    assert got.headers["Idempotency-Key"] == told["id"]
    assert got.headers["Content-Type"] == "application/json"


async def test_both_paths_are_proved_by_the_history(shop: Workshop) -> None:
    """An entry for the card and one for the message, in the case's own chain."""
    await fall(shop)
    await shop.deliver(kinds=CHATS)
    await shop.deliver(kinds=ALERTS)
    proofs = [
        row.entry.data for row in await shop.store.history(1) if row.entry.event == "delivery"
    ]
    assert {(proof["kind"], proof["outcome"]) for proof in proofs} >= {
        ("card", "delivered"),
        ("alert", "delivered"),
    }
    (sent,) = [proof for proof in proofs if proof["kind"] == "alert"]
    assert sent["people"] == ["zhao", "li", "wang", "sun"]
    assert "+86" not in str(sent)
    assert (await shop.store.verify_audit())[1] == []


async def test_both_engines_tell_it_once(
    database_url: str, tmp_path: Path, gateway: Receiver
) -> None:
    """Two couriers at one database never send the same message twice."""
    async with house(database_url, tmp_path, sms(gateway)) as shop:
        couriers = [shop.courier(kinds=ALERTS) for _ in range(2)]
        async with running(*(courier.run for courier in couriers)):
            await fall(shop)
            await gateway.wait(lambda: gateway.taken)
            await shop.until_idle(*couriers)
        assert [row.state for row in await alerts(shop)] == ["done"]
    assert len(gateway.taken) == 1


async def test_the_card_says_which_path_went_out(shop: Workshop) -> None:
    """Edited in, as what the horn did."""
    await fall(shop)
    await shop.deliver()
    assert "📟" not in card(shop)
    await shop.deliver(kinds=ALERTS)
    await shop.deliver()
    assert "📟 短信 " in card(shop)
    assert "已发出" in card(shop)


@pytest.mark.parametrize(
    ("hazard", "least", "told"),
    [
        ("no_helmet", Severity.EMERGENCY, 0),
        ("climbing", Severity.EMERGENCY, 0),
        ("climbing", Severity.SERIOUS, 1),
        ("no_helmet", Severity.GENERAL, 1),
    ],
)
async def test_only_what_is_grave_enough_takes_it(
    sqlite_url: str, tmp_path: Path, gateway: Receiver, hazard: str, least: Severity, told: int
) -> None:
    """`minimum_severity` decides, path by path."""
    async with house(sqlite_url, tmp_path, sms(gateway, minimum_severity=least)) as shop:
        await shop.report(hazard=hazard)
        await shop.deliver(kinds=ALERTS)
    assert len(gateway.taken) == told


async def test_it_goes_again_when_the_case_rings_again_or_goes_up(
    shop: Workshop, gateway: Receiver
) -> None:
    """Counted, and each a message of its own."""
    await fall(shop, id="a", phase=Phase.START)
    shop.now += MINUTE
    await fall(shop, id="b", phase=Phase.START)
    await shop.act(Verb.ESCALATE)
    await shop.deliver(kinds=ALERTS)
    told = sorted((got.json for got in gateway.taken), key=lambda one: one["attempt"])
    assert [one["attempt"] for one in told] == [1, 2, 3]
    assert len({one["id"] for one in told}) == 3
    assert "第 3 次通知" in told[2]["text"]


async def test_it_goes_again_while_nobody_comes(shop: Workshop, gateway: Receiver) -> None:
    """With every call of the chase, until somebody has arrived."""
    await fall(shop)
    for _ in range(2):
        (timer,) = await arrivals(shop)
        shop.now = timer.due
        await shop.timers.due(timer)
    await shop.deliver(kinds=ALERTS)
    assert sorted(got.json["attempt"] for got in gateway.taken) == [1, 2, 3]
    await shop.act(Verb.ARRIVE)
    assert await arrivals(shop) == []


async def arrivals(shop: Workshop) -> list[Timer]:
    return [t for t in await shop.store.due_timers(1 << 60, 9) if t.kind == "arrive_by"]


async def test_nothing_more_is_sent_of_a_case_that_goes_on(
    shop: Workshop, gateway: Receiver
) -> None:
    """A camera that goes on seeing it is no reason."""
    for n in range(5):
        shop.now += 1000
        await fall(shop, id=f"r{n}", phase=Phase.CONTINUE if n else Phase.START)
    await shop.deliver(kinds=ALERTS)
    assert len(gateway.taken) == 1


@pytest.mark.parametrize("plan", [500, 502, "reset", "reset after", (503, {"Retry-After": "1"})])
async def test_what_failed_is_sent_again_under_the_same_id(
    shop: Workshop, gateway: Receiver, plan: Any
) -> None:
    """However it failed: the gateway knows the message by its id and sends it once."""
    gateway.misbehave(plan)
    await fall(shop)
    await shop.deliver(kinds=ALERTS)
    assert [row.state for row in await alerts(shop)] == ["waiting"]
    await due_again(shop)
    assert [row.state for row in await alerts(shop)] == ["done"]
    assert len({got.json["id"] for got in gateway.taken}) == 1


async def test_a_gateway_that_asks_for_an_hour_is_asked_again_within_half_a_minute(
    shop: Workshop, gateway: Receiver
) -> None:
    """It is an emergency."""
    gateway.misbehave((429, {"Retry-After": "3600"}))
    await fall(shop)
    await shop.deliver(kinds=ALERTS)
    (row,) = await alerts(shop)
    assert row.due is not None
    assert row.due - shop.now <= 30_000


async def test_people_are_told_when_it_does_not_go_out(shop: Workshop, gateway: Receiver) -> None:
    """On the card at once, in words in the group and to the admins once; and its end too."""
    gateway.always = 500
    await fall(shop)
    await shop.deliver(kinds=ALERTS)
    await shop.deliver()
    assert "📟 短信还没发出，重试中" in card(shop)
    for _ in range(4):
        await due_again(shop)
    await shop.deliver()
    words = [text for text in shop.telegram.texts("-1001") if "还没送出去" in text]
    assert len(words) == 1
    assert "短信（sms）" in words[0]
    assert len([text for text in shop.console.texts() if "还没送出去" in text]) == 1
    gateway.always = None
    await due_again(shop)
    await shop.deliver()
    assert "已发出" in card(shop)
    assert "重试" not in card(shop)


async def test_what_the_gateway_refuses_is_a_dead_letter_that_everybody_hears_of(
    shop: Workshop, gateway: Receiver
) -> None:
    """A wrong key of the gateway is found out with the first emergency, at the latest."""
    gateway.misbehave(401)
    await fall(shop)
    await shop.deliver(kinds=ALERTS)
    await shop.deliver()
    (row,) = await alerts(shop)
    assert row.state == "dead"
    assert "📟 短信没有发出" in card(shop)
    assert any("请直接打电话" in text for text in shop.telegram.texts("-1001"))
    assert any("alert" in text and "401" in text for text in shop.console.texts())


async def test_nobody_is_called_to_what_is_over(shop: Workshop, gateway: Receiver) -> None:
    """A gateway that comes back hours later sends no old emergencies."""
    gateway.misbehave(500)
    await fall(shop)
    await shop.deliver(kinds=ALERTS)
    await shop.act(Verb.FALSE_ALARM, actor=WANG)
    await due_again(shop)
    (row,) = await alerts(shop)
    assert (row.state, row.outcome) == ("done", {"outcome": "over"})
    assert len(gateway.tries) == 1


async def test_after_an_outage_the_newest_message_is_enough(
    shop: Workshop, gateway: Receiver
) -> None:
    """The older ones give way to it."""
    gateway.misbehave(500)
    await fall(shop, id="a", phase=Phase.START)
    await shop.deliver(kinds=ALERTS)
    shop.now += MINUTE
    await fall(shop, id="b", phase=Phase.START)
    await shop.deliver(kinds=ALERTS)
    assert [got.json["attempt"] for got in gateway.taken] == [2]
    outcomes = [row.outcome["outcome"] for row in await alerts(shop) if row.outcome]
    assert outcomes == ["superseded", "delivered"]


async def test_a_dead_chat_delays_no_alert(shop: Workshop, gateway: Receiver) -> None:
    """The message is there while the card still hangs."""
    shop.telegram.gate.clear()
    async with running(shop.courier().run, shop.courier(kinds=ALERTS).run):
        await fall(shop)
        await gateway.wait(lambda: gateway.taken)
        assert shop.telegram.texts() == []
        shop.telegram.gate.set()


async def test_a_dead_gateway_delays_no_card(shop: Workshop, gateway: Receiver) -> None:
    """The card is there while the gateway hangs."""
    gateway.always = "hang"
    async with running(shop.courier().run, shop.courier(kinds=ALERTS).run):
        await fall(shop)
        await gateway.wait(lambda: gateway.tries)
        async with asyncio.timeout(2):
            await until(lambda: _shown(shop))


async def _shown(shop: Workshop) -> bool:
    return bool(shop.telegram.texts("-1001"))


async def test_every_path_is_on_its_own(sqlite_url: str, tmp_path: Path, gateway: Receiver) -> None:
    """One that is broken says nothing about the other."""
    async with receiver(always=500) as broken:
        paths = (sms(broken, "broken"), sms(gateway, "push", path="push"))
        async with house(sqlite_url, tmp_path, *paths) as shop:
            await fall(shop)
            await shop.deliver(kinds=ALERTS)
            await shop.deliver()
            assert "📟 短信还没发出" in card(shop)
            assert "📟 推送 " in card(shop)
    assert len(gateway.taken) == 1


async def test_a_path_that_left_the_site_file_ends_its_messages(shop: Workshop) -> None:
    """What waited for it is a dead letter, and is not waited for any more."""
    await fall(shop)
    shop.desk = replace(shop.desk, alerts={})
    await shop.deliver(kinds=ALERTS)
    (row,) = await alerts(shop)
    assert row.state == "dead"


async def test_what_was_under_way_when_the_program_died_goes_again_under_its_id(
    shop: Workshop, gateway: Receiver
) -> None:
    """The lease runs out, the same message is sent, the gateway knows it."""
    gateway.misbehave("hang")
    await fall(shop)
    courier = asyncio.ensure_future(shop.courier(kinds=ALERTS).run())
    await gateway.wait(lambda: gateway.taken)
    for task in asyncio.all_tasks():  # as a kill leaves it: nothing is written down
        if task is not asyncio.current_task() and "_deliver" in str(task.get_coro()):
            task.cancel()
    courier.cancel()
    shop.now += MINUTE
    await shop.deliver(kinds=ALERTS)
    assert [got.json["id"] for got in gateway.taken] == [gateway.taken[0].json["id"]] * 2
    assert [row.state for row in await alerts(shop)] == ["done"]


async def test_a_case_on_trial_calls_nobody(shop: Workshop, gateway: Receiver) -> None:
    """It is the installer's."""
    await fall(shop, trial=True)
    await shop.deliver(kinds=ALERTS)
    assert gateway.tries == []


async def test_a_probe_sends_nothing(gateway: Receiver) -> None:
    """Connecting is all that can be tried without a message to somebody's phone."""
    (path,) = (await open_alerts([sms(gateway)], None)).values()
    await path.probe()
    assert gateway.tries == []
    await gateway.stop()
    with pytest.raises(RetryLater):
        await path.probe()
    await path.close()
