"""Pictures of cards: with the words where that is quick, after them where it is not.

An emergency's words wait for no picture.  Neither do any words where the line is thin, or where the
picture is refused, gone or cannot be loaded: it is then edited into the message when it can be.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.courier.delivery import Delivered
from bot.courier.desk import Desk
from bot.domain.case import Case
from bot.domain.error import (
    BadInput,
    ChatClosed,
    CopyGone,
    NotReady,
    PictureRefused,
    Rejected,
    TooSlow,
    Unavailable,
)
from bot.domain.hazard import Severity
from bot.domain.message import ChatRef, Picture, Post, Sent
from bot.ports import Channel, Copy, OutboxRow, Outgoing, Tx

log = logging.getLogger(__name__)

_LOAD_S = 1.0
_LOOK_AGAIN_S = 60.0
_GIVEN_UP_MS = 24 * 60 * 60_000
_ANEW = 1_000_000


def comes_later(desk: Desk, ref: ChatRef, sha: str | None, *, shown: bool) -> bool:
    """Whether a message that was sent without its picture is to get it."""
    return sha is not None and not shown and desk.channels[ref.channel].capabilities.adds_pictures


async def for_the_card(desk: Desk, ref: ChatRef, case: Case, sha: str | None) -> Picture | None:
    """The picture that goes with the words; None where they are not to wait for it."""
    adds = desk.channels[ref.channel].capabilities.adds_pictures
    if sha is None or (adds and case.emergency):
        return None
    try:
        async with asyncio.timeout(_LOAD_S):
            picture = await desk.load(sha)
    except TimeoutError:
        return None
    return unless_slow(desk, ref, picture) if adds else picture


def unless_slow(desk: Desk, ref: ChatRef, picture: Picture | None) -> Picture | None:
    """A picture, but for one that would keep its words waiting."""
    slow = picture is not None and desk.uplink.words_first(ref.channel, len(picture.jpeg))
    return None if slow else picture


async def send(
    desk: Desk,
    row: OutboxRow,
    ref: ChatRef,
    post: Post,
    picture: Picture | None,
    reply_to: str | None = None,
    alone: Callable[[], Awaitable[Post]] | None = None,
) -> tuple[Sent, bool]:
    """Post it; whether it shows the picture is what the platform says.

    `alone` makes the words that go when the picture turns out not to.
    """
    channel, key = desk.channels[ref.channel], f"loudhailer-{row.id}"
    if picture is not None:
        try:
            sent = await _timed(desk, channel, ref, post, picture, key, reply_to)
            return sent, sent.detail.get("picture", True) is True
        except ChatClosed:
            raise
        except (Rejected, TooSlow) as error:  # losing the picture never loses the alert
            log.info("the words of delivery %d go without their picture: %s", row.id, error)
            post = await alone() if alone else post
    begun = _now()
    sent = await channel.send(ref, post, key=key, reply_to=reply_to)
    desk.uplink.answered(ref.channel, _now() - begun)
    return sent, False


async def _timed(
    desk: Desk,
    channel: Channel,
    ref: ChatRef,
    post: Post,
    picture: Picture,
    key: str,
    reply_to: str | None,
) -> Sent:
    begun = _now()
    try:
        sent = await channel.send(ref, post, key=key, picture=picture, reply_to=reply_to)
    except TooSlow as slow:
        desk.uplink.measured(ref.channel, slow.sent, slow.seconds)
        raise
    if sent.detail.get("picture", True) is True:
        desk.uplink.measured(ref.channel, len(picture.jpeg), _now() - begun)
    return sent


def photo_row(case: Case, copy: Copy, ref: ChatRef, now: int, *, late: bool) -> Outgoing:
    """The picture that is to be added to a message of the case.

    After an outage those of what is old come last, however grave it is: what happens now is first.
    """
    last = late or case.severity is Severity.GENERAL
    return Outgoing(
        kind="photo",
        target=ref.key,
        payload={"copy": copy.id, "private": ref.private},
        due=now,
        lane="last_picture" if last else "picture",
        case=case.number,
        dedupe_key=f"photo:{copy.id}",
    )


async def add_picture(desk: Desk, row: OutboxRow) -> Delivered:
    """Make a message that was sent as words show its picture, and the newest state with it."""
    copy = await desk.core.store.get_copy(int(row.payload["copy"]))
    if copy is None or copy.lost:
        raise CopyGone("the message that was to get its picture is gone")
    case = await desk.core.store.get_case(row.case or 0)
    ref, configured = desk.chat_of(row)
    if ref.id != copy.chat.id:
        raise CopyGone("the chat has moved, and another message may have this id there")
    if case is None or copy.has_picture:
        return Delivered({"outcome": "over"}, entry=False)
    picture = await _loaded(desk, row, case, await desk.picture_of(case, configured))
    picture = await _shrunk(desk, picture, desk.uplink.room(ref.channel))
    post = await desk.card(case, ref, configured, copy=replace(copy, has_picture=True))
    try:
        await _add(desk, ref, copy, post, picture)
    except PictureRefused:  # what it does not like about it may be gone in a fresh one
        picture = await _shrunk(desk, picture, _ANEW)
        await _add(desk, ref, copy, post, picture)
    version = case.version

    async def also(tx: Tx, now: int) -> None:
        await tx.copy_has_picture(copy.id, version, now, since=copy.shown)

    outcome = {
        "outcome": "delivered",
        "message": copy.message_id,
        "bytes": len(picture.jpeg),
        "ms": desk.core.clock() - row.created_at,
    }
    return Delivered(outcome, also)


async def picture_failed(desk: Desk, tx: Tx, row: OutboxRow, last: bool, now: int) -> None:
    """Given up, the card says that it has no picture; and what a lost try may have shown of an
    old state is written over."""
    if last:
        await tx.copy_shows(int(row.payload["copy"]), 0, now)


async def _loaded(desk: Desk, row: OutboxRow, case: Case, sha: str | None) -> Picture:
    """The picture; one that is away may come back within a day."""
    if sha is None:
        raise PictureRefused(f"the picture of case {case.number} was erased by rule")
    if (picture := await desk.load(sha)) is not None:
        return picture
    if desk.core.clock() - row.created_at > _GIVEN_UP_MS:
        raise PictureRefused(f"the picture of case {case.number} cannot be loaded")
    raise NotReady("the picture cannot be loaded now", _LOOK_AGAIN_S)


async def _add(desk: Desk, ref: ChatRef, copy: Copy, post: Post, picture: Picture) -> None:
    channel, begun = desk.channels[ref.channel], _now()
    try:
        await channel.edit(ref, copy.message_id, post, has_picture=False, picture=picture)
    except TooSlow as slow:
        desk.uplink.measured(ref.channel, slow.sent, slow.seconds)
        raise
    desk.uplink.measured(ref.channel, len(picture.jpeg), _now() - begun)


async def _shrunk(desk: Desk, picture: Picture, most: int | None) -> Picture:
    """Encoded anew in at most so many bytes, where that can be done; None: as it is."""
    fits = most is None or (most != _ANEW and len(picture.jpeg) <= most)
    if desk.shrinker is None or most is None or fits:
        return picture
    try:
        return await desk.shrinker.shrink(picture.jpeg, most)
    except (BadInput, Unavailable) as error:
        log.warning("picture %.8s cannot be made smaller: %s", picture.sha256, error)
        return picture


def _now() -> float:
    return asyncio.get_running_loop().time()
