"""The data behind a button: which act, which case, and which state of it the person was looking at.

`1|close|12|3` - version, verb, case number, sequence number of the state.  ASCII, and far below the
64 bytes that the narrowest platform allows, because nothing a person wrote is ever put in.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.command import Verb

_VERSION = "1"
MAX_BYTES = 64


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
    """Data for a button, at most 64 bytes."""
    parts = [_VERSION, press.verb.value, str(press.case), str(press.seq)]
    if press.extra:
        parts.append(press.extra)
    data = "|".join(parts)
    if len(data.encode()) > MAX_BYTES:
        raise ValueError(f"button data over {MAX_BYTES} bytes: {data!r}")
    return data


def decode(data: str) -> Press | None:
    """The press behind `data`, or None when it is not one of ours (forged, foreign or too old)."""
    parts = data.split("|")
    if len(parts) not in (4, 5) or parts[0] != _VERSION:
        return None
    _, verb, case, seq, *rest = parts
    if verb not in Verb or not _is_number(case) or not _is_number(seq):
        return None
    return Press(Verb(verb), int(case), int(seq), rest[0] if rest else "")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15
