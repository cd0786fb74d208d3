"""The queue before the process that listens, and what becomes of a recording that breaks it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from voice.faults import SpeechFailed
from voice.hearing.ears import Ears

WORKER = r"""
import json, os, pathlib, sys, time
scratch = pathlib.Path(sys.argv[1])
print(json.dumps({"ok": True}), flush=True)
for line in sys.stdin:
    said = pathlib.Path(json.loads(line)["path"]).read_bytes().decode()
    if said == "die":
        os._exit(9)
    if said == "hang":
        time.sleep(600)
    if said.startswith("slow"):
        time.sleep(0.2)
    if said == "fault":
        print(json.dumps({"fault": "no WAV file"}), flush=True)
        continue
    print(json.dumps({"text": said, "language": "en", "detail": str(os.getpid())}), flush=True)
"""
"""Hears what is written in the file, and does as it is told there."""

MakeEars = Callable[..., Ears]


@pytest.fixture
async def make_ears() -> AsyncIterator[MakeEars]:
    """Ears over the process above; closed after the test."""
    opened: list[Ears] = []

    def make(program: str = WORKER, **limits: float) -> Ears:
        opened.append(Ears((sys.executable, "-c", program), **limits))  # type: ignore[arg-type]  # a count
        return opened[-1]

    yield make
    for ears in opened:
        await ears.close()


async def test_one_after_the_other_by_one_process(make_ears: MakeEars) -> None:
    """In the order in which they came."""
    ears = make_ears()
    found = await asyncio.gather(*(ears.hear(f"slow {n}".encode()) for n in range(4)))
    assert [one.text for one in found] == [f"slow {n}" for n in range(4)]
    assert len({one.detail for one in found}) == 1


async def test_a_recording_that_kills_the_process_is_answered_and_the_next_is_heard(
    make_ears: MakeEars,
) -> None:
    """The others that wait lose nothing by it."""
    ears = make_ears()
    broken, after = await asyncio.gather(ears.hear(b"die"), ears.hear(b"after it"))
    assert (broken.refusal, broken.text) == ("failed", "")
    assert after.text == "after it"


async def test_a_process_killed_from_outside_costs_nothing(make_ears: MakeEars) -> None:
    """The recording that was under way is listened to once more."""
    ears = make_ears()
    await ears.warm_up()
    assert ears.worker_pid is not None
    heard = asyncio.create_task(ears.hear(b"slow one"))
    await asyncio.sleep(0.05)
    os.kill(ears.worker_pid, signal.SIGKILL)
    assert (await heard).text == "slow one"


async def test_what_takes_too_long_is_given_up_once(make_ears: MakeEars) -> None:
    """It has had its time: it is not tried again, and holds up nobody else."""
    ears = make_ears(limit=1.0)
    late, after = await asyncio.gather(ears.hear(b"hang"), ears.hear(b"after it"))
    assert late.refusal == "slow"
    assert after.text == "after it"


async def test_a_fault_of_the_engine_is_no_end_of_it(make_ears: MakeEars) -> None:
    """The same process goes on."""
    ears = make_ears()
    first = await ears.hear(b"one")
    assert (await ears.hear(b"fault")).refusal == "failed"
    assert (await ears.hear(b"two")).detail == first.detail


async def test_too_many_are_told_so(make_ears: MakeEars) -> None:
    """Rather than let people wait for minutes."""
    ears = make_ears(most_waiting=2)
    found = await asyncio.gather(*(ears.hear(f"slow {n}".encode()) for n in range(3)))
    assert [one.refusal for one in found] == ["", "", "busy"]
    assert (await ears.hear(b"later")).text == "later"


async def test_a_process_that_does_not_start_is_told(make_ears: MakeEars) -> None:
    """As a fault when it is warmed up, as an answer to a recording."""
    ears = make_ears("import sys; sys.exit('no such model')")
    with pytest.raises(SpeechFailed, match="no such model"):
        await ears.warm_up()
    assert (await ears.hear(b"one")).refusal == "failed"


async def test_whoever_goes_away_leaves_no_answer_behind(make_ears: MakeEars) -> None:
    """A recording that was given up does not answer the next one."""
    ears = make_ears()
    await ears.warm_up()
    gone = asyncio.create_task(ears.hear(b"slow gone"))
    await asyncio.sleep(0.05)
    gone.cancel()
    with suppress(asyncio.CancelledError):
        await gone
    assert (await ears.hear(b"stays")).text == "stays"


async def test_closed_ears_hear_nothing(make_ears: MakeEars) -> None:
    """And leave no process behind."""
    ears = make_ears()
    await ears.warm_up()
    pid = ears.worker_pid
    await ears.close()
    assert (await ears.hear(b"one")).refusal == "failed"
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
