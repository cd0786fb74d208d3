"""Telling an emergency from memory: every chat, speaker and alert by itself, until one has it.

The outbox is passed by, and so is the pace of a chat: what stands in the way of an emergency here
is the chat server alone.  A chat is tried until it has the message or the case is in the database,
whose outbox goes on from there.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

from bot.casework.alerts import paths_of, people_to_alert
from bot.casework.aloud import nearest
from bot.casework.core import place_of
from bot.casework.timely import SPEAK_EMERGENCY_WITHIN_MS
from bot.courier import Desk
from bot.courier.alerting import alert_message
from bot.domain.case import Case
from bot.domain.error import DeliveryError, Rejected, Uncertain
from bot.domain.message import ChatRef, Picture, Post, Sent
from bot.domain.report import Report, Shot
from bot.domain.response import Response
from bot.domain.sighting import open_case
from bot.domain.site import Faces
from bot.lastresort.record import SPEAKING, Record, Told
from bot.ports import SOUNDED, Utterance
from bot.texts.cards import unrecorded_card
from bot.texts.hazards import spoken_sentence
from bot.texts.wording import Wording

log = logging.getLogger(__name__)

_PICTURE_WITHIN_S = 3.0
"""A slow line must not hold up the words: they go without the picture then."""
_TEXT_WITHIN_S = 5.0
_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)

Note = Callable[[Told], Awaitable[None]]
NoteAlerted = Callable[[str, int], Awaitable[None]]
"""Second path, when."""
NoteSaid = Callable[[str, str], Awaitable[None]]
"""Speaker, outcome."""


class Shout:
    """Tells emergencies through what a courier's desk has."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._core = desk.core

    def chats(self, report: Report) -> tuple[ChatRef, ...]:
        """Where it is to be told: wherever its card would be shown."""
        case = self._case(report)
        refs = (*self._core.chats_of(case), *self._core.direct_chats_of(case))
        return tuple(ref for ref in refs if ref.channel in self._desk.channels)

    async def tell(self, record: Record, note: Note) -> None:
        """Until every chat has it, or cancelled; `note` is called for each."""
        await asyncio.gather(*(self._tell(record, ref, note) for ref in record.chats))

    async def alert(self, record: Record, note: NoteAlerted) -> None:
        """Until every second path has it, or cancelled; `note` is called for each."""
        case = self._case(record.report)
        paths = [alert.id for alert in paths_of(self._core, case) if alert.id in self._desk.alerts]
        await asyncio.gather(*(self._alert(case, record, path, note) for path in paths))

    async def speak(self, record: Record, note: NoteSaid) -> None:
        """The hazard's sentence on the speakers of the place, once; `note` gets each outcome.

        Where none of them was heard, those of the rest of the site follow until one is.
        """
        case, config = self._case(record.report), self._core.people.config
        if not self._core.may_sound(case, self._core.clock()):
            return
        of_place = config.speakers_for(case.site, case.camera)
        heard = await asyncio.gather(*(self._say(case, record, one.id, note) for one in of_place))
        if any(heard):
            return
        for speaker in nearest(config, case)[len(of_place) :]:
            if await self._say(case, record, speaker.id, note):
                return

    async def tell_admins(self, key: str) -> None:
        """A sentence for the admins' chats, one try each."""
        for row in self._core.to_admins(key, {}, self._core.clock()):
            ref, configured = self._desk.where(row.target)
            language = self._desk.language(ref, configured)
            text = Wording(self._core.people.config, language).say(key)
            channel = self._desk.channels.get(ref.channel)
            try:
                async with asyncio.timeout(_TEXT_WITHIN_S):
                    if channel is not None:
                        now = self._core.clock()
                        await channel.send(ref, Post(text), key=f"{key}:{ref.key}:{now}")
            except (DeliveryError, TimeoutError) as error:
                log.warning("the admins at %s were not told: %s", ref.key, error)

    def _case(self, report: Report) -> Case:
        """The case that it will be, without a number."""
        return open_case(report, 0, self._response(report)).case

    def _response(self, report: Report) -> Response:
        return self._core.responses.of(report.hazard, report.site)

    async def _tell(self, record: Record, ref: ChatRef, note: Note) -> None:
        if ref.key in record.told:
            return
        for attempt in count():
            if record.over:
                return
            try:
                sent, has_picture = await self._send(record, ref)
            except Rejected as error:
                log.error("emergency %s is refused by %s: %s", record.report.key, ref.key, error)
                return
            except DeliveryError as error:
                log.warning("emergency %s is not told in %s: %s", record.report.key, ref.key, error)
            except Exception:  # whatever a channel does, another try may do better
                log.exception("emergency %s broke at %s", record.report.key, ref.key)
            else:
                await note(Told(ref, sent.message_id, has_picture, self._core.clock()))
                return
            await _pause(attempt)

    async def _send(self, record: Record, ref: ChatRef) -> tuple[Sent, bool]:
        """With its picture, or else without."""
        channel = self._desk.channels[ref.channel]
        key, post = f"unrecorded-{record.report.key}-{ref.key}", self._post(record, ref)
        picture = await self._picture(record.report.shot, ref)
        if picture is not None:
            try:
                async with _one_try(record, ref, _PICTURE_WITHIN_S):
                    sent = await channel.send(ref, post, key=key, picture=picture)
                return sent, sent.detail.get("picture", True) is True
            except DeliveryError as error:
                log.warning("emergency %s goes without picture: %s", record.report.key, error)
                post = self._post(record, ref)
        async with _one_try(record, ref, _TEXT_WITHIN_S):
            return await channel.send(ref, post, key=key), False

    def _post(self, record: Record, ref: ChatRef) -> Post:
        case = self._case(record.report)
        facts = self._desk.facts.at_hand(case, ref.channel)
        repeat = ref.key in record.doubt and not self._desk.has_key(ref)
        language = self._desk.language(*self._desk.where(ref.key, private=ref.private))
        return unrecorded_card(case, replace(facts, repeat=repeat), language)

    async def _picture(self, shot: Shot | None, ref: ChatRef) -> Picture | None:
        if shot is None:
            return None
        _, configured = self._desk.where(ref.key, private=ref.private)
        clear = configured is not None and configured.faces is Faces.CLEAR
        chosen = shot.annotated if clear else shot.blurred or shot.annotated
        return chosen if chosen.jpeg else await self._desk.load(chosen.sha256)

    async def _alert(self, case: Case, record: Record, path: str, note: NoteAlerted) -> None:
        key, people = record.report.key, people_to_alert(self._core, case, self._core.clock())
        id = f"unrecorded-{path}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        for attempt in count():
            if record.over or path in record.alerted:
                return
            try:
                await self._desk.alerts[path].send(alert_message(self._desk, case, people, id))
            except Rejected as error:
                log.error("emergency %s is refused by %s: %s", key, path, error)
                return
            except DeliveryError as error:
                log.warning("emergency %s not alerted by %s: %s", key, path, error)
            else:
                await note(path, self._core.clock())
                return
            await _pause(attempt)

    async def _say(self, case: Case, record: Record, speaker: str, note: NoteSaid) -> bool:
        """Whether it was heard."""
        config, response = self._core.people.config, self._response(record.report)
        known = config.speaker(speaker)
        language = known.language if known else config.language
        sentence = spoken_sentence(response, language, place_of(config, case))
        if not sentence or speaker in record.spoken:
            return False
        await note(speaker, SPEAKING)
        said = await self._desk.announcer.announce(
            Utterance(
                id=f"unrecorded-{record.report.key}",
                speaker=speaker,
                text=sentence,
                language=language,
                severity=case.severity.word,
                style=response.speak.style.value,
                expires_at=record.report.received_at + SPEAK_EMERGENCY_WITHIN_MS,
            )
        )
        await note(speaker, said.outcome)
        return said.outcome in SOUNDED


@asynccontextmanager
async def _one_try(record: Record, ref: ChatRef, seconds: float) -> AsyncGenerator[None]:
    """Bounded in time; the chat is in doubt from now on, unless this try surely failed."""
    doubted = ref.key in record.doubt
    record.doubt.add(ref.key)
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Uncertain("no outcome in time") from None
    except Uncertain:
        raise
    except DeliveryError:
        if not doubted:
            record.doubt.discard(ref.key)
        raise


async def _pause(attempt: int) -> None:
    pause = _PAUSES_S[min(attempt, len(_PAUSES_S) - 1)]
    await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries
