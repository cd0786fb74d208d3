"""A path that fails is told over one that works: once, and once more when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bot.courier import Courier
from bot.domain.error import Rejected, RetryLater, SignedOut, Uncertain
from bot.domain.message import ChatRef, Post
from bot.domain.site import Chat, Purpose, Role, SiteConfig
from bot.ports import Reception, Spoken
from bot.watching.figures import Figures
from bot.watching.health import Health
from bot.watching.monitor import AFTER_MS, Monitor
from bot.watching.paths import WatchedAnnouncer, WatchedChannel, watched_channel
from tests.support.cases import MINUTE, SECOND
from tests.support.workshop import (
    ADMINS,
    CONFIG,
    RecordingChannel,
    Workshop,
    until,
    workshop,
)

AWAY = RetryLater("Telegram cannot be reached (ClientConnectorError)")


class Deaf(RecordingChannel):
    """A platform whose receiving may fail by itself."""

    reception = Reception()


class Watch:
    """A workshop whose paths are watched."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        self._numbers = count(1)
        shop.telegram = Deaf()
        clock = shop.core.clock
        raw = {"telegram": shop.telegram, "console": shop.console}
        self.channels = {name: WatchedChannel(one, clock) for name, one in raw.items()}
        self.announcer = WatchedAnnouncer(shop.announcer, clock)
        self.monitor = Monitor(shop.core, self.channels, self.announcer)
        self.figures = Figures(CollectorRegistry(), shop.store, clock)
        shop.desk = replace(
            shop.desk,
            channels=self.channels,
            announcer=self.announcer,
            outcomes=self.figures.outcome,
        )
        self.health = Health(shop.store, clock, self.monitor)

    async def report(self, hazard: str = "no_helmet") -> None:
        """One more report, of its own."""
        await self.shop.report(hazard=hazard, id=f"r{next(self._numbers)}")

    async def passes(self, seconds: float, step: float = 10) -> None:
        """Time passes, with deliveries tried and looks taken all the while."""
        end = self.shop.now + round(seconds * SECOND)
        while self.shop.now < end:
            self.shop.now = min(self.shop.now + round(step * SECOND), end)
            for timer in await self.shop.store.due_timers(self.shop.now, 100):
                await self.shop.timers.due(timer)
            await self.shop.deliver(speaks=True)
            await self.shop.deliver()
            await self.monitor.look()
        await self.shop.deliver()

    def told(self, word: str = "") -> list[str]:
        """What the admins' console chat was told that has `word` in it."""
        return [text for text in self.shop.console.texts(ADMINS.id) if word in text]

    async def fails(self) -> list[str]:
        """The names of the checks of /readyz that fail."""
        return [check.name for check in await self.health.checks() if not check.ok]

    def count(self, name: str, **labels: str) -> float:
        return self.figures.registry.get_sample_value(f"loudhailer_{name}", labels) or 0.0


@pytest.fixture
async def watch(shop: Workshop) -> Watch:
    return Watch(shop)


def always(channel: RecordingChannel, error: Exception, times: int = 1000) -> None:
    channel.faults.extend([error] * times)  # type: ignore[list-item]


async def test_a_chat_server_that_is_down_is_told_on_the_console_once(watch: Watch) -> None:
    """After a minute, with how much waits; and once more when it is back."""
    await watch.report()
    always(watch.shop.telegram, AWAY)
    await watch.passes(55)
    assert watch.told("telegram") == []
    await watch.passes(10 * 60)
    (failing,) = watch.told("telegram")
    assert "发不出消息" in failing
    assert "积压 1 条" in failing
    watch.shop.telegram.faults.clear()
    await watch.passes(60)
    assert len(watch.told("telegram")) == 2
    back = watch.told("恢复了")[0]
    assert "断了 11 分钟" in back
    assert "最多积压" in back
    assert len([text for text in watch.shop.telegram.texts() if "安全帽 · 大门 #1" in text]) == 1
    await watch.passes(600)
    assert len(watch.told("telegram")) == 2


async def test_healthy_means_delivered(watch: Watch) -> None:
    """Everything runs, the database answers, timers are on time: but the card is not out."""
    assert await watch.fails() == []
    await watch.report()
    always(watch.shop.telegram, AWAY)
    await watch.passes(30)
    assert await watch.fails() == []
    await watch.passes(60)
    assert await watch.fails() == ["delivery", "channels"]
    delivery = (await watch.health.checks())[1]
    assert "telegram: 1 waiting, oldest 90000 ms" in delivery.detail
    watch.shop.telegram.faults.clear()
    await watch.passes(60)
    assert await watch.fails() == []


async def test_a_short_hiccup_is_not_told(watch: Watch) -> None:
    """Three failures in a row, and then it goes on."""
    await watch.report()
    always(watch.shop.telegram, AWAY, 3)
    await watch.passes(300)
    assert watch.told("telegram") == []


