"""Telling the admins about the service itself, on a way that works."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bot.casework.core import Core
from bot.domain.role import Role
from bot.ports import Outgoing


def to_admins_elsewhere(
    core: Core,
    key: str,
    params: Mapping[str, Any],
    now: int,
    *,
    not_in: Collection[str] = (),
    not_by: Collection[str] = (),
) -> list[Outgoing]:
    """A sentence for the admins' chats, but for the places `not_in` and the channels `not_by`.

    Where none is left it goes to the most senior people's own chats of the built-in console, which
    needs nothing from outside.
    """
    rows = [
        row
        for row in core.to_admins(key, params, now)
        if row.target not in not_in and row.target.partition(":")[0] not in not_by
    ]
    if rows or "console" in not_by:
        return rows
    payload = {"key": key, "params": dict(params), "private": True}
    return [Outgoing("text", f"console:@{id}", payload, now) for id in _seniors(core)]


def _seniors(core: Core) -> list[str]:
    members = [m for m in core.people.config.members if core.people.active(m.id)]
    for role in (Role.ADMIN, Role.SUPERVISOR):
        if found := [m.id for m in members if m.role is role]:
            return found
    return []
