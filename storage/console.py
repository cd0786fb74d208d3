"""The console's messages (`bot.ports_console.ConsoleLog`), the same on SQLite and PostgreSQL.

Each change of a chat takes the next revision.  `(chat, revision)` is unique, so of two writers that
chose the same one the later finds out and tries again; a revision is therefore never visible before
a smaller one of its chat, and a page that asks for what comes after the last it saw misses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

from tortoise import fields
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.indexes import Index
from tortoise.models import Model

from bot.domain.hazard import Severity
from bot.domain.message import Button, Mention, Post
from bot.ports_console import (
    ConsoleDraft,
    ConsoleMessage,
    ConsolePicture,
    ConsoleRecording,
    SaidKind,
)
from storage.database import Database

_TRIES = 20
T = TypeVar("T")


class ConsoleMessageRow(Model):
    """One message of a console chat, as it stands now."""

    id = fields.BigIntField(primary_key=True)
    chat = fields.CharField(max_length=64)
    revision = fields.BigIntField()
    key = fields.CharField(max_length=255, unique=True)
    kind = fields.CharField(max_length=8)
    case = fields.IntField(null=True)
    at = fields.BigIntField()
    sent_at = fields.BigIntField()
    edited_at = fields.BigIntField(null=True)
    sender = fields.CharField(max_length=32, null=True)
    name = fields.CharField(max_length=100)
    post: Any = fields.JSONField()
    picture = fields.CharField(max_length=64, null=True)
    picture_width = fields.IntField(db_default=0)
    picture_height = fields.IntField(db_default=0)
    recording = fields.CharField(max_length=64, null=True)
    recording_seconds = fields.FloatField(db_default=0)
    reply_to = fields.BigIntField(null=True)
    taken = fields.BooleanField(db_default=True)

    class Meta:
        table = "console_message"
        unique_together = (("chat", "revision"),)
        indexes = (
            Index(fields=("chat", "id")),
            Index(fields=("chat", "case")),
            Index(fields=("chat", "picture")),
            Index(fields=("picture",)),
            Index(fields=("recording",)),
            Index(fields=("at",)),
            Index(fields=("taken",)),
        )


class SqlConsoleLog:
    """See `bot.ports_console.ConsoleLog`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._writing = asyncio.Lock()  # rivals are other processes, never ourselves

    async def add(self, draft: ConsoleDraft) -> ConsoleMessage:
        async def insert(connection: BaseDBAsyncClient) -> ConsoleMessageRow:
            found = await ConsoleMessageRow.filter(key=draft.key).using_db(connection).first()
            if found is not None:
                return found
            revision = await _last_revision(connection, draft.chat) + 1
            columns = _columns(draft) | {"revision": revision}
            return await ConsoleMessageRow.create(**columns, using_db=connection)

        return _message(await self._until_unrivalled(insert))

    async def edit(
        self, chat: str, id: int, post: Post, picture: ConsolePicture | None, at: int
    ) -> ConsoleMessage | None:
        wanted = {"post": post_to_json(post), "case": post.case}
        if picture is not None:
            wanted |= _picture_columns(picture)

        async def update(connection: BaseDBAsyncClient) -> ConsoleMessageRow | None:
            rows = ConsoleMessageRow.filter(id=id, chat=chat, kind="post").using_db(connection)
            row = await rows.select_for_update().first()
            if row is None or all(getattr(row, name) == value for name, value in wanted.items()):
                return row
            revision = await _last_revision(connection, chat) + 1
            row.update_from_dict(wanted | {"revision": revision, "edited_at": at})
            await row.save(using_db=connection)
            return row

        row = await self._until_unrivalled(update)
        return _message(row) if row else None

    async def _until_unrivalled(self, work: Callable[[BaseDBAsyncClient], Awaitable[T]]) -> T:
        """Run `work` in a transaction, again while another writer takes the same revision first."""
        for left in reversed(range(_TRIES)):
            try:
                async with self._writing, self._db.transaction() as connection:
                    return await work(connection)
            except IntegrityError:
                if not left:
                    raise
        raise AssertionError("the loop returns or raises")

    async def get(self, chat: str, id: int) -> ConsoleMessage | None:
        row = await ConsoleMessageRow.filter(chat=chat, id=id).using_db(self._db.reader).first()
        return _message(row) if row else None

    async def since(self, chat: str, revision: int, limit: int) -> list[ConsoleMessage]:
        newer = ConsoleMessageRow.filter(chat=chat, revision__gt=revision)
        rows = await newer.using_db(self._db.reader).order_by("revision").limit(limit)
        return [_message(row) for row in rows]

    async def latest(
        self, chat: str, limit: int, before: int | None = None
    ) -> list[ConsoleMessage]:
        query = ConsoleMessageRow.filter(chat=chat)
        if before is not None:
            query = query.filter(id__lt=before)
        rows = await query.using_db(self._db.reader).order_by("-id").limit(limit)
        return [_message(row) for row in reversed(rows)]

    async def revision(self, chat: str) -> int:
        return await _last_revision(self._db.reader, chat)

    async def card_of(self, chat: str, case: int) -> ConsoleMessage | None:
        cards = ConsoleMessageRow.filter(chat=chat, case=case).using_db(self._db.reader)
        row = await cards.order_by("-id").first()
        return _message(row) if row else None

    async def shows(self, chat: str, sha256: str) -> bool:
        hangs = Q(picture=sha256) | Q(recording=sha256)
        shown = ConsoleMessageRow.filter(hangs, chat=chat)
        return await shown.using_db(self._db.reader).exists()

    async def untaken(self) -> list[ConsoleMessage]:
        waiting = ConsoleMessageRow.filter(taken=False).using_db(self._db.reader)
        return [_message(row) for row in await waiting.order_by("id")]

    async def mark_taken(self, id: int) -> None:
        await ConsoleMessageRow.filter(id=id).using_db(self._db.writer).update(taken=True)


