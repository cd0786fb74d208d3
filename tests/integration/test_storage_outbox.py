"""Who gets which row when, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.case import State
from bot.ports import OutboxRow, Outgoing, Undelivered
from storage.database import Database
from storage.store import SqlStore
from tests.support.cases import T0, opened
from tests.support.databases import rows_of
from tests.support.filled import GROUP

KINDS = ("card", "edit", "text")
LEASE = 30_000


def row(number: int = 1, **changes: Any) -> Outgoing:
    """A card of a case, due at T0, in a stream of its own."""
    first = Outgoing("card", GROUP.key, {"n": number}, T0, case=number, stream=f"s{number}")
    return replace(first, **changes)


async def send(store: SqlStore, *rows: Outgoing) -> None:
    async with store.begin() as tx:
        await tx.send(*rows)


async def claim(
    store: SqlStore, now: int = T0, limit: int = 100, busy: Sequence[str] = ()
) -> list[OutboxRow]:
    return await store.claim(now, LEASE, limit, kinds=KINDS, busy=busy)


async def finish(store: SqlStore, row: OutboxRow, now: int = T0) -> bool:
    async with store.begin() as tx:
        return await tx.finish(row, "done", {"outcome": "delivered"}, now)


def numbers(rows: Sequence[OutboxRow]) -> list[int]:
    """Whose cards they are."""
    return [row.payload["n"] for row in rows]


async def test_graver_rows_go_first_then_older_ones(store: SqlStore) -> None:
    """By lane, then by when they were due; only what is due, and of the kinds asked for."""
    await send(
        store,
        row(1, lane="reminder"),
        row(2),
        row(3, lane="emergency"),
        row(4, due=T0 - 5),
        row(5, due=T0 + 1),
        row(6, kind="announce"),
        row(7, lane="answer"),
    )
    assert numbers(await claim(store, limit=3)) == [3, 7, 4]
    assert numbers(await claim(store)) == [2, 1]
    assert numbers(await claim(store)) == []
    assert numbers(await claim(store, T0 + 1)) == [5]


async def test_of_pictures_after_their_words_the_newest_goes_first(store: SqlStore) -> None:
    """Within a lane; what happened during an outage follows when there is room."""
    kept = [row(n, kind="photo", lane="emergency", due=T0 - 50 + n) for n in (1, 2, 3)]
    await send(store, row(4, kind="photo"), *kept, row(5, kind="photo"))
    order = []
    while claimed := await store.claim(T0, LEASE, 1, kinds=("photo",), busy=()):
        order += numbers(claimed)
    assert order == [3, 2, 1, 5, 4]


async def test_a_claimed_row_is_leased_and_counted(store: SqlStore) -> None:
    """Nobody gets it until the lease ends; then it comes back, marked as perhaps delivered."""
    await send(store, row())
    (first,) = await claim(store)
    assert (first.attempts, first.unsure, first.due) == (1, False, T0 + LEASE)
    assert await claim(store, T0 + LEASE - 1) == []
    (again,) = await claim(store, T0 + LEASE)
    assert (again.id, again.attempts, again.unsure) == (first.id, 2, True)


async def test_who_lost_a_claim_changes_nothing(store: SqlStore) -> None:
    """An outcome that comes after the lease was given to another is not written over theirs."""
    await send(store, row())
    (late,) = await claim(store)
    (mine,) = await claim(store, T0 + LEASE)
    async with store.begin() as tx:
        assert not await tx.postpone(late, T0, {}, unsure=False)
        assert not await tx.finish(late, "dead", {}, T0)
    await store.release(late, T0)
    assert await claim(store, T0 + LEASE + 1) == []
    assert await finish(store, mine)
    assert not await finish(store, mine), "what is over is over"
    (stored,) = await store.deliveries(1)
    assert (stored.state, stored.due) == ("done", None)


async def test_a_long_delivery_keeps_its_row_by_renewing(store: SqlStore) -> None:
    """A finished row is not brought back by it."""
    await send(store, row(1), row(2))
    one, two = await claim(store)
    await finish(store, two)
    await store.renew([one.id, two.id], T0 + 3 * LEASE)
    assert await claim(store, T0 + 2 * LEASE) == []
    assert numbers(await claim(store, T0 + 3 * LEASE)) == [1]


async def test_what_a_dead_process_held_goes_at_once(store: SqlStore) -> None:
    """It may have been delivered, and says so; what only waits stays as it is."""
    await send(store, row(1), row(2, due=T0 + 500))
    (held,) = await claim(store)
    assert await claim(store, T0 + 1) == []
    assert await store.take_over(T0 + 1) == 1
    (again,) = await claim(store, T0 + 1)
    assert (again.id, again.unsure, again.attempts) == (held.id, True, 2)


async def test_a_released_row_is_as_if_never_tried(store: SqlStore) -> None:
    """No try counted, nothing unsure; but what was unsure before stays so."""
    await send(store, row())
    (first,) = await claim(store)
    await store.release(first, T0 + 5)
    (again,) = await claim(store, T0 + 5)
    assert (again.attempts, again.unsure) == (1, False)
    (crashed,) = await claim(store, T0 + 5 + LEASE)
    await store.release(crashed, T0 + 10 + LEASE)
    (unsure,) = await claim(store, T0 + 10 + LEASE)
    assert unsure.unsure


async def test_released_rows_go_before_those_that_came_later(store: SqlStore) -> None:
    """Whoever waits for the pace of a chat does not lose their place."""
    await send(store, *(row(number) for number in range(1, 6)))
    for waiting in await claim(store):
        await store.release(waiting, T0 + 100)
    await send(store, *(row(number, due=T0 + 101) for number in range(6, 9)))
    assert numbers(await claim(store, T0 + 200, limit=5)) == [1, 2, 3, 4, 5]


async def test_rows_of_a_stream_go_one_after_another(store: SqlStore) -> None:
    """The next one only when the one before is over, done or dead; others are not held up."""
    await send(
        store,
        row(1, stream="a"),
        row(2, stream="a"),
        row(3, stream="a", lane="emergency"),
        row(4, stream="b"),
        row(5, stream=None),
        row(6, stream=None),
    )
    first, four, five, six = await claim(store)
    assert numbers([first, four, five, six]) == [1, 4, 5, 6]
    assert await claim(store) == []
    await finish(store, first)
    (second,) = await claim(store)
    async with store.begin() as tx:
        await tx.postpone(second, T0 + 9_000, {"outcome": "retry"}, unsure=False)
    assert await claim(store, T0 + 8_999) == []
    (second,) = await claim(store, T0 + 9_000)
    async with store.begin() as tx:
        await tx.finish(second, "dead", {"outcome": "dead"}, T0)
    assert numbers(await claim(store)) == [3]


async def test_the_next_due_row_is_one_that_can_be_claimed(store: SqlStore) -> None:
    """Rows behind others of their stream are overdue for long; nobody is to look for them."""
    assert await store.next_due(KINDS) is None
    await send(store, row(1, stream="a"), row(2, stream="a"), row(3, due=T0 + 500))
    await send(store, row(4, kind="announce", due=T0 - 9))
    assert await store.next_due(KINDS) == T0
    await claim(store)
    assert await store.next_due(KINDS) == T0 + 500
    assert await store.next_due(["announce"]) == T0 - 9


async def test_a_busy_target_gets_nothing_but_emergencies(store: SqlStore) -> None:
    """So that a chat that hangs does not take every hand."""
    await send(store, row(1), row(2, target="console:main"), row(3, lane="emergency"))
    assert numbers(await claim(store, busy=[GROUP.key])) == [3, 2]
    assert numbers(await claim(store)) == [1]


async def test_couriers_at_once_never_share_a_row(store: SqlStore) -> None:
    """Twelve claim at the same time, until all 60 rows are gone: each exactly once."""
    await send(store, *(row(number, stream=f"s{number % 20}") for number in range(60)))
    taken: list[int] = []
    while len(taken) < 60:
        rounds = await asyncio.gather(*(claim(store, limit=5) for _ in range(12)))
        rows = [one for claimed in rounds for one in claimed]
        streams = [one.stream for one in rows]
        assert len(streams) == len(set(streams)), "two of one stream at once"
        taken += [one.id for one in rows]
        await asyncio.gather(*(finish(store, one) for one in rows))
    assert len(set(taken)) == 60


async def test_what_may_be_waiting_once_is_written_once(store: SqlStore) -> None:
    """Also within one transaction; what has no key is never taken for another."""
    once = row(1, dedupe_key="card:1")
    await send(store, once, once, row(2), row(2))
    await send(store, once)
    assert numbers(await claim(store)) == [1, 2]
    assert len(await store.deliveries(2)) == 2


async def test_what_was_sent_in_the_last_minute(store: SqlStore) -> None:
    """Done and uncertain ones by their time; what is under way, or was at the crash, without."""
    await send(store, *(row(number) for number in range(1, 6)))
    one, two, three, _, _ = await claim(store)
    await finish(store, one, T0 + 5)
    async with store.begin() as tx:
        await tx.finish(two, "uncertain", {}, T0 + 6)
        await tx.finish(three, "dead", {}, T0 + 7)
    sent = await store.sent_since(T0 + 6, KINDS)
    assert sorted(at or 0 for _, at in sent) == [0, 0, T0 + 6]
    assert {target for target, _ in sent} == {GROUP.key}
    assert await store.sent_since(T0, ["edit"]) == []


async def test_dead_letters_are_revived_as_new(store: SqlStore) -> None:
    """By number or all; what is done is not sent again."""
    await send(store, *(row(number) for number in range(1, 5)))
    claimed = await claim(store)
    async with store.begin() as tx:
        for one in claimed[:3]:
            await tx.finish(one, "dead", {"outcome": "dead"}, T0)
        await tx.finish(claimed[3], "done", {"outcome": "delivered"}, T0)
    assert [one.state for one in await store.undelivered()] == ["dead"] * 3
    for which, count in (
        (Undelivered(ids=(claimed[0].id,)), 1),
        (Undelivered(ids=(claimed[3].id,)), 0),
        (Undelivered(target="telegram:-9"), 0),
        (Undelivered(), 2),
        (Undelivered(), 0),
    ):
        again, over = await store.retry(which, T0 + 50)
        assert (len(again), over) == (count, [])
    again = await claim(store, T0 + 50)
    assert [(one.attempts, one.created_at) for one in again] == [(1, T0 + 50)] * 3
    assert {one.since for one in await store.waiting(T0 + 50)} == {T0 + 50}


# edits


async def edits(database: Database) -> list[dict[str, Any]]:
    return [one for one in await rows_of(database, "outbox") if one["kind"] == "edit"]


async def shown_copy(store: SqlStore, case: int = 1, message: str = "55", shown: int = 1) -> int:
    async with store.begin() as tx:
        return (await tx.add_copy(case, GROUP, message, True, shown)).id


async def want(store: SqlStore, version: int, now: int = T0, case: int = 1) -> None:
    async with store.begin() as tx:
        await tx.want(case, version, now)


async def test_an_edit_a_copy_waits_however_often_the_case_changes(
    store: SqlStore, database: Database
) -> None:
    """It asks for the newest state by itself; copies that are up to date or lost get none."""
    copy, lost = await shown_copy(store), await shown_copy(store, message="56")
    await shown_copy(store, message="57", shown=9)
    async with store.begin() as tx:
        await tx.lose_copy(lost)
    for version in (2, 3, 4):
        await want(store, version)
    (edit,) = await claim(store)
    assert (edit.kind, edit.payload, edit.lane) == ("edit", {"copy": copy}, "answer")
    assert (edit.case, edit.stream, edit.target) == (1, f"{GROUP.key}#1", GROUP.key)
    assert len(await edits(database)) == 1


async def test_a_change_while_the_edit_is_under_way_is_edited_after_it(store: SqlStore) -> None:
    """The courier finds, when it is done, that more is wanted."""
    copy = await shown_copy(store)
    await want(store, 2)
    (edit,) = await claim(store)
    await want(store, 3)
    assert await claim(store) == [], "the row is under way"
    async with store.begin() as tx:
        await tx.finish(edit, "done", {}, T0)
        await tx.copy_shows(copy, 2, T0 + 1)
    (again,) = await claim(store, T0 + 1)
    assert (again.id, again.attempts, again.unsure) == (edit.id, 1, False)
    async with store.begin() as tx:
        await tx.finish(again, "done", {}, T0 + 1)
        await tx.copy_shows(copy, 3, T0 + 1)
    assert await claim(store, T0 + 10**6) == []


@pytest.mark.parametrize("words_end_first", [True, False])
async def test_words_and_picture_edited_at_once_are_edited_once_more(
    store: SqlStore, database: Database, words_end_first: bool
) -> None:
    """Whichever is on record first: the other may have reached the chat last."""
    copy = await shown_copy(store)
    async with store.begin() as tx:
        if words_end_first:
            await tx.copy_shows(copy, 2, T0, had_picture=False)
        await tx.copy_has_picture(copy, 2, T0, since=1)
        if not words_end_first:
            await tx.copy_shows(copy, 2, T0, had_picture=False)
    await want(store, 2)
    assert len(await edits(database)) == 1
    (known,) = await store.copies(1)
    assert (known.has_picture, known.shown < known.wanted) == (True, True)


async def test_a_picture_that_came_alone_needs_no_more(store: SqlStore, database: Database) -> None:
    """Nothing was edited beside it."""
    copy = await shown_copy(store)
    async with store.begin() as tx:
        await tx.copy_has_picture(copy, 2, T0, since=1)
    await want(store, 2)
    assert await edits(database) == []


async def test_an_edit_armed_anew_is_no_old_letter(store: SqlStore) -> None:
    """Its age, by which the service is judged healthy, begins with the new wish."""
    copy = await shown_copy(store)
    await want(store, 2)
    (edit,) = await claim(store)
    async with store.begin() as tx:
        await tx.finish(edit, "dead", {}, T0)
    await want(store, 3, T0 + 10**9)
    assert await store.waiting(T0 + 10**9 - 1) == []
    (waiting,) = await store.waiting(T0 + 10**9)
    assert (waiting.since, waiting.pressing) == (T0 + 10**9, False)
    assert (await store.get_copy(copy)) is not None


async def test_no_wish_is_lost_between_courier_and_casework(store: SqlStore) -> None:
    """The case changes 40 times while edits are claimed, delivered and written down at once.

    In the end the copy shows the last version, and nothing waits.
    """
    copy, last = await shown_copy(store), 41
    async with store.begin() as tx:
        await tx.add_case(replace(opened(), number=1))

    async def change() -> None:
        for version in range(2, last + 1):
            async with store.begin() as tx:
                await tx.case(1)
                await tx.want(1, version, T0)
            await asyncio.sleep(0)

    async def deliver() -> None:
        idle = 0
        while idle < 3:
            rows = await claim(store)
            idle = 0 if rows else idle + 1
            for edit in rows:
                known = await store.get_copy(copy)
                assert known is not None
                async with store.begin() as tx:
                    await tx.case(1)
                    await tx.finish(edit, "done", {}, T0)
                    await tx.copy_shows(copy, known.wanted, T0)

    await asyncio.gather(change(), deliver(), deliver())
    await deliver()
    shown = await store.get_copy(copy)
    assert shown is not None
    assert (shown.shown, shown.wanted) == (last, last)


async def test_words_that_are_out_know_what_they_are_about(store: SqlStore) -> None:
    """Found by chat and message, by their own case or the one named with them, for a while."""
    answer = row(kind="text", case=None, stream=None, payload={"text": "#7", "about": 3})
    told = row(5, kind="text", payload={"key": "ring.again"})
    await send(store, answer, told, row(6, kind="text", case=None, stream=None, payload={}))
    for number, found in enumerate(await claim(store), start=1):
        async with store.begin() as tx:
            await tx.finish(found, "done", {"outcome": "delivered", "message": str(number)}, T0)
    known = [await store.words_about(GROUP, str(number), T0) for number in range(1, 5)]
    assert known == [3, 5, None, None]
    assert await store.words_about(GROUP, "1", T0 + 1) is None
    assert await store.words_about(replace(GROUP, id="-1009"), "1", T0) is None


async def test_what_is_known_of_a_row_under_way_outlives_its_claim(store: SqlStore) -> None:
    """Whoever claims it next sees it; whose claim is lost notes nothing."""
    await send(store, row(1))
    (mine,) = await claim(store)
    async with store.begin() as tx:
        assert await tx.note(mine, {"outcome": "speaking", "at": T0})
    (next_one,) = await claim(store, T0 + LEASE)
    assert next_one.unsure
    assert next_one.outcome == {"outcome": "speaking", "at": T0}
    async with store.begin() as tx:
        assert not await tx.note(mine, {"outcome": "late"})
        assert await tx.finish(next_one, "done", {"outcome": "spoken"}, T0)
        assert not await tx.note(next_one, {"outcome": "late"})


async def test_the_announcements_of_a_case(store: SqlStore) -> None:
    """All of them, in their order, with what became of them, and nothing else."""
    said = [row(n, kind="announce", stream=None, case=1, target=f"horn-{n}") for n in (1, 2)]
    await send(store, *said, row(3, case=1), row(4, kind="announce", stream=None, case=2))
    (first, *_) = await store.claim(T0, LEASE, 1, kinds=["announce"])
    await finish(store, first)
    async with store.begin() as tx:
        found = await tx.announcements(1)
    assert [(one.target, one.due is None) for one in found] == [("horn-1", True), ("horn-2", False)]


async def test_the_live_cases_of_a_hazard_on_a_site(store: SqlStore) -> None:
    """Not those of others, nor what is closed; who reported and who confirmed is kept."""
    cases = [
        opened(number=1, hazard="smoke_fire", confirmed_by="sensor", source="camera:gate"),
        opened(number=2, hazard="smoke_fire", state=State.CLOSED),
        opened(number=3, hazard="smoke_fire", site="yard-8"),
        opened(number=4),
    ]
    async with store.begin() as tx:
        for case in cases:
            await tx.add_case(replace(case, place_key=f"k{case.number}", live_key=None))
    async with store.begin() as tx:
        (found,) = await tx.live_cases("yard-7", "smoke_fire")
    assert (found.number, found.confirmed_by, found.source) == (1, "sensor", "camera:gate")


async def test_what_has_sounded_in_the_last_hour(store: SqlStore) -> None:
    """What was said once for two cases counts once; what was held back, or is older, does not."""
    ended = {
        "a": {"outcome": "spoken", "began_at": T0 - 5},
        "b": {"outcome": "spoken", "began_at": T0 - 5},
        "c": {"outcome": "preempted", "began_at": T0 - 3},
        "d": {"outcome": "capped"},
        "e": {"outcome": "sent"},
    }
    lanes = {"c": "serious", "e": "emergency"}
    for name in ended:
        lane = lanes.get(name, "general")
        payload = {"n": name}
        await send(
            store, row(kind="announce", target="horn", stream=None, payload=payload, lane=lane)
        )
    for one in await store.claim(T0, LEASE, 10, kinds=["announce"]):
        async with store.begin() as tx:
            await tx.finish(one, "done", ended[one.payload["n"]], T0)
    assert await store.said_since(T0) == [
        ("horn", T0 - 5, "general"),
        ("horn", T0 - 3, "serious"),
        ("horn", T0, "emergency"),
    ]
    assert await store.said_since(T0 + 1) == []
