"""The page's socket: new and changed messages out, what people type and press in.

    from the page:  {"type": "open", "chats": {CHAT: REVISION or null, ...}}
                    {"type": "say", "id": ID, "chat": CHAT, "text": STR, "reply_to": N or null,
                     "age": MS}
                    {"type": "press", "id": ID, "chat": CHAT, "message": N, "data": STR, "age": MS}
                    {"type": "ping"}
    to the page:    {"type": "messages", "chat": CHAT, "revision": N, "reset": BOOL, "messages": []}
                    {"type": "ack", "id": ID}        stored for good
                    {"type": "later", "id": ID}      not stored now: send it again
                    {"type": "refused", "id": ID}    will never be stored as it is
                    {"type": "toast", "press": ID, "text": STR, "alert": BOOL}
                    {"type": "pong"}
                    {"type": "signed_out"}           the session has ended

An ID is the page's own, the same when it sends again; the acts behind it happen once.  Who acts is
the session's member, whatever a frame may claim.  Photos come by `handlers.console.chat.photo`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import WSMsgType, web

from bot.domain.error import NotFound, Unavailable
from bot.domain.site import Member
from bot.ports_console import ConsoleMessage, Toast
from handlers.console import audience, wire
from handlers.console.context import ConsoleContext, console_of, member_of, open_socket
from handlers.console.frames import BadFrame, chats_asked, pressed, text_of, typed

log = logging.getLogger(__name__)

FIRST_PAGE = 60
CATCH_UP = 200
LONGEST_FRAME = 64 * 1024


async def serve(request: web.Request) -> web.WebSocketResponse:
    """`GET /console/socket`."""
    member = await member_of(request)
    async with open_socket(request, heartbeat=20, max_msg_size=LONGEST_FRAME) as socket:
        page = OpenPage(request, socket, member)
        try:
            await page.run()
        finally:
            await page.close()
    return socket


class OpenPage:
    """One page at the other end of a socket."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, member: Member) -> None:
        self._request = request
        self._socket = socket
        self._member = member
        self._console: ConsoleContext = console_of(request)
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._unlisten = self._console.desk.listen(member.id, self._show)

    async def run(self) -> None:
        """Until the page goes, the session ends or the service stops."""
        while not self._socket.closed:
            try:
                frame = await self._socket.receive(timeout=self._console.beat)
            except TimeoutError:
                frame = None
            if frame is not None and frame.type is not WSMsgType.TEXT:
                return
            if not await self._still_signed_in():
                await self._send({"type": "signed_out"})
                return
            if frame is not None:
                await self._heard(frame.data)

    async def close(self) -> None:
        """Stop following the chats."""
        self._unlisten()
        for follower in self._followers.values():
            follower.cancel()
        await asyncio.gather(*self._followers.values(), return_exceptions=True)

    async def _still_signed_in(self) -> bool:
        try:
            return await self._console.visitor(self._request) == self._member
        except Unavailable:
            return True  # whoever cannot be asked now was asked before, and nothing can be stored

    async def _heard(self, data: str) -> None:
        try:
            frame = json.loads(data)
        except (ValueError, RecursionError):
            return
        if not isinstance(frame, dict):
            return
        match frame.get("type"):
            case "open":
                self._follow(chats_asked(frame))
            case "say" | "press":
                await self._act(frame)
            case "ping":
                await self._send({"type": "pong"})
            case _:
                pass

    async def _act(self, frame: Mapping[str, Any]) -> None:
        """Store what was typed or pressed, and say so."""
        id = frame.get("id")
        try:
            await self._store(frame)
        except (BadFrame, NotFound) as fault:
            log.info("a page's %s was refused: %s", frame.get("type"), fault)
            await self._send({"type": "refused", "id": id})
        except Exception:  # boundary: however the database fails, the page keeps it and tries again
            log.warning("what %s did on the page is not stored", self._member.id, exc_info=True)
            await self._send({"type": "later", "id": id})
        else:
            await self._send({"type": "ack", "id": id})

    async def _store(self, frame: Mapping[str, Any]) -> None:
        member, desk = self._member, self._console.desk
        if text_of(frame, "chat") not in audience.chat_ids_of(self._console.config, member):
            raise BadFrame("chat")
        if frame["type"] == "press":
            await desk.pressed(pressed(frame, member))
        else:
            await desk.typed(typed(frame, member))

    def _follow(self, chats: Mapping[str, int | None]) -> None:
        allowed = audience.chat_ids_of(self._console.config, self._member)
        for chat, revision in chats.items():
            if chat in allowed and chat not in self._followers:
                task = asyncio.create_task(self._tell(chat, revision), name=f"console:{chat}")
                self._followers[chat] = task

    async def _tell(self, chat: str, revision: int | None) -> None:
        """Send what is new in a chat, for ever."""
        try:
            at = await self._first(chat, revision)
            while True:
                news = await self._console.log.since(chat, at, CATCH_UP)
                if news:
                    at = news[-1].revision
                    await self._send_messages(chat, at, news)
                else:
                    await self._console.desk.changed(chat, at)
        except ConnectionResetError:
            return
        except Exception:  # boundary: the page reconnects and asks again from where it was
            log.warning("a page can no longer follow chat %s", chat, exc_info=True)
            await self._socket.close(code=1011)

    async def _first(self, chat: str, revision: int | None) -> int:
        """Start at the end of the chat where the page has nothing, or far too much is missing."""
        newest = await self._console.log.revision(chat)
        if revision is not None and newest - CATCH_UP <= revision <= newest:
            return revision
        messages = await self._console.log.latest(chat, FIRST_PAGE)
        await self._send_messages(chat, newest, messages, reset=True)
        return newest

    async def _send_messages(
        self, chat: str, revision: int, messages: Sequence[ConsoleMessage], *, reset: bool = False
    ) -> None:
        shown = [wire.message(one, self._member) for one in messages]
        await self._send(
            {
                "type": "messages",
                "chat": chat,
                "revision": revision,
                "reset": reset,
                "messages": shown,
            }
        )

    async def _show(self, toast: Toast) -> None:
        text, alert = toast.text, toast.alert
        await self._send({"type": "toast", "press": toast.press, "text": text, "alert": alert})

    async def _send(self, frame: Mapping[str, Any]) -> None:
        await self._socket.send_str(json.dumps(frame, ensure_ascii=False))
