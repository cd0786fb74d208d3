"""CTranslate2's model file, version 6, read as named arrays.

    uint32 version, string kind, uint32 revision, uint32 count
    per variable: string name, uint8 rank, uint32 dimensions..., uint8 type, uint32 bytes, data
    uint32 aliases, per alias: string name, string of what

A string is a uint16 length and so many bytes, the last of them NUL; everything is little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

VERSION = 6
_TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}


class NotReadable(ValueError):
    """It is not a file of this version, or it was cut short."""


def read_variables(path: Path) -> Mapping[str, NDArray[Any]]:
    """Every variable by its name, aliases among them.  Blocking.  Raises `NotReadable`, OSError."""
    with path.open("rb") as file:
        try:
            return _read(file)
        except (struct.error, KeyError, ValueError) as error:
            raise NotReadable(f"{path} cannot be read: {error}") from error


def _read(file: BinaryIO) -> dict[str, NDArray[Any]]:
    (version,) = _numbers(file, "<I")
    if version != VERSION:
        raise NotReadable(f"version {version}, expected {VERSION}")
    _text(file)
    _, count = _numbers(file, "<II")
    found = dict(_variable(file) for _ in range(count))
    (aliases,) = _numbers(file, "<I")
    for _ in range(aliases):
        name, of = _text(file), _text(file)
        found[name] = found[of]
    return found


def _variable(file: BinaryIO) -> tuple[str, NDArray[Any]]:
    name = _text(file)
    (rank,) = _numbers(file, "<B")
    shape = _numbers(file, f"<{rank}I")
    kind, size = _numbers(file, "<BI")
    data = file.read(size)
    if len(data) < size:
        raise NotReadable(f"{name} is cut short")
    return name, np.frombuffer(data, _TYPES[kind]).reshape(shape)


def _numbers(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))


def _text(file: BinaryIO) -> str:
    (length,) = _numbers(file, "<H")
    return file.read(length).rstrip(b"\x00").decode()
