"""Sound as a value: mono 16-bit samples, and the WAV files they live in."""

from __future__ import annotations

import io
import math
import os
import wave
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32767


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Mono PCM. `samples` is int16 of shape (n,); `caption` is what is said, for speakers with a
    screen; `voice` who says it, for the record. From `begin_by` on, on the monotonic clock, it is
    too late to begin."""

    samples: NDArray[np.int16]
    sample_rate: int
    caption: str = ""
    voice: str = ""
    begin_by: float = math.inf

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def peak(self) -> float:
        """Largest sample as a fraction of full scale, 0 to 1."""
        if not len(self.samples):
            return 0.0
        return float(np.abs(self.samples.astype(np.int32)).max()) / FULL_SCALE

    @property
    def rms(self) -> float:
        """Root mean square as a fraction of full scale, 0 to 1."""
        if not len(self.samples):
            return 0.0
        return float(np.sqrt(np.mean(np.square(self.samples, dtype=np.float64)))) / FULL_SCALE

    def captioned(self, caption: str) -> Sound:
        """The same sound with another caption."""
        return replace(self, caption=caption)

    def in_voice(self, voice: str) -> Sound:
        """The same sound with the name of who speaks."""
        return replace(self, voice=voice)

    def to_begin_by(self, at: float) -> Sound:
        """The same sound, which is not to be begun later."""
        return replace(self, begin_by=at)

    def to_wav(self) -> bytes:
        """The sound as a whole WAV file."""
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.sample_rate)
            file.writeframes(self.samples.astype("<i2").tobytes())
        return buffer.getvalue()


def read_wav(file_or_path: Path | BinaryIO) -> Sound:
    """Read a mono 16-bit WAV file. Blocking. Raises OSError, wave.Error or EOFError."""
    source = str(file_or_path) if isinstance(file_or_path, Path) else file_or_path
    with wave.open(source, "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise wave.Error("not mono 16-bit")
        frames = file.readframes(file.getnframes())
        if len(frames) != 2 * file.getnframes():
            raise wave.Error("cut short")
        return Sound(np.frombuffer(frames, dtype="<i2").astype(np.int16), file.getframerate())


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the whole of it or nothing. Blocking."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
