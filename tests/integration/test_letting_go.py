"""What goes by rule goes, what a live case needs stays, and the evidence tells both."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.case import TimerKind
from bot.domain.command import Verb
from bot.domain.hazard import Severity
from bot.domain.message import Incoming, Post, Sender
from bot.domain.retention import Amount, Retention
from bot.ports import Disposable, Question, Space
from bot.ports_console import ConsoleDraft, ConsolePicture
from storage.clips import ClipFolder
from storage.console import SqlConsoleLog
from storage.database import sqlite_path
from storage.evidence import EvidenceFolder
from storage.pruning import KEPT, PRUNED
from storage.sql import Sql
from storage.stock import FileStock
from tests.support.databases import rows_of
from tests.support.disks import small_disk
from tests.support.keeper import DAY, HOUR, Keeper, keeper
from tests.support.workshop import ADMINS, GROUP, WANG, Workshop, workshop


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with workshop(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def kept(shop: Workshop, tmp_path: Path) -> AsyncIterator[Keeper]:
    """Everything on its defaults: 180 days."""
    async with keeper(shop, tmp_path) as opened:
        yield opened


async def closed(kept: Keeper, zone: str, words: str = "", hazard: str = "no_helmet") -> str:
    """A case at that zone with a picture, closed at once; the picture."""
    shot = await kept.shot(words or zone, clean=True)
    answer = await kept.shop.report(id=f"r-{zone}", zone=zone, shot=shot, hazard=hazard)
    assert answer.case is not None
    if hazard == "fall":
        await kept.shop.act(Verb.ARRIVE, answer.case, WANG)
    await kept.shop.act(Verb.CLOSE, answer.case, WANG, reason="已整改")
    return shot.annotated.sha256


async def settle(shop: Workshop) -> None:
    """Cooldowns of what was closed are over."""
    await Sql(shop.database.writer).change("DELETE FROM timer WHERE kind = 'cooldown'")


async def test_pictures_of_a_closed_case_go_after_their_term(kept: Keeper) -> None:
    """Not a day before; the history says so, all verifies, and a missing one still is one."""
    shop = kept.shop
    gone, lost = await closed(kept, "a"), await closed(kept, "b")
    live = (await kept.shot("c")).annotated.sha256
    await shop.report(id="r-c", zone="c", shot=await kept.shot("c"))
    await settle(shop)
    shop.now += 179 * DAY
    await kept.rounds.go()
    assert kept.has(gone)
    assert kept.has(live)
    kept.shop.pictures.path(lost).unlink()
    assert await kept.faults() == [f"2: the annotated picture {lost} is missing"]
    shop.now += 2 * DAY
    await kept.rounds.go()
    assert not kept.has(gone)
    assert kept.has(live), "a live case loses nothing, however old"
    entry = (await shop.store.history(1))[-1].entry
    assert (entry.event, entry.actor, entry.data["rule"]) == ("erased", "system", "pictures = 180d")
    assert gone in entry.data["pictures"]
    assert await kept.faults() == []
    assert await shop.store.erased_pictures(1) == 2, "annotated and clean"
    assert await shop.store.erased_at(gone) == shop.now
    await Sql(shop.database.writer).change("DELETE FROM audit_entry WHERE event = 'erased'")
    assert f"1: the annotated picture {gone} is missing" in await kept.faults()


async def test_pictures_of_emergencies_stay_longer(kept: Keeper) -> None:
    """Three years by default."""
    fall = await closed(kept, "a", hazard="fall")
    await settle(kept.shop)
    kept.shop.now += 1000 * DAY
    await kept.rounds.go()
    assert kept.has(fall)
    kept.shop.now += 100 * DAY
    await kept.rounds.go()
    assert not kept.has(fall)
    assert await kept.faults() == []


async def test_a_shared_picture_goes_with_its_last_case(kept: Keeper) -> None:
    """Two cases with the same bytes: the younger one keeps them for both."""
    shop = kept.shop
    shared = await closed(kept, "a", "same")
    shop.now += 100 * DAY
    assert await closed(kept, "b", "same") == shared
    await settle(shop)
    shop.now += 100 * DAY
    await kept.rounds.go()
    assert kept.has(shared)
    shop.now += 100 * DAY
    await kept.rounds.go()
    assert not kept.has(shared)
    for number in (1, 2):
        assert (await shop.store.history(number))[-1].entry.event == "erased"
    assert await kept.faults() == []


async def test_what_is_kept_again_meanwhile_stays(kept: Keeper) -> None:
    """A report with the same bytes has stored its picture, and is not written yet."""
    picture = await closed(kept, "a", "same")
    await settle(kept.shop)
    kept.shop.now += 200 * DAY
    await kept.keep("same")
    await kept.rounds.go()
    assert await kept.shop.store.erased_at(picture) is not None
    assert kept.has(picture)
    await kept.shop.report(id="r-b", zone="b", shot=await kept.shot("same"))
    assert await kept.faults() == []


@pytest.mark.parametrize("held", ["state", "clock", "hazard", "chat"])
async def test_what_may_still_be_wanted_stays(kept: Keeper, held: str) -> None:
    """The case lives, its clock runs, its hazard goes on, somebody sent the picture to a chat."""
    shop = kept.shop
    picture = await closed(kept, "a")
    await settle(shop)
    sql = Sql(shop.database.writer)
    if held == "state":
        await sql.change("UPDATE hazard_case SET state = 'acknowledged', closed_at = NULL")
    elif held == "clock":
        async with shop.store.begin() as tx:
            await tx.set_timer(1, TimerKind.COOLDOWN, shop.now + 999 * DAY)
    elif held == "hazard":
        await sql.change("UPDATE hazard_case SET live_key = 'goes on'")
    else:
        draft = ConsoleDraft(
            "main", "k1", "text", shop.now, Post("看"), picture=ConsolePicture(picture, 8, 8)
        )
        await SqlConsoleLog(shop.database).add(draft)
    shop.now += 200 * DAY
    which = Disposable(shop.now - DAY)
    assert picture not in await kept.erasing.disposable(which, 10)
    assert picture not in await kept.erasing.erase([picture], which, "x", shop.now)
    assert kept.has(picture)


async def test_a_reopened_case_does_without_its_picture(kept: Keeper) -> None:
    """Its cards are edited as ever; a new one says why it shows nothing."""
    shop = kept.shop
    await closed(kept, "a")
    await shop.deliver()
    await settle(shop)
    shop.now += 200 * DAY
    await kept.rounds.go()
    await shop.act(Verb.REOPEN, 1, WANG)
    await shop.deliver()
    (card,) = (m for m in shop.telegram.messages.values() if "#1" in m.post.text.split("\n")[0])
    assert "待处理" in card.post.text
    assert card.picture is not None, "the chat has what it was sent"
    assert "照片已按规定删除" not in card.post.text
    async with shop.store.begin() as tx:
        await tx.lose_copies(GROUP)
    case = await shop.store.get_case(1)
    assert case is not None
    ref, configured = shop.desk.where(GROUP.key)
    assert "🖼 照片已按规定删除" in (await shop.desk.card(case, ref, configured)).text
    assert await shop.desk.picture(case, configured) is None
    shop.telegram.messages.clear()
    assert await kept.faults() == []


async def test_a_new_case_after_a_cooldown_inherits_what_is_there(kept: Keeper) -> None:
    """Only pictures that were not erased belong to it, too."""
    await closed(kept, "a")
    await settle(kept.shop)
    kept.shop.now += 200 * DAY
    await kept.rounds.go()
    await kept.shop.report(id="r-b", zone="b")
    async with kept.shop.store.begin() as tx:
        await tx.copy_snapshots(1, 2)
    assert await kept.shop.store.snapshots(2) == []
    assert await kept.faults() == []


async def test_clips_are_evidence_of_their_case(kept: Keeper, tmp_path: Path) -> None:
    """They verify, and go like pictures, before them when the disk is full."""
    shop, clips = kept.shop, ClipFolder(tmp_path / "clips")
    async with clips.receive() as clip:
        await clip.write(b"moving pictures")
        sha256 = await clip.keep()
    os.utime(clips.path(sha256), (shop.now / 1000, shop.now / 1000))
    shot = await kept.shot("a")
    await shop.report(id="r-a", zone="a", shot=shot, attributes={"clip": sha256})
    await shop.act(Verb.CLOSE, 1, WANG, reason="已整改")
    await settle(shop)
    _, found = await shop.store.verify_audit(pictures=EvidenceFolder(tmp_path))
    assert found == []
    shop.now += 2 * DAY
    copies = Disposable(shop.now - DAY, Severity.GENERAL, frozenset({"clean", "clip"}))
    assert await kept.letting.some(copies, "keep_free") == (1, 15)
    assert not clips.path(sha256).exists()
    assert kept.has(shot.annotated.sha256)
    _, found = await shop.store.verify_audit(pictures=EvidenceFolder(tmp_path))
    assert found == []


# --- the disk ------------------------------------------------------------------------------------


async def test_a_full_disk_takes_what_is_worth_least_first(kept: Keeper) -> None:
    """Copies before pictures, general before serious before emergencies, the oldest first."""
    shop = kept.shop
    order = [("a", "fall"), ("b", "climbing"), ("c", "no_helmet"), ("d", "no_helmet")]
    pictures: dict[str, str] = {}
    for zone, hazard in order:
        pictures[zone] = await closed(kept, zone, hazard=hazard)
        shop.now += HOUR
    live = await kept.shot("live", clean=True)
    await shop.report(id="r-live", zone="live", shot=live)
    await settle(shop)
    shop.now += 2 * DAY
    young = await closed(kept, "young")
    await settle(shop)
    kept.stock.shown = Space(1000, 0)  # 50 are to be free
    await kept.disk.look()
    clean = {zone: (await kept.keep(f"{zone} clean")) for zone in pictures}
    wanted = [clean["c"], clean["d"], clean["b"], clean["a"]]
    wanted += [pictures["c"], pictures["d"], pictures["b"], pictures["a"]]
    assert kept.stock.gone == wanted
    assert kept.has(live.annotated.sha256)
    assert kept.has(young), "a day is kept whatever the disk says"
    assert kept.disk.stuck
    (rule,) = {
        row.entry.data["rule"]
        for number in (1, 2, 3, 4)
        for row in await shop.store.history(number)
        if row.entry.event == "erased"
    }
    assert rule == "keep_free"
    assert await kept.faults() == []


async def test_it_stops_when_there_is_room(shop: Workshop, tmp_path: Path) -> None:
    """No more goes than is wanted; a quota counts as much as the room that is left."""
    retention = Retention(disk_quota=Amount(bytes=100_000), keep_free=Amount(bytes=10))
    async with keeper(shop, tmp_path, retention) as kept:
        for n in range(30):
            shot = await kept.shot(f"{n:05}" * 1000)
            await shop.report(id=f"r{n}", zone=f"z{n}", shot=shot)
            await shop.act(Verb.CLOSE, n + 1, WANG, reason="已整改")
        await settle(shop)
        shop.now += 2 * DAY
        kept.stock.shown = Space(10**9, 10**9 // 2)
        await kept.sweep.go(thorough=False)
        assert kept.sweep.size == 150_000
        await kept.disk.look()
        assert kept.disk.state is not None
        assert kept.disk.state.pictures == 95_000
        assert not kept.disk.stuck
        await kept.disk.look()
        assert len(kept.stock.gone) == 11
        assert await kept.faults() == []


async def test_the_admins_are_told_once_and_when_it_is_over(kept: Keeper) -> None:
    """Not again while it hovers at the edge; an hour later as little."""
    shop = kept.shop

    async def told() -> list[str]:
        await shop.deliver()
        return [text for text in shop.console.texts(ADMINS.id) if "磁盘" in text]

    await kept.disk.look()
    assert await told() == []
    assert kept.stock.reserved
    for free in (40, 45, 52, 58, 49, 51):  # 50 are to be free, 60 are room
        kept.stock.shown = Space(1000, free)
        await kept.disk.look()
        shop.now += HOUR
    assert ["没有可以删除" in text for text in await told()] == [True]
    kept.stock.shown = Space(1000, 60)
    await kept.disk.look()
    await kept.disk.look()
    assert ["又有空间了" in text for text in await told()] == [False, True]
    kept.stock.shown = Space(1000, 40)
    await kept.disk.look()
    assert len(await told()) == 3
    assert kept.disk.words()["short"] is True


async def test_room_that_was_made_is_told_otherwise(kept: Keeper) -> None:
    """Pictures go early: the admins are to know, though nothing is stuck."""
    shop = kept.shop
    for zone in "abc":
        await closed(kept, zone, zone * 100)
    await settle(shop)
    shop.now += 2 * DAY
    kept.stock.shown = Space(10_000, 400)
    await kept.disk.look()
    await shop.deliver()
    assert not kept.disk.stuck
    (text,) = shop.console.texts(ADMINS.id)
    assert "提前删除" in text


async def test_files_that_cannot_go_do_not_use_the_evidence_up(
    kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only disk: no entry after the first few says that something is gone which is not."""
    for n in range(45):
        await kept.shop.report(id=f"r{n}", zone=f"z{n}", shot=await kept.shot(f"picture {n}"))
        await kept.shop.act(Verb.CLOSE, n + 1, WANG, reason="已整改")
    await settle(kept.shop)
    kept.shop.now += 2 * DAY

    async def refuse(picture: str, before: int) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(kept.stock, "erase", refuse)
    kept.stock.shown = Space(10**9, 0)
    await kept.disk.look()
    assert kept.disk.stuck
    assert await kept.shop.store.erased_pictures() == 1


