"""How a group of twenty messages a minute takes a hundred alarms within five seconds.

    python -m tests.benchmarks.bench_storm [--killed]

Real program, Bot API server with Telegram's flood limit; with `--killed` a kill -9 in the middle.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.support.storm import storm


def main() -> None:
    """Run once and print the figures, in seconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--killed", action="store_true", help="kill -9 after 2.5 s")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(storm(Path(folder), killed=given.killed))
    for name, value in asdict(outcome).items():
        print(f"{name:12} {value:.2f}" if isinstance(value, float) else f"{name:12} {value}")


if __name__ == "__main__":
    main()
