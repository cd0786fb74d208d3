"""The messages that people answer to: which card it is, and whether it tells the truth."""

from __future__ import annotations

from bot.casework.answer import Reply
from bot.casework.core import Core
from bot.domain.command import Command
from bot.ports import Copy, Tx


async def adopt(core: Core, tx: Tx, command: Command, reply: Reply) -> None:
    """A message of ours that we did not know we had sent shows this case, or this digest."""
    if digest := command.args.get("digest"):
        now = core.clock()
        await tx.add_digest_copy(int(digest), reply.chat, reply.adopt or "", True, 0, now)
        return
    case = await tx.case(command.cases[0])
    copy = await tx.add_copy(command.cases[0], reply.chat, reply.adopt or "", True, 0)
    if case is not None and copy.shown < case.version:
        await tx.want(case.number, case.version, core.clock())


async def pressed(core: Core, reply: Reply | None) -> Copy | None:
    """The card whose button was pressed."""
    if reply is None or reply.press_id is None or reply.reply_to is None:
        return None
    return await core.store.copy_at(reply.chat, reply.reply_to)


async def repair(core: Core, tx: Tx, command: Command, touched: Copy | None) -> None:
    """A card that tells an old state is edited again when somebody touches it.

    Its last edit may have died long ago: with the chat that had put us out for a while.
    """
    if touched is None or touched.lost or touched.case not in command.cases:
        return
    case = await tx.case(touched.case)
    if case is not None and touched.shown < case.version:
        await tx.want(case.number, case.version, core.clock())