async def test_a_disk_without_a_free_byte_recovers(tmp_path: Path, sqlite_url: str) -> None:
    """Not even the entry of what goes can be written: the reserve makes room for it."""
    with small_disk(tmp_path / "disk", megabytes=24) as disk:
        path = disk.folder / "test.db"
        path.write_bytes(sqlite_path(sqlite_url).read_bytes())
        retention = Retention(keep_free=Amount(bytes=4_000_000), disk_quota=Amount(percent=90))
        async with (
            workshop(f"sqlite://{path}", disk.folder) as shop,
            keeper(shop, disk.folder, retention) as kept,
        ):
            stock = FileStock(disk.folder)
            letting = type(kept.letting)(kept.erasing, stock, shop.core.clock)
            parts = (shop.core, stock, kept.sweep, letting, kept.disk._share)
            watch = type(kept.disk)(*parts, retention=retention)
            for n in range(30):
                shot = await kept.shot(str(n) * 200_000)
                await shop.report(id=f"r{n}", zone=f"z{n}", shot=shot)
                await shop.act(Verb.CLOSE, n + 1, WANG, reason="已整改")
            await settle(shop)
            shop.now += 2 * DAY
            await watch.look()
            assert (disk.folder / "reserve").stat().st_size > 100_000
            with sqlite3.connect(path) as base:
                base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            disk.fill()
            assert disk.is_full
            await watch.look()
            assert watch.state is not None
            assert watch.state.free >= 4_000_000
            assert not watch.stuck
            assert await kept.faults() == []
            disk.free()
            await watch.look()
            assert (disk.folder / "reserve").exists()
            stock.close()


