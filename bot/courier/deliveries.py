"""How each kind of row is delivered.  One function a kind; the outcome is written in the end.

A delivery raises `DeliveryError` when it failed and returns when the outcome is in the database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.casework.core import place_of
from bot.courier.desk import Desk
from bot.domain.error import CopyGone, Rejected
from bot.domain.message import ChatRef, Picture, Post, Sent
from bot.ports import Entry, OutboxRow, Outgoing, Utterance
from bot.texts.hazards import spoken_sentence


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a kind is delivered, whether it goes to a chat, and whose pace it counts to."""

    deliver: Callable[[Desk, OutboxRow], Awaitable[None]]
    is_chat: bool = True
    paced: bool = True
    log: str = "message"


async def send_card(desk: Desk, row: OutboxRow) -> None:
    """The card of a case, with its picture; without it if the picture is refused or gone."""
    case = await desk.core.store.get_case(row.case or 0)
    if case is None:
        raise Rejected("the case of this card does not exist")
    ref, configured = desk.chat_of(row)
    post = await desk.card(case, ref, configured, repeat=row.unsure)
    picture = await desk.picture(case, configured)
    sent, has_picture = await _send(desk, row, ref, post, picture)
    now = desk.core.clock()
    outcome: dict[str, Any] = {
        "outcome": "delivered",
        "message": sent.message_id,
        "repeat": row.unsure,
        "picture": has_picture,
        "ms": now - row.created_at,
    }
    async with desk.core.store.begin() as tx:
        newest = await tx.case(case.number, lock=True)
        await tx.finish(row.id, "done", outcome, now)
        await tx.add_copy(case.number, ref, sent.message_id, has_picture, case.version)
        data = {"kind": "card", "to": row.target, **outcome}
        await tx.add_entry(case.number, Entry(now, "delivery", "system", data))
        if newest is not None and newest.version > case.version:
            await tx.want(case.number, newest.version, now)


async def edit_card(desk: Desk, row: OutboxRow) -> None:
    """Make a copy of a card tell the newest state."""
    copy = await desk.core.store.get_copy(int(row.payload["copy"]))
    case = await desk.core.store.get_case(row.case or 0)
    if copy is None or case is None:
        raise Rejected("the copy to be edited does not exist")
    ref, configured = desk.chat_of(replace(row, payload={"private": copy.chat.private}))
    if ref.id != copy.chat.id:
        raise CopyGone("the chat has moved, and another message may have this id there")
    post = await desk.card(case, ref, configured)
    channel = desk.channels[ref.channel]
    await channel.edit(ref, copy.message_id, post, has_picture=copy.has_picture)
    now = desk.core.clock()
    async with desk.core.store.begin() as tx:
        await tx.finish(row.id, "done", {"outcome": "delivered", "version": case.version}, now)
        await tx.copy_shows(copy.id, case.version, now)


async def send_text(desk: Desk, row: OutboxRow) -> None:
    """A sentence, as a reply to the case's card or to what was asked."""
    ref, configured = desk.chat_of(row)
    post = await desk.text(row, ref, configured)
    moved = not row.target.startswith(f"{ref.channel}:{ref.id}")
    reply_to = None if moved else row.payload.get("reply_to")
    reply_to = reply_to or await _card_in(desk, row, ref)
    sha = row.payload.get("picture")
    picture = await desk.load(sha) if sha else None
    channel = desk.channels[ref.channel]
    sent = await channel.send(ref, post, key=_key(row), picture=picture, reply_to=reply_to)
    async with desk.core.store.begin() as tx:
        outcome = {"outcome": "delivered", "message": sent.message_id}
        await tx.finish(row.id, "done", outcome, desk.core.clock())


async def answer_press(desk: Desk, row: OutboxRow) -> None:
    """The toast that answers a button."""
    ref, _ = desk.chat_of(row)
    payload = row.payload
    channel = desk.channels[ref.channel]
    text = str(payload["text"])
    await channel.answer_press(payload["press_id"], text, alert=bool(payload.get("alert")))
    async with desk.core.store.begin() as tx:
        await tx.finish(row.id, "done", {"outcome": "delivered"}, desk.core.clock())


