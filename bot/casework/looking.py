"""Answers to questions: what is open, what a case's story is, who is on duty."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from bot.casework.acts import (
    actor_member,
    require,
    sites_in_question,
    without_site,
)
from bot.casework.condition import (
    Condition,
    Dark,
    Silent,
    Views,
    no_cameras,
    none_dark,
    none_silent,
)
from bot.casework.core import Core
from bot.casework.facts import Facts
from bot.casework.named import camera_named
from bot.casework.scheduled import LAST, each, key_of
from bot.domain.case import LIVE, Case, State
from bot.domain.command import Command, Verb
from bot.domain.error import NotFound, Refused
from bot.domain.hazard import Severity
from bot.domain.site import Faces, Member, Mode
from bot.ports import CaseFilter
from bot.texts.charts import bar, sparkline, tally
from bot.texts.help import help_text
from bot.texts.lists import case_detail, case_list, place_list
from bot.texts.wording import Wording

_DAY_MS = 24 * 3600 * 1000
_LIST_LIMIT = 500
_CHARTED_DAYS = 31
"""More columns do not fit on one line of a phone."""

Disk = Callable[[], Mapping[str, Any]]
"""What is to be said of the disk, and whether it is `short` of room; nothing if unknown."""

_FRESH_MS = 10_000

Snap = Callable[[str, bool], Awaitable[tuple[str, int] | None]]
"""Camera id, clear faces? -> SHA-256 of its newest picture in the store, and its time (ms)."""


async def no_snapshot(_: str, clear: bool) -> tuple[str, int] | None:
    """Where this process watches no camera."""
    return None


class Looking:
    """See `bot.casework.acts.Looks`."""

    def __init__(
        self,
        core: Core,
        facts: Facts,
        views: Views = no_cameras,
        snap: Snap = no_snapshot,
        disk: Disk = dict,
        silent: Silent = none_silent,
        dark: Dark = none_dark,
    ) -> None:
        self._core = core
        self._facts = facts
        self._view = views
        self._snap = snap
        self._disk = disk
        self._condition = Condition(core, views, silent, dark)

    async def look(self, command: Command, language: str) -> tuple[str, str | None]:
        """The answer in words, and a picture's SHA-256; raises `Refused` or `NotFound`."""
        if command.verb is Verb.SNAPSHOT:
            return await self.snapshot(command, language)
        look = _LOOKS.get(command.verb)
        if look is None:
            raise Refused("refused.not_yet")
        picture = await self._picture_of(command) if command.verb is Verb.CASE else None
        return await look(self, command, language), picture

    async def snapshot(self, command: Command, language: str) -> tuple[str, str | None]:
        """What a camera sees now, or saw last; faces as the chat wants them."""
        member = actor_member(self._core, command)
        sites = sites_in_question(self._core, command, member)
        camera = camera_named(self._core, str(command.args.get("camera", "")), sites)
        found = await self._snap(camera.id, self._wants_clear_faces(command))
        wording, now = self._wording(command, language), self._core.clock()
        if found is None:
            return wording.say("snapshot.none", camera=camera.id), None
        sha, at = found
        key = "snapshot.done" if now - at <= _FRESH_MS else "snapshot.old"
        return wording.say(key, camera=camera.id, at=at, now=now), sha

    def _wants_clear_faces(self, command: Command) -> bool:
        """As the configured chat says; blurred everywhere else."""
        if command.chat is None or command.chat.private:
            return False
        chat = self._core.people.chat_config(command.chat)
        return chat is not None and chat.faces is Faces.CLEAR

    async def _picture_of(self, command: Command) -> str | None:
        found = await self._core.store.snapshots(command.cases[0]) if command.cases else []
        kept = [snapshot for snapshot in found if snapshot.erased_at is None]
        shown = [snapshot for snapshot in kept if snapshot.kind in ("blurred", "annotated")]
        blurred = [snapshot for snapshot in shown if snapshot.kind == "blurred"]
        return next((snapshot.sha256 for snapshot in blurred or shown), None)

    async def help(self, command: Command, language: str) -> str:
        """What this person can say."""
        member = self._core.people.active(command.actor.id)
        if member is None:
            return help_text(None, language)
        config = self._core.people.config
        sites = sites_in_question(self._core, command, member)
        roles = [role for site in sites if (role := config.role_of(member.id, site))]
        return help_text(roles[0] if roles else member.role, language)

    async def whoami(self, command: Command, language: str) -> str:
        """Who the sender is to the program."""
        wording = self._wording(command, language)
        account = str(command.args.get("account", ""))
        member = self._core.people.active(command.actor.id)
        if member is None:
            return wording.say("whoami.stranger", text=account)
        config = self._core.people.config
        own = [config.site(id) for id in self._core.people.member_sites(member)]
        names = [site.name for site in own if site]
        return wording.say("whoami", who=member.id, role=member.role, names=names, text=account)

    async def chatid(self, command: Command, language: str) -> str:
        """The id to put into the site file."""
        chat = command.chat
        if chat is None:
            raise Refused("refused.no_site")
        known = self._core.people.chat_config(chat) is not None or chat.private
        key = "chatid" if known else "chatid.unconfigured"
        text = chat.id + (f" (topic {chat.topic})" if chat.topic else "")
        return self._wording(command, language).say(key, text=text)

    async def cases(self, command: Command, language: str) -> str:
        """The live cases of this chat; with `places` those there, of `today` the ended ones too."""
        wording, now = self._wording(command, language), self._core.clock()
        places, today = command.args.get("places", ()), bool(command.args.get("today"))
        if not places and not today:
            return case_list(await self._live(command), wording, now)
        since = start_of_day(now, wording.zone)
        found = await (self._all(command) if today else self._live(command))
        there = [
            case
            for case in found
            if (not places or any(is_there(case, *place) for place in places))
            and (not today or max(case.last_seen, case.opened_at) >= since)
        ]
        return place_list(there, wording, now, str(command.args.get("place", "")), today=today)

    async def case(self, command: Command, language: str) -> str:
        """One case with its history."""
        if not command.cases:
            raise Refused("refused.verb_needs_case", verb=command.verb)
        case = await self._core.store.get_case(command.cases[0])
        if case is None or case.house:
            raise NotFound("refused.unknown_case", case=command.cases[0])
        member = actor_member(self._core, command)
        if self._core.people.config.role_of(member.id, case.site) is None:
            own = self._core.people.member_sites(member)
            raise Refused("refused.other_site", case=case.number, site=case.site, own=own)
        history = await self._core.store.history(case.number)
        channel = command.chat.channel if command.chat else ""
        facts = await self._facts.of(case, channel)
        return case_detail(case, history, facts, language)

    async def status(self, command: Command, language: str) -> str:
        """How the sites are doing."""
        member = actor_member(self._core, command)
        wording, now = self._wording(command, language), self._core.clock()
        lines: list[str] = []
        for id in sites_in_question(self._core, command, member):
            lines += await self._condition.of_site(id, wording, now)
        if lines:
            lines += await self._condition.of_delivery(member, wording, now)
        if lines and (disk := self._disk()):
            lines.append(
                wording.say("status.disk_short" if disk["short"] else "status.disk", **disk)
            )
        if not lines:
            raise without_site(self._core, command, member)
        return "\n".join(lines)

    async def cameras(self, command: Command, language: str) -> str:
        """Which cameras have a picture."""
        member = actor_member(self._core, command)
        wording, config = self._wording(command, language), self._core.people.config
        sites, now = sites_in_question(self._core, command, member), self._core.clock()
        lines: list[str] = []
        for camera in (c for site in sites for c in config.cameras_of(site)):
            view = self._view(camera.id)
            key = f"camera.{view.state}"
            if view.state == "failed" and view.at is None:
                key = "camera.dark"
            elif view.state == "live" and camera.mode is Mode.TRIAL:
                key = "camera.trial"
            params = {"since": view.at, "text": f"{view.looks_per_second:.1f}"}
            lines.append(wording.say(key, now=now, camera=camera.id, **params))
        return "\n".join(lines) or wording.say("cameras.none")

    async def duty(self, command: Command, language: str) -> str:
        """Who is on duty now."""
        member = actor_member(self._core, command)
        wording, now = self._wording(command, language), self._core.clock()
        lines: list[str] = []
        for site in sites_in_question(self._core, command, member):
            people = [m.id for m in self._on_duty(site, now)]
            key = "duty.now" if people else "duty.nobody"
            lines.append(wording.say(key, site=site, people=people))
        if not lines:
            raise without_site(self._core, command, member)
        return "\n".join(lines)

    async def report(self, command: Command, language: str) -> str:
        """Counts of the last days."""
        member = actor_member(self._core, command)
        given = command.args.get("days")
        if given == 0 or (given is None and command.args.get("text")):
            raise Refused("refused.report_days", text=command.args.get("text") or given)
        days = 7 if given is None else int(given)
        since = self._core.clock() - days * _DAY_MS
        sites = sites_in_question(self._core, command, member)
        found = await self._core.store.list_cases(CaseFilter(sites=sites, limit=100_000))
        recent = [case for case in found if case.opened_at >= since]
        wording = self._wording(command, language)
        if not recent:
            return wording.say("report.none", count=days)
        lines = [wording.say("report.head", count=days)]
        if days <= _CHARTED_DAYS:
            per_day = [0] * days
            for case in recent:
                per_day[min((case.opened_at - since) // _DAY_MS, days - 1)] += 1
            lines.append(wording.say("report.days", text=sparkline(per_day)))
        kinds = tally(case.hazard for case in recent)
        lines += [
            wording.say("report.line", hazard=hazard, count=count, text=bar(count, kinds[0][1]))
            for hazard, count in kinds
        ]
        lines += [
            wording.say("report.outcome", outcome=outcome, count=count)
            for outcome, count in tally(case.outcome for case in recent if case.outcome)
        ]
        return "\n".join(lines)

    async def announcements(self, command: Command, language: str) -> str:
        """What is said at fixed times, when next, and how the last one ended."""
        core, now = self._core, self._core.clock()
        member = actor_member(core, command)
        sites = sites_in_question(core, command, member)
        if not sites:
            raise without_site(core, command, member)
        for site in sites:
            require(core, member, Verb.ANNOUNCEMENTS, site)
        last, wording = await core.store.all_learned(LAST), self._wording(command, language)
        found: list[tuple[int, str]] = []
        for one, speaker, zone in each(core):
            if speaker.site not in sites:
                continue
            coming = one.following(now, zone)
            params = {"speaker": speaker.id, "text": one.text[speaker.language], "name": one.id}
            line = wording.say(
                "announcements.line", at=coming.at if coming else now, now=now, **params
            )
            if ended := last.get(key_of(one.id, speaker.id)):
                told = {"at": ended["at"], "horn": ended["outcome"], "now": now}
                line += wording.say("announcements.last", **told)
            found.append((coming.at if coming else now, line))
        lines = [line for _, line in sorted(found)]
        return "\n".join(lines) or wording.say("announcements.none")

    async def handover(self, command: Command, language: str) -> str:
        """What the next shift takes over."""
        member = actor_member(self._core, command)
        wording, now = self._wording(command, language), self._core.clock()
        live = await self._live(command)
        lines: list[str] = []
        for site in sites_in_question(self._core, command, member):
            here = [case for case in live if case.site == site]
            lines.append(
                wording.say(
                    "handover",
                    site=site,
                    at=now,
                    emergencies=sum(case.severity is Severity.EMERGENCY for case in here),
                    count=len(here),
                    escalated=sum(case.state is State.ESCALATED for case in here),
                    orders=sum(case.state is State.WORK_ORDER for case in here),
                )
            )
        if not lines:
            raise without_site(self._core, command, member)
        return "\n".join(lines)

    async def _all(self, command: Command) -> list[Case]:
        """Live or not, the newest first."""
        return await self._shown(command, None)

    async def _live(self, command: Command) -> list[Case]:
        return await self._shown(command, tuple(LIVE))

    async def _shown(self, command: Command, states: tuple[State, ...] | None) -> list[Case]:
        member: Member = actor_member(self._core, command)
        sites = sites_in_question(self._core, command, member)
        which = CaseFilter(sites=sites, states=states, limit=_LIST_LIMIT)
        found, chat = await self._core.store.list_cases(which), command.chat
        shows = self._core.people.shows
        return [case for case in found if chat is None or shows(chat, member, case)]

    def _on_duty(self, site: str, now: int) -> tuple[Member, ...]:
        moment = datetime.fromtimestamp(now / 1000, UTC)
        return self._core.people.config.on_duty(site, moment)

    def _wording(self, command: Command, language: str) -> Wording:
        config, member = self._core.people.config, self._core.people.active(command.actor.id)
        sites = sites_in_question(self._core, command, member) if member else ()
        return Wording(config, language, config.site(sites[0]) if sites else None)


def start_of_day(now: int, zone: tzinfo) -> int:
    """When the day of `now` began there (ms)."""
    local = datetime.fromtimestamp(now / 1000, zone)
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def is_there(case: Case, site: str, camera: str | None, zone: str | None) -> bool:
    """Whether the case is at that site, before that camera, in that zone (None: anywhere)."""
    return case.site == site and camera in (None, case.camera) and zone in (None, case.zone)


_Look = Callable[[Looking, Command, str], Awaitable[str]]

_LOOKS: Mapping[Verb, _Look] = {
    Verb.HELP: Looking.help,
    Verb.WHOAMI: Looking.whoami,
    Verb.CHATID: Looking.chatid,
    Verb.CASES: Looking.cases,
    Verb.CASE: Looking.case,
    Verb.STATUS: Looking.status,
    Verb.REPORT: Looking.report,
    Verb.CAMERAS: Looking.cameras,
    Verb.DUTY: Looking.duty,
    Verb.HANDOVER: Looking.handover,
    Verb.ANNOUNCEMENTS: Looking.announcements,
}
