"""How long the event loop is held up while sentences are made and cameras are analysed.

Run it by hand: `python -m tests.benchmarks.bench_loop CLIP --cameras 4 --seconds 60`. The service
runs in this process, with the person and fall model on as many loops of the clip, and a new
sentence is asked for twice a second; before that the same is measured with nothing to do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

from bot.configuration import load_configuration
from bot.ports import Outgoing
from bot.service import Service, open_service
from bot.settings import Environment
from storage.models import ModelStore
from tests.benchmarks.bench_speakers import told
from tests.support.horns.paging import PagingHorn
from tests.support.models import models_folder

STEP_S = 0.005
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
at_most_per_hour = 0
"""
CAMERA = """
[[cameras]]
id = "c{n}"
site = "yard-7"
source = "{clip}"
loop = true
models = ["person-fall"]
"""


async def lags(what: str, seconds: float) -> None:
    """By how much each sleep of 5 ms took longer, and how long the loop's thread computed in it.

    The first has in it what other programs took of the cores, the second has not.
    """
    late: list[float] = []
    busy: list[float] = []
    ends = time.monotonic() + seconds
    while (begun := time.monotonic()) < ends:
        used = time.thread_time()
        await asyncio.sleep(STEP_S)
        busy.append(time.thread_time() - used)
        late.append(max(0.0, time.monotonic() - begun - STEP_S))
    told(f"{what}: late", late)
    told(f"{what}: computing", busy)


async def talk(service: Service) -> None:
    """A sentence that nobody has said before, twice a second."""
    number = 0
    while True:
        number += 1
        now = service.core.clock()
        payload = {
            "expires_at": now + 10_000,
            "language": "zh",
            "text": f"请注意，第 {number} 句。",
        }
        async with service.core.store.begin() as tx:
            await tx.send(Outgoing("announce", "horn", payload, now, lane="general"))
        await asyncio.sleep(0.5)


async def measured(clip: Path, cameras: int, seconds: float) -> None:
    """Both, one after the other."""
    await lags("nothing to do", seconds / 3)
    horn = PagingHorn()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site.toml"
        every = "".join(CAMERA.format(n=n, clip=clip) for n in range(cameras))
        await asyncio.to_thread(site.write_text, SITE.format(port=horn.port) + every, "utf-8")
        given = {"SITE_FILE": str(site), "DATA_DIR": f"{folder}/data", "HTTP_PORT": "0"}
        values = {f"LOUDHAILER_{name}": value for name, value in given.items()}
        settings, config = await asyncio.to_thread(load_configuration, Environment(values))
        async with open_service(settings, config, models=models_folder()) as service:
            await asyncio.sleep(5)
            talking = asyncio.create_task(talk(service))
            await lags(f"{cameras} cameras and sentences", seconds)
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
            assert service.vision is not None
            looks = sum(status.looks_per_second for status in service.vision.status())
            print(f"{looks:.1f} looks a second, {len(horn.packets)} packets")
    await asyncio.to_thread(horn.close)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", type=Path)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    ModelStore(models_folder()).pull("person-fall")
    asyncio.run(measured(args.clip.resolve(), args.cameras, args.seconds))
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
