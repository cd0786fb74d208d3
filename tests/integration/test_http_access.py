"""Keys, links, sessions and invites in a real database."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.access import OpenedSession
from bot.domain.error import BadInput, Unavailable
from storage.access import INVITE_MS, LINK_MS, MINUTE_MS, SESSION_MS, SqlAccess
from storage.database import Database, open_database
from tests.support.databases import new_sqlite
from tests.support.http_house import NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(new_sqlite(tmp_path / "test.db")) as opened:
        yield opened


@pytest.fixture
def access(database: Database) -> SqlAccess:
    return SqlAccess(database)


async def test_a_key_opens_until_it_is_revoked(access: SqlAccess):
    token, made = await access.create_key("box-3", "source", ["yard-8", "yard-7"], now=NOW)
    assert token.startswith("lh_")
    assert len(token) == 3 + 43
    found = await access.key(token, NOW)
    assert found == made
    assert (made.role, made.sites, made.member) == ("source", ("yard-7", "yard-8"), None)
    assert await access.revoke_key("box-3", NOW) == 1
    assert await access.revoke_key("box-3", NOW) == 0
    assert await access.key(token, NOW) is None


async def test_other_tokens_open_nothing(access: SqlAccess):
    token, made = await access.create_key("box-3", "source", now=NOW)
    for wrong in (token[:-1], token + "x", token.upper(), made.digest, "", "lh_"):
        assert await access.key(wrong, NOW) is None


async def test_a_name_is_free_again_after_its_key_was_revoked(access: SqlAccess):
    first, one = await access.create_key("box-3", "source", now=NOW)
    with pytest.raises(BadInput) as caught:
        await access.create_key("box-3", "admin", now=NOW)
    assert caught.value.faults[0].where == "name"
    await access.revoke_key("box-3", NOW)
    second, two = await access.create_key("box-3", "source", now=NOW)
    assert one.id != two.id
    assert await access.key(first, NOW) is None
    assert await access.key(second, NOW) == two


async def test_every_fault_of_a_new_key_is_named(access: SqlAccess):
    with pytest.raises(BadInput) as caught:
        await access.create_key("Box 3", "boss", ["yard-7", "../x"], "Li", now=NOW)
    assert [fault.where for fault in caught.value.faults] == ["name", "sites", "member", "role"]
    assert await access.keys() == []


async def test_the_last_use_of_a_key_is_known_to_the_minute(access: SqlAccess):
    token, _ = await access.create_key("box-3", "source", now=NOW)
    assert (await access.keys())[0][1] is None
    for at in (NOW, NOW + MINUTE_MS - 1):
        await access.key(token, at)
        assert (await access.keys())[0][1] == NOW
    await access.key(token, NOW + MINUTE_MS)
    assert (await access.keys())[0][1] == NOW + MINUTE_MS


async def test_a_login_link_opens_one_session_however_many_try(access: SqlAccess):
    token = await access.create_login_link("li", now=NOW)
    results = await asyncio.gather(*(access.redeem_link(token, NOW) for _ in range(8)))
    (opened,) = [result for result in results if result is not None]
    assert isinstance(opened, OpenedSession)
    assert opened.session.member == "li"
    assert await access.session(opened.token, NOW) == opened.session


async def test_links_and_sessions_expire(access: SqlAccess):
    late = await access.create_login_link("li", now=NOW)
    assert await access.redeem_link(late, NOW + LINK_MS) is None
    token = await access.create_login_link("li", now=NOW)
    opened = await access.redeem_link(token, NOW + LINK_MS - 1)
    assert opened is not None
    assert await access.session(opened.token, NOW + SESSION_MS) is not None
    assert await access.session(opened.token, opened.session.expires_at) is None


async def test_signing_out_ends_one_session_only(access: SqlAccess):
    tokens = [await access.create_login_link("li", now=NOW) for _ in range(2)]
    one, two = [await access.redeem_link(token, NOW) for token in tokens]
    assert one is not None
    assert two is not None
    await access.end_session(one.token, NOW)
    assert await access.session(one.token, NOW) is None
    assert await access.session(two.token, NOW) is not None


async def test_an_invite_works_once_for_one_account(access: SqlAccess):
    code = await access.create_invite("li", now=NOW)
    sloppy = code.lower().replace("-", " ")
    assert await access.redeem_invite(sloppy, "telegram:111", NOW) == "li"
    assert await access.redeem_invite(code, "telegram:222", NOW) is None
    assert await access.redeem_invite(code, "telegram:111", NOW + 5) == "li"
    assert await access.redeem_invite("AAAA-AAAA", "telegram:111", NOW) is None


async def test_an_invite_expires(access: SqlAccess):
    code = await access.create_invite("li", now=NOW)
    assert await access.redeem_invite(code, "telegram:111", NOW + INVITE_MS) is None


async def test_a_deactivated_member_loses_every_way_in(access: SqlAccess):
    key, _ = await access.create_key("lis-key", "operator", member="li", now=NOW)
    other, _ = await access.create_key("wangs-key", "operator", member="wang", now=NOW)
    opened = await access.redeem_link(await access.create_login_link("li", now=NOW), NOW)
    assert opened is not None
    link = await access.create_login_link("li", now=NOW)
    code = await access.create_invite("li", now=NOW)
    await access.shut_out("li", NOW)
    assert await access.key(key, NOW) is None
    assert await access.session(opened.token, NOW) is None
    assert await access.redeem_link(link, NOW) is None
    assert await access.redeem_invite(code, "telegram:111", NOW) is None
    assert await access.key(other, NOW) is not None


async def test_what_expired_long_ago_is_forgotten(access: SqlAccess, tmp_path: Path):
    await access.redeem_link(await access.create_login_link("li", now=NOW), NOW)
    await access.create_invite("li", now=NOW)
    living = await access.create_login_link("li", now=NOW + SESSION_MS)
    await access.prune(NOW + SESSION_MS + 1)
    assert rows(tmp_path, "login_link") == 1
    assert rows(tmp_path, "console_session") == 0
    assert rows(tmp_path, "invite") == 0
    assert await access.redeem_link(living, NOW + SESSION_MS) is not None


async def test_no_token_is_in_the_database(access: SqlAccess, tmp_path: Path):
    key, _ = await access.create_key("box-3", "source", now=NOW)
    link = await access.create_login_link("li", now=NOW)
    opened = await access.redeem_link(link, NOW)
    code = await access.create_invite("li", now=NOW)
    assert opened is not None
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"box-3" in everything
    for token in (key, link, opened.token, code, code.replace("-", "")):
        assert token.encode() not in everything


async def test_without_its_database_it_says_so(access: SqlAccess, database: Database):
    token, _ = await access.create_key("box-3", "source", now=NOW)
    await database.writer.execute_script("DROP TABLE api_key")
    with pytest.raises(Unavailable):
        await access.key(token, NOW)


async def test_a_key_opens_even_where_its_use_cannot_be_noted(
    access: SqlAccess, database: Database, caplog: pytest.LogCaptureFixture
):
    token, _ = await access.create_key("box-3", "source", now=NOW)
    await database.writer.execute_script("PRAGMA query_only = 1")
    assert await access.key(token, NOW) is not None
    assert "was not noted" in caplog.text
    await database.writer.execute_script("PRAGMA query_only = 0")


def rows(folder: Path, table: str) -> int:
    with sqlite3.connect(folder / "test.db") as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return count
