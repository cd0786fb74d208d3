"""How soon a kept sentence is on its way to a horn, and whether many at once keep their pace.

Run it by hand: `python -m tests.benchmarks.bench_speakers --speakers 20 --seconds 10`. The horns
listen on loopback in a process of their own; lateness is measured where they receive. `--kinds`:
each kind of speaker instead, through the announcer, at the receivers of the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from bot.domain.hazard import Severity
from bot.domain.response import Style
from tests.support.announcing import ToneVoice
from tests.support.horns.cameras import CAMERAS
from tests.support.horns.listening import babble
from tests.support.horns.rigs import BrowserRig, CameraRig, FileRig, OnvifRig, Rig, RtpRig, SipRig
from voice.announcer import Announcer
from voice.policy import SpeakerSpec
from voice.protocols.rtp import PACKET_SECONDS
from voice.speakers import open_speaker
from voice.speech import SpeechMaker
from voice.turns import Announcement

PLAYS = 40
KIND_PLAYS = 20


def listen(count: int, pipe: Connection) -> None:
    """Horns that note when each packet came, until they are told to stop."""
    horns = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    times: list[list[float]] = [[] for _ in horns]

    def take(horn: socket.socket, into: list[float]) -> None:
        while horn.recv(2048):
            into.append(time.monotonic())

    for horn, into in zip(horns, times, strict=True):
        horn.bind(("127.0.0.1", 0))
        threading.Thread(target=take, args=(horn, into), daemon=True).start()
    pipe.send([horn.getsockname()[1] for horn in horns])
    pipe.recv()
    pipe.send(times)


def told(what: str, values: list[float]) -> None:
    """Print median, 99th percentile and maximum in milliseconds."""
    ranked = sorted(1000 * value for value in values)
    p99 = ranked[min(len(ranked) - 1, round(len(ranked) * 0.99))]
    print(f"{what:52} p50 {statistics.median(ranked):6.1f}  p99 {p99:6.1f}  max {ranked[-1]:6.1f}")


async def measured(ports: list[int], seconds: float) -> list[float]:
    """Plays one after the other on the first horn, then on all; when each play was asked for."""
    horns = [open_speaker(f"rtp://127.0.0.1:{port}", work_dir=Path()) for port in ports]
    short = babble(0.1)
    asked = []
    for number in range(PLAYS):
        asked.append(time.monotonic())
        await horns[0].play(short, key=str(number))
        await asyncio.sleep(0.05)
    sound = babble(seconds)
    used = time.process_time()
    await asyncio.gather(*(horn.play(sound, key="all") for horn in horns))
    used = time.process_time() - used
    print(f"{len(horns)} speakers at once: {100 * used / seconds:.0f} % of a core")
    return asked


async def start_of(kind: str, rig: Rig, folder: Path) -> None:
    """From the request until the first sound was on its way, the sentence at hand."""
    await rig.open()
    speech = SpeechMaker(ToneVoice(), folder / "speech")
    spec = SpeakerSpec("horn", f"{kind}:", lead_silence_s=0, at_most_per_hour=10**6)
    announcer = Announcer(speech, [(spec, rig.speaker)])
    announcer.start()
    took: list[float] = []
    for number in range(KIND_PLAYS + 1):
        asked = time.time()
        wanted = Announcement(
            str(number), ("horn",), "hat", "zh", Severity.GENERAL, asked + 60, Style.CALM
        )
        (told_of,) = await announcer.announce(wanted)
        first = told_of.report.first_byte_ms
        assert told_of.began_at is not None, told_of
        assert first is not None, told_of
        if number:  # the first of all makes the sentence
            took.append(told_of.began_at - asked + first / 1000)
    await announcer.close()
    await rig.close()
    told(f"{kind}: asked to first sound", took)


async def kinds() -> None:
    """Every kind whose receiver is here."""
    every: dict[str, Callable[[Path], Rig]] = {
        "file": FileRig,
        "browser": BrowserRig,
        "rtp": RtpRig,
        "sip": SipRig,
        "onvif": OnvifRig,
        **{kind: partial(CameraRig, kind) for kind in CAMERAS},
    }
    for kind, make in every.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                await start_of(kind, make(Path(folder)), Path(folder))
            except pytest.skip.Exception as missing:
                print(f"{kind}: {missing}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--speakers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--kinds", action="store_true")
    args = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    if args.kinds:
        asyncio.run(kinds())
        return
    ours, theirs = multiprocessing.Pipe()
    horns = multiprocessing.get_context("spawn").Process(
        target=listen, args=(args.speakers, theirs), daemon=True
    )
    horns.start()
    asked = asyncio.run(measured(ours.recv(), args.seconds))
    ours.send("stop")
    times: list[list[float]] = ours.recv()
    horns.kill()
    per_play = round(0.1 / PACKET_SECONDS)
    first = times[0][: PLAYS * per_play : per_play]
    told("asked to first packet", [at - ask for at, ask in zip(first, asked, strict=True)])
    packets = round(args.seconds / PACKET_SECONDS)
    late = []
    for came in (one[-packets:] for one in times):
        # The earliest of all packets, set against its place, shows when the clock began.
        begun = min(at - number * PACKET_SECONDS for number, at in enumerate(came))
        late += [at - begun - number * PACKET_SECONDS for number, at in enumerate(came)]
    told(f"lateness of {len(late)} packets on {args.speakers} speakers", late)


if __name__ == "__main__":
    main()
