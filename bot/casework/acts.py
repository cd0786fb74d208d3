"""What people do that is not a step of a case: mute, report by hand, link an account.

Each act runs inside the executor's transaction, so that it happens once per command id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from bot.casework.answer import Answer
from bot.casework.core import OLD_MS, Core
from bot.casework.intake import take_report
from bot.casework.named import camera_named
from bot.casework.people import IDENTITY, LANGUAGE, MUTE
from bot.domain import rights
from bot.domain.command import Command, Verb
from bot.domain.error import Refused
from bot.domain.message import Picture
from bot.domain.report import Report, Shot
from bot.domain.role import Role
from bot.domain.site import Camera, Member
from bot.ports import Tx
from bot.texts.wording import Wording

_LANGUAGES = ("zh", "en")


class Looks(Protocol):
    """Answers what is only looked at: words, and maybe the SHA-256 of a picture to show."""

    async def look(self, command: Command, language: str) -> tuple[str, str | None]: ...


def actor_member(core: Core, command: Command) -> Member:
    """Who acts; raises `Refused` for somebody who is no member (any more)."""
    member = core.people.active(command.actor.id)
    if member is None:
        raise Refused("refused.stranger")
    return member


def sites_in_question(core: Core, command: Command, member: Member) -> tuple[str, ...]:
    """The sites that the chat is about and the member has a role on."""
    own = core.people.member_sites(member)
    if command.chat is None:
        return own
    here = core.people.sites_of(command.chat, member)
    return tuple(site for site in here if site in own)


def without_site(core: Core, command: Command, member: Member) -> Refused:
    """Why `sites_in_question` are none, and who to turn to: the chat has none, or the member."""
    people = core.people
    here = () if command.chat is None else people.sites_of(command.chat, member)
    own, verb = people.member_sites(member), command.verb
    if not own:
        return Refused("refused.no_role", verb=verb)
    if not here:
        return Refused("refused.no_site")
    names = [site.name for id in here if (site := people.config.site(id))]
    able = people.able_at(here[0], rights.who_may(verb))
    return Refused("refused.not_your_site", verb=verb, names=names, own=own, able=able)


def require_recent(core: Core, command: Command) -> None:
    """What was said long ago, before an outage, must not be done to the place as it is now."""
    if core.clock() - command.sent_at > OLD_MS:
        raise Refused("refused.too_old", since=command.sent_at)


async def mute(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """Silence the horn for one camera's place or a site; always ends, emergencies pass."""
    member = actor_member(core, command)
    camera = _camera(core, command, member)
    require(core, member, Verb.MUTE, camera.site)
    role = core.people.config.role_of(member.id, camera.site)
    most = rights.MUTE_AT_MOST_MINUTES.get(role or Role.VIEWER, 0)
    given = command.args.get("minutes")
    minutes = 30 if given is None else int(given)
    if minutes < 1:
        raise Refused("refused.mute_too_short")
    if minutes > most:
        able = () if role in rights.SENIOR else core.people.able_at(camera.site, rights.SENIOR)
        raise Refused("refused.mute_too_long", most=most, able=able)
    require_recent(core, command)
    until = core.clock() + minutes * 60_000
    await tx.learn(MUTE, camera.id, {"until": until, "by": member.id})
    params = {"who": member.id, "speaker": camera.name, "minutes": minutes, "until": until}
    return _told(core, command, "mute.done", params, language, camera.site)


