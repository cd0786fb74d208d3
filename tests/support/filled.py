"""A database with something in every table."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.case import TimerKind
from bot.domain.message import ChatRef, Incoming, Post, Sender
from bot.ports import Entry, Outgoing, Question, Snapshot
from bot.ports_console import ConsoleDraft
from storage.access import SqlAccess
from storage.console import SqlConsoleLog
from storage.database import Database
from storage.leases import SqlLeases
from storage.store import SqlStore
from storage.wake import LocalWake
from tests.support.cases import T0, opened

GROUP = ChatRef("telegram", "-1001", "7")
CASE = replace(opened(), number=1, note="“楼梯口” 😀")


def words(id: str = "message:-1001:5", text: str = "关闭 1") -> Incoming:
    """What somebody typed in the group."""
    sender = Sender("111", "李工", "li")
    return Incoming("telegram", id, GROUP, sender, "text", text, message_id="5", sent_at=T0)


def card(number: int = 1) -> Outgoing:
    """The card of a case for the group."""
    stream = f"{GROUP.key}#{number}"
    return Outgoing("card", GROUP.key, {}, T0, case=number, stream=stream, dedupe_key=stream)


async def fill(database: Database) -> None:
    """One row, at least, of everything there is."""
    store, access = SqlStore(database, LocalWake()), SqlAccess(database)
    async with store.begin() as tx:
        assert await tx.next_number("case") == CASE.number
        await tx.add_case(CASE)
        await tx.add_entry(1, Entry(T0, "opened", "system", {"n": 0.5}, {"reason": "没戴"}))
        await tx.add_snapshot(Snapshot(1, "annotated", "ab" * 32, T0, "li"))
        await tx.add_report("box:1", "digest", {"case": 1, "state": "open"}, 1, T0)
        await tx.add_command("telegram:press:9", "li", "close", [1], {"ok": True}, T0)
        await tx.send(card())
        await tx.add_copy(1, GROUP, "55", True, 1)
        await tx.set_timer(1, TimerKind.ACKNOWLEDGE_BY, T0 + 60_000)
        digest = await tx.add_digest(GROUP.key, False, T0)
        await tx.join_digest(digest.id, [1], T0)
        await tx.add_digest_copy(digest.id, GROUP, "56", True, 0, T0)
        await tx.ask(Question(0, GROUP.key, "li", "close", (1,), (1,), "", {}, T0, T0 + 60_000))
        await tx.learn("language", "telegram:111", {"language": "en"})
    async with store.begin() as tx:
        await tx.take_checkpoint(T0)
    await store.take_in(words(), T0)
    await access.create_key("box", "source", now=T0)
    link = await access.create_login_link("li", now=T0)
    await access.redeem_link(link, T0)
    await access.create_invite("li", now=T0)
    await SqlLeases(database).take(["part:1"], "one", 1000)
    await SqlConsoleLog(database).add(ConsoleDraft("main", "out:1", "post", T0, Post("#1")))
