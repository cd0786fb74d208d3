"""What a probe finds, and how probes are run: together, each for a limited time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.redact import redact
from bot.texts.doctor import MARKS, PARTS, said

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `key` names its sentence in `bot.texts.doctor`, a fault's says what to do.

    A `note` is no fault, and yet worth reading.
    """

    part: str
    subject: str
    ok: bool
    key: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    note: bool = False

    @property
    def mark(self) -> str:
        """`ok`, `note` or `fault`."""
        return "note" if self.ok and self.note else "ok" if self.ok else "fault"

    def line(self, language: str) -> str:
        """Mark, what was probed, and what was found; without secrets, on one line."""
        mark, part = MARKS[self.mark].in_language(language), PARTS[self.part].in_language(language)
        what = f"{part} {self.subject}" if self.subject else part
        colon = ": " if language == "en" else "："
        text = redact(f"{mark}  {what}{colon}{said(self.key, language, **self.params)}")
        return " ".join(text.split("\n"))


@dataclass(frozen=True, slots=True)
class Probe:
    """Something to look at; `look` may take long, may not come back, and may raise OSError.

    `within` are the seconds that it may take, where it needs others than the rest.
    """

    part: str
    subject: str
    look: Callable[[], Awaitable[Finding]]
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a probe may take, and how many look at once."""

    probe: float = 15.0
    at_once: int = 12


async def run_all(probes: Sequence[Probe], limits: Limits) -> list[Finding]:
    """Several at once, so that what hangs holds up little else; findings in their order.

    Not all: of a hundred chats asked together the last would wait longer than its time, and a
    platform would refuse some.
    """
    turn = asyncio.Semaphore(limits.at_once)
    seconds = [probe.within or limits.probe for probe in probes]
    return await asyncio.gather(*map(_run, probes, seconds, [turn] * len(probes)))


async def _run(probe: Probe, seconds: float, turn: asyncio.Semaphore) -> Finding:
    try:
        async with turn, asyncio.timeout(seconds):
            return await probe.look()
    except TimeoutError:
        return Finding(probe.part, probe.subject, False, "late", {"seconds": f"{seconds:g}"})


async def in_thread(work: Callable[[], T]) -> T:
    """Blocking work that may never end: its thread keeps neither the loop nor the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(set_it: Callable[[], None]) -> None:
        if not done.done():
            set_it()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  boundary: it goes to whoever waits
            failed = error
            _call(loop, lambda: tell(lambda: done.set_exception(failed)))
        else:
            _call(loop, lambda: tell(lambda: done.set_result(result)))

    threading.Thread(target=run, daemon=True).start()
    return await done


def _call(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    if not loop.is_closed():  # the program may have gone on without us
        loop.call_soon_threadsafe(what)
