"""How each kind of row is delivered, one function a kind.

A delivery raises `DeliveryError` when it failed.  When it returns, the message is out, and what it
returns is to be written down: that is tried until it succeeds, for a message that is out but not
on record would be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.courier import pictures
from bot.courier.alerting import send_alert, tell_failure
from bot.courier.announcing import announce
from bot.courier.delivery import Delivered, Delivery
from bot.courier.desk import Desk
from bot.courier.hooking import send_change
from bot.courier.switching import switch_off, switch_on
from bot.domain.case import Case
from bot.domain.error import CopyGone, Rejected
from bot.domain.message import ChatRef, Picture, Post, Sent
from bot.domain.site import Chat
from bot.ports import Copy, Digest, Entry, OutboxRow, Tx


async def send_card(desk: Desk, row: OutboxRow) -> Delivered:
    """The card of a case, with its picture, or before it: see `bot.courier.pictures`."""
    case = await _case(desk, row)
    ref, configured = desk.chat_of(row)
    repeat = row.unsure and not desk.has_key(ref)
    sha = await desk.picture_of(case, configured)
    picture = await pictures.for_the_card(desk, ref, case, sha)

    async def words(picture: Picture | None = None) -> Post:
        follows = pictures.comes_later(desk, ref, sha, shown=picture is not None)
        return await desk.card(case, ref, configured, row=row, repeat=repeat, follows=follows)

    post = await words(picture)
    sent, has_picture = await pictures.send(desk, row, ref, post, picture, alone=words)
    follows = pictures.comes_later(desk, ref, sha, shown=has_picture)

    async def also(tx: Tx, now: int) -> None:
        newest = await tx.case(case.number)
        shown = (sent.message_id, has_picture, case.version)
        copy = await tx.add_copy(case.number, ref, *shown, repeat=repeat)
        if follows:
            late = bool(post.fields["late_ms"])
            await tx.send(pictures.photo_row(case, copy, ref, now, late=late))
        if newest is not None and newest.version > case.version:
            await tx.want(case.number, newest.version, now)

    outcome = {
        "outcome": "delivered",
        "message": sent.message_id,
        "repeat": repeat,
        "picture": has_picture,
        "ms": desk.core.clock() - row.created_at,
        "late_ms": post.fields["late_ms"],
        **_left_out(sent),
    }
    return Delivered(outcome, also)


def _left_out(sent: Sent) -> dict[str, Any]:
    """Why it does not stand in its topic."""
    return {"no_topic": sent.detail["topic"]} if "topic" in sent.detail else {}


async def send_digest(desk: Desk, row: OutboxRow) -> Delivered:
    """The cases that share one message, with the picture of the gravest."""
    digest = await _digest(desk, int(row.payload["digest"]))
    ref, configured = desk.chat_of(row)
    repeat = row.unsure and not desk.has_key(ref)
    cases = await desk.core.store.get_cases(digest.cases)
    post = desk.digest(digest, cases, ref, configured, repeat=repeat)
    picture = pictures.unless_slow(desk, ref, await desk.gravest_picture(cases, configured))
    sent, has_picture = await pictures.send(desk, row, ref, post, picture)

    async def also(tx: Tx, now: int) -> None:
        shown = (sent.message_id, has_picture, digest.revision)
        await tx.add_digest_copy(digest.id, ref, *shown, now, repeat=repeat)

    return Delivered({"outcome": "delivered", "message": sent.message_id, "repeat": repeat}, also)


async def edit_copy(desk: Desk, row: OutboxRow) -> Delivered:
    """Make a message tell the newest state of its case, or of all the cases of its digest."""
    copy = await desk.core.store.get_copy(int(row.payload["copy"]))
    if copy is None or copy.lost:
        raise CopyGone("the copy to be edited is gone")
    if copy.digest is not None:
        return await _edit_digest(desk, row, copy, copy.digest)
    return await _edit_card(desk, row, copy)


async def _edit_digest(desk: Desk, row: OutboxRow, copy: Copy, number: int) -> Delivered:
    digest = await _digest(desk, number)
    ref, configured = _where(desk, row, copy)
    cases = await desk.core.store.get_cases(digest.cases)
    post = desk.digest(digest, cases, ref, configured, repeat=copy.repeat)
    channel = desk.channels[ref.channel]
    await channel.edit(ref, copy.message_id, post, has_picture=copy.has_picture)

    async def also(tx: Tx, now: int) -> None:
        await tx.copy_shows(copy.id, digest.revision, now)

    return Delivered({"outcome": "delivered", "version": digest.revision}, also, entry=False)


def _where(desk: Desk, row: OutboxRow, copy: Copy) -> tuple[ChatRef, Chat | None]:
    ref, configured = desk.chat_of(replace(row, payload={"private": copy.chat.private}))
    if ref.id != copy.chat.id:
        raise CopyGone("the chat has moved, and another message may have this id there")
    return ref, configured


async def _digest(desk: Desk, number: int) -> Digest:
    digest = await desk.core.store.get_digest(number)
    if digest is None:
        raise Rejected("the digest that was to be shown does not exist")
    return digest


async def _edit_card(desk: Desk, row: OutboxRow, copy: Copy) -> Delivered:
    case = await _case(desk, row)
    ref, configured = _where(desk, row, copy)
    post = await desk.card(case, ref, configured, copy=copy)
    channel = desk.channels[ref.channel]
    await channel.edit(ref, copy.message_id, post, has_picture=copy.has_picture)

    async def also(tx: Tx, now: int) -> None:
        await tx.copy_shows(copy.id, case.version, now, had_picture=copy.has_picture)

    return Delivered({"outcome": "delivered", "version": case.version}, also, entry=False)


async def send_text(desk: Desk, row: OutboxRow) -> Delivered:
    """A sentence, as a reply to the case's card or to what was asked."""
    ref, configured = desk.chat_of(row)
    post = await desk.text(row, ref, configured)
    moved = not row.target.startswith(f"{ref.channel}:{ref.id}")
    reply_to = None if moved else row.payload.get("reply_to")
    reply_to = reply_to or await _card_in(desk, row, ref)
    sha = row.payload.get("picture")
    picture = await desk.load(sha) if sha else None
    sent, _ = await pictures.send(desk, row, ref, post, picture, reply_to)
    return Delivered({"outcome": "delivered", "message": sent.message_id})


