"""What comes back from a use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bot.domain.case import Case
from bot.domain.message import ChatRef


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """What became of a report; `case` is None for an end without one."""

    case: int | None
    state: str | None
    report: str
    created: bool = False
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command; when not `ok`, `key` names the refusal's sentence."""

    ok: bool
    key: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    cases: tuple[int, ...] = ()
    state: str | None = None
    text: str = ""
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Where the answer to a command goes: a chat, or the person who pressed.

    `adopt` is a message of ours that carries the case's buttons but is not known as its copy;
    `silent_refusal` keeps a refusal out of the chat (it is still on record).  `fetched`: who asked
    comes for the answer, which is kept with the command and sent nowhere.
    """

    chat: ChatRef
    language: str
    reply_to: str | None = None
    press_id: str | None = None
    adopt: str | None = None
    silent_refusal: bool = False
    answer_in: ChatRef | None = None
    fetched: bool = False


def to_json(answer: Answer) -> dict[str, Any]:
    """The answer as it is stored with its command."""
    return {
        "ok": answer.ok,
        "key": answer.key,
        "params": {name: _plain(value) for name, value in answer.params.items()},
        "cases": list(answer.cases),
        "state": answer.state,
        "text": answer.text,
    }


def from_json(stored: Mapping[str, Any]) -> Answer:
    """The stored answer, as a repeat."""
    return Answer(
        ok=stored["ok"],
        key=stored["key"],
        params=stored["params"],
        cases=tuple(stored["cases"]),
        state=stored["state"],
        text=stored["text"],
        repeat=True,
    )


def _plain(value: Any) -> Any:
    """JSON for a sentence's parameter; a case becomes its number."""
    if isinstance(value, Case):
        return value.number
    if isinstance(value, (tuple, list, frozenset, set)):
        return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, Enum):
        return value.value
    return value
