"""A Bot API server for tests: real HTTP on loopback, every call checked, people who type and press.

async with bot_api() as server:
    group, li = server.group(-1001, "七号工地"), server.user(111, "李工", "li")
    ...                                   # point the program at server.url with server.token
    card = await server.wait_message(group, lambda m: "#12" in m.words)
    press = await li.press(card, "确认")
    assert "李工" in await press.answer()
    await server.wait_edit(card, lambda m: "已确认" in m.words)
"""

from __future__ import annotations

from .errors import Refused, Violation
from .model import Call, Chat, Message, Press
from .people import User
from .server import TOKEN, BotApiServer, bot_api, published_spec
from .trouble import Kind

__all__ = [
    "TOKEN",
    "BotApiServer",
    "Call",
    "Chat",
    "Kind",
    "Message",
    "Press",
    "Refused",
    "User",
    "Violation",
    "bot_api",
    "published_spec",
]