async def answer_press(desk: Desk, row: OutboxRow) -> Delivered:
    """The toast that answers a button."""
    ref, _ = desk.chat_of(row)
    payload = row.payload
    channel = desk.channels[ref.channel]
    text = str(payload["text"])
    await channel.answer_press(payload["press_id"], text, alert=bool(payload.get("alert")))
    return Delivered({"outcome": "delivered"}, entry=False)


async def _case(desk: Desk, row: OutboxRow) -> Case:
    case = await desk.core.store.get_case(row.case or 0)
    if case is None:
        raise Rejected("the case that was to be shown does not exist")
    return case


async def _card_in(desk: Desk, row: OutboxRow, ref: ChatRef) -> str | None:
    """The newest message that shows the case in that chat, whatever its topic: its card first."""
    if row.case is None:
        return None
    store = desk.core.store
    copies = [*await store.digest_copies(row.case), *await store.copies(row.case)]
    place = (ref.channel, ref.id)
    found = [c.message_id for c in copies if (c.chat.channel, c.chat.id) == place and not c.lost]
    return found[-1] if found else None


def history_entry(row: OutboxRow, outcome: Mapping[str, Any], now: int) -> Entry:
    """What became of a row, for the history of its case."""
    return Entry(now, "delivery", "system", {"kind": row.kind, "to": row.target, **outcome})


DELIVERIES: Mapping[str, Delivery] = {
    "card": Delivery(send_card, repeats_show=True),
    "direct": Delivery(send_card, repeats_show=True),
    "digest": Delivery(send_digest, repeats_show=True),
    "edit": Delivery(edit_copy, log="edit"),
    "photo": Delivery(
        pictures.add_picture, log="edit", within_s=60.0, failed=pictures.picture_failed
    ),
    "text": Delivery(send_text, repeats_show=True),
    "press": Delivery(answer_press, log=""),
    "webhook": Delivery(send_change, has_key=True),
    "announce": Delivery(announce, log="", is_chat=False, within_s=180.0),
    # Said twice it is as good as once, so a try of which nobody knows is simply made again.
    "switch_on": Delivery(switch_on, log="", is_chat=False, has_key=True, within_s=25.0),
    "switch_off": Delivery(switch_off, log="", is_chat=False, has_key=True, within_s=25.0),
    "alert": Delivery(send_alert, log="", is_chat=False, has_key=True, failed=tell_failure),
}
"""Kind of row -> its delivery.  Where `repeats_show`, a second one stands beside the first."""

PICTURES = frozenset({"photo"})
HOOKS = frozenset({"webhook"})
_IN_CHATS = frozenset(kind for kind, delivery in DELIVERIES.items() if delivery.is_chat)
CHATS = _IN_CHATS - PICTURES - HOOKS
SPEAKERS = frozenset({"announce"})
ALERTS = frozenset({"alert"})
LIGHTS = frozenset({"switch_on", "switch_off"})
