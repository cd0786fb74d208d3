"""How single values are read: text, numbers, durations, times, polygons."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from string import Formatter
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.domain.command import SYSTEM
from bot.domain.duration import parse_duration
from bot.domain.hazard import Severity
from bot.domain.polygon import polygon_flaw
from bot.domain.retention import parse_amount
from bot.domain.window import parse_days, parse_time, parse_window
from bot.fault import listing
from bot.sitefile.read import BROKEN, Entry, Read, Spot, Table

ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{1,30}", re.ASCII)
_PATH = re.compile(r"/[!-~]{0,1000}")
_LONGEST_TOPIC = 200
_JOINER = "\u200d"
LONGEST_NAME = 60
LONGEST_TEXT = 300


def _can_be_read(letter: str) -> bool:
    """Letters, spaces of any width, and what joins emoji; nothing that steers."""
    return letter.isprintable() or category(letter) == "Zs" or letter == _JOINER


def text_of(value: Any, spot: Spot) -> Any:
    """Any text at all."""
    return value if isinstance(value, str) else spot.fault("not_text", value)


def line_of(longest: int, *, empty: bool = True) -> Read:
    """One line of text that people read."""

    def read(value: Any, spot: Spot) -> Any:
        if not isinstance(value, str):
            return spot.fault("not_text", value)
        if not value.strip():
            return "" if empty else spot.fault("empty", value)
        if not all(map(_can_be_read, value)):
            return spot.fault("control", value)
        if len(value) > longest:
            return spot.fault("too_long", value, most=longest)
        return value.strip()

    return read


name = line_of(LONGEST_NAME, empty=False)
text = line_of(LONGEST_TEXT)


def identifier(value: Any, spot: Spot) -> Any:
    """An id, or the id of something: safe as a file name."""
    if not isinstance(value, str):
        return spot.fault("not_text", value)
    return value if ID.fullmatch(value) else spot.fault("bad_id", value)


def person(value: Any, spot: Spot) -> Any:
    """The id of a member: not the name under which the program itself acts."""
    found = identifier(value, spot)
    return spot.fault("reserved_id", value) if found == SYSTEM.id else found


def optional_identifier(value: Any, spot: Spot) -> Any:
    """The same; an empty text is none."""
    return None if value == "" else identifier(value, spot)


def flag(value: Any, spot: Spot) -> Any:
    if isinstance(value, str) and spot.path in spot.report.from_environ:
        value = {"true": True, "false": False}.get(value.lower(), value)
    return value if isinstance(value, bool) else spot.fault("not_flag", value)


def whole(value: Any, spot: Spot) -> Any:
    """A whole number; out of the environment it comes as text."""
    if isinstance(value, str) and spot.path in spot.report.from_environ:
        value = int(value) if re.fullmatch(r"[+-]?[0-9]{1,18}", value, re.ASCII) else value
    if isinstance(value, bool) or not isinstance(value, int):
        return spot.fault("not_integer", value)
    return value


def number(least: int, most: int) -> Read:
    """A whole number within limits, both included."""

    def read(value: Any, spot: Spot) -> Any:
        found = whole(value, spot)
        if found is BROKEN:
            return BROKEN
        if found < least:
            return spot.fault("at_least", found, least=least)
        return found if found <= most else spot.fault("at_most", found, most=most)

    return read


def _choice(words: dict[str, Any]) -> Read:
    def read(value: Any, spot: Spot) -> Any:
        if not isinstance(value, str):
            return spot.fault("not_text", value)
        if value in words:
            return words[value]
        return spot.unknown("choice", value, words, choices=listing(list(words)))

    return read


def words(*allowed: str) -> Read:
    """One of these words."""
    return _choice({word: word for word in allowed})


def member_of(kind: type[Enum]) -> Read:
    """One of the words of an enumeration."""
    return _choice({str(item.value): item for item in kind})


severity = _choice({item.word: item for item in Severity})


def parsed(parse: Callable[[str], Any], key: str) -> Read:
    """Text that a function of the domain reads, with ValueError where it cannot."""

    def read(value: Any, spot: Spot) -> Any:
        if not isinstance(value, str):
            return spot.fault(key, value)
        try:
            return parse(value)
        except ValueError:
            return spot.fault(key, value)

    return read


duration = parsed(parse_duration, "duration")
window = parsed(parse_window, "window")
time_of_day = parsed(parse_time, "time_of_day")
days = parsed(parse_days, "days")
amount = parsed(parse_amount, "amount")
_MOST_FREE = 90


def quota(value: Any, spot: Spot) -> Any:
    """The most that may be taken.  Elsewhere 0 is "no limit"; here it would let all go early."""
    found = amount(value, spot)
    if found is not BROKEN and not (found.bytes or found.percent):
        return spot.fault("at_least", value, least="1MB")
    return found


def room(value: Any, spot: Spot) -> Any:
    """What is to be free: never so much that no disk would ever have it."""
    found = amount(value, spot)
    if found is not BROKEN and (found.percent or 0) > _MOST_FREE:
        return spot.fault("at_most", value, most=f"{_MOST_FREE}%")
    return found


def duration_from(least: str) -> Read:
    """A duration that is not shorter than `least`."""

    def read(value: Any, spot: Spot) -> Any:
        found = duration(value, spot)
        if found is not BROKEN and found < parse_duration(least):
            return spot.fault("at_least", value, least=least)
        return found

    return read


def duration_within(least: str, most: str) -> Read:
    """A duration within limits, both included."""
    from_least = duration_from(least)

    def read(value: Any, spot: Spot) -> Any:
        found = from_least(value, spot)
        if found is not BROKEN and found > parse_duration(most):
            return spot.fault("at_most", value, most=most)
        return found

    return read


def some(read: Read) -> Read:
    """A list with something in it, or a single value in its stead."""
    read_any = one_or_many(read)

    def read_some(value: Any, spot: Spot) -> Any:
        return spot.fault("empty") if value == [] else read_any(value, spot)

    return read_some


def path(value: Any, spot: Spot) -> Any:
    """The path and query of a request, ready to be sent."""
    if not isinstance(value, str):
        return spot.fault("not_text", value)
    sound = value == "" or _PATH.fullmatch(value)
    return value if sound else spot.fault("path", value)


def topic(value: Any, spot: Spot) -> Any:
    """A topic that can be published to, and listened to."""
    if not isinstance(value, str):
        return spot.fault("not_text", value)
    sound = 0 < len(value) <= _LONGEST_TOPIC and value.isprintable() and not set("+#") & set(value)
    return value if sound else spot.fault("mqtt_topic", value)


def timezone(value: Any, spot: Spot) -> Any:
    """A name of the time zone database."""
    if not isinstance(value, str):
        return spot.fault("not_text", value)
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        return spot.unknown("timezone", value, available_timezones())


def phone(value: Any, spot: Spot) -> Any:
    if value == "":
        return ""
    sound = isinstance(value, str) and _PHONE.fullmatch(value)
    return value if sound else spot.fault("phone", value)


def phrase(value: Any, spot: Spot) -> Any:
    """A spoken sentence; `{place}` is the only thing to fill in. Empty is silence."""
    found = text(value, spot)
    if found is BROKEN:
        return BROKEN
    try:
        holes = {(hole, spec, change) for _, hole, spec, change in Formatter().parse(found)}
    except ValueError:
        return spot.fault("placeholder", value)
    sound = holes <= {(None, None, None), ("place", "", None)}
    return found if sound else spot.fault("placeholder", value)


def many(read: Read) -> Read:
    """A list, as a tuple; each element's fault is its own."""

    def read_all(value: Any, spot: Spot) -> Any:
        if not isinstance(value, list):
            return spot.fault("not_list", value)
        found = (
            item if item is BROKEN else read(item, spot / index) for index, item in enumerate(value)
        )
        return tuple(item for item in found if item is not BROKEN)

    return read_all