async def test_a_platform_that_refuses_or_is_busy_is_there(watch: Watch) -> None:
    """A dead letter and a flood limit say nothing against the channel."""
    always(watch.shop.telegram, RetryLater("busy", 20.0), 6)
    await watch.report()
    await watch.passes(120)
    watch.shop.telegram.faults.clear()
    always(watch.shop.telegram, Rejected("bot was kicked"))
    await watch.report(hazard="no_vest")
    await watch.passes(120)
    assert watch.told("发不出消息") == []
    assert watch.told("送不出去")


async def test_no_answer_in_time_counts_as_failing(watch: Watch) -> None:
    """A server that takes connections and never answers."""
    always(watch.shop.telegram, Uncertain("the connection broke"))
    watch.shop.telegram.arrives = False
    await watch.report(hazard="fall")
    await watch.passes(90)
    assert len(watch.told("发不出消息")) == 1


async def test_a_revoked_token_is_told_at_once(watch: Watch) -> None:
    """It does not pass by itself."""
    always(watch.shop.telegram, SignedOut("the token is not known", 30.0))
    await watch.report()
    await watch.passes(1, 1)
    (told,) = watch.told("令牌")
    assert "重启" in told
    assert "channels" in await watch.fails()
    watch.shop.telegram.faults.clear()
    await watch.passes(60)
    assert len(watch.told("恢复了")) == 1


@pytest.mark.parametrize(
    ("cause", "word"), [("second_holder", "另一个程序"), ("webhook", "webhook")]
)
async def test_who_else_takes_our_updates_is_told_at_once_in_every_chat(
    watch: Watch, cause: str, word: str
) -> None:
    """Sending works, so it is told there too; over only when it has been calm for a while."""
    deaf, fine = Reception(cause, "another program receives"), Reception()
    watch.shop.telegram.reception = deaf
    await watch.passes(1, 1)
    assert len(watch.told(word)) == 1
    assert await watch.fails() == ["channels"]
    for _ in range(10):  # they fight: each hears something now and then
        watch.shop.telegram.reception = fine
        await watch.passes(5, 1)
        watch.shop.telegram.reception = deaf
        await watch.passes(5, 1)
    assert len(watch.told()) == 1
    watch.shop.telegram.reception = fine
    await watch.passes(40, 1)
    assert len(watch.told("又能收到")) == 1
    assert await watch.fails() == []
    await watch.report()
    await watch.passes(1, 1)
    assert len(watch.shop.telegram.messages) == 1, "sending goes on"


async def test_a_line_that_is_away_is_told_after_a_minute(watch: Watch) -> None:
    """Nothing is to be sent, so only receiving tells."""
    watch.shop.telegram.reception = Reception("away", "cannot be reached")
    await watch.passes(50)
    assert watch.told() == []
    await watch.passes(20)
    assert len(watch.told("收不到")) == 1


async def test_it_is_back_also_when_nothing_was_left_to_send(watch: Watch) -> None:
    """What waited died meanwhile; that the platform is heard proves that it is there."""
    await watch.report()
    always(watch.shop.telegram, AWAY)
    watch.shop.telegram.reception = Reception("away", "cannot be reached")
    await watch.passes(90)
    assert watch.told("发不出消息")
    for row in await watch.shop.store.undelivered():
        async with watch.shop.store.begin() as tx:
            await tx.finish(row, "dead", {"outcome": "dead"}, watch.shop.now)
    watch.shop.telegram.reception = Reception()
    await watch.passes(60)
    assert watch.told("恢复了")


async def test_a_speaker_that_makes_no_sound_is_told_once_and_when_it_is_back(
    watch: Watch,
) -> None:
    """The first warning that nobody heard."""
    watch.shop.announcer.outcome = "failed"
    await watch.report()
    await watch.shop.deliver(speaks=True)
    watch.shop.now += 30 * SECOND
    await watch.report(hazard="no_vest")
    await watch.shop.deliver(speaks=True)
    await watch.passes(5)
    assert len(watch.told("大门喇叭没有声音")) == 1
    watch.shop.announcer.outcome = "spoken"
    await watch.report(hazard="zone_intrusion")
    await watch.shop.deliver(speaks=True)
    await watch.passes(5)
    assert len(watch.told("大门喇叭又响了")) == 1


async def test_the_reason_is_told_in_the_language_of_the_chat(watch: Watch) -> None:
    """A known one; whoever reads Chinese finds no English clause in the sentence."""
    unheard = Spoken("horn", "no_listener", detail="no open speaker page")
    watch.shop.announcer.outcomes["horn"] = unheard
    await watch.report()
    await watch.shop.deliver(speaks=True)
    await watch.passes(5)
    assert watch.told("大门喇叭没有声音：没有打开的喇叭网页")


async def test_what_a_speaker_was_not_to_say_is_no_fault(watch: Watch) -> None:
    """Quiet hours."""
    watch.shop.announcer.outcome = "quiet_hours"
    await watch.report()
    await watch.shop.deliver(speaks=True)
    await watch.passes(5)
    assert watch.told() == []


@asynccontextmanager
async def one_chat_watch(url: str, folder, *chats: Chat) -> AsyncIterator[Watch]:
    boss = replace(CONFIG.members[1], role=Role.ADMIN)
    config: SiteConfig = replace(CONFIG, chats=chats, members=(CONFIG.members[0], boss))
    async with workshop(url, folder, config) as shop:
        yield Watch(shop)


