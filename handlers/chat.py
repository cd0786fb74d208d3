"""The desk where what people do in chats arrives: stored first, then understood, then carried out.

One chat's messages are handled in their order, chats beside each other; a typed cry for help waits
for nothing that came before it, and what comes after it waits for it.  A row leaves the inbox in
the transaction of what it brought about; a crash before that means it is handled again, and the
command's id keeps it from happening twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.casework import Answer, Casework, Core, Reply
from bot.casework.people import USERNAME
from bot.casework.probing import is_writable
from bot.casework.reach import Reach
from bot.casework.resort import NoResort, Resort
from bot.domain.command import Command, Verb
from bot.domain.error import Refused, Unavailable
from bot.domain.message import INTERCOM, Incoming
from bot.domain.report import OLDEST_MS
from bot.ports import (
    Channel,
    InboxRow,
    NoTranscriber,
    Outgoing,
    PictureDesk,
    PictureStore,
    Pronounce,
    Share,
    Transcriber,
    Wake,
    Whole,
    part_of,
    spelt,
)
from bot.redact import redact
from bot.texts.wording import Wording
from handlers.commanding import CONSOLE, Meant
from handlers.entrance import Entrance
from handlers.hearing import Heard, Hearing
from handlers.intercom import keep_told
from handlers.interpret import Interpreter
from handlers.photos import Photos
from handlers.spoken.denials import is_cantonese, is_other_language
from handlers.unknownchats import UnknownChats
from handlers.voicenotes import VoiceNotes

log = logging.getLogger(__name__)

_BATCH = 50
_TRIES = 3
_STRANGER_EVERY_MS = 10 * 60_000
_AFTER_FAULT_S = 1.0
_ALBUMS = 200
_DRAIN_S = 3.0
_QUOTED = 200


_Earlier = Callable[[InboxRow], Collection[asyncio.Task[None]]]
"""Cries for help before a row, where they are being carried out."""


class Invites(Protocol):
    """Codes that tie an account to a member."""

    async def redeem_invite(self, code: str, by: str, now: int) -> str | None: ...


@dataclass(frozen=True)
class ChatParts:
    """What the desk is handed by the composition root."""

    core: Core
    casework: Casework
    channels: Mapping[str, Channel]
    invites: Invites
    desk: PictureDesk
    pictures: PictureStore
    voices: VoiceNotes
    wake: Wake
    share: Share = field(default_factory=Whole)
    resort: Resort = field(default_factory=NoResort)
    transcriber: Transcriber = field(default_factory=NoTranscriber)
    pronounce: Pronounce = spelt


class ChatDesk:
    """`take` stores, `run` handles."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self._interpreter = Interpreter(parts.core.store, parts.core.people, parts.pronounce)
        self._entrance = Entrance(parts.core, parts.resort)
        self._photos = Photos(parts.channels, parts.desk, parts.pictures)
        self._hearing = Hearing(parts.core, parts.voices, parts.transcriber)
        self._unknown = UnknownChats(parts.core)
        self._told_strangers: dict[str, int] = {}
        self._albums: dict[str, Command | None] = {}

    async def take(self, incoming: Incoming) -> None:
        """Store what came in; when this returns the platform may forget it."""
        now = self._parts.core.clock()
        clean = replace(
            incoming,
            text=_clean(incoming.text),
            data=_clean(incoming.data),
            sent_at=_believable(incoming.sent_at, now),
        )
        await self._entrance.take(clean, now)

    async def run(self) -> None:
        """Handle what waits, until cancelled; a chat that takes long holds up no other."""
        working: dict[str, asyncio.Task[None]] = {}
        cries: dict[str, InboxRow] = {}

        def earlier(row: InboxRow) -> Collection[asyncio.Task[None]]:
            return [working[cry.queue] for cry in cries.values() if _follows(row, cry)]

        try:
            while True:
                for queue in [queue for queue, task in working.items() if task.done()]:
                    cries.pop(queue, None)
                    working.pop(queue).result()
                rows = await self._parts.core.store.waiting_incoming(
                    _BATCH, self._parts.share.parts(), working.keys()
                )
                cries |= {row.queue: row for row in rows if _is_cry(row)}
                for queue, mine in _queues(rows).items():
                    working[queue] = asyncio.create_task(self._in_order(mine, earlier))
                if len(rows) < _BATCH:  # else there may be more, of others
                    await self._parts.wake.wait("inbox", 1.0)
        finally:
            await _drain(working.values())

    async def _in_order(self, rows: Sequence[InboxRow], earlier: _Earlier) -> None:
        try:
            for row in rows:
                if cries := earlier(row):
                    await asyncio.wait(cries)  # its words and pictures may be of their case
                if part_of(row.incoming.chat.key) not in self._parts.share.parts():
                    return  # whoever has the chat now goes on with it
                if not await self._handle(row):
                    await asyncio.sleep(_AFTER_FAULT_S)
                    return
        finally:
            self._parts.wake.ring("inbox")  # to look for what has come to this chat meanwhile

    async def _handle(self, row: InboxRow) -> bool:
        """False: it stays first in its chat's queue for another try."""
        try:
            await self._parts.resort.catch_up()  # people may speak of what went out from memory
            await self._understand(row)
        except Exception as error:  # whatever one message does to us, the others go on
            log.exception("message %s failed", row.incoming.command_id)
            if isinstance(error, Unavailable) and not await is_writable(self._parts.core):
                return False  # it was not the message's fault
            dead = row.attempts + 1 >= _TRIES
            await self._parts.core.store.fail_incoming(row.id, redact(repr(error)), dead)
            if dead:
                await self._tell_admins(row, error)
            return dead
        return True

    async def _understand(self, row: InboxRow) -> None:
        incoming = row.incoming
        await self._unknown.note(incoming)
        if incoming.kind == "moved":
            await self._moved(row)
            return
        if incoming.kind in ("joined", "left"):
            await self._membership(row)
            return
        await self._notice(incoming)
        if await self._of_album(row):
            return
        try:
            heard = await self._hearing.heard(row)
        except Refused as deaf:
            await self._tell(row, deaf.key, **deaf.params)
            return
        row = row if heard is None else replace(row, incoming=heard.incoming)
        meant = await self._interpreter.interpret(row.incoming, row.received_at)
        if meant is None:
            await self._not_understood(row)
            return
        await self._carry_out(row, meant, heard)

    async def _carry_out(self, row: InboxRow, meant: Meant, heard: Heard | None) -> None:
        reply = self._reply(row, meant)
        command, refused = meant.command, meant.refused
        casework = self._parts.casework
        try:
            if refused is None:
                command = await self._completed(row.incoming, command)
                command = await self._hearing.as_evidence(heard, command)
        except Refused as incomplete:
            refused = incomplete
        if refused is not None:
            answer = await casework.turn_away(command, refused, reply=reply, inbox_row=row.id)
        else:
            answer = await casework.carry_out(command, reply=reply, inbox_row=row.id)
        if row.incoming.album:
            self._remember_album(row.incoming.album, command, answer)

    async def _completed(self, incoming: Incoming, command: Command) -> Command:
        """With what has to be fetched for it; raises `Refused` where it cannot do without."""
        if command.verb is Verb.LINK:
            return await self._redeem(command)
        command = await self._photos.with_pictures(incoming, command)
        return await self._parts.voices.with_recording(incoming, command)

    def _remember_album(self, album: str, command: Command, answer: Answer) -> None:
        """What the further pictures of an album belong to; None where its first was refused."""
        while len(self._albums) >= _ALBUMS:
            self._albums.pop(next(iter(self._albums)))
        belongs = answer.ok and bool(answer.cases)
        self._albums[album] = replace(command, cases=answer.cases) if belongs else None

    def _reply(self, row: InboxRow, meant: Meant) -> Reply:
        incoming, people = row.incoming, self._parts.core.people
        key = meant.refused.key if meant.refused else ""
        return Reply(
            chat=incoming.chat,
            language=self._language(incoming),
            reply_to=incoming.message_id if incoming.kind != "press" else incoming.reply_to,
            press_id=incoming.press_id,
            adopt=meant.adopt,
            silent_refusal=key == "refused.stranger" and self._told_lately(incoming),
            answer_in=None if people.chat_config(incoming.chat) else incoming.chat,
            fetched=incoming.channel == INTERCOM,
        )

    def _language(self, incoming: Incoming) -> str:
        people = self._parts.core.people
        if incoming.channel == INTERCOM and incoming.sender.language:
            return incoming.sender.language
        configured = people.chat_config(incoming.chat)
        usual = configured.language if configured else people.config.language
        return people.language_of(incoming.channel, incoming.sender.id, usual)

    def _told_lately(self, incoming: Incoming) -> bool:
        """A stranger is told once in ten minutes how to be linked, not at every word."""
        now = self._parts.core.clock()
        who = f"{incoming.chat.key}:{incoming.sender.id}"
        lately = now - self._told_strangers.get(who, 0) < _STRANGER_EVERY_MS
        if not lately:
            self._told_strangers = {
                known: at
                for known, at in self._told_strangers.items()
                if now - at < _STRANGER_EVERY_MS
            }
            self._told_strangers[who] = now
        return lately

    async def _redeem(self, command: Command) -> Command:
        """The invite code becomes the member it was made for; redoing it gives the same."""
        if command.chat is not None and not command.chat.private:
            raise Refused("refused.private_only", text="/link")
        code, account = str(command.args.get("code", "")), str(command.args["account"])
        now = self._parts.core.clock()
        member = await self._parts.invites.redeem_invite(code, account, now)
        if member is None:
            raise Refused("refused.bad_code")
        return replace(command, args={**command.args, "member": member})

    async def _of_album(self, row: InboxRow) -> bool:
        """The further pictures of an album belong to the case of its first."""
        incoming = row.incoming
        if incoming.album not in self._albums or incoming.text.strip():
            return False
        first = self._albums[incoming.album]
        if first is None:
            await self._parts.casework.let_pass(row.id)
            return True
        more = replace(first, id=incoming.command_id, args={})
        more = await self._photos.with_pictures(incoming, more)
        await self._parts.casework.add_evidence(more, row.id)
        return True

    async def _notice(self, incoming: Incoming) -> None:
        """Learn what the platform calls a member, for those who name them by @."""
        core, sender = self._parts.core, incoming.sender
        member = core.people.member_of(incoming.channel, sender.id)
        name = f"{incoming.channel}:{(sender.username or '').casefold()}"
        if member is None or not sender.username or core.people.called(name) == member.id:
            return
        async with core.store.begin() as tx:
            await tx.learn(USERNAME, name, {"member": member.id})

    async def _moved(self, row: InboxRow) -> None:
        incoming, core = row.incoming, self._parts.core
        async with core.store.begin() as tx:
            if incoming.new_chat:
                await core.move_chat(tx, incoming.chat, incoming.new_chat)
            if incoming.old_chat:
                old = replace(incoming.chat, id=incoming.old_chat)
                await core.move_chat(tx, old, incoming.chat.id)
            await tx.finish_incoming(row.id, core.clock())

    async def _membership(self, row: InboxRow) -> None:
        """A chat that we know lets us in or out."""
        incoming, core = row.incoming, self._parts.core
        chat, now = replace(incoming.chat, topic=None), core.clock()
        known = core.people.chat_config(chat) or core.people.member_of(chat.channel, chat.id)
        async with core.store.begin() as tx:
            if not await tx.finish_incoming(row.id, now) or not known:
                return
            if incoming.kind == "joined":
                await Reach(core).open(tx, chat, now)
            else:
                gone = "blocked" if chat.private else "kicked"
                why = "muted" if incoming.data == "muted" else gone
                await Reach(core).close(tx, chat, why, now, told=incoming.data)

    async def _not_understood(self, row: InboxRow) -> None:
        """In a group silence; alone with us, or in reply to us, an answer."""
        incoming = row.incoming
        words = incoming.text[:_QUOTED] if incoming.spoken else "".join(incoming.text.split()[:1])
        await self._tell(row, self._helpful(incoming) or "", text=words)

    async def _tell(self, row: InboxRow, key: str, **params: Any) -> None:
        """A sentence in reply, and that is all; without one, silence."""
        incoming, core = row.incoming, self._parts.core
        if not key:
            await self._parts.casework.let_pass(row.id)
            return
        wording = Wording(core.people.config, self._language(incoming))
        text = wording.say(key, now=core.clock(), **params)
        payload = {"text": text, "reply_to": incoming.message_id, "private": incoming.chat.private}
        async with core.store.begin() as tx:
            now = core.clock()
            if not await tx.finish_incoming(row.id, now):
                return
            if incoming.channel == INTERCOM:
                await keep_told(tx, incoming, key, text, now)
            else:
                answer = Outgoing("text", incoming.chat.key, payload, now, lane="answer")
                await tx.send(answer)

    def _helpful(self, incoming: Incoming) -> str | None:
        known = self._parts.core.people.member_of(incoming.channel, incoming.sender.id)
        to_us = incoming.chat.private or incoming.reply_to_own
        if known is None and incoming.chat.private:
            return None if self._told_lately(incoming) else "refused.stranger"
        if incoming.sender.anonymous or known is None:
            return None
        if incoming.channel == CONSOLE and incoming.text.startswith("/"):
            return "slash.unknown"
        if incoming.spoken and (to_us or incoming.channel == CONSOLE):
            return _unheard(incoming.text)
        if not to_us:
            return None
        if incoming.kind == "voice":
            return "not_understood"
        if incoming.kind == "photo":
            return "photo.not_reply"
        if incoming.kind != "text":
            return None
        if incoming.text.startswith("/"):
            return "slash.unknown"
        return "not_understood" if incoming.chat.private else None

    async def _tell_admins(self, row: InboxRow, error: Exception) -> None:
        core = self._parts.core
        params = {"text": row.incoming.text[:40], "error": type(error).__name__, "count": _TRIES}
        async with core.store.begin() as tx:
            await tx.send(*core.to_admins("admin.dead_incoming", params, core.clock()))


