"""What was said in somebody's own words is said back to them before it is done.

First it is rehearsed: in a transaction that is rolled back.  So whoever may not do it, and what the
case does not allow, is refused at once and not only after the yes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.casework import asking
from bot.casework.answer import Answer
from bot.casework.core import Core
from bot.domain.case import Case
from bot.domain.command import CASE_VERBS, Command, Verb
from bot.domain.error import NotFound, Refused
from bot.ports import Tx
from bot.texts.wording import Wording

READ_BACK = "read_back"
"""Argument of a command that wants its person's word first: see `Wish`."""

Act = Callable[[Tx, Command], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was heard, and which cases may have been meant beside or instead of the command's.

    `spoken`: through a recogniser; else it was typed.
    """

    heard: str
    others: tuple[int, ...] = ()
    spoken: bool = True


def wish_of(command: Command) -> Wish | None:
    """What is to be read back; None where it is to be done."""
    if asking.is_confirmed(command):
        return None
    wish = command.args.get(READ_BACK)
    return wish if isinstance(wish, Wish) else None


class _Rehearsed(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


async def rehearse(core: Core, command: Command, act: Act) -> Answer | Refused | NotFound:
    """What would become of it: an answer with the cases for which it can be done, or why not.

    Where one of several has to be chosen, those are left out that it cannot be done to.
    """
    wish = wish_of(command)
    if wish is None or command.cases or not wish.others:
        return _as_far_as_possible(await _tried(core, command, act))
    tried = [
        (number, await _tried(core, replace(command, cases=(number,)), act))
        for number in wish.others
    ]
    fit = tuple(number for number, answer in tried if isinstance(answer, Answer) and answer.ok)
    return Answer(True, _REHEARSED, cases=fit) if fit else tried[0][1]


def _as_far_as_possible(answer: Answer | Refused | NotFound) -> Answer | Refused | NotFound:
    """Of several cases those that it can be done to; its text says why the others are left."""
    if isinstance(answer, Answer) and (left := answer.params.get("left")):
        return Answer(True, _REHEARSED, cases=answer.cases, text="\n".join(left))
    return answer


_REHEARSED = "rehearsed"


async def _tried(core: Core, command: Command, act: Act) -> Answer | Refused | NotFound:
    try:
        async with core.store.begin() as tx:
            raise _Rehearsed(await act(tx, asking.confirmed(command)))
    except _Rehearsed as done:
        return done.answer
    except (Refused, NotFound) as refused:
        return refused


async def read_back(
    core: Core, tx: Tx, command: Command, rehearsed: Answer, language: str
) -> Answer:
    """Ask; `rehearsed` says which cases it can be done to."""
    wish = wish_of(command)
    assert wish is not None, "what is not to be read back is done"
    named = command.verb in CASE_VERBS or bool(command.cases)
    numbers = rehearsed.cases if command.verb in CASE_VERBS else command.cases
    fit = await _cases(tx, numbers) if named else []
    if named and not command.cases and wish.others:
        return await _ask(core, tx, command, wish, [], fit, language)
    others = [case for case in await _cases(tx, wish.others) if case not in fit]
    others = others if len(fit) == 1 and rehearsed.key != _REHEARSED else []
    left = f"{rehearsed.text}\n" if rehearsed.key == _REHEARSED else ""
    return await _ask(core, tx, command, wish, fit, others, language, left=left)


async def ask_anew(
    core: Core,
    tx: Tx,
    again: Command,
    cases: Sequence[Case],
    changed: Sequence[Case],
    language: str,
) -> Answer:
    """The same question about `cases`, for some have changed; what was asked before is used up."""
    now, config = core.clock(), core.people.config
    wording = Wording(config, language, config.site(cases[0].site))
    news = [wording.say("ask.changed", case=one.number, now=now, **_last(one)) for one in changed]
    params = {"text": f"{''.join(news)}{_sentence(core, again, cases, wording)}"}
    return await asking.ask(core, tx, again, cases, "ask.typed", params, language)


async def _ask(
    core: Core,
    tx: Tx,
    command: Command,
    wish: Wish,
    cases: Sequence[Case],
    others: Sequence[Case],
    language: str,
    *,
    left: str = "",
) -> Answer:
    config = core.people.config
    first = (*cases, *others)[:1]
    wording = Wording(config, language, config.site(first[0].site) if first else None)
    if cases or not others:
        text = _sentence(core, command, cases, wording)
    else:
        text = "\n".join(
            [wording.say("ask.which", verb=command.verb), *_choices(core, others, wording)]
        )
    key = "ask.spoken" if wish.spoken else "ask.typed"
    if others and not cases:
        key = "ask.spoken_which" if wish.spoken else "ask.typed_which"
    params = {"text": f"{left}{text}", "heard": wish.heard.rstrip(_CLOSING)}
    return await asking.ask(core, tx, command, cases, key, params, language, others=others)


def _sentence(core: Core, command: Command, cases: Sequence[Case], wording: Wording) -> str:
    """The question itself: `关闭 #12？（疑似未戴安全帽 · 大门 · 10:42 · 待处理）`."""
    now = core.clock()
    params: dict[str, Any] = {
        **{name: command.args.get(name) for name in ("member", "minutes", "speaker")},
        "verb": command.verb,
        "reason": command.reason,
        "text": str(command.args.get("text", "")),
        "place": _camera_name(core, command),
    }
    if params["minutes"] is None:
        params["minutes"] = 30
    key = _KEYS.get(command.verb, "ask.case")
    if command.verb is Verb.VERIFY:
        key = "ask.verify" if command.passed else "ask.verify_failed"
    if command.verb in CASE_VERBS and len(cases) != 1:
        return wording.say("ask.cases", now=now, cases=cases, **params)
    if command.verb in CASE_VERBS:
        case = cases[0]
        params |= {"case": case.number, "facts": _facts(case, wording, now)}
    return wording.say(key, now=now, **params)


_CLOSING = "。.！!，, "
"""Recognisers end what they hear with a full stop, which looks odd within quotation marks."""

_KEYS: Mapping[Verb, str] = {
    Verb.ASSIGN: "ask.assign",
    Verb.MUTE: "ask.mute",
    Verb.UNMUTE: "ask.unmute",
    Verb.SAY: "ask.say",
    Verb.HAZARD: "ask.hazard",
    Verb.SOS: "ask.sos",
}


def _choices(core: Core, others: Sequence[Case], wording: Wording) -> list[str]:
    """A line each: a button has room for its number and place, and a helmet has no buttons."""
    now = core.clock()
    return [
        wording.say("ask.choice", case=case.number, facts=_facts(case, wording, now), now=now)
        for case in others
    ]


def _facts(case: Case, wording: Wording, now: int) -> str:
    title = wording.title(case)
    state, outcome = case.state, case.outcome
    at = case.first_seen
    return wording.say("ask.facts", text=title, at=at, state=state, outcome=outcome, now=now)


def _last(case: Case) -> dict[str, Any]:
    last = case.last
    params: dict[str, Any] = {"state": case.state, "outcome": case.outcome}
    if last is None:
        return {**params, "who": None, "event": "opened", "at": case.first_seen}
    return {**params, "who": last.actor, "event": last.event, "at": last.at}


def _camera_name(core: Core, command: Command) -> str:
    wanted = str(command.args.get("place", ""))
    camera = core.people.config.camera(wanted)
    return camera.name if camera else wanted


async def _cases(tx: Tx, numbers: Sequence[int]) -> list[Case]:
    return [case for number in numbers if (case := await tx.case(number)) is not None]
