"""The data behind a button: which act, which case, and which state of it the person was looking at.

`1|close|12|3` - version, verb, case number, sequence number of the state.  ASCII, and far below the
64 bytes that the narrowest platform allows, because nothing a person wrote is ever put in.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.command import Verb

_VERSION = "1"
MAX_BYTES = 64
_VERBS = frozenset(verb.value for verb in Verb)


@dataclass(frozen=True, slots=True)
class Press:
    """A decoded button: the verb on a case as the presser saw it at sequence number `seq`.

    For undo `extra` names the change to be taken back.
    """

    verb: Verb
    case: int
    seq: int
    extra: str = ""


def encode(press: Press) -> str:
    """Data for a button, at most 64 bytes; ValueError for what could not be read back."""
    parts = [_VERSION, press.verb.value, str(press.case), str(press.seq)]
    if press.extra:
        parts.append(press.extra)
    data = "|".join(parts)
    if decode(data) != press:
        raise ValueError(f"not a button's data: {data!r}")
    return data


def decode(data: str) -> Press | None:
    """The press behind `data`, or None when it is not one of ours (forged, foreign or too old)."""
    if not data.isascii() or len(data) > MAX_BYTES:
        return None
    match data.split("|"):
        case [version, verb, case, seq, *extra] if version == _VERSION and len(extra) <= 1:
            known = verb in _VERBS and _is_number(case) and _is_number(seq) and extra != [""]
            return Press(Verb(verb), int(case), int(seq), "".join(extra)) if known else None
        case _:
            return None


def _is_number(text: str) -> bool:
    """A number as `encode` writes it: at most 15 digits, none of them for show."""
    return text.isdecimal() and len(text) <= 15 and (text == "0" or text[0] != "0")
