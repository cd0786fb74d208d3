"""From an emergency's 201 to its words and its photo in the chat, over a line that carries little.

The program runs in a network namespace of its own; between it and the chat server lies a line of
256 kbit/s that loses packets and has gaps. As root:

    python -m tests.benchmarks.bench_thin --minutes 20

Every few seconds an emergency with a picture of 380 KB is reported. Words count from the report's
201, or from the end of the gap that it fell into; so do photos.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import re
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession

from tests.benchmarks.bench_delivery import a_photo
from tests.support.botapi import BotApiServer, Chat, Message
from tests.support.program import Program
from tests.support.thinlink import Link, ThinLine, thin_link
from tests.support.thinreports import emergency, key_for, site_file

GROUP = -1001
_NUMBER = re.compile(r"#(\d+)")


@dataclass
class Course:
    """What was reported when, and when the line was cut (epoch seconds)."""

    answered: dict[int, float] = field(default_factory=dict[int, float])
    gaps: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def since(self, case: int, arrived: float) -> float:
        """From when on what arrived then could have arrived: its report, or the end of a gap."""
        at = self.answered[case]
        return max([at, *(end for begin, end in self.gaps if at < end and begin < arrived)])

    def met_a_gap(self, case: int, arrived: float) -> bool:
        """Whether the line was down in between."""
        return self.since(case, arrived) != self.answered[case]


async def cut_now_and_then(link: Link, course: Course, every: float, seconds: float) -> None:
    """Gaps of the line, until cancelled."""
    while seconds:
        await asyncio.sleep(every)
        link.is_cut, begin = True, time.time()
        course.gaps.append((begin, begin + seconds))
        await asyncio.sleep(seconds)
        link.is_cut = False
        course.gaps[-1] = (begin, time.time())


async def report(program: Program, key: str, course: Course, minutes: float, every: float) -> None:
    """An emergency every so many seconds."""
    picture, end = a_photo(), time.monotonic() + minutes * 60
    async with ClientSession() as session:
        n = 0
        while time.monotonic() < end:
            number = await emergency(session, program.url, key, n, picture)
            course.answered[number] = time.time()
            n += 1
            await asyncio.sleep(every)


def arrivals(messages: list[Message]) -> dict[int, tuple[float, float | None]]:
    """Case -> when its words and its photo were there first."""
    found: dict[int, tuple[float, float | None]] = {}
    for message in messages:
        number = _NUMBER.search(message.words)
        if number is None or "🔴" not in message.words:
            continue
        photo = next((version.at for version in message.history if version.picture), None)
        found.setdefault(int(number[1]), (message.accepted_at, photo))
    return found


async def measure(args: argparse.Namespace) -> None:
    """Run it and print the figures."""
    line = ThinLine(args.kbit, args.delay, args.loss, args.congestion)
    course = Course()
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        async with (
            thin_link(line, args.seed) as link,
            BotApiServer(host=link.outside) as server,
        ):
            group = server.group(GROUP, "Yard")
            program = Program(
                Path(folder),
                site_file(args.uplink),
                HTTP_HOST=link.inside,
                TELEGRAM_API=server.url,
                TELEGRAM_TOKEN=server.token,
            )
            program.launcher = link.launcher
            await program.start()
            key = await key_for(program)
            await server.wait_until(lambda: server.calls_of("getUpdates"), 60)
            cutting = asyncio.create_task(cut_now_and_then(link, course, args.gap_every, args.gap))
            await report(program, key, course, args.minutes, args.every)
            cutting.cancel()
            link.is_cut = False
            await asyncio.sleep(60)
            tell(course, group, server)
            await program.stop()


def tell(course: Course, group: Chat, server: BotApiServer) -> None:
    """The figures, apart for what was reported while the line was up and while it was down."""
    messages = server.messages(group)
    there = arrivals(messages)
    doubles = sum("可能重复" in message.words for message in messages)
    print(f"emergencies {len(course.answered)}, there {len(there)}, marked repeats {doubles}")
    for number, what in ((0, "words"), (1, "photo")):
        arrived = [(n, at[number]) for n, at in there.items()]
        for name, in_gap in (("line up", False), ("a gap between, since its end", True)):
            took = [
                at - course.since(n, at)
                for n, at in arrived
                if at and course.met_a_gap(n, at) is in_gap
            ]
            print(f"{what}, {name}: {quantiles(sorted(took))}")
    sizes = [len(message.photo) for message in messages if message.photo]
    if sizes:
        print(f"photos of {min(sizes) / 1000:.0f}-{max(sizes) / 1000:.0f} KB")


def quantiles(values: list[float]) -> str:
    """Median, 99 % (the nearest rank) and the largest, in seconds."""
    if not values:
        return "none"
    p99 = values[math.ceil(len(values) * 0.99) - 1]
    p50 = statistics.median(values)
    largest = ", ".join(f"{value:.2f}" for value in values[:-4:-1])
    return f"p50 {p50:.2f} s, p99 {p99:.2f} s, largest {largest} s ({len(values)})"


def main() -> None:
    """Parse and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--every", type=float, default=8, help="seconds between emergencies")
    parser.add_argument("--kbit", type=int, default=256)
    parser.add_argument("--delay", type=int, default=400, help="ms each way")
    parser.add_argument("--loss", type=float, default=5, help="%% each way")
    parser.add_argument("--congestion", default="reno")
    parser.add_argument("--gap-every", type=float, default=300)
    parser.add_argument("--gap", type=float, default=120, help="seconds; 0: none")
    parser.add_argument("--uplink", default="thin", choices=("thin", "auto"))
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
