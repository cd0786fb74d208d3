"""Faults of settings and site file: each with its place, its value and a sentence, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.domain.error import LoudhailerError
from bot.faultwords import WORDS
from bot.redact import redact


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: `site.toml:12: cameras[0].id: ...`. `line` counts from 1, `value` is
    what stands there, as it may be shown; both are None where there is none."""

    file: str
    line: int | None
    path: str
    value: str | None
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = f"{place}: {self.path}" if self.path else place
        shown = "" if self.value is None else f" ({self.value})"
        return f"{where}: {self.message}{shown}"


class ConfigFaults(LoudhailerError):
    """The configuration cannot be used; `faults` are all of them, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line or 0)))
        super().__init__("\n".join(map(str, self.faults)))


def sentence(key: str, language: str, /, **params: object) -> str:
    """The sentence of a kind of fault in zh or en."""
    return WORDS[key]["en" if language == "en" else "zh"].format(**params)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """What was probably meant; None where nothing is near."""
    by_lower = {name.lower(): name for name in sorted(known)}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def suggestion(word: str, known: Iterable[str], language: str) -> str:
    """`, did you mean ...?` or nothing."""
    near = nearest(word, known)
    return "" if near is None else sentence("did_you_mean", language, near=near)


def listing(words: Sequence[str]) -> str:
    """Words that may stand somewhere, for a sentence."""
    return " | ".join(words)


LONGEST_SHOWN = 60


def shown(value: object) -> str:
    """A value for a fault: short, on one line, without secrets."""
    text = clean(value if isinstance(value, str) else toml(value))
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def clean(text: str) -> str:
    """Text out of a file on one line, without secrets."""
    return "".join(char if char.isprintable() else "\ufffd" for char in redact(text))


def toml(value: object) -> str:
    """A value about as the site file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {toml(item)}' for key, item in value.items())} }}"
    return str(value)
