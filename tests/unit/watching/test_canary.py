"""The canary: delivered, edited, on record; and silent for everybody but the admins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from bot.casework.canaries import ASKED, CANARY, verdict_of
from bot.domain.actuator import Actuator
from bot.domain.canary import CanaryChats, CanaryPlan, daily
from bot.domain.case import State
from bot.domain.command import Verb
from bot.domain.error import ChatClosed, DeliveryError, RetryLater
from bot.domain.hazard import Severity
from bot.domain.response import Override
from bot.domain.secret import Secret
from bot.domain.site import Alert, SiteConfig
from bot.ports import AlertMessage, AlertPath, CaseFilter
from bot.ports_console import CameraView
from bot.watching.arrival import Arrival
from bot.watching.canary import TOGETHER_MS, Canary
from bot.watching.figures import Figures
from bot.watching.health import Health
from bot.watching.monitor import Monitor
from bot.watching.paths import WatchedAnnouncer, watched_channel
from bot.watching.survey import Survey
from tests.support.databases import sqlite_url
from tests.support.workshop import CONFIG, GROUP, WANG, Workshop, running, workshop

__all__ = ["sqlite_url"]

SECOND = 1_000
AWAY = RetryLater("connection refused")
HEALTHY = CanaryPlan(start=False)
TO_ALL = CanaryPlan(start=False, chats=CanaryChats.ALL)


class Gateway:
    """A second path that is asked, and must never be used."""

    def __init__(self) -> None:
        self.fault: DeliveryError | None = None

    async def send(self, message: AlertMessage) -> None:
        raise AssertionError("a canary rang somebody's phone")

    async def probe(self) -> None:
        if self.fault is not None:
            raise self.fault

    async def close(self) -> None:
        """Nothing to let go of."""


class Cage:
    """A canary over a workshop; time passes second by second, and the courier works meanwhile."""

    def __init__(self, shop: Workshop, alerts: Mapping[str, AlertPath] | None = None) -> None:
        self.shop = shop
        self.views: dict[str, CameraView] = {}
        self.silent: dict[str, str] = {}
        self.dark: set[str] = set()
        self.alerts = alerts or {}
        self.arrival = Arrival("crash", shop.now, shop.now - 180_000, timers=2, outbox=3)
        channels = {"telegram": shop.telegram, "console": shop.console}
        self.watched = {
            name: watched_channel(one, shop.core.clock) for name, one in channels.items()
        }
        self.monitor = Monitor(
            shop.core, self.watched, WatchedAnnouncer(shop.announcer, shop.core.clock)
        )
        self.health = Health(shop.store, shop.core.clock, self.monitor)
        self.canary = self.hatched()

    def hatched(self) -> Canary:
        """A new one, as after a start."""

        async def silent() -> Mapping[str, str]:
            return self.silent

        async def dark(ids: Collection[str]) -> set[str]:
            return self.dark & set(ids)

        def view(camera: str) -> CameraView:
            return self.views.get(camera, CameraView(camera, "live"))

        survey = Survey(self.shop.core, view, silent, self.arrival, dark)
        return Canary(self.shop.core, self.shop.intake, self.watched, self.alerts, survey)

    async def passes(self, seconds: int) -> None:
        """Let it fly, and be delivered."""
        async with running(self.shop.intake.run):
            for _ in range(seconds):
                self.shop.now += SECOND
                await self.canary.look()
                await self.shop.deliver()

    async def ask(self) -> None:
        """As `doctor` does."""
        self.shop.now += SECOND
        async with self.shop.store.begin() as tx:
            await tx.learn(CANARY, ASKED, {"at": self.shop.now})

    async def fails(self) -> list[str]:
        """The checks of /readyz that fail."""
        return [check.name for check in await self.health.checks() if not check.ok]


@asynccontextmanager
async def caged(
    url: str, folder: Path, gateways: Mapping[str, AlertPath] | None = None, **changes: Any
) -> AsyncIterator[Cage]:
    async with workshop(url, folder, replace(CONFIG, **{"canary": HEALTHY, **changes})) as shop:
        yield Cage(shop, gateways)


@pytest.fixture
async def cage(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Cage]:
    """A canary that flies when it is asked to."""
    async with caged(sqlite_url, tmp_path) as opened:
        yield opened


async def test_it_arrives_and_tells_how_everything_is(cage: Cage) -> None:
    """One silent message for the admins, edited once; nothing anywhere else."""
    shop = cage.shop
    await shop.report()
    cage.views["gate"] = CameraView("gate", "failed")
    cage.silent["horn"] = "no page"
    shop.now -= SECOND
    await shop.deliver()
    shop.console.messages.clear()
    await cage.ask()
    await cage.passes(3)
    (message,) = shop.console.messages.values()
    assert message.chat.id == "admins"
    assert message.post.silent
    assert not message.post.buttons
    assert "不是告警" in message.history[0]
    for words in (
        "自检",
        "摄像头 1/2（大门）",
        "喇叭 0/1（大门喇叭）",
        "通道 3/3",
        "送达 ",
        "未处理 1",
    ):
        assert words in message.post.text
    assert len(shop.telegram.texts("-1001")) == 1, "the card of the real case"
    assert shop.telegram.texts("-1008") == []
    verdict = await verdict_of(shop.store)
    assert verdict is not None
    assert verdict.ok
    assert verdict.seconds is not None
    assert verdict.success_at == verdict.at
    assert await cage.fails() == []


async def test_lights_are_asked_too_where_there_are_some(sqlite_url: str, tmp_path: Path) -> None:
    url = Secret("http://127.0.0.1:1", listed=False)
    lights = tuple(Actuator(id, "yard-7", name, url) for id, name in (("a", "甲"), ("b", "乙")))
    async with caged(sqlite_url, tmp_path, actuators=lights) as cage:
        cage.dark.add("b")
        await cage.ask()
        await cage.passes(3)
        (message,) = cage.shop.console.messages.values()
        assert "警灯 1/2（乙）" in message.post.text


async def test_pictures_that_are_pushed_are_missed_once_they_had_time_to_come(cage: Cage) -> None:
    """Right after a start nobody can have sent any yet."""
    cage.views["gate"] = CameraView("gate", "waiting")
    for seconds, words in ((1, "摄像头 2/2 "), (70, "摄像头 1/2（大门）")):
        await cage.passes(seconds)
        await cage.ask()
        await cage.passes(3)
        *_, message = cage.shop.console.messages.values()
        assert words in message.post.text


async def test_it_is_no_case_of_anybodys(cage: Cage) -> None:
    """Case numbers go on counting by one, no list shows it, and its evidence holds."""
    shop = cage.shop
    for _ in range(2):
        await cage.ask()
        await cage.passes(3)
    assert (await shop.report()).case == 1
    assert [case.number for case in await shop.store.list_cases(CaseFilter())] == [1]
    canaries = await shop.store.list_cases(CaseFilter(canaries=True))
    assert {case.number: case.state for case in canaries} == {-1: State.CLOSED, -2: State.CLOSED}
    async with shop.store.begin() as tx:
        await tx.take_checkpoint(shop.now)
    assert await shop.store.verify_audit() == (1, [])
    await shop.database.writer.execute_query("DELETE FROM hazard_case WHERE number = -1")
    _, faults = await shop.store.verify_audit()
    assert any("canary 1 is missing" in str(fault) for fault in faults)


async def test_nobody_is_called_whatever_the_site_file_says_of_other_hazards(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Neither the horn nor a phone nor a group, and what people do with it starts no clock."""
    gateway = Gateway()
    alert = Alert("sms", "http", "sms", Secret("http://x", listed=False), Severity.GENERAL)
    grave = {"other": Override(severity=Severity.EMERGENCY)}
    async with caged(
        sqlite_url, tmp_path, {"sms": gateway}, responses=grave, alerts=(alert,)
    ) as cage:
        shop = cage.shop
        await cage.ask()
        async with running(shop.intake.run):
            await cage.canary.look()
        for verb in (Verb.ACKNOWLEDGE, Verb.ESCALATE):
            answer = await shop.act(verb, -1, WANG)
            assert answer.ok
        rows = await shop.store.deliveries(-1)
        assert {row.lane for row in rows if row.kind == "card"} == {"general"}
        said = [row.payload.get("key") for row in rows if row.kind == "text"]
        assert not any(str(key).startswith(("call.", "ring.")) for key in said)
        assert {row.kind for row in rows} <= {"card", "edit", "text"}
        assert {row.target for row in rows} == {"console:admins"}
        assert await shop.store.next_timer() is None
        await cage.passes(3)
        assert (await verdict_of(shop.store)).ok  # type: ignore[union-attr]