# --- files that nobody has -----------------------------------------------------------------------


async def test_files_of_nobody_go_when_they_are_old(kept: Keeper) -> None:
    """Found twice; what a case or a message has stays, and so does what is new."""
    shop = kept.shop
    await shop.report(id="r-a", zone="a", shot=await kept.shot("a"))
    alone, new = await kept.keep("alone"), await kept.keep("new", shop.now + 40 * DAY)
    half = shop.pictures.path(alone).with_name(".x1.part")
    half.write_bytes(b"half")
    os.utime(half, (shop.now / 1000, shop.now / 1000))
    shop.now += 40 * DAY
    await kept.sweep.go()
    assert kept.has(alone), "one look may be wrong"
    assert not half.exists()
    await kept.sweep.go()
    assert not kept.has(alone)
    assert kept.has(new)
    assert await kept.faults() == []
    await kept.sweep.go()
    assert kept.sweep.size == len("a") + len("new")


# --- rows ----------------------------------------------------------------------------------------


async def test_every_table_has_its_rule(shop: Workshop) -> None:
    """One that goes or one that stays; a table that is new has to choose."""
    if shop.database.sqlite:
        every = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        every = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    found = {row["name"] for row in await Sql(shop.database.reader).rows(every)}
    ours = {name for name in found if not name.startswith(("sqlite_", "tortoise_"))}
    assert ours == PRUNED.keys() | KEPT.keys()
    assert not PRUNED.keys() & KEPT.keys()


