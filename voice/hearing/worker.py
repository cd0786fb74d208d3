"""The process that holds the network. Started by `voice.hearing.ears`, one at a time.

A line of JSON comes in, a line goes out:

    {"path", "limit"}  ->  the fields of `Heard` | {"fault"}

Its arguments: the engine, the model's folder, and a folder for its files.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import wave
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from voice.espeak_worker import die_with_parent, own_output
from voice.hearing.engine import RATE, Engine, Name, open_engine
from voice.hearing.judging import judged
from voice.hearing.simplified import simplified
from voice.hearing.speech import speech_in
from voice.hearing.transcript import Heard
from voice.sound import FULL_SCALE, Sound, read_wav

START_LIMIT = 240.0


def heard(engine: Engine, sound: Sound) -> Heard:
    """Listen to a recording at `RATE`."""
    samples = sound.samples.astype(np.float32) / np.float32(FULL_SCALE)
    pieces = speech_in(samples)
    said = []
    for piece in pieces:
        said.append(engine.write_down(piece, said[0].language if said else None))
    found = judged(said, sum(len(piece) for piece in pieces) / RATE)
    return replace(found, text=simplified(found.text)) if found.language == "zh" else found


def answer_to(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request."""
    signal.setitimer(signal.ITIMER_REAL, request["limit"])
    try:
        return asdict(heard(engine, read_wav(Path(request["path"]))))
    except (RuntimeError, OSError, ValueError, EOFError, wave.Error) as fault:
        return {"fault": str(fault)}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main() -> None:
    """Answer requests until the input ends."""
    # Signals reach the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    die_with_parent()
    signal.setitimer(signal.ITIMER_REAL, START_LIMIT)
    answers = own_output()
    name, folder, scratch = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    engine = open_engine(cast(Name, name), folder)
    warm_up(engine)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(json.dumps({"ok": True}), file=answers)
    for line in sys.stdin:
        print(json.dumps(answer_to(engine, json.loads(line))), file=answers)
    shutil.rmtree(scratch, ignore_errors=True)
    answers.close()


def warm_up(engine: Engine) -> None:
    """Everything that is slow at the first time, now."""
    noise = np.random.default_rng(1).normal(0, 0.01, RATE).astype(np.float32)
    speech_in(noise)
    engine.write_down(noise)
    simplified("開")
