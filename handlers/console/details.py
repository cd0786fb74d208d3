"""One case, for whoever may see it: its card in a chat of theirs, or the case by itself.

By itself it has what its card would say, its story, its picture and its buttons.  Nothing is posted
for that: a press comes to one's own chat with the program, without a message.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.domain.case import Case
from bot.domain.rfc3339 import utc
from bot.domain.site import Member
from bot.ports import Snapshot
from bot.texts.cards import card
from bot.texts.lists import case_detail
from handlers.console import audience, wire
from handlers.console.context import ConsoleContext, console_of, member_of
from handlers.http.problem import Problem


async def show(request: web.Request) -> web.Response:
    """`GET /console/cases/{case}?language=zh|en`: `message` as in the chat `chat`."""
    member, console, case = await _asked_for(request)
    chat, shown = await _card_in_chat(console, member, case)
    if shown is None:
        language = "en" if request.query.get("language") == "en" else "zh"
        chat, shown = audience.own_chat(member), await _by_itself(console, member, case, language)
    return web.json_response(
        {"chat": chat, "message": shown}, headers={"Cache-Control": "no-store"}
    )


async def picture(request: web.Request) -> web.Response:
    """`GET /console/cases/{case}/picture`: faces blurred where that was possible."""
    _, console, case = await _asked_for(request)
    found = await _picture_of(console, case)
    jpeg = await console.pictures.get(found.sha256) if found else None
    if jpeg is None:
        if found is not None and found.erased_at is not None:
            raise Problem(410, "picture_erased", at=utc(found.erased_at))
        raise web.HTTPNotFound
    headers = {"Cache-Control": "private, no-cache"}
    return web.Response(body=jpeg, content_type="image/jpeg", headers=headers)


async def _asked_for(request: web.Request) -> tuple[Member, ConsoleContext, Case]:
    """The case of the address; 404 for one of another site, or on trial, as for none."""
    member, console = await member_of(request), console_of(request)
    number = request.match_info["case"]
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise web.HTTPNotFound
    case = await console.cases.get_case(int(number))
    if case is None or case.trial:
        raise web.HTTPNotFound
    if case.site not in {site.id for site in audience.sites_of(console.config, member)}:
        raise web.HTTPNotFound
    return member, console, case


async def _card_in_chat(
    console: ConsoleContext, member: Member, case: Case
) -> tuple[str, dict[str, Any] | None]:
    """The newest card of the case in the first of the member's chats that has one."""
    for chat in audience.chats_of(console.config, member):
        if found := await console.log.card_of(chat.id, case.number):
            return chat.id, wire.message(found, member)
    return "", None


async def _by_itself(
    console: ConsoleContext, member: Member, case: Case, language: str
) -> dict[str, Any]:
    facts = await console.facts.of(case, audience.CONSOLE)
    history = await console.cases.history(case.number)
    post = card(case, facts, language)
    post = replace(post, text=case_detail(case, history, facts, language))
    found = await _picture_of(console, case)
    has_picture = found is not None and found.erased_at is None
    return wire.details(case, post, member, has_picture=has_picture)


async def _picture_of(console: ConsoleContext, case: Case) -> Snapshot | None:
    """The picture of how it was found, blurred before plain."""
    found = await console.cases.snapshots(case.number)
    for kind in ("blurred", "annotated"):
        for snapshot in found:
            if snapshot.kind == kind:
                return snapshot
    return None