def said(n: int, at: int) -> Incoming:
    """A message of a person."""
    return Incoming(
        "telegram", f"message:-1001:{n}", GROUP, Sender("111", "李工"), "text", sent_at=at
    )


async def test_old_rows_go_and_those_of_live_cases_stay(kept: Keeper) -> None:
    """Reports, commands, deliveries, messages, questions."""
    shop = kept.shop
    await closed(kept, "a")
    await shop.report(id="r-live", zone="live")
    await shop.deliver(speaks=True)
    await shop.deliver()
    assert await shop.store.take_in(said(1, shop.now), shop.now)
    assert await shop.store.take_in(said(2, shop.now), shop.now)
    first, _ = await shop.store.waiting_incoming(10)
    async with shop.store.begin() as tx:
        await tx.finish_incoming(first.id, shop.now)
        late = shop.now + 60_000
        await tx.ask(Question(0, GROUP.key, "li", "close", (1,), (1,), "", {}, shop.now, late))
    await settle(shop)
    before = await shop.store.deliveries(2)
    shop.now += 29 * DAY
    await kept.rounds.go()
    assert not kept.rounds.pruned
    shop.now += 90 * DAY
    await kept.rounds.go()
    assert {row["key"] for row in await rows_of(shop.database, "report")} == {"box:r-live"}
    assert await rows_of(shop.database, "command") == []
    assert await rows_of(shop.database, "question") == []
    (waiting,) = await rows_of(shop.database, "inbox")
    assert waiting["state"] == "waiting", "nobody has handled it yet"
    assert await shop.store.deliveries(2) == before
    assert await shop.store.deliveries(1) == []
    assert len(await shop.store.copies(1)) == len(await shop.store.copies(2)) == 1
    assert await kept.faults() == [], "what was delivered stands in the history"


