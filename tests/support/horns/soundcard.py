"""Debian's PulseAudio with a sound card that is none, and a recorder of its own at its output."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np

from voice.sound import Sound

RATE = 48_000
CARD = "Loudhailer_Test_Card"
BETWEEN_SECONDS = 0.03
SETTLED_SECONDS = 0.4


def pulseaudio_is_here() -> bool:
    return all(shutil.which(name) for name in ("pulseaudio", "parec", "pactl"))


class PulseCard:
    """Everything that comes out of the card, since it was started, in one recording."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._recording = folder / "heard.raw"
        self._address = f"unix:{folder / 'native'}"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._before = os.environ.get("PULSE_SERVER")

    def start(self) -> None:
        """Start it, and wait until it is recorded. Blocking."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sink = f"sink_name=horn rate={RATE} channels=1 sink_properties=device.description={CARD}"
        modules = [
            f"module-null-sink {sink}",
            f"module-native-protocol-unix socket={self.folder / 'native'} auth-anonymous=1",
        ]
        loads = [part for module in modules for part in ("-L", module)]
        self._run(
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm", *loads
        )
        os.environ["PULSE_SERVER"] = self._address
        self._wait(lambda: b"horn" in self._ask("pactl", "list", "short", "sinks"))
        with self._recording.open("wb") as file:
            self._run(
                "parec", "--device=horn.monitor", "--raw", "--format=s16le", "--channels=1",
                f"--rate={RATE}", "--latency-msec=50", output=file,
            )  # fmt: skip
        self._wait(lambda: self._recording.stat().st_size > 0)

    def _run(self, *command: str, output: object = subprocess.DEVNULL) -> None:
        # a sound server has the right of way, also beside the rest of the tests
        first = ("nice", "-n", "-11") if os.geteuid() == 0 else ()
        kept = {"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        self._processes.append(
            subprocess.Popen(
                [*first, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,  # type: ignore[arg-type]  # a file or DEVNULL
                stderr=subprocess.DEVNULL,
                env={**os.environ, **kept},
            )
        )

    def _ask(self, *command: str) -> bytes:
        return subprocess.run(command, capture_output=True, check=False, timeout=20).stdout

    def _wait(self, true) -> None:
        deadline = time.monotonic() + 30
        while not true():
            if time.monotonic() > deadline:
                raise RuntimeError("PulseAudio did not start")
            time.sleep(0.05)

    def recorded(self) -> np.ndarray:
        """All samples so far."""
        content = self._recording.read_bytes()
        return np.frombuffer(content[: len(content) // 2 * 2], "<i2")

    def heard(self) -> list[Sound]:
        """The sounds between which it was silent, once it is silent. Blocking."""
        settled = round(SETTLED_SECONDS * RATE)
        deadline = time.monotonic() + 30
        while True:
            start = len(self.recorded())
            while len(self.recorded()) < start + settled:
                if time.monotonic() > deadline:
                    raise RuntimeError("the recorder stands still")
                time.sleep(0.05)
            samples = self.recorded()
            if not samples[-settled:].any():
                return [Sound(part, RATE) for part in parts(samples)]

    def stop(self) -> None:
        """End recorder and card."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait()
        self._processes.clear()

    def forget(self) -> None:
        """Put the environment back as it was."""
        if self._before is None:
            os.environ.pop("PULSE_SERVER", None)
        else:
            os.environ["PULSE_SERVER"] = self._before


def parts(samples: np.ndarray) -> list[np.ndarray]:
    """What stands between silences."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 1)
    if not len(loud):
        return []
    gaps = np.flatnonzero(np.diff(loud) > BETWEEN_SECONDS * RATE)
    starts = [loud[0], *loud[gaps + 1]]
    ends = [*loud[gaps], loud[-1]]
    return [samples[start : end + 1].copy() for start, end in zip(starts, ends, strict=True)]
