"""Keys of the API, login links, console sessions and invite codes; only digests are kept."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tortoise import fields
from tortoise.exceptions import BaseORMException, IntegrityError
from tortoise.indexes import Index
from tortoise.models import Model

from bot.domain.access import KeyRole, OpenedSession, Session, fingerprint
from bot.domain.error import BadInput, InputFault, Unavailable
from bot.ports import ApiKey
from storage.database import Database

log = logging.getLogger(__name__)

MINUTE_MS = 60_000
LINK_MS = 15 * MINUTE_MS
SESSION_MS = 14 * 24 * 60 * MINUTE_MS
INVITE_MS = 7 * 24 * 60 * MINUTE_MS
_TOKEN_BYTES = 32
_ASKED_WITHIN_S = 1.5
_TOUCHED_WITHIN_S = 0.3
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Of invite codes: nothing that is mistaken for something else when read out or typed."""
_CODE_LETTERS = 8


class ApiKeyRow(Model):
    """A key of the HTTP API.  `last_used` is right to a minute."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=32)
    role = fields.CharField(max_length=16)
    sites: Any = fields.JSONField()
    member = fields.CharField(max_length=32, null=True, db_index=True)
    digest = fields.CharField(max_length=64, unique=True)
    created_at = fields.BigIntField()
    last_used = fields.BigIntField(null=True)
    revoked_at = fields.BigIntField(null=True)

    class Meta:
        table = "api_key"
        indexes = (Index(fields=("name", "revoked_at")),)


class LoginLinkRow(Model):
    """A link that signs a member in once."""

    digest = fields.CharField(max_length=64, primary_key=True)
    member = fields.CharField(max_length=32, db_index=True)
    expires_at = fields.BigIntField()
    used_at = fields.BigIntField(null=True)

    class Meta:
        table = "login_link"


class ConsoleSessionRow(Model):
    """A signed-in browser."""

    id = fields.IntField(primary_key=True)
    digest = fields.CharField(max_length=64, unique=True)
    member = fields.CharField(max_length=32, db_index=True)
    created_at = fields.BigIntField()
    expires_at = fields.BigIntField()
    ended_at = fields.BigIntField(null=True)

    class Meta:
        table = "console_session"


class InviteRow(Model):
    """A code by which a person proves on a chat platform that they are this member."""

    digest = fields.CharField(max_length=64, primary_key=True)
    member = fields.CharField(max_length=32, db_index=True)
    expires_at = fields.BigIntField()
    used_at = fields.BigIntField(null=True)
    used_by = fields.CharField(max_length=200, null=True)

    class Meta:
        table = "invite"


class SqlAccess:
    """Everything about who may come in.  Times are epoch milliseconds, lives of tokens too.

    Raises `Unavailable` where the database cannot be reached.  Keys are known all the same, as they
    were when it last could be (`remember_keys`): an emergency must not fail at the door.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._remembered: dict[str, ApiKey] = {}
        self._untouched: dict[int, int] = {}

    # keys

    async def create_key(
        self,
        name: str,
        role: str,
        sites: Sequence[str] = (),
        member: str | None = None,
        *,
        now: int,
    ) -> tuple[str, ApiKey]:
        """A new key: the token, told only this once, and what is kept of it.  No sites: all.

        Raises `BadInput` for a name that will not do or is in use, and for an unknown role.
        """
        _check_key(name, role, sites, member)
        token = "lh_" + secrets.token_urlsafe(_TOKEN_BYTES)
        async with _reachable(), self._db.transaction() as connection:
            if await ApiKeyRow.filter(name=name, revoked_at=None).using_db(connection).exists():
                taken = "a living key has this name; 'key revoke' ends it"
                raise BadInput([InputFault("name", taken, name)])
            row = await ApiKeyRow.create(
                using_db=connection,
                name=name,
                role=role,
                sites=sorted(set(sites)),
                member=member,
                digest=fingerprint(token),
                created_at=now,
            )
        return token, _key_of(row)

    async def key(self, token: str, now: int) -> ApiKey | None:
        """The living key behind a token; notes once a minute that it was used."""
        digest = fingerprint(token)
        try:
            async with _reachable(), asyncio.timeout(_ASKED_WITHIN_S):
                query = ApiKeyRow.filter(digest=digest, revoked_at=None).using_db(self._db.reader)
                row = await query.first()
        except Unavailable:
            if digest in self._remembered:
                return self._remembered[digest]
            raise
        if row is None or not hmac.compare_digest(row.digest, digest):
            return None
        if row.last_used is None or not 0 <= now - row.last_used < MINUTE_MS:
            await self._touch(row, now)
        return _key_of(row)

    async def remember_keys(self) -> None:
        """Read the living keys, for the time when they cannot be read."""
        async with _reachable():
            rows = await ApiKeyRow.filter(revoked_at=None).using_db(self._db.reader)
        self._remembered = {row.digest: _key_of(row) for row in rows}

    async def keys(self) -> list[tuple[ApiKey, int | None]]:
        """Every key ever made, with when it was last used."""
        async with _reachable():
            rows = await ApiKeyRow.all().using_db(self._db.reader).order_by("id")
        return [(_key_of(row), row.last_used) for row in rows]

    async def revoke_key(self, name: str, now: int) -> int:
        """End the living key of that name; how many there were (0 or 1)."""
        async with _reachable():
            living = ApiKeyRow.filter(name=name, revoked_at=None)
            return await living.using_db(self._db.writer).update(revoked_at=now)

    async def _touch(self, row: ApiKeyRow, now: int) -> None:
        if 0 <= now - self._untouched.get(row.id, -MINUTE_MS) < MINUTE_MS:
            return
        try:
            async with _reachable(), asyncio.timeout(_TOUCHED_WITHIN_S):
                used = ApiKeyRow.filter(id=row.id).using_db(self._db.writer)
                await used.update(last_used=now)
        except Unavailable as error:
            # What cannot be written down must not keep a report out.
            self._untouched[row.id] = now
            log.warning("the last use of key %s was not noted: %s", row.name, error)

    # signing in

    async def create_login_link(self, member: str, *, now: int, life: int = LINK_MS) -> str:
        """The token of a link that signs `member` in to the console, once."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        async with _reachable():
            await LoginLinkRow.create(
                using_db=self._db.writer,
                digest=fingerprint(token),
                member=member,
                expires_at=now + life,
            )
        return token

    async def redeem_link(
        self, token: str, now: int, life: int = SESSION_MS
    ) -> OpenedSession | None:
        """Use up a link and open a session, together; None where it is unknown, used or expired."""
        cookie = secrets.token_urlsafe(_TOKEN_BYTES)
        async with _reachable(), self._db.transaction() as connection:
            link = LoginLinkRow.filter(digest=fingerprint(token)).using_db(connection)
            living = link.filter(used_at=None, expires_at__gt=now)
            if await living.update(used_at=now) != 1:
                return None
            row = await ConsoleSessionRow.create(
                using_db=connection,
                digest=fingerprint(cookie),
                member=(await link.get()).member,
                created_at=now,
                expires_at=now + life,
            )
        return OpenedSession(cookie, _session_of(row))

    async def session(self, token: str, now: int) -> Session | None:
        """The living session behind a cookie."""
        digest = fingerprint(token)
        async with _reachable():
            query = ConsoleSessionRow.filter(digest=digest, ended_at=None, expires_at__gt=now)
            row = await query.using_db(self._db.reader).first()
        return _session_of(row) if row and hmac.compare_digest(row.digest, digest) else None

    async def end_session(self, token: str, now: int) -> None:
        """Sign out."""
        async with _reachable():
            living = ConsoleSessionRow.filter(digest=fingerprint(token), ended_at=None)
            await living.using_db(self._db.writer).update(ended_at=now)

    # invites

    async def create_invite(self, member: str, *, now: int, life: int = INVITE_MS) -> str:
        """A code for `/link CODE`, such as `K7QM-2XRD`; it works once."""
        letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS))
        async with _reachable():
            await InviteRow.create(
                using_db=self._db.writer,
                digest=fingerprint(letters),
                member=member,
                expires_at=now + life,
            )
        return f"{letters[:4]}-{letters[4:]}"

    async def redeem_invite(self, code: str, by: str, now: int) -> str | None:
        """The member behind a code, which is used up by `by` (`telegram:111`); None: no such code.

        The same account may redeem it again, because a chat may deliver a message twice.
        """
        digest = fingerprint(_letters_of(code))
        async with _reachable(), self._db.transaction() as connection:
            invite = InviteRow.filter(digest=digest).using_db(connection)
            living = invite.filter(used_at=None, expires_at__gt=now)
            await living.update(used_at=now, used_by=by)
            row = await invite.filter(used_by=by).first()
        return row.member if row else None

    # people and housekeeping

    async def shut_out(self, member: str, now: int) -> None:
        """End everything by which a deactivated member could still act."""
        async with _reachable(), self._db.transaction() as connection:
            await (
                ApiKeyRow.filter(member=member, revoked_at=None)
                .using_db(connection)
                .update(revoked_at=now)
            )
            await (
                ConsoleSessionRow.filter(member=member, ended_at=None)
                .using_db(connection)
                .update(ended_at=now)
            )
            for model in (LoginLinkRow, InviteRow):
                living = model.filter(member=member, used_at=None, expires_at__gt=now)
                await living.using_db(connection).update(expires_at=now)

    async def prune(self, before: int) -> None:
        """Forget links, sessions and codes that expired before `before`."""
        async with _reachable():
            for model in (LoginLinkRow, ConsoleSessionRow, InviteRow):
                await model.filter(expires_at__lt=before).using_db(self._db.writer).delete()


@asynccontextmanager
async def _reachable() -> AsyncIterator[None]:
    """What the engines raise when the database is away, as the core's own error."""
    try:
        yield
    except IntegrityError:
        raise
    except (BaseORMException, OSError) as error:  # a TimeoutError is an OSError
        raise Unavailable("the database cannot be reached") from error


def _check_key(name: str, role: str, sites: Sequence[str], member: str | None) -> None:
    form = "up to 32 of a-z, 0-9, - and _, beginning with a letter or figure"
    named = [("name", name), *(("sites", site) for site in sites)]
    named += [("member", member)] if member is not None else []
    faults = [InputFault(where, form, text) for where, text in named if not _NAME.fullmatch(text)]
    if role not in list(KeyRole):
        faults.append(InputFault("role", f"one of {', '.join(KeyRole)}", role))
    if faults:
        raise BadInput(faults)


def _letters_of(code: str) -> str:
    """As stored: capitals, without what people put between them."""
    return re.sub(r"[\s-]", "", code[:40]).upper()


def _key_of(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        role=row.role,
        sites=tuple(row.sites),
        member=row.member,
        digest=row.digest,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def _session_of(row: ConsoleSessionRow) -> Session:
    return Session(row.id, row.member, row.created_at, row.expires_at)