async def test_repeats_are_known_within_the_term(kept: Keeper) -> None:
    """The same report, command and update after four weeks do nothing."""
    shop = kept.shop
    given = shop.a_report(id="r-a", zone="a", content="x")
    await shop.report(given)
    answer = await shop.act(Verb.CLOSE, 1, WANG, id="c-1", reason="已整改")
    await shop.store.take_in(said(1, shop.now), shop.now)
    (first,) = await shop.store.waiting_incoming(10)
    async with shop.store.begin() as tx:
        await tx.finish_incoming(first.id, shop.now)
    await settle(shop)
    shop.now += 28 * DAY
    await kept.rounds.go()
    assert (await shop.report(given)).repeat
    again = await shop.act(Verb.CLOSE, 1, WANG, id="c-1", reason="已整改")
    assert (again.ok, again.key) == (answer.ok, answer.key)
    assert not await shop.store.take_in(said(1, shop.now), shop.now)
    assert len(await shop.store.get_cases([1, 2])) == 1


async def test_a_batch_is_small_and_what_came_back_to_life_stays(kept: Keeper) -> None:
    """A case is reopened between the finding and the deleting."""
    shop = kept.shop
    for n in range(7):
        await shop.report(id=f"r{n}", zone=f"z{n}")
        await shop.act(Verb.CLOSE, n + 1, WANG, reason="已整改")
    shop.now += 60 * DAY
    assert await kept.pruning.prune("report", shop.now - DAY, 5) == 5
    await Sql(shop.database.writer).change("UPDATE hazard_case SET state = 'open'")
    assert await kept.pruning.prune("report", shop.now - DAY, 5) == 0


async def lives(shop: Workshop, cases: int) -> dict[int, set[str]]:
    """The pictures that live cases have."""
    found = [case for case in await shop.store.get_cases(range(1, cases + 1)) if case.live]
    return {
        case.number: {
            one.sha256 for one in await shop.store.snapshots(case.number) if one.erased_at is None
        }
        for case in found
    }


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_that_a_live_case_needs_ever_goes(kept: Keeper, seed: int) -> None:
    """Random cases, shared pictures, jumps in time, reopening, full disks: files equal the rows."""
    shop, chance = kept.shop, random.Random(seed)
    for step in range(30):
        numbers = list(range(1, step + 1))
        words = f"picture {chance.randrange(12)}"
        shot = await kept.shot(words, clean=chance.random() < 0.3)
        hazard = chance.choice(["no_helmet", "climbing", "no_vest"])
        shot = replace(shot, blurred=None)
        await shop.report(id=f"r{step}", zone=f"z{step}", shot=shot, hazard=hazard)
        for number in chance.sample(numbers, min(len(numbers), 2)):
            verb = chance.choice([Verb.CLOSE, Verb.CLOSE, Verb.REOPEN])
            await shop.act(verb, number, WANG, reason="已整改")
        await settle(shop)
        shop.now += chance.choice([0, HOUR, 2 * DAY, 200 * DAY])
        kept.stock.shown = Space(1000, chance.choice([900, 900, 0, 45]))
        work = [kept.rounds.go, kept.disk.look, kept.sweep.go]
        before = await lives(shop, step + 1)
        await chance.choice(work)()
        assert await lives(shop, step + 1) == before, f"step {step}: a live case lost something"
        held = {
            row["sha256"]
            for row in await rows_of(shop.database, "snapshot")
            if row["erased_at"] is None
        }
        missing = [sha256 for sha256 in held if not kept.has(sha256)]
        assert not missing, f"step {step}"
    assert await kept.faults() == []
    assert await shop.store.erased_pictures() > 0


async def test_the_terms_are_the_configured_ones(shop: Workshop, tmp_path: Path) -> None:
    """A week is a week."""
    async with keeper(shop, tmp_path, Retention(pictures=timedelta(days=7))) as kept:
        picture = await closed(kept, "a")
        await settle(shop)
        shop.now += 8 * DAY
        await kept.rounds.go()
        assert not kept.has(picture)
