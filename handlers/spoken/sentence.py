"""One way to say one thing, and the slots that its template may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.command import Verb


@dataclass(frozen=True, slots=True)
class Sentence:
    """`template` says `verb`; `given` is what it says beyond its slots, such as a verdict.

    Slots: `ref` the cases, `why` a reason, `who` a person, `place` somewhere on the site, `camera`,
    `speaker`, `span` of time, `text` one's own words.
    """

    verb: Verb
    template: str
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])


def each(verb: Verb, *templates: str, **given: Any) -> tuple[Sentence, ...]:
    """Several ways to say the same."""
    return tuple(Sentence(verb, template, given) for template in templates)
