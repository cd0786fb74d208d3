"""What keeps a light on, and who lets go of it, on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.casework.house import HOUSE, note
from bot.ports import CaseFilter, Entry, OutboxRow, Outgoing
from storage.store import SqlStore
from tests.support.cases import T0, opened

LEASE = 30_000
LIGHTS = ("switch_on", "switch_off")


def off(case: int, due: int, **changes: Any) -> Outgoing:
    return replace(Outgoing("switch_off", "lamp", {}, due, case=case), **changes)


async def send(store: SqlStore, *rows: Outgoing) -> None:
    async with store.begin() as tx:
        await tx.send(*rows)


async def claim(store: SqlStore, now: int) -> list[OutboxRow]:
    return await store.claim(now, LEASE, 100, kinds=LIGHTS)


async def finish(store: SqlStore, row: OutboxRow, now: int) -> None:
    async with store.begin() as tx:
        await tx.finish(row, "done", {"outcome": "confirmed"}, now)


async def test_a_later_row_holds_it_on_and_the_last_one_does_not(store: SqlStore) -> None:
    await send(store, off(1, T0), off(2, T0 + 100), off(3, T0, target="other"))
    (first,) = [row for row in await claim(store, T0) if row.target == "lamp"]
    assert await store.held_on("lamp", T0, but=first.id)
    await finish(store, first, T0)
    (second,) = await claim(store, T0 + 100)
    assert not await store.held_on("lamp", T0 + 100, but=second.id)


async def test_of_two_in_hand_the_later_decides(store: SqlStore) -> None:
    """Their leases lie in the future; if both counted neither would switch it off."""
    await send(store, off(1, T0), off(2, T0))
    first, second = sorted(await claim(store, T0), key=lambda row: row.id)
    assert await store.held_on("lamp", T0, but=first.id)
    assert not await store.held_on("lamp", T0, but=second.id)


async def test_a_row_whose_time_has_come_holds_nothing_on(store: SqlStore) -> None:
    """Neither while it waits, as after a restart, nor in hand: what was to go on then is over."""
    await send(store, off(1, T0))
    assert await store.held_on("lamp", T0 - 1)
    assert not await store.held_on("lamp", T0)
    await claim(store, T0)
    assert not await store.held_on("lamp", T0 + 1)


async def test_a_case_lets_go_of_its_own_alone(store: SqlStore) -> None:
    await send(store, off(1, T0 + 100), off(1, T0 + 200), off(2, T0 + 300))
    async with store.begin() as tx:
        assert await tx.let_go(T0, case=1) == 2
    assert [row.case for row in await claim(store, T0)] == [1, 1]
    assert await store.held_on("lamp", T0)
    async with store.begin() as tx:
        assert await tx.let_go(T0, target="lamp") == 1
    assert [row.case for row in await claim(store, T0)] == [2]


async def test_what_waits_to_go_off_is_no_backlog_until_it_fails(store: SqlStore) -> None:
    await send(store, off(1, T0 + 100))
    assert await store.waiting(T0 + 1) == []
    (row,) = await claim(store, T0 + 100)
    async with store.begin() as tx:
        await tx.postpone(row, T0 + 500, {"outcome": "retry", "why": "away"}, unsure=False)
    (waiting,) = await store.waiting(T0 + 200)
    assert (waiting.kind, waiting.channel, waiting.place) == ("switch", "lights", "lamp")


async def test_the_houses_chain_is_verified_and_is_no_case(store: SqlStore) -> None:
    for n in range(2):
        async with store.begin() as tx:
            await note(tx, Entry(T0 + n, "delivery", "li", {"kind": "announce", "n": n}))
    async with store.begin() as tx:
        await tx.next_number("case")
        await tx.add_case(opened(number=1))
        await tx.take_checkpoint(T0 + 10)
    assert [row.n for row in await store.history(HOUSE)] == [1, 2]
    assert HOUSE not in [case.number for case in await store.list_cases(CaseFilter())]
    cases, faults = await store.verify_audit()
    assert cases == 1
    assert [fault for fault in faults if fault.case == HOUSE] == []
