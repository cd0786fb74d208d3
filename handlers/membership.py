"""What a platform says of a chat or of a sender, beside what people say in it."""

from __future__ import annotations

from dataclasses import replace

from bot.casework import Core
from bot.casework.people import USERNAME
from bot.casework.reach import Reach
from bot.domain.message import Incoming
from bot.ports import InboxRow


class Membership:
    """Chats that move, let us in or put us out; names by which members are called."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def notice(self, incoming: Incoming) -> None:
        """Learn what the platform calls a member, for those who name them by @."""
        core, sender = self._core, incoming.sender
        member = core.people.member_of(incoming.channel, sender.id)
        name = f"{incoming.channel}:{(sender.username or '').casefold()}"
        if member is None or not sender.username or core.people.called(name) == member.id:
            return
        async with core.store.begin() as tx:
            await tx.learn(USERNAME, name, {"member": member.id})

    async def moved(self, row: InboxRow) -> None:
        """A group that became a supergroup has a new id."""
        incoming, core = row.incoming, self._core
        async with core.store.begin() as tx:
            if incoming.new_chat:
                await core.move_chat(tx, incoming.chat, incoming.new_chat)
            if incoming.old_chat:
                old = replace(incoming.chat, id=incoming.old_chat)
                await core.move_chat(tx, old, incoming.chat.id)
            await tx.finish_incoming(row.id, core.clock())

    async def changed(self, row: InboxRow) -> None:
        """A chat that we know lets us in or out."""
        incoming, core = row.incoming, self._core
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
