"""How many durable reports a second the HTTP door takes, and how long one of them waits.

    python -m tests.benchmarks.bench_http [--reports 2000] [--sources 20] [--picture BYTES]
        [--postgres]

Each source sends its reports one after another over a connection of its own, each with a picture,
into the real core and the real picture store: over SQLite (`synchronous=FULL`), or a PostgreSQL
server of its own (`fsync` and `synchronous_commit` on).  The picture is not decoded.  The limit of
60 a second of one key is lifted.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import statistics
import tempfile
from itertools import chain
from pathlib import Path
from time import perf_counter

from handlers.http.context import Limits
from tests.benchmarks.bench_timers import a_database
from tests.integration.test_http_core import a_key, real_house
from tests.support.http_house import House, a_report
from tests.support.pictures import jpeg


async def one_source(house: House, key: str, name: str, count: int, picture: int) -> list[float]:
    taken: list[float] = []
    for n in range(count):
        image = base64.b64encode(jpeg(8, 8) + os.urandom(picture)).decode()
        report = a_report(id=f"{name}-{n}", subject=name, image_base64=image)
        begun = perf_counter()
        response = await house.post("/api/v1/reports", key, json=report)
        assert response.status in (200, 201), await response.text()
        await response.read()
        taken.append(perf_counter() - begun)
    return taken


async def main(url: str, folder: Path, reports: int, sources: int, picture: int) -> None:
    limits = Limits(reports_per_second=10**9)
    async with real_house(folder, url, limits=limits) as house:
        key = await a_key(house, "source")
        each = reports // sources
        work = [one_source(house, key, f"s{n}", each, picture) for n in range(sources)]
        begun = perf_counter()
        times = sorted(chain.from_iterable(await asyncio.gather(*work)))
        seconds = perf_counter() - begun
    p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    print(f"{len(times) / seconds:.0f} reports/s, p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--sources", type=int, default=20)
    parser.add_argument("--picture", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, a_database(asked.postgres, Path(place)) as address:
        asyncio.run(main(address, Path(place), asked.reports, asked.sources, asked.picture))
