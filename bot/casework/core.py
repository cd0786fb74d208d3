"""What every use case works with, and how a change becomes rows.

`Core.apply` is the only place where a case is written: the case itself, its history, the clocks,
the cards, the horn and the calls to people all come from one `Change` and go into one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.casework.alerts import raise_alerts
from bot.casework.aloud import be_courteous, keep_muted, speak
from bot.casework.hooks import tell_hooks
from bot.casework.lights import put_out
from bot.casework.memory import Memory
from bot.casework.people import MOVED, People
from bot.clock import Uptime
from bot.domain.case import Case, Event, State
from bot.domain.change import Change
from bot.domain.command import Actor
from bot.domain.message import ChatRef
from bot.domain.report import Shot
from bot.domain.response import Response, Responses
from bot.domain.role import Role
from bot.domain.site import Member, Notify, Purpose, SiteConfig
from bot.ports import Clock, Entry, Outgoing, Snapshot, Store, Tx
from bot.texts.hazards import CONFIRMED

OLD_MS = 10 * 60_000
"""A command sent longer ago than this is carried out only if nothing has changed since."""


@dataclass(frozen=True, slots=True)
class Already:
    """What was done from memory, before a case could be written.

    The horn was `spoken`; the second paths in `alerted` have it.
    """

    spoken: bool = False
    alerted: frozenset[str] = frozenset()


NOTHING = Already()


@dataclass
class Core:
    """The parts that use cases share."""

    store: Store
    people: People
    responses: Responses
    clock: Clock
    mutes: dict[str, int] = field(default_factory=dict[str, int])
    uptime: Uptime = field(default_factory=Uptime)

    def __post_init__(self) -> None:
        self._memory = Memory(self.store, self.people, self.mutes)

    async def recall(self) -> None:
        """See `Memory.recall`."""
        await self._memory.recall()

    def response(self, case: Case) -> Response:
        """The row of the response table for a case."""
        return self.responses.of(case.hazard, case.site)

    def has_party(self, case: Case) -> bool:
        """Whether somebody is responsible for the site, so that a work order has a receiver."""
        site = self.people.config.site(case.site)
        return site is not None and site.responsible_party is not None

    async def apply(
        self,
        tx: Tx,
        before: Case | None,
        change: Change,
        actor: Actor,
        now: int,
        *,
        already: Already = NOTHING,
    ) -> Case:
        """Write a change and all that follows from it, but for what was done `already`."""
        if change.case.canary:  # whatever becomes of it, nobody is called and no clock runs
            change = replace(change, timers={}, ring=False, call=False)
        case = change.case
        if change.event is Event.WORK_ORDER and case.work_order is None:
            number = await tx.next_number(f"wo:{case.site}")
            case = replace(case, work_order=f"WO-{case.site}-{number}")
        if case.live_key and (before is None or before.live_key is None) and change.event in _ANEW:
            case = await self._with_free_key(tx, case)
        rings = change.ring or _newly_confirmed(before, case)
        sounds = rings and self.may_sound(case, now)
        if sounds:
            case = replace(case, spoken=1)
        if before is None:
            await tx.add_case(case)
        else:
            await tx.save_case(case)
        if before is None or _is_noteworthy(before, change):
            await tx.add_entry(case.number, _entry(change, actor, now))
            event, reason, data = change.event.value, change.reason, change.data
            await tell_hooks(self, tx, case, event, actor, now, reason=reason, data=data)
        await self._run_clocks(tx, case, change)
        if before is None:
            await self._announce_case(tx, case, now, alone=case.canary)
        elif _shows_differently(before, case):
            await tx.want(case.number, case.version, now)
            if case.severity > before.severity:
                await self._announce_case(tx, case, now, alone=True)
            elif before.work_order is None and case.work_order is not None:
                await self._announce_case(tx, case, now)
        if change.ring and before is not None and not case.trial:
            await self._tell_again(tx, before, case, now)
        if sounds and not already.spoken:
            await speak(self, tx, case, now)
        elif change.ring and not case.trial and self.is_muted(case, now):
            await keep_muted(self, tx, case, now)
        if before is not None:
            await be_courteous(self, tx, before, case, change.event, now)
            await put_out(tx, before, case, now)
        if change.call:
            await self._call(tx, case, change, actor, now)
        if before is None or change.ring or change.event is Event.ESCALATED:
            await raise_alerts(self, tx, case, now, but=already.alerted)
        return case

    async def keep_pictures(self, tx: Tx, case: Case, shot: Shot | None, at: int) -> None:
        """Note which pictures belong to a case."""
        if shot is None:
            return
        for kind in ("annotated", "blurred", "clean"):
            picture = getattr(shot, kind)
            if picture is not None:
                await tx.add_snapshot(Snapshot(case.number, kind, picture.sha256, at))

    def chats_of(self, case: Case) -> list[ChatRef]:
        """The chats that show a case; one on trial is shown to the installer only."""
        return [ref for ref in self._places_of(case) if ref.channel != "webhook"]

    def hooks_of(self, case: Case) -> list[ChatRef]:
        """The receivers of webhooks that are told of a case."""
        return [ref for ref in self._places_of(case) if ref.channel == "webhook"]

    def _places_of(self, case: Case) -> list[ChatRef]:
        if case.canary:
            return self.people.canary_chats()
        purpose = Purpose.ADMIN if case.trial else Purpose.CASES
        config = self.people.config
        chats = config.chats_for(case.site, purpose, case.severity)
        site = config.site(case.site)
        party = config.party(site.responsible_party or "") if site else None
        if case.work_order is not None and party is not None and party.chat is not None:
            chats = (*chats, party.chat)
        return [self.people.ref_of(chat) for chat in chats]

    def direct_chats_of(self, case: Case, called: Sequence[str] | None = None) -> list[ChatRef]:
        """The private chats of members who want cards there; of those who are `called`, if any."""
        if case.trial:
            return []
        members = self.people.config.members_for(case.site)
        wanting = [m for m in members if m.notify is not Notify.GROUP and self.people.active(m.id)]
        users = [
            self.people.user_of(member.id, "telegram")
            for member in wanting
            if called is None or member.id in called
        ]
        return [ChatRef("telegram", user, private=True) for user in users if user]

    async def move_chat(self, tx: Tx, chat: ChatRef, new_id: str) -> None:
        """The platform gave a chat another id, under which its messages cannot be edited.

        Live cases that it showed get new cards there, and the admins are asked to note the id.
        """
        known, now = await tx.learned(MOVED, chat.key), self.clock()
        if known is not None and known["id"] == new_id:
            return
        await tx.learn(MOVED, chat.key, {"id": new_id, "at": now})
        for number in await tx.lose_copies(chat):
            case = await tx.case(number)
            if case is not None and case.live:
                await tx.send(card_row(case, replace(chat, id=new_id), now))
        params = {"target": chat.id, "text": new_id}
        there = replace(chat, id=new_id).key  # everybody else knows once this is committed
        for told in self.to_admins("admin.chat_moved", params, now):
            target = there if told.target == chat.key else told.target
            once = f"moved:{chat.key}:{new_id}:{target}"  # both chats tell of it, maybe at once
            await tx.send(replace(told, target=target, dedupe_key=once))

    def to_admins(self, key: str, params: Mapping[str, Any], now: int) -> list[Outgoing]:
        """A sentence about the service itself for every chat of the admins."""
        refs = [self.people.ref_of(c) for c in self.people.config.chats_for(None, Purpose.ADMIN)]
        payload = {"key": key, "params": dict(params)}
        return [Outgoing("text", ref.key, payload, now) for ref in refs]

    def is_muted(self, case: Case, now: int) -> bool:
        """Whether someone silenced the place for a while; emergencies are never muted."""
        if case.emergency:
            return False
        return any(self.mutes.get(key, 0) > now for key in (case.camera or "", case.site))

    async def _with_free_key(self, tx: Tx, case: Case) -> Case:
        holder = await tx.case_holding(case.live_key or "")
        taken = holder is not None and holder.number != case.number
        return replace(case, live_key=None) if taken else case

    async def _run_clocks(self, tx: Tx, case: Case, change: Change) -> None:
        if change.stop_all and change.event is not Event.OPENED:
            await tx.stop_timer(case.number)
        for kind, due in change.timers.items():
            if due is None:
                await tx.stop_timer(case.number, kind)
            else:
                await tx.set_timer(case.number, kind, due)

    async def _announce_case(self, tx: Tx, case: Case, now: int, *, alone: bool = False) -> None:
        """The card, in every chat that is to see it and has none yet; a line of a digest is enough.

        `alone`: it is to have a card of its own even so.
        """
        first: set[str] = set()
        shown = first if alone or case.version == 1 else await tx.places_showing(case.number)
        refs = [*self.chats_of(case), *self.direct_chats_of(case)]
        rows = [card_row(case, ref, now, alone=alone) for ref in refs if ref.key not in shown]
        await tx.send(*rows)

    def may_sound(self, case: Case, now: int) -> bool:
        """The horn is silent on trial, when muted, and when someone is on it."""
        if case.trial or self.is_muted(case, now):
            return False
        return case.emergency or case.acknowledged_by is None

    async def _tell_again(self, tx: Tx, before: Case, case: Case, now: int) -> None:
        key = "ring.again"
        params: dict[str, Any] = {"at": case.last_seen}
        if case.severity > before.severity:
            key, params = "ring.risen", {"severity": case.severity.word}
        elif before.state is State.CLOSED:
            key = "ring.reopened"
        elif before.state is State.RECTIFIED:
            key = "ring.not_fixed"
        await self.tell(tx, case, key, params, now)

    async def _call(self, tx: Tx, case: Case, change: Change, actor: Actor, now: int) -> None:
        """Call the people whose turn it is, in the chats that show the case."""
        people = [member.id for member in self.called(case)]
        params: dict[str, Any] = {"who": actor.id, "people": people, "reason": change.reason}
        match change.event:
            case Event.ASSIGNED:
                key, people = "call.assigned", [str(change.data["to"])]
                params["people"] = people
            case Event.WORK_ORDER:
                key = "call.work_order"
            case _ if not people:
                key = "call.nobody"
            case _ if actor.member is not None:
                key = "call.by_person"
            case _:
                key = "call.escalated"
                params["since"] = case.opened_at
        await self.tell(tx, case, key, params, now, people=people)

    def called(self, case: Case) -> list[Member]:
        """The people of the case's present level, or of its work order."""
        config = self.people.config
        if case.state is State.WORK_ORDER:
            site = config.site(case.site)
            party = site.responsible_party if site else None
            return [m for m in config.members if party and m.party == party]
        roles = self.response(case).escalate_to
        if not 0 < case.level <= len(roles):
            return []
        return list(self.people.holding(case.site, [Role(roles[case.level - 1])]))

    def chain(self, case: Case) -> list[Member]:
        """Everyone whom an emergency calls."""
        return list(self.people.holding(case.site, self.response(case).escalate_to))

    async def tell(
        self,
        tx: Tx,
        case: Case,
        key: str,
        params: Mapping[str, Any],
        now: int,
        people: list[str] | None = None,
        once: str = "",
    ) -> None:
        """A sentence about a case, as a reply to its card, in every chat that shows it.

        `people` are called; without any it is told to everyone, in private chats too.  What is
        told `once` is not told again of the case.
        """
        rows = [
            Outgoing(
                kind="text",
                target=ref.key,
                payload={
                    "key": key,
                    "params": dict(params),
                    "people": people or [],
                    "private": ref.private,
                },
                due=now,
                lane=lane_of(case),
                case=case.number,
                stream=f"{ref.key}#{case.number}",
                dedupe_key=f"{once}:{ref.key}#{case.number}" if once else None,
            )
            for ref in (*self.chats_of(case), *self.direct_chats_of(case, people))
        ]
        await tx.send(*rows)


