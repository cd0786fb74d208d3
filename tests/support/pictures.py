"""Small pictures for tests, made without any picture library."""

from __future__ import annotations

import base64
import struct
import zlib

_GREY_8X8 = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8Q"
    "EBEQCgwSExIQEw8QEBD/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAI"
    "AQEAAD8AVN//2Q=="
)


def jpeg(width: int, height: int) -> bytes:
    """A JPEG whose header says `width` x `height`; different sizes are different bytes.

    Only the 8 x 8 one has all its pixels.
    """
    at = _GREY_8X8.index(b"\xff\xc0") + 5
    return _GREY_8X8[:at] + struct.pack(">HH", height, width) + _GREY_8X8[at + 4 :]


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that claim to be a PNG of `width` x `height`."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + checksum
