"""The message of a canary: short and silent, and for the admins one line on how everything is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.domain.case import Case
from bot.domain.message import Post
from bot.texts.fitting import Line, fit
from bot.texts.vocabulary import join
from bot.texts.wording import Wording

_MOST_UNITS = 1024
_MOST_NAMED = 3


def canary_post(
    case: Case, told: Mapping[str, Any], wording: Wording, *, admins: bool, repeat: bool = False
) -> Post:
    """A canary as a chat sees it; `told` is what its survey found, empty until it has landed."""
    seconds = told.get("seconds")
    key = "canary.sent" if case.live else "canary.given_up" if seconds is None else "canary.done"
    if key == "canary.done" and admins:
        text = " · ".join(_line(told, wording))
    else:
        text = wording.say(key, at=case.first_seen, text=seconds)
    if repeat:
        text += wording.say("repeat")
    fields = {"state": case.state.value, "outcome": None, "late_ms": 0}
    return Post(fit([Line(text, 9)], _MOST_UNITS), silent=True, version=case.version, fields=fields)


def _line(told: Mapping[str, Any], wording: Wording) -> Iterator[str]:
    """`☀️ 06:45 开工自检 · 摄像头 5/5 · 喇叭 4/5（材料区） · 送达 1.2 秒 · 值班 李工 · ...`"""
    yield wording.say(f"selfcheck.{told['why']}", at=told["at"])
    if told.get("starts", 1) > 1:
        yield wording.say("selfcheck.again", count=told["starts"])
    for part in ("cameras", "speakers", "lights", "paths"):
        if (found := told[part])["total"]:
            down = _named(found["down"], wording)
            working = found["total"] - len(found["down"])
            yield wording.say(f"selfcheck.{part}", count=working, total=found["total"], text=down)
    yield wording.say("selfcheck.delivered", text=told["seconds"])
    people = [wording.name(member) for member in told["duty"]]
    yield wording.say("selfcheck.duty" if people else "selfcheck.nobody", names=people)
    yield from _cases(told, wording)
    if told["why"] == "start":
        yield from _arrived(told["arrival"], told["at"], wording)
    if told["witness"]:
        yield wording.say("selfcheck.witness", text=told["witness"])


def _cases(told: Mapping[str, Any], wording: Wording) -> Iterator[str]:
    if not told["open"]:
        yield wording.say("selfcheck.none_open")
        return
    since, now = told["oldest"], told["at"]
    yield wording.say("selfcheck.open", count=told["open"], since=since, now=now)
    if told["overdue"]:
        yield wording.say("selfcheck.overdue", count=told["overdue"])


def _arrived(arrival: Mapping[str, Any], now: int, wording: Wording) -> Iterator[str]:
    since = arrival["since"]
    away = max(round((arrival["at"] - since) / 60_000), 1) if since else 0
    yield wording.say(f"selfcheck.{arrival['how']}", since=since, minutes=away, now=now)
    for what in ("timers", "inbox", "outbox"):
        if arrival[what]:
            yield wording.say(f"selfcheck.{what}", count=arrival[what])


def _named(names: Sequence[str], wording: Wording) -> str:
    """`（材料区、塔吊…）` / ` (yard, crane...)`: the first few that do not work."""
    if not names:
        return ""
    shown = join(names[:_MOST_NAMED], wording.language)
    more = "…" if len(names) > _MOST_NAMED else ""
    return f"（{shown}{more}）" if wording.language == "zh" else f" ({shown}{more})"
