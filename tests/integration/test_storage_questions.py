"""Questions that wait for their person's word, on both engines."""

from __future__ import annotations

from bot.ports import Question
from storage.store import SqlStore
from tests.support.cases import T0

HERE = "telegram:-1001"


def question(member: str = "li", asked_at: int = T0, chat: str = HERE) -> Question:
    return Question(
        0, chat, member, "close", (1,), (1,), "", {"others": {"4": 2}}, asked_at, asked_at + 60_000
    )


async def test_what_waits_is_what_was_asked_there_and_not_answered(store: SqlStore) -> None:
    """In the order in which it was asked; not another person's, chat's, or what is over."""
    async with store.begin() as tx:
        first, second = await tx.ask(question()), await tx.ask(question(asked_at=T0 + 5_000))
        await tx.ask(question("wang"))
        await tx.ask(question(chat="telegram:-1008"))
    async with store.begin() as tx:
        waiting = await tx.waiting_questions(HERE, "li", T0 + 10_000)
        assert [one.id for one in waiting] == [first, second]
        assert waiting[0].args == {"others": {"4": 2}}
        await tx.answer(second, T0 + 11_000)
        assert [one.id for one in await tx.waiting_questions(HERE, "li", T0 + 60_000)] == [first]
        assert await tx.waiting_questions(HERE, "li", T0 + 60_001) == []
    assert await store.is_asked(HERE, "li", T0 + 60_000), "the later one was answered, not this"
    assert not await store.is_asked(HERE, "li", T0 + 60_001)
