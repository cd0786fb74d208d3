"""What follows the verbs that change no case: a speaker and words, a place and a span, a code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.domain.command import Verb
from handlers.folding import Folded, fold
from handlers.numbers import read_minutes


def no_args(_: Folded) -> dict[str, Any]:
    """Of a command that takes none."""
    return {}


def _words(name: str) -> Callable[[Folded], dict[str, Any]]:
    return lambda rest: {name: rest.original(0)}


def _first_word(name: str) -> Callable[[Folded], dict[str, Any]]:
    return lambda rest: {name: (rest.text.split() or [""])[0]}


_FORCE = re.compile(r"(?:强制|force)[\s:,]+", re.IGNORECASE)


def say_args(rest: Folded) -> dict[str, Any]:
    """Speaker, then maybe 强制, then the words."""
    end = re.compile(r"[^\s:,]*[\s:,]*").match(rest.text)
    start = end.end() if end else 0
    return {"speaker": rest.text[:start].rstrip(" :,\n\t"), **_spoken_from(rest, start)}


def say_on_known(args: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The arguments of `say_args` read anew by one who knows what horns and places are called.

    A name may be several words, and is found however it is spelt: `/say door HORN Mind your heads`.
    """
    if args["force"]:
        return dict(args)
    rest = fold(f"{args['speaker']} {args['text']}")
    for name in sorted(names, key=len, reverse=True):
        called = re.compile(rf"{re.escape(fold(name).text)}(?:[\s:,]+|$)", re.IGNORECASE)
        if match := called.match(rest.text):
            return {"speaker": name, **_spoken_from(rest, match.end())}
    return dict(args)


def _spoken_from(rest: Folded, start: int) -> dict[str, Any]:
    force = _FORCE.match(rest.text, start)
    return {"text": rest.original(force.end() if force else start), "force": force is not None}


_ON = frozenset({"on", "开"})
_OFF = frozenset({"off", "关"})


def light_args(rest: Folded) -> dict[str, Any]:
    """A light, and whether it is to go off; nothing said means on."""
    called, _, last = rest.text.rpartition(" ")
    said = last.lower() if called else ""
    end = len(called) if said in _ON | _OFF else len(rest.text)
    return {"light": rest.original(0, end), "off": said in _OFF}


_LONGEST_PLACE = 100
_SPAN_BEGINS = re.compile(r"[0-9]+|半")


def mute_args(rest: Folded) -> dict[str, Any]:
    """A place, and for how many minutes (None: not said)."""
    if len(rest.text) <= _LONGEST_PLACE:
        for begins in _SPAN_BEGINS.finditer(rest.text):  # the first may be a name's: `gate 2 30m`
            if (minutes := read_minutes(rest.text[begins.start() :])) is not None:
                place = rest.text[: begins.start()].rstrip()
                return {"place": rest.original(0, len(place)), "minutes": minutes}
    return {"place": rest.original(0), "minutes": None}


def _days(rest: Folded) -> dict[str, Any]:
    """Of how many days (None: not said); `text` is what says no number of days."""
    match = re.fullmatch(r"([0-9]{1,3})\s*(?:d|days?|天)?", rest.text, re.IGNORECASE)
    if match is None and rest.text.strip():
        return {"days": None, "text": rest.original(0)}
    return {"days": int(match[1]) if match else None}


ARGS: Mapping[Verb, Callable[[Folded], dict[str, Any]]] = {
    Verb.SAY: say_args,
    Verb.LIGHT: light_args,
    Verb.MUTE: mute_args,
    Verb.UNMUTE: _words("place"),
    Verb.HAZARD: _words("text"),
    Verb.SOS: _words("text"),
    Verb.SNAPSHOT: _words("camera"),
    Verb.LINK: _first_word("code"),
    Verb.LANGUAGE: _first_word("language"),
    Verb.REPORT: _days,
}
"""Verb -> reads what follows its slash form."""
