"""One message from a chat: what it means, what is fetched for it, and that it is carried out."""

from __future__ import annotations

from dataclasses import replace

from bot.casework import Answer, Reply
from bot.domain.command import Command, Verb
from bot.domain.error import Refused
from bot.domain.message import INTERCOM, Incoming
from bot.ports import InboxRow
from handlers.answers import Answers
from handlers.commanding import Meant
from handlers.hearing import Heard, Hearing
from handlers.interpret import Interpreter
from handlers.membership import Membership
from handlers.parts import ChatParts
from handlers.photos import Photos
from handlers.unknownchats import UnknownChats

_ALBUMS = 200


class Messages:
    """`handle` finishes a message's row in the transaction of what it brings about."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self._interpreter = Interpreter(parts.core.store, parts.core.people, parts.pronounce)
        self._photos = Photos(parts.channels, parts.desk, parts.pictures)
        self._hearing = Hearing(parts.core, parts.voices, parts.transcriber)
        self._unknown = UnknownChats(parts.core)
        self._membership = Membership(parts.core)
        self._answers = Answers(parts.core, parts.casework)
        self._albums: dict[str, Command | None] = {}

    async def handle(self, row: InboxRow) -> None:
        """Raises whatever one message may do to us; its row is then as it was."""
        incoming = row.incoming
        await self._unknown.note(incoming)
        if incoming.kind == "moved":
            await self._membership.moved(row)
            return
        if incoming.kind in ("joined", "left"):
            await self._membership.changed(row)
            return
        await self._membership.notice(incoming)
        if await self._of_album(row):
            return
        try:
            heard = await self._hearing.heard(row)
        except Refused as deaf:
            await self._answers.tell(row, deaf.key, **deaf.params)
            return
        row = row if heard is None else replace(row, incoming=heard.incoming)
        meant = await self._interpreter.interpret(row.incoming, row.received_at)
        if meant is None:
            await self._answers.not_understood(row)
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

    def _reply(self, row: InboxRow, meant: Meant) -> Reply:
        incoming, people = row.incoming, self._parts.core.people
        key = meant.refused.key if meant.refused else ""
        return Reply(
            chat=incoming.chat,
            language=self._answers.language(incoming),
            reply_to=incoming.message_id if incoming.kind != "press" else incoming.reply_to,
            press_id=incoming.press_id,
            adopt=meant.adopt,
            silent_refusal=key == "refused.stranger" and self._answers.told_lately(incoming),
            answer_in=None if people.chat_config(incoming.chat) else incoming.chat,
            fetched=incoming.channel == INTERCOM,
        )

    async def _completed(self, incoming: Incoming, command: Command) -> Command:
        """With what has to be fetched for it; raises `Refused` where it cannot do without."""
        if command.verb is Verb.LINK:
            return await self._redeem(command)
        command = await self._photos.with_pictures(incoming, command)
        return await self._parts.voices.with_recording(incoming, command)

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

    def _remember_album(self, album: str, command: Command, answer: Answer) -> None:
        """What the further pictures of an album belong to; None where its first was refused."""
        while len(self._albums) >= _ALBUMS:
            self._albums.pop(next(iter(self._albums)))
        belongs = answer.ok and bool(answer.cases)
        self._albums[album] = replace(command, cases=answer.cases) if belongs else None
