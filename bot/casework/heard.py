"""What was said by voice, as evidence on the cases that it concerned."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.case import Event
from bot.domain.command import Command
from bot.ports import Entry, Snapshot, Tx

HEARD = "heard"
"""Argument of a command that was spoken: `recording` (SHA-256 of a WAV file), `seconds`,
`language`, `score`, and the words in `transcript`."""


async def keep(tx: Tx, command: Command, cases: Sequence[int], now: int) -> None:
    """The recording, and the words, which can be erased by rule, on each of the cases."""
    heard = command.args.get(HEARD)
    if not heard:
        return
    known = {name: value for name, value in heard.items() if name != "transcript"}
    words = {"transcript": heard["transcript"]}
    for number in dict.fromkeys(cases):
        if await tx.case(number) is None:
            continue
        by = command.actor.id
        await tx.add_snapshot(Snapshot(number, "recording", heard["recording"], now, by))
        data = {**known, "verb": command.verb.value}
        await tx.add_entry(number, Entry(now, Event.HEARD.value, by, data, words))