async def _last_revision(connection: BaseDBAsyncClient, chat: str) -> int:
    newest = ConsoleMessageRow.filter(chat=chat).using_db(connection).order_by("-revision")
    row = await newest.first().values_list("revision", flat=True)
    return cast(int, row or 0)


def _columns(draft: ConsoleDraft) -> dict[str, Any]:
    return {
        "chat": draft.chat,
        "key": draft.key,
        "kind": draft.kind,
        "case": draft.post.case,
        "at": draft.at,
        "sent_at": draft.sent_at or draft.at,
        "sender": draft.sender,
        "name": draft.name,
        "post": post_to_json(draft.post),
        "reply_to": draft.reply_to,
        "taken": draft.kind == "post",
        **_picture_columns(draft.picture),
        "recording": draft.recording.sha256 if draft.recording else None,
        "recording_seconds": draft.recording.seconds if draft.recording else 0,
    }


def _picture_columns(picture: ConsolePicture | None) -> dict[str, Any]:
    return {
        "picture": picture.sha256 if picture else None,
        "picture_width": picture.width if picture else 0,
        "picture_height": picture.height if picture else 0,
    }


def _message(row: ConsoleMessageRow) -> ConsoleMessage:
    picture = None
    if row.picture is not None:
        picture = ConsolePicture(row.picture, row.picture_width, row.picture_height)
    recording = None
    if row.recording is not None:
        recording = ConsoleRecording(row.recording, row.recording_seconds)
    return ConsoleMessage(
        id=row.id,
        chat=row.chat,
        revision=row.revision,
        key=row.key,
        kind=cast(SaidKind, row.kind),
        at=row.at,
        post=post_from_json(row.post),
        sender=row.sender,
        name=row.name,
        picture=picture,
        recording=recording,
        reply_to=row.reply_to,
        sent_at=row.sent_at,
        edited_at=row.edited_at,
        taken=row.taken,
    )


def post_to_json(post: Post) -> dict[str, Any]:
    """A post as plain JSON; what stands at its default is left out."""
    shape = {
        "text": post.text,
        "buttons": [[[button.label, button.data] for button in row] for row in post.buttons],
        "mentions": [[mention.name, mention.user] for mention in post.mentions],
        "silent": post.silent,
        "case": post.case,
        "version": post.version,
        "severity": int(post.severity) if post.severity else None,
        "fields": dict(post.fields),
    }
    return {name: value for name, value in shape.items() if value or name == "text"}


def post_from_json(shape: Mapping[str, Any]) -> Post:
    """The post behind `post_to_json`."""
    severity = shape.get("severity")
    return Post(
        text=shape["text"],
        buttons=tuple(tuple(Button(*pair) for pair in row) for row in shape.get("buttons", ())),
        mentions=tuple(Mention(*pair) for pair in shape.get("mentions", ())),
        silent=shape.get("silent", False),
        case=shape.get("case"),
        version=shape.get("version", 0),
        severity=Severity(severity) if severity else None,
        fields=shape.get("fields", {}),
    )
