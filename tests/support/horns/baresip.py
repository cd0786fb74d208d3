"""Debian's baresip as a horn that answers by itself and writes what it hears to files."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import threading
import time
import wave
from pathlib import Path
from typing import IO

from tests.support.ports import free_port
from voice.sound import Sound, read_wav

MODULES = Path("/usr/lib/baresip/modules")
CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{port}
call_local_timeout 20
call_max_calls 1
audio_player aubridge,nil
audio_source aubridge,nil
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
module_path {modules}
module g711.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
snd_path {folder}
"""


def baresip_is_here() -> bool:
    return shutil.which("baresip") is not None and (MODULES / "sndfile.so").exists()


class Baresip:
    """One call at a time; `heard` are the calls in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.heard: list[Sound] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._calls = 0
        self._ended = 0

    def start(self) -> None:
        """Start it and wait until it listens. Blocking."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = CONFIG.format(port=self.port, modules=MODULES, folder=self.folder)
        (self.folder / "config").write_text(config, "ascii")
        account = f"<sip:horn@127.0.0.1:{self.port}>;regint=0;answermode=auto\n"
        (self.folder / "accounts").write_text(account, "ascii")
        (self.folder / "contacts").touch()
        self._process = subprocess.Popen(
            ["stdbuf", "-oL", "baresip", "-f", str(self.folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdout
        said = b""
        while b"baresip is ready" not in said:
            if not (line := self._process.stdout.readline()):
                raise RuntimeError(f"baresip did not start:\n{said.decode(errors='replace')}")
            said += line
        self._reader = threading.Thread(target=self._follow, args=(self._process.stdout,))
        self._reader.start()

    def _follow(self, log: IO[bytes]) -> None:
        with log:
            for line in log:
                self._calls += b"Call established" in line
                self._ended += b"session closed" in line

    def stop(self) -> None:
        """End it. Blocking."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._reader.join()

    async def collect(self) -> None:
        """Take in what the last call left; its files are named by the second only."""
        until = time.monotonic() + 3
        while self._ended < self._calls and time.monotonic() < until:
            await asyncio.sleep(0.01)
        for path in sorted(self.folder.glob("dump-*-dec.wav")):
            sound = await asyncio.to_thread(_whole, path)
            path.unlink()
            if sound is not None:
                self.heard.append(sound)


def _whole(path: Path) -> Sound | None:
    """A dump once its head tells its length; None where there was no sound. Blocking."""
    for _ in range(40):
        with contextlib.suppress(wave.Error, EOFError):
            if len((sound := read_wav(path)).samples):
                return sound
        time.sleep(0.025)
    return None
