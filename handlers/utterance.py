"""What a message asks for, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.command import Verb


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was asked: the verb, the cases named, and the words that came with it.

    `passed` is the verdict of a verification, None where none was given.  `args` by verb: assign
    `person`; say `speaker, text, force`; mute and unmute `place`, mute `minutes` (None: not said);
    hazard and sos `text`; snapshot `camera`; link `code`; language `language`; report `days`.
    `refusal` names the sentence by which it is refused, whatever else it says.
    `slash`: it was certainly meant for us, so it deserves an answer even where it makes no sense.
    """

    verb: Verb
    numbers: tuple[int, ...] = ()
    reason: str = ""
    passed: bool | None = None
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    slash: bool = False
    refusal: str = ""
