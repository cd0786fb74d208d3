"""A case with all its evidence in one zip: story, deliveries, pictures, and their digests.

`VERIFICATION.txt` says whether the evidence held when it was exported.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.ports import PictureStore, Store

SUFFIXES = {"clip": "mp4", "recording": "wav"}
"""Of files that are no pictures, by the kind of the snapshot."""


async def export_case(
    store: Store, pictures: PictureStore, number: int, out: Path, faults: Sequence[str]
) -> bool:
    """Write the zip, with the faults found; False where there is no such case.  Raises OSError."""
    case = await store.get_case(number)
    if case is None:
        return False
    files: dict[str, bytes] = {
        "case.json": _json(asdict(case)),
        "history.json": _json([asdict(row) for row in await store.history(number)]),
        "deliveries.json": _json([asdict(row) for row in await store.deliveries(number)]),
    }
    snapshots = await store.snapshots(number)
    files["snapshots.json"] = _json([asdict(snapshot) for snapshot in snapshots])
    for snapshot in snapshots:
        jpeg = await pictures.get(snapshot.sha256)
        if jpeg is not None:
            suffix = SUFFIXES.get(snapshot.kind, "jpg")
            files[f"pictures/{snapshot.kind}-{snapshot.sha256}.{suffix}"] = jpeg
    files["VERIFICATION.txt"] = _verification(number, faults)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    lines = (f"{digest}  {name}\n" for name, digest in sums.items())
    files["SHA256SUMS"] = "".join(lines).encode()
    await asyncio.to_thread(_write, out, files)
    return True


def _verification(number: int, faults: Sequence[str]) -> bytes:
    found = f"{len(faults)} faults" if faults else "the evidence holds"
    return "\n".join([f"case {number}: {found}", *faults, ""]).encode()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str).encode()


def _write(out: Path, files: dict[str, bytes]) -> None:
    """All or nothing: an export that fails leaves the one that was there before."""
    if out.exists() and not out.is_file():  # a folder, a device: nothing to write beside
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(out))
    part = out.with_name(f"{out.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        part.replace(out)
    except OSError as error:  # a full disk names no file
        part.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(out)) from error