async def test_without_another_admin_chat_it_is_told_on_the_admins_own_console(
    sqlite_url: str, tmp_path
) -> None:
    """The only admins' chat is on the channel that fails."""
    cases, admins = CONFIG.chats[0], Chat(
        "telegram:-1009", "telegram", "-1009", purpose=Purpose.ADMIN
    )  # fmt: skip
    async with one_chat_watch(sqlite_url, tmp_path, cases, admins) as watch:
        always(watch.shop.telegram, AWAY)
        await watch.report()
        await watch.passes(2 * 60)
        assert len(watch.shop.console.texts("@wang")) == 1
        watch.shop.telegram.faults.clear()
        await watch.passes(60)
        (back,) = watch.shop.telegram.texts("-1009")
        assert "恢复了" in back


async def test_one_receiver_of_webhooks_that_is_away_is_told_by_its_name(watch: Watch) -> None:
    """The others go on, and that says nothing for it; people's alarms are no less healthy."""
    hooks = RecordingChannel("webhook", has_idempotency_key=True)
    watched = watched_channel(hooks, watch.shop.core.clock)
    watch.channels["webhook"] = watched
    for _ in range(8):
        watch.shop.now += 10 * SECOND
        hooks.faults.append(AWAY)
        with pytest.raises(RetryLater):
            await watched.send(ChatRef("webhook", "erp"), Post("x"), key="k")
        await watched.send(ChatRef("webhook", "other"), Post("x"), key="k")
        await watch.monitor.look()
    await watch.shop.deliver()
    assert len(watch.told("webhook:erp 从")) == 1
    assert watch.told("other") == []
    assert await watch.fails() == []


async def test_two_processes_that_see_the_same_tell_it_once(watch: Watch) -> None:
    """Each has a monitor of its own over the same database."""
    other = Monitor(watch.shop.core, watch.channels, watch.announcer)
    watch.shop.telegram.reception = Reception("second_holder", "another program receives")
    await asyncio.gather(watch.monitor.look(), other.look())
    await watch.shop.deliver()
    assert len(watch.told()) == 1


async def test_what_could_not_be_written_is_told_when_it_can_be(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database took nothing in the moment of telling: at the failure, and at its end."""
    begin, faults = watch.shop.store.begin, [OSError("disk is full")] * 2

    def failing() -> Any:
        if faults:
            raise faults.pop()
        return begin()

    monkeypatch.setattr(watch.shop.store, "begin", failing)
    for cause, told in (("second_holder", 1), ("", 2)):
        fault = "another program receives" if cause else ""
        watch.shop.telegram.reception = Reception(cause, fault)
        if not cause:
            faults.append(OSError("disk is full"))
            await watch.monitor.look()  # it is well since now
            watch.shop.now += 60 * SECOND
        for _ in range(3):
            with suppress(OSError):
                await watch.monitor.look()
        await watch.shop.deliver()
        assert len(watch.told()) == told


async def test_the_figures_count_every_outcome(watch: Watch) -> None:
    """And how long the card took from the receipt of its report."""
    shop = watch.shop
    always(shop.telegram, AWAY, 2)
    shop.telegram.faults.append(Uncertain("reset"))
    await watch.report()
    await watch.passes(60)
    card = {"channel": "telegram", "kind": "card"}
    assert watch.count("deliveries_total", **card, outcome="retry") == 2
    assert watch.count("deliveries_total", **card, outcome="uncertain") == 1
    assert watch.count("deliveries_total", **card, outcome="delivered") == 1
    assert watch.count("card_seconds_count", channel="telegram") == 1
    took = watch.count("card_seconds_sum", channel="telegram")
    assert 10 <= took <= 60
    always(shop.telegram, Rejected("kicked"), 1)
    await watch.report(hazard="no_vest")
    await shop.deliver()
    assert watch.count("deliveries_total", **card, outcome="dead") == 1
    always(shop.telegram, AWAY)
    await watch.report(hazard="fall")
    await shop.deliver()
    shop.now += 20 * SECOND
    await watch.figures.look(watch.monitor)
    assert watch.count("waiting", channel="telegram") == 1
    assert watch.count("oldest_waiting_seconds", channel="telegram") == 20
    assert watch.count("waiting", channel="speakers") == 2
    assert watch.count("channel_failing_seconds", channel="telegram") == 20
    shop.now += 11 * MINUTE
    await watch.figures.look(watch.monitor)
    assert watch.count("timer_late_seconds") > 0


async def test_the_monitor_runs_by_itself(watch: Watch) -> None:
    """As the program starts it."""
    watch.shop.telegram.reception = Reception("second_holder", "another program receives")
    courier: Courier = watch.shop.courier()
    tasks = [asyncio.ensure_future(loop()) for loop in (courier.run, watch.monitor.run)]

    async def said() -> bool:
        return bool(watch.told("另一个程序"))

    try:
        await until(said)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_a_minute_is_what_the_reference_says() -> None:
    assert AFTER_MS == MINUTE
