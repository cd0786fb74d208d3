"""Bringing an emergency out of the journal into the database: once, with what was told already."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from dataclasses import replace

from bot.casework.core import Already, Core, card_row, place_of
from bot.casework.intake import take_report
from bot.casework.lights import light_up
from bot.casework.timely import SPEAK_EMERGENCY_WITHIN_MS
from bot.domain.case import Case, TimerKind
from bot.domain.clocks import ms
from bot.domain.report import Report
from bot.lastresort.record import SPEAKING, Record
from bot.ports import Entry, Outgoing, PictureStore, Tx
from bot.texts.hazards import spoken_sentence

log = logging.getLogger(__name__)

IMPORTED = "imported"
"""The entry in a case's history, and the kind under which it is learned that a record is in."""


class Bringing:
    """The transactions."""

    def __init__(self, core: Core, pictures: PictureStore) -> None:
        self._core = core
        self._pictures = pictures

    async def bring_in(self, record: Record) -> None:
        """One transaction: the case, and the messages that went out as its cards.

        The mark makes it one even where a crash came before the journal was emptied.
        """
        report = record.report
        await self._keep_pictures(report)
        async with self._core.store.begin() as tx:
            mark = hashlib.sha256(report.key.encode()).hexdigest()[:32]
            known = await tx.learned(IMPORTED, mark)
            if known is not None:
                record.case = known["case"]
                return
            already = Already(bool(record.spoken), frozenset(record.alerted))
            answer = await take_report(self._core, tx, report, already=already)
            now = self._core.clock()
            await tx.learn(IMPORTED, mark, {"case": answer.case, "at": now})
            if answer.case is not None:
                case = await tx.case(answer.case)
                assert case is not None, "it was opened, or met, in this very transaction"
                await self._adopt(tx, record, case, now)
        record.case = answer.case

    async def said_later(self, case: int, speaker: str, outcome: str) -> None:
        """A sentence that was begun before its case came in has ended."""
        async with self._core.store.begin() as tx:
            found = await tx.case(case)
            if found is not None:
                now = self._core.clock()
                await self._spoken(tx, found, speaker, outcome, found.received_at, now)
                shown = replace(found, version=found.version + 1)
                await tx.save_case(shown)
                await tx.want(case, shown.version, now)

    async def tell_admins(self, key: str, **params: object) -> None:
        """A sentence for the admins, through the outbox."""
        async with self._core.store.begin() as tx:
            await tx.send(*self._core.to_admins(key, params, self._core.clock()))

    async def _keep_pictures(self, report: Report) -> None:
        """Those that the journal alone had."""
        shot = report.shot
        found = (shot.annotated, shot.blurred, shot.clean) if shot else ()
        for jpeg in {picture.jpeg for picture in found if picture and picture.jpeg}:
            with contextlib.suppress(OSError):
                await self._pictures.put(jpeg)

    async def _adopt(self, tx: Tx, record: Record, case: Case, now: int) -> None:
        """What was told is the case's card there; where that is in doubt, a card says so."""
        at = record.report.received_at
        for told in record.told.values():
            outcome = {"outcome": "delivered", "message": told.message, "unrecorded": True}
            await tx.was_sent(card_row(case, told.chat, at), outcome, told.at)
            await tx.add_copy(case.number, told.chat, told.message, told.picture, 0)
            said = {"kind": "card", "to": told.chat.key, **outcome}
            await tx.add_entry(case.number, Entry(told.at, "delivery", "system", said))
        for ref in record.untold:
            await tx.was_sent(card_row(case, ref, at), {}, now, unsure=True)
        for path, when in record.alerted.items():
            await self._alerted(tx, case, path, at, when)
        for speaker, outcome in record.spoken.items():
            if outcome != SPEAKING:
                await self._spoken(tx, case, speaker, outcome, at, now)
        if record.spoken and now - at < SPEAK_EMERGENCY_WITHIN_MS:
            again = now + ms(self._core.response(case).speak.every)
            await tx.set_timer(case.number, TimerKind.SPEAK_AGAIN, again)
            await light_up(self._core, tx, case, now)
        data = {"report": record.report.key, "told": sorted(record.told)}
        await tx.add_entry(case.number, Entry(now, IMPORTED, "system", data))
        await tx.want(case.number, case.version, now)

    async def _alerted(self, tx: Tx, case: Case, path: str, at: int, when: int) -> None:
        alerts = {alert.id: alert.path for alert in self._core.people.config.alerts}
        said = {"outcome": "delivered", "path": alerts.get(path, path), "unrecorded": True}
        row = Outgoing("alert", path, {"attempt": 1}, at, lane="emergency", case=case.number)
        await tx.was_sent(row, said, when)
        data = {"kind": "alert", "to": path, **said}
        await tx.add_entry(case.number, Entry(when, "delivery", "system", data))

    async def _spoken(
        self, tx: Tx, case: Case, speaker: str, outcome: str, at: int, now: int
    ) -> None:
        config = self._core.people.config
        known, place = config.speaker(speaker), place_of(config, case)
        language = known.language if known else config.language
        sentence = spoken_sentence(self._core.response(case), language, place)
        said = {"outcome": outcome, "said": sentence, "language": language, "unrecorded": True}
        row = Outgoing("announce", speaker, {}, at, lane="emergency", case=case.number)
        await tx.was_sent(row, said, now)
        data = {"kind": "announce", "to": speaker, **said}
        await tx.add_entry(case.number, Entry(now, "delivery", "system", data))
