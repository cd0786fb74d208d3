"""People speak on a horn: in words, which the voice says, or in their own voice.

One's own voice is played after a read-back that names the horn and the length.  Where no words came
with the wish, the next voice note of the same person in the same chat is what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.casework.acts import (
    actor_member,
    require,
    require_recent,
    sites_in_question,
)
from bot.casework.answer import Answer
from bot.casework.asking import ask, is_confirmed
from bot.casework.core import Core
from bot.casework.named import cameras_named, the_one
from bot.casework.timely import SPEAK_WITHIN_MS, timely
from bot.domain import rights
from bot.domain.case import Case, Event
from bot.domain.command import Command, Verb
from bot.domain.error import Refused
from bot.domain.message import INTERCOM, ChatRef
from bot.domain.recording import LONGEST_WORDS
from bot.domain.site import Member, Speaker
from bot.domain.tongue import tongue_of
from bot.ports import Entry, Outgoing, Snapshot, Tx
from bot.texts.wording import Wording

AWAITED = "talk"
"""Kind of what is learned: whose voice note is awaited where, for which horn, until when (ms)."""
AWAITED_FOR_MS = 120_000

_KIND = re.compile(r"(喇叭|广播|音箱|音柱|\s+(horn|speaker))$")


def awaited_key(chat: ChatRef, member: str) -> str:
    """Names a person in a chat."""
    return f"{chat.key}|{member}"


async def say(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """Speak on a horn, now or never."""
    member = actor_member(core, command)
    speaker = _speaker(core, command, sites_in_question(core, command, member))
    require(core, member, Verb.SAY, speaker.site)
    case = await _case(tx, command)
    wording = Wording(core.people.config, language, core.people.config.site(speaker.site))
    text = str(command.args.get("text", "")).strip()
    if len(text) > LONGEST_WORDS:
        raise Refused("refused.say_too_long", count=len(text), total=LONGEST_WORDS)
    recording = command.args.get("recording")
    require_recent(core, command)
    forced = _breaks_quiet(core, command, member, speaker)
    if not text and not recording:
        return await _await_words(core, tx, command, member, speaker, wording)
    if recording:
        text = wording.say("say.recording", seconds=command.args["seconds"])
        if not is_confirmed(command):
            return await _read_back(core, tx, command, speaker, case, text, language)
        await _keep(core, tx, command, speaker, case, member)
    now = core.clock()
    chat = None if command.chat and command.chat.channel == INTERCOM else command.chat
    payload: dict[str, Any] = {
        **timely(core, now, SPEAK_WITHIN_MS),
        "language": speaker.language if recording else tongue_of(text, speaker.language),
        "text": text,
        "tell": {"chat": chat.key, "private": chat.private} if chat else None,
        "answer_language": language,
        "by": member.id,
    }
    if recording:
        payload["recording"] = recording
    if forced:
        payload["forced"] = True
    number = case.number if case is not None else None
    await tx.send(Outgoing("announce", speaker.id, payload, now, "answer", number))
    params: dict[str, Any] = {"speaker": speaker.id, "text": text}
    return Answer(True, "say.sent", params, text=wording.say("say.sent", **params))


async def _await_words(
    core: Core, tx: Tx, command: Command, member: Member, speaker: Speaker, wording: Wording
) -> Answer:
    if command.chat is not None:
        awaited = {
            "speaker": speaker.id,
            "cases": list(command.cases[:1]),
            "force": bool(command.args.get("force")),
            "until": core.clock() + AWAITED_FOR_MS,
        }
        await tx.learn(AWAITED, awaited_key(command.chat, member.id), awaited)
    plain = wording.language == "zh" and " " not in speaker.name
    here = sites_in_question(core, command, member)
    so_called = [one for one in core.people.config.speakers if one.name == speaker.name]
    alone = sum(one.site in here for one in so_called) == 1
    called = speaker.name if plain and alone else speaker.id
    return Answer(True, "say.ask", text=wording.say("say.ask", speaker=speaker.id, text=called))


async def _read_back(
    core: Core,
    tx: Tx,
    command: Command,
    speaker: Speaker,
    case: Case | None,
    text: str,
    language: str,
) -> Answer:
    if command.chat is not None:
        await tx.forget(AWAITED, awaited_key(command.chat, command.actor.id))
    params = {"speaker": speaker.id, "text": text}
    return await ask(core, tx, command, [case] if case else [], "say.read_back", params, language)


async def _keep(
    core: Core, tx: Tx, command: Command, speaker: Speaker, case: Case | None, member: Member
) -> None:
    """What a person said on a horn about a case is evidence of it."""
    if case is None:
        return
    now, recording = core.clock(), str(command.args["recording"])
    await tx.add_snapshot(Snapshot(case.number, "recording", recording, now, member.id))
    data = {"speaker": speaker.id, "seconds": command.args["seconds"], "recording": recording}
    await tx.add_entry(case.number, Entry(now, Event.TALKED.value, member.id, data))


async def _case(tx: Tx, command: Command) -> Case | None:
    return await tx.case(command.cases[0]) if len(command.cases) == 1 else None


def _breaks_quiet(core: Core, command: Command, member: Member, speaker: Speaker) -> bool:
    """Whether it is spoken in spite of quiet hours; only a supervisor may, and must say so."""
    site = core.people.config.site(speaker.site)
    local = datetime.fromtimestamp(core.clock() / 1000, site.timezone if site else UTC)
    quiet = next((window for window in speaker.quiet_hours if window.holds(local)), None)
    if quiet is None:
        return False
    params = {"text": str(quiet), "speaker": speaker.id}
    if core.people.config.role_of(member.id, speaker.site) not in rights.SENIOR:
        able = core.people.able_at(speaker.site, rights.SENIOR)
        raise Refused("refused.quiet_hours_senior", able=able, **params)
    if not command.args.get("force"):
        raise Refused("refused.quiet_hours", **params)
    return True


def _speaker(core: Core, command: Command, sites: tuple[str, ...]) -> Speaker:
    """By id, by a name, or by the place (camera) it speaks for; what fits several is asked."""
    wanted = str(command.args.get("speaker", ""))
    speakers = [s for s in core.people.config.speakers if s.site in sites]
    if not wanted or not speakers:
        names = [speaker.name for speaker in speakers]
        raise Refused("refused.which_speaker" if names else "refused.no_speakers", names=names)
    found = next((some for some in _meant(core, wanted, speakers, sites) if some), None)
    if not found:
        raise Refused("refused.no_such_speaker", text=wanted, names=[s.name for s in speakers])
    return the_one(core, found, wanted, "refused.many_speakers")


def _meant(
    core: Core, wanted: str, speakers: list[Speaker], sites: tuple[str, ...]
) -> Iterator[list[Speaker]]:
    """Who may be meant, the surest way to be called first."""
    yield [one for one in speakers if one.id == wanted]
    yield [one for one in speakers if wanted in (one.name, *one.aliases)]
    yield _at_place(core, wanted, sites)
    short = wanted.casefold()
    yield [one for one in speakers if short in map(_short, (one.name, *one.aliases))]


def _at_place(core: Core, wanted: str, sites: tuple[str, ...]) -> list[Speaker]:
    """The first speaker of each place of that name."""
    found: list[Speaker] = []
    for camera in cameras_named(core, wanted, sites):
        its = core.people.config.speakers_for(camera.site, camera.id)
        own = [speaker for speaker in its if speaker.cameras]
        first = next(iter(own or (its if len(its) == 1 else ())), None)
        if first is not None and first not in found:
            found.append(first)
    return found


def _short(name: str) -> str:
    """A name without the word for what it is: 宿舍 of 宿舍喇叭."""
    return _KIND.sub("", name.casefold())
