"""What the core relies on in a transaction and in the store, on both engines."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from bot.domain.case import Case, Event, LastChange, Outcome, State, TimerKind
from bot.domain.hazard import Severity
from bot.domain.message import ChatRef, Media
from bot.ports import CaseFilter, Entry, Snapshot
from storage.database import Database
from storage.store import SqlStore
from storage.wake import LocalWake
from tests.support.cases import T0, opened
from tests.support.databases import rows_of
from tests.support.filled import GROUP, card, words

KEY = "yard-7/gate/-/no_helmet"


def case(number: int = 1, **changes: object) -> Case:
    """An open case; no live key, so that several may stand beside each other."""
    return replace(opened(), **{"number": number, "live_key": None, **changes})


async def add(store: SqlStore, *cases: Case) -> None:
    """Write new cases."""
    async with store.begin() as tx:
        for one in cases:
            await tx.add_case(one)


# cases


async def test_a_case_comes_back_as_it_was_written(store: SqlStore) -> None:
    """Every field, also those that most cases leave empty."""
    last = LastChange(
        Event.CLOSED, "li", "李工", T0, State.ACKNOWLEDGED, {"state": "acknowledged", "level": 2}
    )
    full = case(
        severity=Severity.EMERGENCY,
        live_key=KEY,
        zone="pit",
        state=State.RECTIFIED,
        outcome=Outcome.OTHER,
        seq=3,
        version=4,
        count=5,
        people=6,
        subjects={"track-1": "present@5", "": "left@6"},
        gone_at=7,
        level=2,
        acknowledged_by="li",
        acknowledged_at=8,
        arrived_by="li",
        arrived_at=9,
        rectified_by="wang",
        rectified_at=10,
        state_before=State.OPEN,
        closed_at=11,
        assigned_to="li",
        reviewed_by="wang",
        reported_by="li",
        work_order="WO-yard-7-1",
        acknowledge_due=12,
        rectify_due=13,
        note="“楼梯口” 😀 '; DROP TABLE hazard_case; --",
        trial=True,
        spoken=14,
        sounded_at=15,
        source="camera:gate",
        confirmed_by="li",
        last=last,
    )
    empty = [name for name, value in vars_of(full).items() if value in (None, "", {}, 0, False)]
    assert empty == [], "the test is to fill every field"
    await add(store, full)
    assert await store.get_case(1) == full
    async with store.begin() as tx:
        assert await tx.case(1) == full
        changed = replace(full, live_key=None, subjects={}, last=None, note="", trial=False)
        await tx.save_case(changed)
    assert await store.get_case(1) == changed


def vars_of(case: Case) -> dict[str, object]:
    """The fields of a case."""
    return {name: getattr(case, name) for name in Case.__dataclass_fields__}


async def test_what_is_changed_in_a_transaction_is_found_in_it(store: SqlStore) -> None:
    """By number, by live key and by place, before anything is written."""
    await add(store, case(1, live_key=KEY, place_key=KEY))
    async with store.begin() as tx:
        held = await tx.case_holding(KEY)
        assert held is not None
        await tx.save_case(replace(held, live_key=None, state=State.CLOSED))
        assert await tx.case_holding(KEY) is None
        assert (await tx.case(1) or held).state is State.CLOSED
        await tx.add_case(case(2, live_key=KEY, place_key=KEY))
        assert (await tx.case_holding(KEY) or held).number == 2
        assert (await tx.latest_case_at(KEY) or held).number == 2
    assert [one.number for one in await store.live_keys("gate")] == [2]


async def test_a_key_passes_from_case_to_case_in_one_transaction(store: SqlStore) -> None:
    """In any order of saving: the unique key is given up before it is taken."""
    await add(store, case(1, live_key="a"), case(2), case(3, live_key="b"))
    async with store.begin() as tx:
        one, two, three = await tx.case(1), await tx.case(2), await tx.case(3)
        assert one
        assert two
        assert three
        await tx.save_case(replace(two, live_key="b"))
        await tx.save_case(replace(three, live_key=None))
        await tx.save_case(replace(one, live_key=None))
        await tx.add_case(case(4, live_key="a"))
    held = {one.number: one.live_key for one in await store.live_keys("gate")}
    assert held == {2: "b", 4: "a"}


async def test_two_cases_cannot_hold_one_key(store: SqlStore) -> None:
    """The database refuses, and nothing of the second transaction is there."""
    await add(store, case(1, live_key=KEY))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await add(store, case(2), case(3, live_key=KEY))
    assert [one.number for one in await store.list_cases(CaseFilter())] == [1]


async def test_lists_are_filtered_and_paged(store: SqlStore) -> None:
    """Newest first; sites, states and hazard narrow it, `before` goes on."""
    await add(
        store,
        case(1),
        case(2, site="yard-8"),
        case(3, state=State.CLOSED),
        case(4, hazard="fall"),
    )

    async def numbers(**which: object) -> list[int]:
        found = await store.list_cases(replace(CaseFilter(), **which))
        return [one.number for one in found]

    assert await numbers() == [4, 3, 2, 1]
    assert await numbers(limit=2) == [4, 3]
    assert await numbers(limit=2, before=3) == [2, 1]
    assert await numbers(sites=("yard-8",)) == [2]
    assert await numbers(sites=()) == []
    assert await numbers(states=(State.CLOSED,)) == [3]
    assert await numbers(hazard="fall") == [4]


# numbers, reports, commands, snapshots


async def test_numbers_count_by_one_without_gaps(store: SqlStore) -> None:
    """A number that was rolled back is given again; each counter counts for itself."""
    async with store.begin() as tx:
        assert [await tx.next_number("case") for _ in range(3)] == [1, 2, 3]
        assert await tx.next_number("wo:yard-7") == 1
    with contextlib.suppress(ValueError):
        async with store.begin() as tx:
            assert await tx.next_number("case") == 4
            raise ValueError
    async with store.begin() as tx:
        assert await tx.next_number("case") == 4


async def test_numbers_taken_at_once_are_gapless(store: SqlStore) -> None:
    """40 transactions at once, every fifth rolled back: 1 to 32, each once."""

    async def take(index: int) -> int | None:
        with contextlib.suppress(ValueError):
            async with store.begin() as tx:
                number = await tx.next_number("case")
                await asyncio.sleep(0)
                if index % 5 == 0:
                    raise ValueError
                return number
        return None

    taken = await asyncio.gather(*(take(index) for index in range(40)))
    assert sorted(number for number in taken if number) == list(range(1, 33))


async def test_a_report_is_known_at_once_and_later(store: SqlStore) -> None:
    """Within the transaction that adds it, and ever after."""
    for _ in range(2):
        async with store.begin() as tx:
            if await tx.known_report("box:1") is None:
                await tx.add_report("box:1", "digest", {"case": 1}, 1, T0)
            known = await tx.known_report("box:1")
            assert known is not None
            assert (known.content, known.answer) == ("digest", {"case": 1})


async def test_a_command_id_is_used_once(store: SqlStore) -> None:
    """The second transaction with it fails as a whole."""
    async with store.begin() as tx:
        await tx.add_command("telegram:press:1", "li", "close", [1, 2], {"ok": True}, T0)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await _close_again(store)
    async with store.begin() as tx:
        known = await tx.known_command("telegram:press:1")
        assert known is not None
        assert (known.actor, known.answer, known.at) == ("li", {"ok": True}, T0)
        assert await tx.known_command("telegram:press:2") is None
    assert await store.get_case(1) is None


async def _close_again(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.add_case(case(1))
        await tx.add_command("telegram:press:1", "li", "close", [1], {"ok": True}, T0)


async def test_pictures_of_a_case_and_of_the_one_that_goes_on_from_it(store: SqlStore) -> None:
    """What was seen goes along, what people took afterwards does not."""
    async with store.begin() as tx:
        for kind in ("annotated", "blurred", "clean", "after"):
            await tx.add_snapshot(Snapshot(1, kind, kind[0] * 64, T0))
    async with store.begin() as tx:
        await tx.copy_snapshots(1, 2)
    assert [shot.kind for shot in await store.snapshots(1)] == [
        "annotated",
        "blurred",
        "clean",
        "after",
    ]
    assert [shot.kind for shot in await store.snapshots(2)] == ["annotated", "blurred", "clean"]


async def test_what_is_learned_is_overwritten_and_forgotten(store: SqlStore) -> None:
    """One value a kind and key."""
    async with store.begin() as tx:
        await tx.learn("mute", "gate", {"until": 1})
        await tx.learn("mute", "gate", {"until": 2})
        await tx.learn("language", "gate", {"language": "en"})
        assert await tx.learned("mute", "gate") == {"until": 2}
    assert await store.all_learned("mute") == {"gate": {"until": 2}}
    async with store.begin() as tx:
        await tx.forget("mute", "gate")
        assert await tx.learned("mute", "gate") is None
    assert await store.all_learned("mute") == {}


# clocks


async def timers(store: SqlStore, now: int = T0 + 10**9) -> dict[tuple[int, str], int]:
    """Every clock that runs."""
    found = await store.due_timers(now, 100)
    return {(timer.case, timer.kind.value): timer.due for timer in found}


async def test_clocks_are_set_anew_and_stopped(store: SqlStore) -> None:
    """One a kind and case; the last word in a transaction holds."""
    async with store.begin() as tx:
        await tx.set_timer(1, TimerKind.ACKNOWLEDGE_BY, 5)
        await tx.set_timer(1, TimerKind.RECTIFY_BY, 6)
        await tx.set_timer(2, TimerKind.RECTIFY_BY, 7)
    async with store.begin() as tx:
        await tx.set_timer(1, TimerKind.RECTIFY_BY, 9)
        await tx.stop_timer(1, TimerKind.ACKNOWLEDGE_BY)
    assert await timers(store) == {(1, "rectify_by"): 9, (2, "rectify_by"): 7}
    async with store.begin() as tx:
        await tx.set_timer(1, TimerKind.SELF_CLOSE, 1)
        await tx.stop_timer(1)
        await tx.set_timer(1, TimerKind.COOLDOWN, 20)
    assert await timers(store) == {(1, "cooldown"): 20, (2, "rectify_by"): 7}
    assert await store.next_timer() == 7


async def test_a_clock_is_taken_once_and_only_as_it_was_seen(store: SqlStore) -> None:
    """Who comes second gets nothing, nor who saw it before it was set anew."""
    async with store.begin() as tx:
        await tx.set_timer(1, TimerKind.ACKNOWLEDGE_BY, 5)
    (seen,) = await store.due_timers(5, 10)
    async with store.begin() as tx:
        await tx.set_timer(1, TimerKind.ACKNOWLEDGE_BY, 8)
    async with store.begin() as tx:
        assert await tx.take_timers([seen]) == []
    (anew,) = await store.due_timers(8, 10)

    async def take() -> bool:
        async with store.begin() as tx:
            return bool(await tx.take_timers([anew]))

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]


async def test_only_what_is_due_comes_and_the_earliest_first(store: SqlStore) -> None:
    """At most so many as were asked for."""
    async with store.begin() as tx:
        for number, due in ((1, 30), (2, 10), (3, 20), (4, 99)):
            await tx.set_timer(number, TimerKind.RECTIFY_BY, due)
    assert [timer.case for timer in await store.due_timers(40, 10)] == [2, 3, 1]
    assert [timer.case for timer in await store.due_timers(40, 2)] == [2, 3]


# inbox


async def test_a_message_is_taken_in_once(store: SqlStore) -> None:
    """Also when it comes eight times at once; it comes back as it was."""
    media = (Media("photo", "file-1", 5, None, "image/jpeg"),)
    incoming = replace(words(), media=media, album="a", press_id="9")
    taken = await asyncio.gather(*(store.take_in(incoming, T0) for _ in range(8)))
    assert sorted(taken) == [False] * 7 + [True]
    (row,) = await store.waiting_incoming(10)
    assert (row.incoming, row.attempts, row.received_at) == (incoming, 0, T0)


async def test_foreign_words_that_no_database_takes_are_taken(store: SqlStore) -> None:
    """NUL and half a surrogate pair would otherwise hold up everything behind them."""
    await store.take_in(words(text="关\x00闭 \ud83d 1"), T0)
    (row,) = await store.waiting_incoming(10)
    assert row.incoming.text == "关闭 \ufffd 1"


async def test_the_inbox_is_in_order_until_a_message_is_done_or_dead(store: SqlStore) -> None:
    """A failed one stays, and its tries are counted."""
    for number in range(4):
        await store.take_in(words(f"message:-1001:{number}"), T0)
    waiting = await store.waiting_incoming(10)
    async with store.begin() as tx:
        await tx.finish_incoming(waiting[0].id, T0)
    await store.fail_incoming(waiting[1].id, "fault", dead=False)
    await store.fail_incoming(waiting[2].id, "fault", dead=True)
    left = await store.waiting_incoming(10)
    assert [(row.incoming.platform_id[-1], row.attempts) for row in left] == [("1", 1), ("3", 0)]
    assert not await store.take_in(words("message:-1001:0"), T0), "what is done stays known"


async def test_what_waits_behind_a_busy_queue_is_not_looked_at(store: SqlStore) -> None:
    """However much it is; a message in a queue of its own waits behind nothing of its chat."""
    for number in range(5):
        await store.take_in(words(f"message:-1001:{number}"), T0)
    cry = words("message:-1001:5")
    await store.take_in(cry, T0, cry.command_id)
    (first, *_) = await store.waiting_incoming(1)
    (row,) = await store.waiting_incoming(3, busy=[first.queue])
    assert (row.queue, row.incoming) == (cry.command_id, cry)
    assert await store.waiting_incoming(3, busy=[first.queue, row.queue]) == []


async def test_the_longest_id_that_a_device_may_give_is_taken(store: SqlStore) -> None:
    """Of the longest key's name, its number, and 255 characters of the device's own."""
    longest = words(f"{'k' * 64}.{2**63}:{'x' * 255}")
    await store.take_in(longest, T0, longest.command_id)
    (row,) = await store.waiting_incoming(1)
    assert row.incoming == longest


# copies


async def test_a_message_is_one_copy_whatever_its_topic(store: SqlStore) -> None:
    """It is found by channel, chat and message id."""
    async with store.begin() as tx:
        await tx.add_copy(1, GROUP, "55", True, 1)
    plain = ChatRef("telegram", "-1001")
    found = await store.copy_at(plain, "55")
    assert found is not None
    assert (found.case, found.chat) == (1, GROUP)
    assert await store.copy_at(ChatRef("telegram", "-1002"), "55") is None
    assert await store.copy_at(ChatRef("console", "-1001"), "55") is None


async def test_adopting_a_known_copy_takes_nothing_from_it(store: SqlStore) -> None:
    """A press guesses that there is a picture; what the courier wrote stays, either way round."""
    async with store.begin() as tx:
        await tx.add_copy(1, GROUP, "55", False, 3)
        adopted = await tx.add_copy(1, GROUP, "55", True, 0)
        assert (adopted.has_picture, adopted.shown) == (False, 3)
        await tx.add_copy(1, GROUP, "56", True, 0)
        known = await tx.add_copy(1, GROUP, "56", False, 3)
        assert (known.has_picture, known.shown) == (False, 3)
    assert len(await store.copies(1)) == 2


async def test_the_messages_of_a_chat_are_lost_together(store: SqlStore) -> None:
    """Its cases are named once each, and only once."""
    async with store.begin() as tx:
        await tx.add_copy(1, GROUP, "55", True, 1)
        await tx.add_copy(1, GROUP, "56", True, 1)
        await tx.add_copy(2, GROUP, "57", True, 1)
        await tx.add_copy(3, ChatRef("telegram", "-1002"), "55", True, 1)
    async with store.begin() as tx:
        assert await tx.lose_copies(GROUP) == [1, 2]
        assert await tx.lose_copies(GROUP) == []
    assert [copy.lost for copy in await store.copies(3)] == [False]


# waking


async def test_wake_ups_are_rung_after_the_commit_and_only_for_what_was_left(
    database: Database,
) -> None:
    """Nobody looks before there is something to see, nor after a rollback."""
    rung: list[str] = []

    class Bell(LocalWake):
        def ring(self, topic: str) -> None:
            rung.append(topic)

    store = SqlStore(database, Bell())
    async with store.begin() as tx:
        await tx.send(card())
        await tx.set_timer(1, TimerKind.RECTIFY_BY, 5)
        assert rung == []
    assert sorted(rung) == ["outbox", "timers"]
    with contextlib.suppress(ValueError):
        async with store.begin() as tx:
            await tx.send(card(2))
            raise ValueError
    async with store.begin() as tx:
        await tx.learn("mute", "gate", {"until": 1})
    assert sorted(rung) == ["outbox", "timers"]
    await store.take_in(words(), T0)
    await store.take_in(words(), T0)
    assert rung.count("inbox") == 1
    assert len(await rows_of(database, "outbox")) == 1


async def test_an_entry_alone_moves_the_head_of_its_chain(store: SqlStore) -> None:
    """The case itself stays as it is; a case that came without one has an entry all the same."""
    async with store.begin() as tx:
        await tx.add_case(case(await tx.next_number("case")))
    for number in range(3):
        async with store.begin() as tx:
            await tx.add_entry(1, Entry(T0 + number, "refused", "li"))
    history = await store.history(1)
    assert [(row.n, row.entry.event) for row in history] == [
        (1, "noted"),
        *((n, "refused") for n in (2, 3, 4)),
    ]
    assert history[0].facts["site"] == "yard-7"
    assert await store.verify_audit() == (1, [])
    assert await store.get_case(1) == case(1)


# rows that make no sense


async def test_a_row_that_cannot_be_read_spoils_no_list(
    store: SqlStore, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A later version's state, or a hand in the database: the other cases are shown."""
    await add(store, case(1), case(2), case(3))
    await database.writer.execute_query("UPDATE hazard_case SET state = 'paused' WHERE number = 2")
    assert [one.number for one in await store.list_cases(CaseFilter())] == [3, 1]
    assert "row 2" in caplog.text


async def test_a_message_that_cannot_be_read_holds_nobody_up(
    store: SqlStore, database: Database
) -> None:
    """It is put aside as a dead one; the next one has its turn."""
    first, second = words("a", "1"), words("b", "2")
    await store.take_in(first, T0)
    await store.take_in(second, T0)
    broken = f"UPDATE inbox SET body = '{{}}' WHERE platform_id = '{first.command_id}'"
    await database.writer.execute_query(broken)
    assert [row.incoming for row in await store.waiting_incoming(10)] == [second]
    assert [row["state"] for row in await rows_of(database, "inbox")] == ["dead", "waiting"]
