"""How soon `--help` answers, and how soon a command tells what is wrong.

    python -m tests.benchmarks.bench_help [--runs 7]

Medians of whole processes, in milliseconds; the goal for `--help` is under 500.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    ("--help",),
    ("run", "--help"),
    ("key", "create", "--help"),
    ("vision", "replay", "--help"),
    ("check",),
)


def milliseconds(command: tuple[str, ...]) -> float:
    """One run of a command."""
    begun = perf_counter()
    subprocess.run([sys.executable, "bot.py", *command], cwd=ROOT, capture_output=True)
    return (perf_counter() - begun) * 1000


def main() -> None:
    """Print a line a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    for command in COMMANDS:
        took = statistics.median(milliseconds(command) for _ in range(runs))
        print(f"{' '.join(command):<24} {took:6.0f} ms")


if __name__ == "__main__":
    main()
