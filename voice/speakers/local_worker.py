"""The process that holds the sound card. Started by `voice.speakers.local`, one at a time.

What plays through a driver may crash or hang; alone in a process it can be killed, and that is how
a sound is stopped. A line of JSON comes in, a line or two go out; the first says that it is ready.

    {"probe": NAME}         ->  {"device"} | {"fault", "detail"}
    {"play": NAME, "path"}  ->  {"begun": true} once the card takes sound, then {"frames"}
                                or {"fault", "detail", "frames"}

NAME is a part of the card's name, empty for the usual one. A fault is the name of an outcome.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import time
import wave
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

# So much is taken ahead of what sounds: a busy machine leaves no hole in it. Where the process is
# killed the system lets go of what it has not played.
PERIOD_MS = 50
PERIODS = 4
# Sound servers and cards lose the first moment of a stream.
LEAD_S = 0.06
LOOK_S = 0.005
STALLED_S = 2.0
# A card that takes sound so much faster than it can be heard plays it nowhere.
FASTEST = 0.8
SAMPLE_BYTES = 2
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class CardFault(Exception):
    """Why nothing is played; `outcome` is its name in the reports."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


class Tape:
    """The sound as the card asks for it, after `lead` frames of silence."""

    def __init__(self, samples: bytes, lead: int = 0) -> None:
        self._lead = lead * SAMPLE_BYTES
        self._samples = bytes(self._lead) + samples
        self._taken = 0  # bytes
        self.asked_at = time.monotonic()

    @property
    def frames(self) -> int:
        """How much of the sound was taken."""
        return max(0, self._taken - self._lead) // SAMPLE_BYTES

    @property
    def begun(self) -> bool:
        """Whether the card takes it."""
        return self._taken > 0

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to give."""
        return self._taken >= len(self._samples)

    def run(self) -> Generator[bytes, int, None]:
        """As miniaudio wants it: gets a number of frames, gives at most so many."""
        frames = yield b""
        while True:
            self.asked_at = time.monotonic()
            part = self._samples[self._taken : self._taken + frames * SAMPLE_BYTES]
            self._taken += len(part)
            frames = yield part


def cards() -> Iterator[tuple[Any, dict[str, Any]]]:
    """(backend, what the library says of a card), of the first backend that has one."""
    import miniaudio

    backends = miniaudio.Backend
    linux = [backends.PULSEAUDIO, backends.ALSA]
    for backend in linux if sys.platform == "linux" else [backends.COREAUDIO, backends.WASAPI]:
        try:
            found = miniaudio.Devices(backends=[backend]).get_playbacks()
        except miniaudio.MiniaudioError:
            continue
        if found:
            yield from ((backend, one) for one in found)
            return


def card_named(name: str) -> tuple[Any, dict[str, Any] | None]:
    """The card whose name holds these words; None for the usual one. Raises CardFault."""
    found = list(cards())
    if not found:
        raise CardFault("unreachable", "this machine has no sound card, or may not use it")
    if not name:
        return found[0][0], None
    for backend, card in found:
        if name.casefold() in card["name"].casefold():
            return backend, card
    known = ", ".join(card["name"] for _, card in found)
    raise CardFault("not_found", f"there is no sound card of that name; there are: {known}")


def opened(name: str, rate: int) -> Any:
    """The card, ready to start. Raises CardFault."""
    import miniaudio

    backend, card = card_named(name)
    try:
        return miniaudio.PlaybackDevice(
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=1,
            sample_rate=rate,
            buffersize_msec=PERIOD_MS,
            callback_periods=PERIODS,
            device_id=card["id"] if card else None,
            backends=[backend],
            app_name="Loudhailer",
        )
    except miniaudio.MiniaudioError as fault:
        raise CardFault("unreachable", f"the sound card cannot be opened: {fault}") from fault


def play(name: str, path: Path, say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Play a WAV file to its end, and say when it begins. Raises CardFault before that."""
    with wave.open(str(path), "rb") as file:
        rate, samples = file.getframerate(), file.readframes(file.getnframes())
    with closing(opened(name, rate)) as device:
        tape = Tape(samples, round(LEAD_S * rate))
        running = tape.run()
        next(running)
        begun = time.monotonic()
        device.start(running)
        fault = until_it_ends(tape, say)
        if fault is None:
            time.sleep(PERIOD_MS * PERIODS / 1000)  # what it has taken it is still playing
            fault = too_fast(tape.frames / rate, time.monotonic() - begun)
    frames = {"frames": tape.frames}
    return {**frames, "fault": fault.outcome, "detail": str(fault)} if fault else frames


def until_it_ends(tape: Tape, say: Callable[[dict[str, Any]], None]) -> CardFault | None:
    """Wait while the card takes the sound; what it was if it did not take all."""
    told = False
    while not tape.finished:
        if time.monotonic() - tape.asked_at > STALLED_S:
            return CardFault("cut_off" if told else "no_answer", "the sound card takes no sound")
        if tape.begun and not told:
            told = True
            say({"begun": True})
        time.sleep(LOOK_S)
    if not told:
        say({"begun": True})
    return None


def too_fast(seconds: float, took: float) -> CardFault | None:
    """A device that is none takes everything at once."""
    if took >= FASTEST * seconds:
        return None
    return CardFault("not_played", f"it took {seconds:.1f} s of sound within {took:.1f} s")


def answer_to(request: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Carry out one request; what is said on the way goes to `say`."""
    try:
        if "play" in request:
            return play(request["play"], Path(request["path"]), say)
        _, card = card_named(request["probe"])
        return {"device": card["name"] if card else ""}
    except CardFault as fault:
        return {"fault": fault.outcome, "detail": str(fault), "frames": 0}


def own_output() -> Any:
    """Keep the real standard output for answers: drivers print on it."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return answers


def main() -> None:
    """Answer requests until the input ends."""
    # Signals reach the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        import miniaudio  # noqa: F401  the slow part, and the one that may be missing
    except ModuleNotFoundError:
        sys.exit("local: needs a package: pip install miniaudio")
    answers = own_output()

    def say(answer: dict[str, Any]) -> None:
        print(json.dumps(answer), file=answers)

    say({"ready": True})
    for line in sys.stdin:
        say(answer_to(json.loads(line), say))
    shutil.rmtree(Path(sys.argv[1]), ignore_errors=True)


if __name__ == "__main__":
    main()
