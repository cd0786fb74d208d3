"""Plain forms that name no case: 紧急, 上报, 喊话, 静音 and their English."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.domain.command import Verb
from handlers.arguments import mute_args, say_args
from handlers.folding import Folded, fold
from handlers.utterance import Utterance

_SOS = re.compile(
    r"(?:紧急|sos)(?:[\s:,!、]+(?P<text>.+))?|emergency[:!]\s*(?P<en>.+)", re.IGNORECASE | re.DOTALL
)
_HAZARD = re.compile(r"(?:上报[\s:,]+|hazard:\s*)(?P<text>.+)", re.IGNORECASE | re.DOTALL)
_SAY = re.compile(r"喊话[\s:]+(?=\S)", re.IGNORECASE)
_MUTE = re.compile(r"(?:静音|mute)\s+(?=\S)", re.IGNORECASE)
_UNMUTE = re.compile(r"(?:解除静音|取消静音|unmute)\s+(?P<place>[^\s?]+)", re.IGNORECASE)
ONLY_ASKS = re.compile(
    r"(?:了?[吗么呢吧没](?:有)?|了|情况|不|谁.*|什么.*|怎么.*|哪.*|一下.*|流程|了没有?|是.*[吗?])[?]?",
    re.DOTALL,
)
"""A text that tells nothing: the message asks about the word before it."""


def read_free(folded: Folded) -> Utterance | None:
    """A plain form that names no case: 紧急, 上报, 喊话, 静音, 解除静音."""
    for verb, pattern, read in _FREE:
        match = pattern(folded.text)
        if match is not None:
            return read(verb, folded, match)
    return None


def _told(verb: Verb, folded: Folded, match: re.Match[str]) -> Utterance | None:
    """The person's own words, after 上报 or 紧急."""
    name = next((name for name in match.groupdict() if match[name]), None)
    if name is None:
        return Utterance(verb, args={"text": ""})
    if ONLY_ASKS.fullmatch(match[name].strip()):
        return None
    return Utterance(verb, args={"text": folded.original(match.start(name), match.end(name))})


def _said(verb: Verb, folded: Folded, match: re.Match[str]) -> Utterance | None:
    args = say_args(folded.tail(match.end()))
    told = fold(args["text"]).text
    if not told or ONLY_ASKS.fullmatch(told) or ONLY_ASKS.fullmatch(args["speaker"]):
        return None
    return Utterance(verb, args=args)


def _muted(verb: Verb, folded: Folded, match: re.Match[str]) -> Utterance | None:
    """Silence always ends: in plain words it is understood only with its length."""
    args = mute_args(folded.tail(match.end()))
    return Utterance(verb, args=args) if args["minutes"] else None


def _unmuted(verb: Verb, folded: Folded, match: re.Match[str]) -> Utterance | None:
    place = folded.original(match.start("place"), match.end("place"))
    return None if ONLY_ASKS.fullmatch(place) else Utterance(verb, args={"place": place})


_Read = Callable[[Verb, Folded, "re.Match[str]"], Utterance | None]
_FREE: tuple[tuple[Verb, Callable[[str], re.Match[str] | None], _Read], ...] = (
    (Verb.SOS, _SOS.fullmatch, _told),
    (Verb.HAZARD, _HAZARD.fullmatch, _told),
    (Verb.SAY, _SAY.match, _said),
    (Verb.MUTE, _MUTE.match, _muted),
    (Verb.UNMUTE, _UNMUTE.fullmatch, _unmuted),
)
