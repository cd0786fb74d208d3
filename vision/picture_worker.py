"""The process that decodes foreign pictures; run as a file, it imports nothing of ours.

On stdout one byte once it is ready. Then on stdin: width, height, the most bytes wanted (0: as many
as it takes), length (4 x uint32, big-endian), then the bytes; and on stdout: done (1 byte), width,
height, length (3 x uint32), then a JPEG, or the reason as text.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import struct
import sys
from typing import Any, BinaryIO

MEMORY = 1 << 30  # bytes of address space; 40 megapixels need about 400 MB
LONGEST = 4096  # pixels: larger pictures are scaled down to it
QUALITY = 90
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
COARSER = ((1280, 75), (1280, 55), (960, 60), (960, 45), (720, 50), (640, 40), (480, 35), (320, 30))
"""Longest side in pixels and quality, tried in turn until it fits."""


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer requests until the source ends."""
    while len(head := source.read(16)) == 16:
        width, height, most, length = struct.unpack(">IIII", head)
        data = source.read(length)
        if len(data) < length:
            return
        try:
            jpeg, size = clean(data, width, height, most)
        except ValueError as error:
            _answer(target, False, (0, 0), str(error).encode())
        else:
            _answer(target, True, size, jpeg)


def clean(data: bytes, width: int, height: int, most: int = 0) -> tuple[bytes, tuple[int, int]]:
    """Decode (which turns the picture upright) and encode anew; raises `ValueError`."""
    image = _decoded(data, width, height)
    found = _encoded(image, LONGEST, QUALITY)
    for longest, quality in COARSER:
        if not 0 < most < len(found[0]):
            break
        found = _encoded(image, longest, quality)
    return found


def _decoded(data: bytes, width: int, height: int) -> Any:
    import cv2
    import numpy as np

    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, MemoryError) as error:
        raise ValueError("it cannot be decoded") from error
    if image is None:
        raise ValueError("it cannot be decoded")
    rows, columns = image.shape[:2]
    if sorted((rows, columns)) != sorted((width, height)):
        raise ValueError("its size is not what its header claims")
    return image


def _encoded(image: Any, longest: int, quality: int) -> tuple[bytes, tuple[int, int]]:
    import cv2

    rows, columns = image.shape[:2]
    if max(rows, columns) > longest:
        scale = longest / max(rows, columns)
        smaller = (max(1, round(columns * scale)), max(1, round(rows * scale)))
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    done, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("it cannot be encoded")
    return jpeg.tobytes(), (image.shape[1], image.shape[0])


def _answer(target: BinaryIO, done: bool, size: tuple[int, int], body: bytes) -> None:
    target.write(struct.pack(">?III", done, *size, len(body)) + body)
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
    import cv2

    cv2.setNumThreads(1)
    _limit_memory()
    sys.stdout.buffer.write(b"\x01")
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