async def test_a_chat_that_takes_nothing_is_told_elsewhere_and_fails_readyz(cage: Cage) -> None:
    """Until it has arrived there after all: then its message says how everything is."""
    shop = cage.shop
    shop.console.faults.extend([AWAY] * 400)
    await cage.ask()
    await cage.passes(70)
    verdict = await verdict_of(shop.store)
    assert verdict is not None
    assert not verdict.ok
    assert [*verdict.faults] == ["console:admins"]
    assert "connection refused" in verdict.faults["console:admins"]
    assert verdict.seconds is None
    assert "canary" in await cage.fails()
    shop.console.faults.clear()
    await cage.passes(40)
    verdict = await verdict_of(shop.store)
    assert verdict is not None
    assert verdict.ok
    assert verdict.seconds is not None
    assert verdict.seconds >= 60
    assert await cage.fails() == []
    assert any("自检" in text for text in shop.console.texts("admins"))


async def test_it_is_told_where_something_still_arrives(sqlite_url: str, tmp_path: Path) -> None:
    """A group that is closed to us is told to the admins at once, and only once."""
    async with caged(sqlite_url, tmp_path, canary=TO_ALL) as cage:
        shop = cage.shop
        for _ in range(2):
            shop.telegram.faults.append(ChatClosed("kicked from the group", "kicked"))
            await cage.ask()
            await cage.passes(3)
        told = [text for text in shop.console.texts("admins") if "送达测试没有全部成功" in text]
        assert len(told) == 1
        assert "telegram:-1001" in told[0] or "telegram:-1008" in told[0]