async def _drain(tasks: Collection[asyncio.Task[None]]) -> None:
    """Let what is being carried out end; what is cut off is handled again at the next start."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=_DRAIN_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _unheard(text: str) -> str:
    """Why nothing came of what was heard."""
    if is_cantonese(text):
        return "hearing.cantonese"
    return "hearing.language" if is_other_language(text) else "hearing.unknown"


def _queues(rows: Sequence[InboxRow]) -> Mapping[str, list[InboxRow]]:
    queues: defaultdict[str, list[InboxRow]] = defaultdict(list)
    for row in rows:
        queues[row.queue].append(row)
    return queues


def _is_cry(row: InboxRow) -> bool:
    """Whether it has a queue of its own."""
    return row.queue != row.incoming.chat.key


def _follows(row: InboxRow, cry: InboxRow) -> bool:
    """Whether somebody in the chat may speak of what the cry for help brings about."""
    return not _is_cry(row) and cry.id < row.id and cry.incoming.chat == row.incoming.chat


def _believable(sent_at: int, now: int) -> int:
    """A time of the platform's within the last weeks and not to come; 0 stays: it has none."""
    return sent_at and min(max(sent_at, now - OLDEST_MS), now)


def _clean(text: str) -> str:
    """Without NUL, which PostgreSQL does not keep."""
    return text.replace("\x00", "")
