"""What the courier works with, and how rows become messages."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot.casework.canaries import SURVEYS
from bot.casework.core import Core
from bot.casework.facts import Facts
from bot.courier.uplink import Uplink
from bot.domain.case import Case
from bot.domain.hazard import Severity
from bot.domain.jpegsize import jpeg_size
from bot.domain.message import Button, ChatRef, Mention, Picture, Post
from bot.domain.site import Chat, Faces, Purpose
from bot.ports import (
    Actuator,
    AlertPath,
    Announcer,
    Channel,
    Copy,
    Digest,
    OutboxRow,
    PictureShrinker,
    PictureStore,
    Switched,
)
from bot.texts.canaries import canary_post
from bot.texts.cards import card
from bot.texts.digests import digest_post
from bot.texts.wording import Wording

log = logging.getLogger(__name__)

Outcomes = Callable[[OutboxRow, Mapping[str, Any]], None]
"""Is told what became of each try of a row, when that is on record."""


def _nobody(row: OutboxRow, outcome: Mapping[str, Any]) -> None:
    """Nobody asks."""


@dataclass(frozen=True, slots=True)
class LastOrder:
    """An order that was given to an actuator at `began` (the event loop's time)."""

    on: bool
    began: float
    switched: Switched


@dataclass(frozen=True)
class Desk:
    """The parts that deliveries share."""

    core: Core
    facts: Facts
    channels: Mapping[str, Channel]
    announcer: Announcer
    pictures: PictureStore
    alerts: Mapping[str, AlertPath] = field(default_factory=dict[str, AlertPath])
    outcomes: Outcomes = _nobody
    uplink: Uplink = field(default_factory=Uplink)
    shrinker: PictureShrinker | None = None
    actuators: Mapping[str, Actuator] = field(default_factory=dict[str, Actuator])
    _turns: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict[str, asyncio.Lock](asyncio.Lock)
    )

    orders: dict[str, LastOrder] = field(default_factory=dict[str, LastOrder])
    """What became of the last order to each actuator."""

    def turn_of(self, actuator: str) -> asyncio.Lock:
        """Is held by whoever is switching it."""
        return self._turns[actuator]

    def chat_of(self, row: OutboxRow) -> tuple[ChatRef, Chat | None]:
        """Where a row goes now, and the configuration of that chat if it has one.

        A chat may have moved; the topic stays the row's own, where the question was asked.
        """
        return self.where(row.target, private=bool(row.payload.get("private")))

    def place(self, target: str) -> str:
        """The key of the place that a row with this target goes to now."""
        return self.where(target)[0].key

    def where(self, target: str, *, private: bool = False) -> tuple[ChatRef, Chat | None]:
        """Where a target is to be found now, and its configuration."""
        channel, _, rest = target.partition(":")
        id, _, topic = rest.partition("/")
        ref = ChatRef(channel, id, topic or None, private)
        configured = None if private else self.core.people.chat_config(ref)
        if configured is None:
            return ref, None
        return replace(ref, id=self.core.people.ref_of(configured).id), configured

    def has_key(self, ref: ChatRef) -> bool:
        """Whether sending again under the same key delivers once there."""
        return self.channels[ref.channel].capabilities.has_idempotency_key

    def language(self, ref: ChatRef, configured: Chat | None) -> str:
        """What the readers there speak."""
        config = self.core.people.config
        if configured is not None:
            return configured.language
        return self.core.people.language_of(ref.channel, ref.id, config.language)

    def limit(self, ref: ChatRef, configured: Chat | None) -> int:
        """Messages per minute there; 0: no limit."""
        if configured is not None and configured.messages_per_minute is not None:
            return configured.messages_per_minute
        platform = self.channels[ref.channel].capabilities.messages_per_minute
        return max(platform, 60) if ref.private and platform else platform

    async def card(
        self,
        case: Case,
        ref: ChatRef,
        configured: Chat | None,
        *,
        row: OutboxRow | None = None,
        copy: Copy | None = None,
        repeat: bool = False,
        follows: bool = False,
    ) -> Post:
        """The card of a case as that chat is to see it, first (`row`) or in place of a `copy`."""
        if case.canary:
            repeat = repeat or (copy is not None and copy.repeat)
            return await self._canary(case, ref, configured, repeat=repeat)
        facts = await self.facts.of(case, ref.channel, row=row, copy=copy)
        repeat = repeat or (copy is not None and copy.repeat)
        if follows:
            facts = replace(facts, picture="follows")
        return card(case, replace(facts, repeat=repeat), self.language(ref, configured))

    async def _canary(
        self, case: Case, ref: ChatRef, configured: Chat | None, *, repeat: bool
    ) -> Post:
        """A test of delivery; the admins see on it how everything is."""
        told = (await self.core.store.all_learned(SURVEYS)).get(str(case.number), {})
        config, language = self.core.people.config, self.language(ref, configured)
        wording = Wording(config, language, config.site(case.site))
        admins = configured is not None and configured.purpose is Purpose.ADMIN
        return canary_post(case, told, wording, admins=admins, repeat=repeat)

    async def picture(self, case: Case, configured: Chat | None) -> Picture | None:
        """The picture of a case, if it can be loaded."""
        sha = await self.picture_of(case, configured)
        return await self.load(sha) if sha is not None else None

    async def picture_of(self, case: Case, configured: Chat | None) -> str | None:
        """A case's picture by name, faces blurred where the chat does not ask for clear ones."""
        snapshots = await self.core.store.snapshots(case.number)
        found = [snapshot for snapshot in snapshots if snapshot.erased_at is None]
        clear = configured is not None and configured.faces is Faces.CLEAR
        kinds = ("annotated",) if clear else ("blurred", "annotated")
        for kind in kinds:
            shas = [snapshot.sha256 for snapshot in found if snapshot.kind == kind]
            if shas:
                return shas[0]
        return None

    def digest(
        self,
        shown: Digest,
        cases: Sequence[Case],
        ref: ChatRef,
        configured: Chat | None,
        *,
        repeat: bool = False,
    ) -> Post:
        """The cases that share a message as that chat is to see them."""
        config = self.core.people.config
        wording = Wording(config, self.language(ref, configured))
        return digest_post(shown, cases, wording, self._duty(cases, ref.channel), repeat=repeat)

    def _duty(self, cases: Sequence[Case], channel: str) -> list[Mention]:
        """Who is on duty where something serious is among them."""
        people, now = self.core.people, datetime.fromtimestamp(self.core.clock() / 1000, UTC)
        grave = {case.site for case in cases if case.live and case.severity > Severity.GENERAL}
        members = {m.id: m for site in sorted(grave) for m in people.config.on_duty(site, now)}
        return [Mention(m.name, people.user_of(m.id, channel)) for m in members.values()]

    async def gravest_picture(
        self, cases: Sequence[Case], configured: Chat | None
    ) -> Picture | None:
        """The picture of the gravest of the cases that have one."""
        for case in sorted(cases, key=lambda case: -case.severity):
            if picture := await self.picture(case, configured):
                return picture
        return None

    async def load(self, sha256: str) -> Picture | None:
        """A picture out of the store; None if it is gone: nothing waits for a store that fails."""
        try:
            jpeg = await self.pictures.get(sha256)
        except OSError as error:
            log.error("a picture cannot be read, what it belongs to goes out without: %s", error)
            return None
        return Picture(jpeg, sha256, *jpeg_size(jpeg)) if jpeg is not None else None

    async def text(self, row: OutboxRow, ref: ChatRef, configured: Chat | None) -> Post:
        """A sentence: ready as it is, or a key to be said in the readers' language."""
        payload, language = row.payload, self.language(ref, configured)
        case = await self.core.store.get_case(row.case) if row.case is not None else None
        text = payload.get("text") or await self._lines(payload, language, case)
        if row.unsure:
            text = Wording(self.core.people.config, language).say("repeat") + text
        people = self.core.people
        members = [people.config.member(id) for id in payload.get("people", ())]
        mentions = [
            Mention(member.name, people.user_of(member.id, ref.channel))
            for member in members
            if member is not None
        ]
        buttons = tuple(
            tuple(Button(label, data) for label, data in line)
            for line in payload.get("buttons", ())
        )
        return Post(text=text, buttons=buttons, mentions=tuple(mentions), case=row.case)

    async def _lines(self, payload: Mapping[str, Any], language: str, case: Case | None) -> str:
        """One sentence, or several that share a message."""
        if "several" not in payload:
            return self._said(payload, language, case)
        cases = {case.number: case for case in await self.core.store.get_cases(_cases_of(payload))}
        said = [self._said(one, language, cases.get(one["case"])) for one in payload["several"]]
        return "\n".join(said)

    def _said(self, payload: Mapping[str, Any], language: str, case: Case | None) -> str:
        config = self.core.people.config
        wording = Wording(config, language, config.site(case.site) if case else None)
        params = {"case": case, **payload.get("params", {})}
        return wording.say(payload["key"], now=self.core.clock(), **params)


def _cases_of(payload: Mapping[str, Any]) -> list[int]:
    return [one["case"] for one in payload["several"] if one["case"] is not None]