async def test_groups_get_it_silently_where_that_is_wanted(sqlite_url: str, tmp_path: Path) -> None:
    """A short line that says that all is well, without what is the admins' business."""
    async with caged(sqlite_url, tmp_path, canary=TO_ALL) as cage:
        await cage.ask()
        await cage.passes(3)
        for group in ("-1001", "-1008"):
            (text,) = cage.shop.telegram.texts(group)
            assert "送达测试正常" in text
            assert "摄像头" not in text
        assert all(one.post.silent for one in cage.shop.telegram.messages.values())


async def test_what_it_is_not_sent_to_is_asked(sqlite_url: str, tmp_path: Path) -> None:
    """Groups and second paths; that the bot hears less there is no fault of delivery."""
    gateway = Gateway()
    alert = Alert("sms", "http", "sms", Secret("http://x", listed=False))
    async with caged(sqlite_url, tmp_path, {"sms": gateway}, alerts=(alert,)) as cage:
        cage.shop.telegram.ailing = {"-1001": "privacy mode"}
        cage.shop.telegram.deaf = ("privacy mode",)
        await cage.ask()
        await cage.passes(3)
        assert (await verdict_of(cage.shop.store)).ok  # type: ignore[union-attr]
        cage.shop.telegram.deaf = ()
        gateway.fault = AWAY
        await cage.ask()
        await cage.passes(3)
        verdict = await verdict_of(cage.shop.store)
        assert verdict is not None
        assert [*verdict.faults] == ["telegram:-1001", "alert sms"]
        assert any("通道 2/4（telegram:-1001、alert sms）" in t for t in cage.shop.console.texts())
        told = [text for text in cage.shop.console.texts("admins") if "没有全部成功" in text]
        assert len(told) == 1
        assert cage.shop.telegram.texts(GROUP.id) == []


