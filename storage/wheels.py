"""Asking pip for one wheel, with progress; nothing is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

POLL_S = 0.2


class PipFailed(Exception):
    """pip is not there, or could not bring the wheel."""


def download(
    package: str,
    version: str,
    folder: Path,
    progress: Callable[[int], None],
    python: str = sys.executable,
) -> Path:
    """Download the wheel `package==version` into `folder` and say where it is.

    Index, proxy, cache and certificates are pip's own settings. `progress` gets the bytes so far
    every 0.2 s. Raises `PipFailed` with pip's own words.
    """
    target, scratch = folder / "wheels", folder / "scratch"
    scratch.mkdir()
    command = [python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--dest", str(target), f"{package}=={version}"]
    log = folder / "pip.log"
    with log.open("wb") as output:
        # its own TMPDIR: the growing file there is the only progress that every pip shows
        process = subprocess.Popen(  # noqa: S603  no shell, and nothing in it comes from outside
            command, stdout=output, stderr=output, env={**os.environ, "TMPDIR": str(scratch)}
        )
        try:
            while _running(process):
                progress(_largest(scratch))
        finally:
            process.kill()
            process.wait()
    wheels = sorted(target.glob("*.whl")) if target.is_dir() else []
    if process.returncode or not wheels:
        raise PipFailed(_reason(log.read_text(errors="replace"), f"{package} {version}"))
    return wheels[0]


def _running(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(POLL_S)
    except subprocess.TimeoutExpired:
        return True
    return False


def _largest(folder: Path) -> int:
    sizes = [0]
    for file in folder.rglob("*"):
        try:
            sizes.append(file.stat().st_size)
        except FileNotFoundError:  # pip moves its files while we look
            continue
    return max(sizes)


def _reason(log: str, wanted: str) -> str:
    if "No module named pip" in log:
        return f"pip is needed to fetch {wanted}, and this Python has none"
    lines = [line.removeprefix("ERROR: ") for line in log.splitlines() if line.startswith("ERROR:")]
    if any("No matching distribution" in line for line in lines):
        return (
            f"pip did not find {wanted}: the network or the package index is out of reach, "
            "or the index does not have it"
        )
    return f"pip could not fetch {wanted}: {' '.join(lines[-2:]) or log.strip()[-300:]}"