def one_or_many(read: Read) -> Read:
    """A list, or a single value in its stead."""

    def read_any(value: Any, spot: Spot) -> Any:
        if isinstance(value, list):
            return many(read)(value, spot)
        found = read(value, spot)
        return found if found is BROKEN else (found,)

    return read_any


def tables(table: Table) -> Read:
    """An array of tables, as a list of entries."""

    def read(value: Any, spot: Spot) -> Any:
        if not isinstance(value, list):
            return spot.fault("not_tables", value, name=table.name)
        return [table.read(item, spot / index) for index, item in enumerate(value)]

    return read


def table(schema: Table) -> Read:
    """One table."""
    return schema.read


def filled(schema: Table) -> Read:
    """One table, and something in it."""

    def read(value: Any, spot: Spot) -> Any:
        return spot.fault("empty") if value == {} else schema.read(value, spot)

    return read


def keyed(read: Read) -> Read:
    """A table whose keys are free, such as `[responses.no_helmet]`: a dict."""

    def read_all(value: Any, spot: Spot) -> Any:
        if not isinstance(value, dict):
            return spot.fault("not_table", value)
        found = {
            key: item if item is BROKEN else read(item, spot / key) for key, item in value.items()
        }
        return {key: item for key, item in found.items() if item is not BROKEN}

    return read_all


def polygon(value: Any, spot: Spot) -> Any:
    """Points in fractions of the picture; a last point equal to the first is dropped."""
    if not isinstance(value, list):
        return spot.fault("not_list", value)
    if BROKEN in value:
        return BROKEN
    points = [_point(item) for item in value]
    if None in points:
        index = points.index(None)
        return (spot / index).fault("point", value[index])
    sound = [point for point in points if point is not None]
    if len(sound) > 3 and sound[0] == sound[-1]:
        del sound[-1]
    flaw = polygon_flaw(sound)
    return tuple(sound) if flaw is None else spot.fault(f"polygon_{flaw}", value)


def _point(value: Any) -> tuple[float, float] | None:
    if not (isinstance(value, list) and len(value) == 2):
        return None
    if any(isinstance(item, bool) or not isinstance(item, int | float) for item in value):
        return None
    return float(value[0]), float(value[1])


def ids_of(entries: list[Entry]) -> set[str]:
    """The ids that entries define."""
    return {entry.get("id") for entry in entries if entry.get("id")}
