"""A digest: the cases that share one message because they came too thick, a line each."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.callback import Press, encode
from bot.domain.case import Case, State
from bot.domain.command import Verb
from bot.domain.hazard import Severity
from bot.domain.message import Button, Mention, Post
from bot.ports import Digest
from bot.texts.buttons import ALL
from bot.texts.fitting import Line, clip, fit, units
from bot.texts.localtime import clock
from bot.texts.vocabulary import BUTTONS, MARKS, STATES
from bot.texts.wording import Wording, suspected

MAX_UNITS = 1024
_PER_ROW = 5
_LEAST_PLACE_UNITS = 4


def digest_post(
    digest: Digest,
    cases: Sequence[Case],
    wording: Wording,
    mentions: Sequence[Mention] = (),
    *,
    repeat: bool = False,
) -> Post:
    """The digest as a message; every case in it stands there as `#12`, however little fits."""
    grave = any(case.severity > Severity.GENERAL for case in cases if case.live)
    head = _head(digest, cases, wording) + (wording.say("repeat") if repeat else "")
    foot = _foot(digest, cases, wording)
    called = sum(units(f"@{mention.name} ") for mention in mentions)
    room = MAX_UNITS - called - units(head) - units(foot) - len(cases) - 3
    lines = _lines(cases, wording, max(room // max(len(cases), 1), 0))
    text = fit([Line(head, 9), *(Line(line, 8) for line in lines), Line(foot, 1)], MAX_UNITS)
    return Post(
        text=text,
        buttons=_buttons(digest, cases, wording.language),
        mentions=tuple(mentions),
        silent=not grave,
        version=digest.revision,
        severity=max((case.severity for case in cases), default=Severity.GENERAL),
        fields={"digest": digest.id},
    )


def _head(digest: Digest, cases: Sequence[Case], wording: Wording) -> str:
    """`📋 D3 · 疑似未戴安全帽 17 件（10:40-10:45）· 待处理 15 · 已关闭 2`."""
    seen = [case.first_seen for case in cases] or [digest.opened_at]
    first, last = (clock(at, wording.zone) for at in (min(seen), max(seen)))
    span = first if first == last else f"{first}-{last}"
    hazards = {case.hazard for case in cases}
    what = wording.say("digest.hazards")
    if len(hazards) == 1:
        what = wording.hazard(hazards.pop())
        if any(case.suspected for case in cases):
            what = suspected(what, wording.language)
    counts = [(state, sum(case.state is state for case in cases)) for state in State]
    told = " · ".join(
        f"{STATES[state].in_language(wording.language)} {count}" for state, count in counts if count
    )
    return wording.say(
        "digest.head", text=what, count=len(cases), digest=digest.id, span=span, states=told
    )


def _foot(digest: Digest, cases: Sequence[Case], wording: Wording) -> str:
    live = [case for case in cases if case.live]
    if not live:
        return ""
    return wording.say("digest.foot", digest=digest.id, count=live[-1].number)


def _lines(cases: Sequence[Case], wording: Wording, room: int) -> list[str]:
    """A line per case within `room` units each; of the place what fits, the number always."""
    mixed = len({case.hazard for case in cases}) > 1
    return [_line(case, wording, room, mixed=mixed) for case in cases]


def _line(case: Case, wording: Wording, room: int, *, mixed: bool) -> str:
    local = Wording(wording.config, wording.language, wording.config.site(case.site))
    state = local.say("digest.state", state=case.state, outcome=case.outcome)
    begin = f"{MARKS[case.severity]} #{case.number}"
    end = f"{clock(case.first_seen, local.zone)} {state}"
    what = f"{local.hazard(case.hazard)} · {local.place(case)}" if mixed else local.place(case)
    left = room - units(begin) - units(end) - 2
    what = clip(what, left) if left >= _LEAST_PLACE_UNITS else ""
    return " ".join(filter(None, (begin, what, end)))


def _buttons(
    digest: Digest, cases: Sequence[Case], language: str
) -> tuple[tuple[Button, ...], ...]:
    """One per live case, for a card of its own; then what is done to all of them."""
    live = [case for case in cases if case.live]
    if not live:
        return ()
    own = [Button(f"#{case.number}", _data(Verb.CARD, case.number, digest)) for case in live]
    rows = [tuple(own[start : start + _PER_ROW]) for start in range(0, len(own), _PER_ROW)]
    verbs = [Verb.CLOSE]
    if any(case.acknowledged_by is None for case in live):
        verbs.insert(0, Verb.ACKNOWLEDGE)
    every = tuple(
        Button(
            ALL.in_language(language).format(verb=BUTTONS[verb].in_language(language)),
            encode(Press(verb, digest.id, 0, "all")),
        )
        for verb in verbs
    )
    return (*rows, every)


def _data(verb: Verb, case: int, digest: Digest) -> str:
    return encode(Press(verb, case, 0, f"D{digest.id}"))