_ANEW = frozenset({Event.OPENED, Event.REOPENED, Event.UNDONE, Event.SEEN_AGAIN, Event.ATTACHED})


def lane_of(case: Case) -> str:
    """The lane of what is said about a case."""
    return case.severity.word


def card_row(case: Case, ref: ChatRef, now: int, *, alone: bool = False) -> Outgoing:
    """The card of a case for one chat; it can be waiting or sent only once.

    `alone`: it never becomes a line of a digest.
    """
    return Outgoing(
        kind="card",
        target=ref.key,
        payload={"private": ref.private, "alone": alone, "asked": now},
        due=now,
        lane=lane_of(case),
        case=case.number,
        stream=f"{ref.key}#{case.number}",
        dedupe_key=f"card:{ref.key}#{case.number}",
    )


def place_of(config: SiteConfig, case: Case) -> str:
    """The nearest name of where a case is."""
    return config.place_name(case.site, case.camera, case.zone)


def _entry(change: Change, actor: Actor, now: int) -> Entry:
    private = {"reason": change.reason} if change.reason else {}
    return Entry(now, change.event.value, actor.id, change.data, private)


def _newly_confirmed(before: Case | None, case: Case) -> bool:
    """Whether the horn has something else to say now: that it is so."""
    if before is None or before.confirmed_by is not None or case.confirmed_by is None:
        return False
    return case.live and case.hazard in CONFIRMED


def _is_noteworthy(before: Case, change: Change) -> bool:
    """A camera that goes on seeing the same thing adds nothing to the history."""
    return change.event is not Event.ATTACHED or _shows_differently(before, change.case)


def _shows_differently(before: Case, after: Case) -> bool:
    unseen: dict[str, Any] = {"last_seen": 0, "version": 0, "subjects": {}, "live_key": None}
    return replace(before, **unseen) != replace(after, **unseen)
