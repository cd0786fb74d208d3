"""From a voice note to its answer: each engine in turn, in the whole program.

    python -m tests.benchmarks.bench_hearing [--notes 300] [--engine light] [--engine whisper]

The notes are those of ../shared/speech, sent one after the other in a private chat by a chat server
on this machine, when the model is warm.  The figure is the time at which the server had the answer,
less the time at which the program could fetch the note.  Memory is that of the process that
listens.  Last, three notes wait at once while the longest stall of the loop is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from bot.hearing import ModelTranscriber
from bot.ports import Recording
from tests.benchmarks.bench_delivery import machine_speed
from tests.support.botapi import BotApiServer, Chat, bot_api
from tests.support.models import models_folder, pulled
from tests.support.program import ROOT, Program
from tests.support.speech import Spoken, decoded, spoken_commands

SITE = """
[[sites]]
id = "yard-7"
name = "七号工地"
[[chats]]
channel = "telegram"
id = -1001
[[members]]
id = "li"
name = "李工"
role = "supervisor"
telegram = 111
"""
PATIENCE_S = 120.0


async def measured(engine: str, commands: list[Spoken], count: int, folder: Path) -> None:
    """One engine; prints its figures."""
    async with bot_api() as server:
        settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token, "HEARING": engine}
        program = Program(folder, SITE, **settings)
        (folder / "data").mkdir()
        (folder / "data" / "models").symlink_to(models_folder())
        others = _listening()
        await program.start()
        try:
            await _told(engine, server, commands, count, others)
        finally:
            await program.stop()


async def _told(
    engine: str, server: BotApiServer, commands: list[Spoken], count: int, others: set[int]
) -> None:
    li = server.user(111, "李工")
    chat = server.private(li)
    for command in commands[:2]:  # the process has started, and everything is in memory
        await _answered(server, chat, command)
    took: dict[str, list[float]] = {}
    (listens,) = _listening() - others
    sizes = [_megabytes(listens)]
    for n, command in zip(range(count), itertools.cycle(commands), strict=False):
        took.setdefault(command.language, []).append(await _answered(server, chat, command))
        if n % 20 == 19:
            sizes.append(_megabytes(listens))
    every = sorted(itertools.chain(*took.values()))
    each = ", ".join(f"{one} {statistics.median(found):.2f}" for one, found in took.items())
    p50, p90, most = statistics.median(every), every[int(0.9 * len(every))], every[-1]
    print(f"{engine}: {count} notes, note -> answer: p50 {p50:.2f} s ({each}), p90 {p90:.2f}, "
          f"max {most:.2f}; the process that listens holds {sizes[0]:.0f} MB at first, "
          f"{max(sizes):.0f} at most, {sizes[-1]:.0f} at last", flush=True)  # fmt: skip


async def _answered(server: BotApiServer, chat: Chat, command: Spoken) -> float:
    li = server.user(111, "李工")
    data = await asyncio.to_thread(command.file.read_bytes)
    begun = time.time()
    note = await li.voice(chat, data)
    answer = await server.wait_message(
        chat, lambda m: m.reply_to is not None and m.reply_to.id == note.id, PATIENCE_S
    )
    return answer.accepted_at - begun


def _listening() -> set[int]:
    """The processes that listen, started from here."""
    found: set[int] = set()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                words = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if b"voice.hearing.worker" in words and str(ROOT).encode() in words:
                found.add(int(process.name))
    return found


def _megabytes(process: int) -> float:
    """Resident memory."""
    line = next(
        one
        for one in Path(f"/proc/{process}/status").read_text().splitlines()
        if one.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


async def stalls(commands: list[Spoken]) -> None:
    """Three notes wait at once in this process; how long its loop stalled, by clock and by work."""
    ears = ModelTranscriber(models_folder(), "light")
    sounds = [await asyncio.to_thread(decoded, one.file) for one in commands]
    notes = [Recording(sound.to_wav(), sound.seconds) for sound in sounds]
    await ears.transcribe(notes[0])
    longest, busiest, done = 0.0, 0.0, False

    async def watch() -> None:
        nonlocal longest, busiest
        while not done:
            begun, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - begun - 0.005)
            busiest = max(busiest, time.thread_time() - worked)

    watching = asyncio.create_task(watch())
    for three in _threes(notes):
        await asyncio.gather(*(ears.transcribe(one) for one in three))
    done = True
    await watching
    await ears.close()
    print(f"three at once: the loop stalled {longest * 1000:.1f} ms at most, of which it worked "
          f"{busiest * 1000:.1f} ms at most")  # fmt: skip


def _threes(notes: list[Recording]) -> list[list[Recording]]:
    return [notes[start : start + 3] for start in range(0, len(notes), 3)]


async def main() -> None:
    """Measure what can be run here."""
    options = argparse.ArgumentParser()
    options.add_argument("--notes", type=int, default=96)
    options.add_argument("--engine", action="append", choices=("light", "whisper"))
    given = options.parse_args()
    await asyncio.to_thread(pulled, "whisper-base")
    commands = spoken_commands(ROOT.parent / "shared" / "speech")
    print(f"machine: {await asyncio.to_thread(machine_speed)}, load {os.getloadavg()[0]:.1f}")
    for engine in given.engine or ("light", "whisper"):
        if engine == "whisper" and find_spec("whisper") is None:
            print("whisper: not installed here")
            continue
        with tempfile.TemporaryDirectory(prefix="bench") as folder:
            await measured(engine, commands, given.notes, Path(folder))
    await stalls(commands)
    print(f"machine: {await asyncio.to_thread(machine_speed)}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    asyncio.run(main())
