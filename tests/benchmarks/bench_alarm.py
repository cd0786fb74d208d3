"""From a report that is sent to the first packet at the horn, over the running program.

Run it by hand: `python -m tests.benchmarks.bench_alarm --cameras 40`. A box reports over HTTP, a
horn listens on loopback; a camera's first sentence has to be made by eSpeak, its second is there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

from aiohttp import ClientSession

from tests.benchmarks.bench_speakers import told
from tests.support.horns.paging import PagingHorn
from tests.support.program import Program

SITE = """
[[sites]]
id = "yard-7"

[[chats]]
channel = "console"
id = "main"

[[speakers]]
id = "horn"
site = "yard-7"
url = "rtp://127.0.0.1:{port}"
lead_silence = "0s"
at_most_per_hour = 0

[responses.no_helmet.speak]
zh = "请注意，{{place}}。"
style = "calm"
repeat = 1

[responses.no_vest.speak]
zh = "请注意，{{place}}。"
style = "calm"
repeat = 1
"""
CAMERA = """
[[cameras]]
id = "c{n}"
site = "yard-7"
name = "{n}号门"
source = "push"
models = []
"""
QUIET_S = 0.5


async def measured(cameras: int) -> dict[str, list[float]]:
    """Seconds until the first packet, by what had to be done for it."""
    found: dict[str, list[float]] = {"made": [], "at hand": []}
    horn = PagingHorn()
    with tempfile.TemporaryDirectory() as folder:
        every = "".join(CAMERA.format(n=n) for n in range(cameras + 1))
        program = Program(Path(folder), SITE.format(port=horn.port) + every)
        key = await program.command("key", "create", "--name", "box", "--role", "source")
        await program.start()
        try:
            async with ClientSession(headers={"Authorization": f"Bearer {key}"}) as web:
                for n in range(cameras + 1):
                    for what, hazard in (("made", "no_helmet"), ("at hand", "no_vest")):
                        seconds = await alarmed(program, web, horn, f"c{n}", hazard)
                        if n:  # the first of all warms up
                            found[what].append(seconds)
        finally:
            await program.kill()
            await asyncio.to_thread(horn.close)
    return found


async def alarmed(
    program: Program, web: ClientSession, horn: PagingHorn, camera: str, hazard: str
) -> float:
    """Report, and wait for the end of the page."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = {"id": f"{camera}-{hazard}", "hazard": hazard, "site": "yard-7", "camera": camera}
    before = len(horn.packets)
    asked = time.monotonic()
    url = f"{program.url}/api/v1/reports"
    async with web.post(url, json={**body, "at": at}) as answer:
        assert answer.status == 201, await answer.text()
    deadline = asked + 30
    while len(horn.packets) == before or time.monotonic() - horn.packets[-1].at < QUIET_S:
        assert time.monotonic() < deadline, program.output()
        await asyncio.sleep(0.05)
    return horn.packets[before].at - asked


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cameras", type=int, default=40)
    args = parser.parse_args()
    found = asyncio.run(measured(args.cameras))
    for what, values in found.items():
        told(f"report sent to first packet, sentence {what} ({len(values)})", values)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