async def announce(desk: Desk, row: OutboxRow) -> None:
    """Say it on a speaker.  What was under way when the program died is not said again."""
    sentence = await _sentence(desk, row)
    outcome = "interrupted" if row.unsure else "over"
    seconds, detail = 0.0, ""
    if sentence is not None and not row.unsure:
        case = await desk.core.store.get_case(row.case) if row.case is not None else None
        response = desk.core.response(case) if case else None
        spoken = await desk.announcer.announce(
            Utterance(
                id=f"announce-{row.id}",
                speaker=row.target,
                text=sentence,
                language=str(row.payload["language"]),
                severity=case.severity.word if case else row.payload.get("severity", "general"),
                style=response.speak.style.value if response else "normal",
                expires_at=int(row.payload["expires_at"]),
            )
        )
        outcome, seconds, detail = spoken.outcome, spoken.seconds, spoken.detail
    await _announced(
        desk, row, {"outcome": outcome, "seconds": seconds, "detail": detail}, sentence
    )


async def _announced(
    desk: Desk, row: OutboxRow, outcome: Mapping[str, Any], sentence: str | None
) -> None:
    """The outcome goes on the case and its cards, or back to who asked for it."""
    now = desk.core.clock()
    async with desk.core.store.begin() as tx:
        await tx.finish(row.id, "done", outcome, now)
        case = await tx.case(row.case, lock=True) if row.case is not None else None
        if case is not None:
            spoke = outcome["outcome"] == "spoken"
            sounded = now if spoke else case.sounded_at
            shown = replace(case, version=case.version + 1, sounded_at=sounded)
            await tx.save_case(shown)
            data = {"kind": "announce", "to": row.target, "said": sentence, **outcome}
            await tx.add_entry(case.number, Entry(now, "delivery", "system", data))
            await tx.want(case.number, shown.version, now)
        if tell := row.payload.get("tell"):
            await tx.send(_told(row, tell, outcome, now))


def _told(
    row: OutboxRow, tell: Mapping[str, Any], outcome: Mapping[str, Any], now: int
) -> Outgoing:
    key = "say.spoken" if outcome["outcome"] == "spoken" else "say.failed"
    params = {"speaker": row.target, "text": row.payload["text"], "horn": outcome["outcome"]}
    payload = {"key": key, "params": params, "private": tell["private"]}
    return Outgoing("text", tell["chat"], payload, now, lane="answer")


async def _sentence(desk: Desk, row: OutboxRow) -> str | None:
    """What is to be said now; None when the case is over."""
    if text := row.payload.get("text"):
        return str(text)
    case = await desk.core.store.get_case(row.case or 0)
    if case is None or not case.live:
        return None
    place = place_of(desk.core.people.config, case)
    return spoken_sentence(desk.core.response(case), str(row.payload["language"]), place)


async def _send(
    desk: Desk, row: OutboxRow, ref: ChatRef, post: Post, picture: Picture | None
) -> tuple[Sent, bool]:
    channel = desk.channels[ref.channel]
    if picture is None:
        return await channel.send(ref, post, key=_key(row)), False
    try:
        return await channel.send(ref, post, key=_key(row), picture=picture), True
    except Rejected:  # losing the picture never loses the alert
        return await channel.send(ref, post, key=_key(row)), False


async def _card_in(desk: Desk, row: OutboxRow, ref: ChatRef) -> str | None:
    if row.case is None:
        return None
    copies = await desk.core.store.copies(row.case)
    found = [copy.message_id for copy in copies if copy.chat.key == ref.key and not copy.lost]
    return found[-1] if found else None


def _key(row: OutboxRow) -> str:
    return f"loudhailer-{row.id}"


DELIVERIES: Mapping[str, Delivery] = {
    "card": Delivery(send_card),
    "direct": Delivery(send_card),
    "edit": Delivery(edit_card, log="edit"),
    "text": Delivery(send_text),
    "press": Delivery(answer_press, paced=False),
    "announce": Delivery(announce, is_chat=False),
}
"""Kind of row -> its delivery."""
