"""What is said to a message that brings nothing about: why, what to write instead, or nothing."""

from __future__ import annotations

from typing import Any

from bot.casework import Casework, Core
from bot.domain.message import INTERCOM, Incoming
from bot.ports import InboxRow, Outgoing
from bot.texts.wording import Wording
from handlers.commanding import CONSOLE
from handlers.intercom import keep_told
from handlers.spoken.denials import is_cantonese, is_other_language

_STRANGER_EVERY_MS = 10 * 60_000
_QUOTED = 200


class Answers:
    """In the language of whoever spoke; in a group mostly silence, for people talk there."""

    def __init__(self, core: Core, casework: Casework) -> None:
        self._core = core
        self._casework = casework
        self._told_strangers: dict[str, int] = {}

    def language(self, incoming: Incoming) -> str:
        """The sender's own, else the chat's, else the site file's: "zh" or "en"."""
        people = self._core.people
        if incoming.channel == INTERCOM and incoming.sender.language:
            return incoming.sender.language
        configured = people.chat_config(incoming.chat)
        usual = configured.language if configured else people.config.language
        return people.language_of(incoming.channel, incoming.sender.id, usual)

    def told_lately(self, incoming: Incoming) -> bool:
        """A stranger is told once in ten minutes how to be linked, not at every word."""
        now = self._core.clock()
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

    async def not_understood(self, row: InboxRow) -> None:
        """In a group silence; alone with us, or in reply to us, an answer."""
        incoming = row.incoming
        words = incoming.text[:_QUOTED] if incoming.spoken else "".join(incoming.text.split()[:1])
        await self.tell(row, self._helpful(incoming) or "", text=words)

    async def tell(self, row: InboxRow, key: str, **params: Any) -> None:
        """A sentence in reply, and that is all; without one, silence."""
        incoming, core = row.incoming, self._core
        if not key:
            await self._casework.let_pass(row.id)
            return
        wording = Wording(core.people.config, self.language(incoming))
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
        known = self._core.people.member_of(incoming.channel, incoming.sender.id)
        to_us = incoming.chat.private or incoming.reply_to_own
        if known is None and incoming.chat.private:
            return None if self.told_lately(incoming) else "refused.stranger"
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


def _unheard(text: str) -> str:
    """Why nothing came of what was heard."""
    if is_cantonese(text):
        return "hearing.cantonese"
    return "hearing.language" if is_other_language(text) else "hearing.unknown"
