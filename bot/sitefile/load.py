"""From a file on disk to a configuration, or to every fault in it at once."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.domain.duration import format_duration
from bot.domain.retention import Retention
from bot.domain.site import SiteConfig
from bot.fault import ConfigFaults, Fault, sentence
from bot.sitefile.actuators import settle_actuator
from bot.sitefile.address import check_posted
from bot.sitefile.build import build
from bot.sitefile.chats import LARGEST_ID, settle_chat
from bot.sitefile.links import check_links
from bot.sitefile.locate import Lines
from bot.sitefile.read import Entry, Report, Spot, with_environ
from bot.sitefile.schema import ROOT

MOST_BYTES = 2_000_000
"""A site file of a thousand cameras has a tenth of it."""

_LANGUAGE = re.compile(r"""^\s*language\s*=\s*["'](zh|en)["']""", re.MULTILINE)
_SYNTAX_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def load_site(path: Path, environ: Mapping[str, str], *, check_sources: bool = True) -> SiteConfig:
    """Reads, checks and builds a site file; raises ConfigFaults with all that is wrong.

    `environ` is where `env:NAME` is looked up. Without `check_sources`, files and folders that
    cameras look at need not exist (a replay gives its own). Blocks on the disk for a moment.
    """
    text = decode(path, read_bytes(path))
    values = _parse(path, text)
    report = Report(
        file=str(path),
        lines=Lines(text),
        environ=environ,
        base=path.resolve().parent,
        language=language_of(text),
        check_sources=check_sources,
    )
    root = _read(values, report)
    if report.faults:
        raise ConfigFaults(report.faults)
    return build(root)


def read_bytes(path: Path) -> bytes:
    """The file as it is; ConfigFaults where it cannot be read, or is nothing that ends."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would be waited for
            raise _fault(path, None, "no_text_file")
        if about.st_size > MOST_BYTES:
            raise _fault(path, None, "too_large", most=f"{MOST_BYTES:,}")
        return path.read_bytes()
    except FileNotFoundError:
        raise _fault(path, None, "no_file") from None
    except OSError as error:
        raise _fault(path, None, "unreadable", reason=error.strerror or error) from None


def decode(path: Path, raw: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; ConfigFaults otherwise."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _fault(path, 1, "wide")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _fault(path, line, "not_utf8") from None


def language_of(text: str) -> str:
    """The language of a site file, as far as can be seen before it is read."""
    match = _LANGUAGE.search(text)
    return match.group(1) if match else "zh"


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        place = _SYNTAX_PLACE.search(reason)
        line = int(place.group(1) or text.rstrip().count("\n") + 1) if place else None
        raise _fault(
            path, line, "syntax", language_of(text), reason=_SYNTAX_PLACE.sub("", reason)
        ) from None
    except RecursionError:
        raise _fault(path, None, "nested", language_of(text)) from None


def _fault(
    path: Path, line: int | None, key: str, language: str = "zh", **params: object
) -> ConfigFaults:
    return ConfigFaults([Fault(str(path), line, "", None, sentence(key, language, **params))])


def _read(values: dict[str, Any], report: Report) -> Entry:
    spot = Spot(report)
    values = with_environ(values, spot)
    root = ROOT.read(values, spot)
    for entry in root.get("chats", []):
        settle_chat(entry, _given(values, entry))
    for party in root.get("parties", []):
        if chat := party.get("chat"):
            settle_chat(chat, _given(values, chat))
    for member in root.get("members", []):
        _settle_member(member)
    for alert in root.get("alerts", []):
        _settle_alert(alert)
    for actuator in root.get("actuators", []):
        settle_actuator(actuator)
    if kept := root.get("retention"):
        _settle_retention(kept)
    check_links(root)
    return root


def _given(values: Any, entry: Entry) -> set[str]:
    """The keys that stand in the file for an entry."""
    for step in entry.spot.path:
        values = values[step]
    return set(values) if isinstance(values, dict) else set()


def _settle_member(entry: Entry) -> None:
    number = entry.values.pop("telegram", None)
    if number is not None and not 0 < number <= LARGEST_ID:
        entry.at("telegram").fault("person_id", number)
    elif number is not None:
        entry.values["telegram"] = str(number)


def _settle_retention(entry: Entry) -> None:
    """A term that ends before the least that is kept would never be the one that counts."""
    least = entry.get("keep_at_least", Retention().keep_at_least)
    for name in ("pictures", "pictures_of_emergencies"):
        term = entry.get(name)
        if term is not None and term < least:
            entry.at(name).fault("at_least", format_duration(term), least=format_duration(least))


def _settle_alert(entry: Entry) -> None:
    url = entry.get("url")
    if url and entry.get("kind") == "http":
        check_posted(url, entry.at("url"))
