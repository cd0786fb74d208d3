"""Reads tables by a schema and collects every fault with its line and value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.fault import Fault, clean, sentence, shown, suggestion
from bot.sitefile.locate import KeyPath, Lines

BROKEN: Any = object()
"""Stands for a value whose fault has been reported already."""


@dataclass(slots=True)
class Report:
    """What is known while one file is read, and the faults found so far."""

    file: str
    lines: Lines
    environ: Mapping[str, str]
    base: Path
    language: str = "zh"
    check_sources: bool = True
    faults: list[Fault] = field(default_factory=list[Fault])
    from_environ: dict[KeyPath, str] = field(default_factory=dict[KeyPath, str])


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the file: where a value is read, and a fault is put down."""

    report: Report
    path: KeyPath = ()

    def __truediv__(self, step: str | int) -> Spot:
        return Spot(self.report, (*self.path, step))

    @property
    def line(self) -> int:
        return self.report.lines.line(self.path)

    def fault(self, key: str, value: object = None, /, **params: object) -> Any:
        """Puts a fault down. A value from the environment is shown by its name only."""
        text = self.report.from_environ.get(self.path)
        if text is None and value is not None:
            text = shown(value)
        message = sentence(key, self.report.language, **params)
        self.report.faults.append(
            Fault(self.report.file, self.line, clean(written(self.path)), text, message)
        )
        return BROKEN

    def unknown(self, key: str, word: str, known: Mapping[str, Any] | set[str], **params: object):
        """A fault about a word that is not among the known ones, with the nearest of them."""
        near = suggestion(word, known, self.report.language)
        return self.fault(key, word, near=near, **params)


def written(path: KeyPath) -> str:
    """`cameras[0].zones[1].polygon`"""
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(parts).removeprefix(".")


Read = Callable[[Any, Spot], Any]
"""Turns a TOML value into ours, or puts a fault down and returns BROKEN."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table: how it is read and what it means. Left out, the default of the domain's
    dataclass holds, which `default` tells in words where it is not plain."""

    name: str
    read: Read
    doc: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The keys that a table may have."""

    name: str
    keys: tuple[Key, ...]

    def read(self, value: Any, spot: Spot) -> Entry:
        """Every key by its schema; unknown and missing ones are faults."""
        entry = Entry(spot)
        if not isinstance(value, dict):
            spot.fault("not_table", value)
            return entry
        known = {key.name: key for key in self.keys}
        for name, item in value.items():
            if name not in known:
                near = suggestion(name, known, spot.report.language)
                (spot / name).fault("unknown_key", near=near)
            elif item is not BROKEN:
                entry.take(name, known[name].read(item, spot / name))
        for key in self.keys:
            if key.required and key.name not in value:
                (spot / key.name).fault("missing")
        return entry


@dataclass(slots=True)
class Entry:
    """A table as read: the sound values by key, and where it stands."""

    spot: Spot
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    def take(self, name: str, value: Any) -> None:
        if value is not BROKEN:
            self.values[name] = value

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def at(self, name: str) -> Spot:
        return self.spot / name


def with_environ(value: Any, spot: Spot) -> Any:
    """The value with every `env:NAME` in it replaced; a missing one is a fault and BROKEN."""
    if isinstance(value, dict):
        return {key: with_environ(item, spot / key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_environ(item, spot / index) for index, item in enumerate(value)]
    if not (isinstance(value, str) and value.startswith("env:")):
        return value
    spot.report.from_environ[spot.path] = value
    name = value.removeprefix("env:").strip()
    if not name:
        return spot.fault("env_name")
    found = spot.report.environ.get(name)
    return spot.fault("env_missing", name=name) if found is None else found