async def test_what_it_found_broken_and_is_repaired_fails_readyz_no_longer(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Without another message, also after a start that shares the message of the one before."""
    async with caged(sqlite_url, tmp_path, canary=CanaryPlan()) as cage:
        cage.shop.telegram.ailing = {"-1001": "the bot is not in the group"}
        await cage.ask()
        await cage.passes(3)
        cage.shop.now += TOGETHER_MS // 4
        assert await cage.fails() == ["canary"]
        cage.shop.telegram.ailing = {"-1008": "the bot is not in the group"}
        await cage.passes(3)
        verdict = await verdict_of(cage.shop.store)
        assert verdict is not None
        assert [*verdict.faults] == ["telegram:-1008"]
        before = len(cage.shop.console.texts("admins"))
        cage.shop.telegram.ailing = {}
        await cage.passes(3)
        assert await cage.fails() == ["canary"], "it is not asked every second"
        cage.canary = cage.hatched()
        await cage.passes(3)
        assert await cage.fails() == []
        assert len(cage.shop.console.texts("admins")) == before + 1, "told once that all is well"


async def test_after_a_start_it_says_how_the_last_run_ended(
    sqlite_url: str, tmp_path: Path
) -> None:
    """A program that crashes again and again is one message, edited."""
    async with caged(sqlite_url, tmp_path, canary=CanaryPlan()) as cage:
        shop = cage.shop
        await cage.passes(3)
        (message,) = shop.console.messages.values()
        for words in ("开机自检", "断电或崩溃", "停了 3 分钟", "补办期限 2", "补发 3"):
            assert words in message.post.text
        for _ in range(3):
            cage.canary = cage.hatched()
            await cage.passes(2)
        (message,) = shop.console.messages.values()
        assert "第 4 次启动" in message.post.text
        shop.now += TOGETHER_MS
        cage.canary = cage.hatched()
        await cage.passes(3)
        assert len(shop.console.messages) == 2
        assert await shop.store.verify_audit() == (0, [])


async def test_who_takes_the_duty_over_later_tells_of_no_start(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The other process has been there for long."""
    async with caged(sqlite_url, tmp_path, canary=CanaryPlan()) as cage:
        cage.shop.now += 10 * 60 * SECOND
        await cage.passes(3)
        assert cage.shop.console.texts() == []


async def test_it_flies_by_the_clock(sqlite_url: str, tmp_path: Path) -> None:
    """At a quarter to seven of the site's day, and so long after the last one."""
    plan = CanaryPlan(at=(6 * 60 + 45,), every=timedelta(hours=6), start=False)
    async with caged(sqlite_url, tmp_path, canary=plan) as cage:
        shop = cage.shop
        zone = CONFIG.sites[0].timezone
        shop.now = daily(6 * 60 + 45, shop.now, zone) - 2 * SECOND
        cage.canary = cage.hatched()
        await cage.passes(1)
        assert shop.console.texts() == []
        await cage.passes(3)
        (text,) = shop.console.texts("admins")
        assert text.startswith("☀️ 06:45 开工自检")
        shop.now += 6 * 3600 * SECOND - 10 * SECOND
        await cage.passes(5)
        assert len(shop.console.texts()) == 1
        await cage.passes(10)
        assert "12:45 定时自检" in shop.console.texts("admins")[-1]


async def test_the_figures_show_it(cage: Cage) -> None:
    """When it last arrived everywhere, and how long it took."""
    registry = CollectorRegistry()
    figures = Figures(registry, cage.shop.store, cage.shop.core.clock)
    await cage.ask()
    await cage.passes(3)
    await figures.look(cage.monitor)
    success = registry.get_sample_value("loudhailer_canary_last_success")
    verdict = await verdict_of(cage.shop.store)
    assert verdict is not None
    assert success == verdict.at / 1000
    assert registry.get_sample_value("loudhailer_canary_seconds") == verdict.seconds


async def test_without_an_admins_chat_the_paths_are_asked_all_the_same(
    sqlite_url: str, tmp_path: Path
) -> None:
    """And nothing is posted anywhere."""
    async with caged(sqlite_url, tmp_path, chats=CONFIG.chats[:2]) as cage:
        cage.shop.telegram.ailing = {"-1008": "the bot is not in the group"}
        await cage.ask()
        await cage.passes(3)
        verdict = await verdict_of(cage.shop.store)
        assert verdict is not None
        assert [*verdict.faults] == ["telegram:-1008"]
        assert cage.shop.telegram.calls == []


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-11-22T06:44:59", "2026-11-22T06:45:00"),
        ("2026-11-22T06:45:00", "2026-11-23T06:45:00"),
        ("2026-11-22T23:59:59", "2026-11-23T06:45:00"),
    ],
)
def test_a_daily_time_comes_once_a_day(since: str, due: str) -> None:
    """The next one is after, never at, the last."""
    at = round(datetime.fromisoformat(since).replace(tzinfo=UTC).timestamp() * 1000)
    expected = round(datetime.fromisoformat(due).replace(tzinfo=UTC).timestamp() * 1000)
    assert daily(6 * 60 + 45, at, UTC) == expected


def test_a_plan_without_times_never_flies_by_itself() -> None:
    """But after a start."""
    assert SiteConfig().canary.due(0, UTC) is None
    assert SiteConfig().canary.start
