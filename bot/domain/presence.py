"""Who is still there: per subject of a case the last thing that is known, and when it was so.

A mark is `present@<ms>`, `anew@<ms>` or `<because>@<ms>`, in the source's own time: reports
overtake each other on their way, and only the time of capture tells which of two is the newer.

`anew` is somebody present of whom nobody has judged yet: who came, or came back, after a person had
called the case a false alarm.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.report import Because, Phase, Report

PRESENT = "present"
ANEW = "anew"
SOMEBODY = "*"
"""The subject of reports that name none."""

_EVERYBODY = ""
"""Remembers an end that spoke for all, so that a straggler of somebody new is known as late."""
_AT_MOST = 64
_THERE = frozenset({PRESENT, ANEW})
_OPEN_ENDED = _THERE | frozenset({Because.LOST.value, Because.SOURCE_DOWN.value})
_OUTWEIGHS = frozenset({Because.RECTIFIED, Because.SOURCE_DOWN})


def first(report: Report) -> dict[str, str]:
    """The marks of a case that opens with `report`."""
    return {_name(report): _mark(PRESENT, report.at)}


def seen(marks: Mapping[str, str], report: Report, *, judged: bool = False) -> dict[str, str]:
    """The marks after a report that says: there.

    `judged`: a person has said of the case that there was no hazard.
    """
    name = _name(report)
    at = max(report.at, _read(marks[name])[1]) if name in marks else report.at
    state = ANEW if judged and not goes_on(marks, report) else PRESENT
    return _bounded({**marks, name: _mark(state, at)})


def goes_on(marks: Mapping[str, str], report: Report) -> bool:
    """Whether it is still what was there when the marks were last judged, with no end between."""
    mark = marks.get(_name(report), "")
    return report.phase is Phase.CONTINUE and _read(mark)[0] == PRESENT


def ended(marks: Mapping[str, str], report: Report) -> dict[str, str]:
    """The marks after an end; one without a subject speaks for all.

    It does not reach who was seen again since, and somebody who was seen rectified and then walks
    off stays rectified.
    """
    because = report.because or Because.LOST
    names = [report.subject] if report.subject else [*marks, _EVERYBODY]
    new = _mark(because.value, report.at)
    changed = {name: new for name in names if _yields(marks.get(name), because, report.at)}
    return _bounded({**marks, **changed})


def is_known(marks: Mapping[str, str], report: Report) -> bool:
    """Whether the report's subject was seen on this case before."""
    return _name(report) in marks


def is_late(marks: Mapping[str, str], report: Report) -> bool:
    """Whether what the report saw had ended by what is known already."""
    ends = (_read(marks[name]) for name in (_name(report), _EVERYBODY) if name in marks)
    tie = report.phase is Phase.CONTINUE
    return any(
        state not in _THERE and (report.at < at or (tie and report.at == at)) for state, at in ends
    )


def count(marks: Mapping[str, str]) -> int:
    """How many are there now; who is unnamed counts only where nobody is named."""
    there = still_there(marks)
    return len(there.keys() - {SOMEBODY}) or len(there)


def still_there(marks: Mapping[str, str]) -> dict[str, str]:
    """The marks of those who are there: all that a new case takes over from an old one."""
    return {name: mark for name, mark in marks.items() if _read(mark)[0] in _THERE}


def unjudged(marks: Mapping[str, str]) -> dict[str, str]:
    """Of those who are there, who came after the false alarm; marked as a new case marks them."""
    read = {name: _read(mark) for name, mark in marks.items()}
    return {name: _mark(PRESENT, at) for name, (state, at) in read.items() if state == ANEW}


def reasons(marks: Mapping[str, str]) -> frozenset[str]:
    """Why those who are gone are gone."""
    states = {_read(mark)[0] for name, mark in marks.items() if name != _EVERYBODY}
    return frozenset(states - _THERE)


def _name(report: Report) -> str:
    return report.subject or SOMEBODY


def _mark(state: str, at: int) -> str:
    return f"{state}@{at}"


def _read(mark: str) -> tuple[str, int]:
    state, _, at = mark.partition("@")
    return state, int(at or 0)


def _yields(mark: str | None, because: Because, at: int) -> bool:
    if mark is None:
        return True
    state, known_at = _read(mark)
    return at >= known_at and (state in _OPEN_ENDED or because in _OUTWEIGHS)


def _bounded(marks: dict[str, str]) -> dict[str, str]:
    """At most `_AT_MOST`; who is gone longest is forgotten first, the present last."""
    spare = len(marks) - _AT_MOST
    if spare <= 0:
        return marks
    order = sorted(marks, key=lambda name: _rank(marks[name]))
    return {name: mark for name, mark in marks.items() if name not in order[:spare]}


def _rank(mark: str) -> tuple[bool, int]:
    state, at = _read(mark)
    return state in _THERE, at
