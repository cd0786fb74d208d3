"""The process that decodes one foreign recording and ends; run as a file, it imports nothing of
ours.

On stdout one byte once it is ready. Then on stdin: the most seconds wanted, the rate wanted, length
(3 x uint32, big-endian), then the bytes; and on stdout: done (1 byte), length (uint32), then mono
samples (int16, little-endian), or the reason: `unreadable`, `too_long` or `empty`.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import signal
import struct
import sys
from typing import BinaryIO

MEMORY = 1 << 30  # bytes of address space
FORMATS = (
    "ogg,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,aac,wav,w64,flac,amr,amrnb,amrwb,caf,aiff,au,"
    "asf,avi,mpeg,mpegts"
)
"""What holds its sound itself.  A playlist (concat, hls) names other files, which would be read,
and a session description (sdp) has FFmpeg listen on the network."""
_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer one request."""
    head = source.read(12)
    if len(head) < 12:
        return  # nobody wanted anything
    seconds, rate, length = struct.unpack(">III", head)
    try:
        samples = decode(source.read(length), seconds, rate)
    except ValueError as error:
        _answer(target, False, str(error).encode())
    else:
        _answer(target, True, samples)


def decode(data: bytes, seconds: int, rate: int) -> bytes:
    """Mono int16 samples of whatever FFmpeg hears in it; raises ValueError with the reason."""
    import av
    from av.error import FFmpegError

    samples = bytearray()
    try:
        opened = av.open(io.BytesIO(data), "r", metadata_errors="ignore", options=_OPTIONS)
        with opened as container:
            if not container.streams.audio:
                raise ValueError("unreadable")
            to_mono = av.AudioResampler(format="s16", layout="mono", rate=rate)
            for frame in container.decode(audio=0):
                for part in to_mono.resample(frame):
                    samples += bytes(part.planes[0])[: 2 * part.samples]
                if len(samples) > 2 * rate * seconds:
                    raise ValueError("too_long")
            for part in to_mono.resample(None):
                samples += bytes(part.planes[0])[: 2 * part.samples]
    except (FFmpegError, MemoryError, OverflowError) as error:
        # what was heard before it broke off is not what the person said
        raise ValueError("unreadable") from error
    if not samples:
        raise ValueError("empty")
    return bytes(samples)


def _answer(target: BinaryIO, done: bool, body: bytes) -> None:
    target.write(struct.pack(">?I", done, len(body)) + body)
    target.flush()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows: the time limit still holds there
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _die_with_parent() -> None:
    """The end of the input ends this process, too, though not while it hangs in a decoder."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Load what is needed, then serve."""
    # Signals reach the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with_parent()
    import av.logging

    av.logging.set_level(av.logging.PANIC)
    _limit_memory()
    sys.stdout.buffer.write(b"\x01")
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
