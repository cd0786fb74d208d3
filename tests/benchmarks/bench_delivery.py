"""From a report's 201 to its photo in the chat.

The whole program, a chat server and a client are processes of their own.

    python -m tests.benchmarks.bench_delivery --seconds 30 --rate 20

Five sites with a group each, `messages_per_minute = 0`; every report opens a case and carries a
picture.  The figure is the time at which the chat server had the photo, less the time at which the
client had its 201; negative where the photo was faster.  Both read the clock of one machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from aiohttp import ClientSession, FormData

from tests.support.botapi import bot_api
from tests.support.program import ROOT, running

SITES = 5
_NUMBER = re.compile(r"#(\d+)")


def site_file() -> str:
    """Five sites, each with its own group."""
    parts = ['[responses.no_helmet]\nmerge_by = "subject"\n']
    for n in range(SITES):
        parts.append(f'[[sites]]\nid = "yard-{n}"\nname = "Yard {n}"\n')
        parts.append(
            f'[[chats]]\nchannel = "telegram"\nid = {-1000 - n}\nsites = ["yard-{n}"]\n'
            "messages_per_minute = 0\n"
        )
    return "\n".join(parts)


def a_photo() -> bytes:
    """A JPEG of 1280 x 720 with as much detail as a camera's, about 380 KB."""
    coarse = np.random.default_rng(1).integers(0, 255, (180, 320, 3), np.uint8)
    picture = cv2.resize(coarse, (1280, 720), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


async def client(url: str, key: str, seconds: float, rate: float) -> dict[int, float]:
    """Report at a steady rate; case number -> epoch second of its 201."""
    answered: dict[int, float] = {}
    picture = a_photo()

    async def report(session: ClientSession, n: int) -> None:
        body = {
            "id": f"r{n}",
            "hazard": "no_helmet",
            "site": f"yard-{n % SITES}",
            "subject": f"s{n}",
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        form = FormData()
        form.add_field("report", json.dumps(body), content_type="application/json")
        form.add_field("image", picture, filename="a.jpg", content_type="image/jpeg")
        headers = {"Authorization": f"Bearer {key}"}
        async with session.post(f"{url}/api/v1/reports", data=form, headers=headers) as answer:
            told = await answer.json()
            assert answer.status == 201, told
            answered[told["case"]] = time.time()

    async with ClientSession() as session, asyncio.TaskGroup() as tasks:
        begun = time.monotonic()
        for n in range(round(seconds * rate)):
            await asyncio.sleep(max(begun + n / rate - time.monotonic(), 0))
            tasks.create_task(report(session, n))
    return answered


def machine_speed() -> str:
    """What the machine gives a process now; without it two days cannot be compared."""
    begun = time.perf_counter()
    total = 0
    for n in range(5_000_000):
        total += n
    return f"{(time.perf_counter() - begun) * 1000:.0f} ms"


async def measure(seconds: float, rate: float) -> None:
    """Run all three and print the figures."""
    before = await asyncio.to_thread(machine_speed)
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        async with bot_api() as server:
            groups = [server.group(-1000 - n, f"Yard {n}") for n in range(SITES)]
            settings = {"TELEGRAM_API": server.url, "TELEGRAM_TOKEN": server.token}
            async with running(Path(folder), site_file(), **settings) as program:
                key = await program.command("key", "create", "--name", "b", "--role", "source")
                await server.wait_until(lambda: server.calls_of("getUpdates"), 60)
                answered = await _in_another_process(program.url, key, seconds, rate)
                photos: dict[int, float] = {}
                deadline = time.monotonic() + 60
                while len(photos) < len(answered) and time.monotonic() < deadline:
                    await asyncio.sleep(0.5)
                    photos = {
                        int(found[1]): message.accepted_at
                        for group in groups
                        for message in server.messages(group)
                        if message.media and (found := _NUMBER.search(message.words))
                    }
                await program.stop()
    lags = sorted((photos[n] - at) * 1000 for n, at in answered.items() if n in photos)
    p99 = lags[min(round(len(lags) * 0.99), len(lags) - 1)]
    print(f"reports {len(answered)}, photos {len(lags)}, {rate:g}/s for {seconds:g} s")
    p50, most = statistics.median(lags), lags[-1]
    print(f"201 -> photo: p50 {p50:.0f} ms, p99 {p99:.0f} ms, max {most:.0f} ms")
    after = await asyncio.to_thread(machine_speed)
    print(f"machine: 5,000,000 additions in {before} before, {after} after")


async def _in_another_process(url: str, key: str, seconds: float, rate: float) -> dict[int, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.bench_delivery",
        *("--client", url, key, "--seconds", str(seconds), "--rate", str(rate)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    return {int(number): at for number, at in json.loads(out).items()}


def main() -> None:
    """Parse, then measure or be the client."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--client", nargs=2, metavar=("URL", "KEY"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.client:
        print(json.dumps(asyncio.run(client(*args.client, args.seconds, args.rate))))
    else:
        asyncio.run(measure(args.seconds, args.rate))


if __name__ == "__main__":
    main()