async def unmute(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """Let the horn sound again."""
    member = actor_member(core, command)
    camera = _camera(core, command, member)
    require(core, member, Verb.UNMUTE, camera.site)
    require_recent(core, command)
    held = await tx.learned(MUTE, camera.id)  # a try that failed may have let go of it in memory
    if held is None or held["until"] <= core.clock():
        raise Refused("refused.not_muted", speaker=camera.name)
    await tx.forget(MUTE, camera.id)
    params = {"who": member.id, "speaker": camera.name}
    return _told(core, command, "unmute.done", params, language, camera.site)


async def report_by_hand(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """上报 and /sos: a person is the camera."""
    urgent = command.verb is Verb.SOS
    nothing = not str(command.args.get("text", "")).strip() and not command.args.get("pictures")
    report = report_of(core, command, core.clock())
    if nothing and not urgent:
        raise Refused("refused.needs_text", text="上报 …" if language == "zh" else "/hazard …")
    taken = await take_report(core, tx, report)
    assert taken.case is not None, "a report that is no end always has a case"
    case = await tx.case(taken.case)
    key = {True: "sos.done", False: "hazard.done"}[urgent]
    if urgent and not taken.created:
        key = "sos.attached"
    wording = Wording(core.people.config, language, core.people.config.site(report.site))
    told = wording.say(key, case=case, who=report.by)
    params = {"case": taken.case, "who": report.by}
    return Answer(True, key, params, (taken.case,), taken.state, told)


def report_of(core: Core, command: Command, now: int) -> Report:
    """What somebody reports by hand; raises `Refused` where they may not, or nobody knows where."""
    member = actor_member(core, command)
    site = _one_site(core, command, member)
    require(core, member, command.verb, site)
    text = str(command.args.get("text", "")).strip()
    urgent = command.verb is Verb.SOS
    return Report(
        id=command.id,
        source=f"member:{member.id}",
        hazard="sos" if urgent else "other",
        site=site,
        at=command.sent_at or now,
        received_at=now,
        subject=member.id if urgent else command.id,  # reports by hand are not merged
        note=text,
        by=member.id,
        shot=_shot(command),
    )


async def link(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """Tie the sender's account to the member whose invite code they had (already used up)."""
    account, member = str(command.args["account"]), str(command.args["member"])
    await tx.learn(IDENTITY, account, {"member": member, "at": core.clock()})
    found = core.people.config.member(member)
    role = found.role if found else Role.VIEWER
    return _told(core, command, "link.done", {"who": member, "role": role}, language)


async def language(core: Core, tx: Tx, command: Command, language: str) -> Answer:
    """The language in which somebody is answered from now on."""
    wanted, account = str(command.args.get("language", "")), str(command.args["account"])
    wanted = wanted.lower()  # a telephone begins a word with a capital by itself
    if wanted not in _LANGUAGES:
        raise Refused("refused.no_such_language")
    await tx.learn(LANGUAGE, account, {"language": wanted})
    return _told(core, command, "language.done", {}, wanted)


Act = Callable[[Core, Tx, Command, str], Awaitable[Answer]]

ACTS: Mapping[Verb, Act] = {
    Verb.MUTE: mute,
    Verb.UNMUTE: unmute,
    Verb.HAZARD: report_by_hand,
    Verb.SOS: report_by_hand,
    Verb.LINK: link,
    Verb.LANGUAGE: language,
}


def _told(
    core: Core,
    command: Command,
    key: str,
    params: Mapping[str, Any],
    language: str,
    site: str | None = None,
) -> Answer:
    wording = Wording(core.people.config, language, core.people.config.site(site or ""))
    return Answer(True, key, params, text=wording.say(key, now=core.clock(), **params))


def require(core: Core, member: Member, verb: Verb, site: str) -> None:
    """Raises `Refused`, naming who could do it there."""
    try:
        rights.require(core.people.config.role_of(member.id, site), verb, None, member.id)
    except Refused as refused:
        able = core.people.able_at(site, rights.who_may(verb))
        raise Refused(refused.key, **{**refused.params, "site": site, "able": able}) from None


def _camera(core: Core, command: Command, member: Member) -> Camera:
    sites = sites_in_question(core, command, member)
    if not sites:
        raise without_site(core, command, member)
    return camera_named(core, str(command.args.get("place", "")), sites)


def _one_site(core: Core, command: Command, member: Member) -> str:
    sites = sites_in_question(core, command, member)
    if not sites:
        raise without_site(core, command, member)
    text = str(command.args.get("text", ""))
    config = core.people.config
    named = [id for id in sites if (site := config.site(id)) and site.name in text]
    if len(sites) == 1 or len(named) == 1:
        return (named or list(sites))[0]
    if command.verb is Verb.SOS:  # asking back would cost the time that an emergency has not
        return _likeliest(core, member, named or sites)
    names = [site.name for id in sites if (site := config.site(id))]
    raise Refused("refused.which_site", names=names)


def _likeliest(core: Core, member: Member, sites: Sequence[str]) -> str:
    """Where the member is on duty now, else the first."""
    now = datetime.fromtimestamp(core.clock() / 1000, UTC)
    on_duty = [site for site in sites if member in core.people.config.on_duty(site, now)]
    return (on_duty or list(sites))[0]


def _shot(command: Command) -> Shot | None:
    pictures = cast("list[Picture]", command.args.get("shots") or [])
    return Shot(annotated=pictures[0]) if len(pictures) else None
