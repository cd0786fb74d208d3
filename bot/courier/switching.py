"""Strobes, sirens and relays: switched on with a warning, off when nothing holds them on any more.

A row says what it is for; whether the thing is to be on is asked of the outbox, at the moment of
switching: while a row waits that is to switch it off later, it is to be on.  So rows that come
late, twice or out of order end in the right state.  Orders to one thing go one after another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.casework.house import note
from bot.casework.timely import time_left
from bot.courier.delivery import Also, Delivered
from bot.courier.desk import Desk, LastOrder
from bot.domain.error import RetryLater
from bot.ports import (
    REFUSED,
    SWITCHED,
    UNREACHABLE,
    Actuator,
    Entry,
    OutboxRow,
    Outgoing,
    Switched,
    Tx,
)

log = logging.getLogger(__name__)

EXPIRED = "expired"
OVER = "over"
HELD = "held"
"""Something else keeps it on."""
UNKNOWN = "unknown"
"""The site file has it no more."""

_TOLD = {"confirmed": "confirmed", "sent": "sent"}


async def switch_on(desk: Desk, row: OutboxRow) -> Delivered:
    """On, unless its time is over by now; who is silent is tried again until then."""
    asked = asyncio.get_running_loop().time()
    async with desk.turn_of(row.target):
        return await _on(desk, row, asked)


async def switch_off(desk: Desk, row: OutboxRow) -> Delivered:
    """Off, unless something else keeps it on; tried until it is done."""
    asked = asyncio.get_running_loop().time()
    async with desk.turn_of(row.target):
        return await _off(desk, row, asked)


async def _on(desk: Desk, row: OutboxRow, asked: float) -> Delivered:
    now, actuator = desk.core.clock(), desk.actuators.get(row.target)
    if actuator is None:
        return _ended(desk, row, {"outcome": UNKNOWN})
    if not await _is_live(desk, row):
        return Delivered({"outcome": OVER})
    in_vain = _tried_in_vain(row)
    if not await desk.core.store.held_on(row.target, now):
        return _ended(desk, row, in_vain) if in_vain else Delivered({"outcome": OVER})
    if time_left(desk.core, row, now) <= 0:
        return _ended(desk, row, in_vain or {"outcome": EXPIRED})
    switched = await _order(desk, actuator, row, True, asked)
    if switched.outcome == UNREACHABLE:
        raise RetryLater(switched.detail or UNREACHABLE)
    return _ended(desk, row, _outcome(desk, row, switched))


async def _off(desk: Desk, row: OutboxRow, asked: float) -> Delivered:
    actuator = desk.actuators.get(row.target)
    if actuator is None:
        log.warning("%s is to be switched off, and is no longer in the site file", row.target)
        return Delivered({"outcome": UNKNOWN})
    if await desk.core.store.held_on(row.target, desk.core.clock(), but=row.id):
        return Delivered({"outcome": HELD})
    switched = await _order(desk, actuator, row, False, asked)
    if switched.outcome in (UNREACHABLE, REFUSED):
        raise RetryLater(switched.detail or switched.outcome)
    return _ended(desk, row, _outcome(desk, row, switched))


async def _order(
    desk: Desk, actuator: Actuator, row: OutboxRow, on: bool, asked: float
) -> Switched:
    """Give it, unless the same was ordered while this one waited: a hundred warnings are one."""
    last = desk.orders.get(row.target)
    if last is not None and last.on is on and last.began >= asked:
        return last.switched
    desk.orders.pop(row.target, None)
    began = asyncio.get_running_loop().time()
    switched = await actuator.switch(on)
    desk.orders[row.target] = LastOrder(on, began, switched)
    return switched


async def _is_live(desk: Desk, row: OutboxRow) -> bool:
    if row.case is None:
        return True
    case = await desk.core.store.get_case(row.case)
    return case is not None and case.live


def _tried_in_vain(row: OutboxRow) -> dict[str, Any] | None:
    why = (row.outcome or {}).get("why")
    return {"outcome": UNREACHABLE, "detail": str(why)} if why else None


def _outcome(desk: Desk, row: OutboxRow, switched: Switched) -> dict[str, Any]:
    told: dict[str, Any] = {"outcome": switched.outcome, "detail": switched.detail}
    if row.kind == "switch_on":
        told["ms"] = desk.core.clock() - row.created_at
    return told


def _ended(desk: Desk, row: OutboxRow, outcome: Mapping[str, Any]) -> Delivered:
    on = row.kind == "switch_on"
    return Delivered({**outcome, "on": on}, _after(desk, row, outcome, on))


def _after(desk: Desk, row: OutboxRow, outcome: Mapping[str, Any], on: bool) -> Also:
    """The cards tell how it went on; who asked is told."""

    async def also(tx: Tx, now: int) -> None:
        case = await tx.case(row.case) if row.case is not None else None
        if case is None:
            data = {"kind": row.kind, "to": row.target, **outcome, "on": on}
            await note(tx, Entry(now, "delivery", str(row.payload.get("by", "system")), data))
        elif on:
            shown = replace(case, version=case.version + 1)
            await tx.save_case(shown)
            await tx.want(case.number, shown.version, now)
        if on and outcome["outcome"] not in SWITCHED:
            log.warning("%s was not switched on: %s", row.target, outcome["outcome"])
        if tell := row.payload.get("tell"):
            ended = _TOLD.get(outcome["outcome"], "failed")
            key = f"light.{'on' if on else 'off'}_{ended}"
            params = {"light": row.target, "switched": outcome["outcome"]}
            payload = {"key": key, "params": params, "private": tell["private"]}
            await tx.send(Outgoing("text", tell["chat"], payload, now, lane="answer"))

    return also
