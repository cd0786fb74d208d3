"""The size of a JPEG, read from its header: nothing is decoded."""

from __future__ import annotations

_START = b"\xff\xd8"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset(range(0xD0, 0xD8)) | {0x01}


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height in pixels; (0, 0) for what is no JPEG."""
    at = len(_START)
    while jpeg.startswith(_START) and at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        kind = jpeg[at + 1]
        if kind == 0xFF:  # padding
            at += 1
        elif kind in _ALONE:
            at += 2
        elif kind in _FRAMES:
            height, width = jpeg[at + 5 : at + 7], jpeg[at + 7 : at + 9]
            return int.from_bytes(width), int.from_bytes(height)
        else:
            at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return 0, 0
