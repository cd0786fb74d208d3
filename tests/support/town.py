"""A town for the acceptance tests: yards, their Telegram groups, their people, one program.

A yard is a site with a camera and a group of its own, so that tests do not meet each other; what
a yard's response table or its chats have of their own stands in `YARDS`.  People are the same all
over the town; whoever is of one yard alone is named after it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from aiohttp import ClientSession, FormData

from tests.support.botapi import BotApiServer, Chat, Message, Press, User
from tests.support.patience import PATIENCE_S
from tests.support.program import Program

Json = dict[str, Any]
"""How long a busy machine may take for what takes milliseconds."""

_SUBJECTS = itertools.count(1)

PEOPLE = {
    "li": ("李工", "site_lead", 111),
    "wang": ("王监督", "supervisor", 112),
    "zhang": ("张网格", "community_worker", 113),
    "chen": ("陈查看", "viewer", 114),
    "sun": ("孙审计", "auditor", 115),
    "lin": ("林工", "site_lead", 116),
    "hu": ("胡管理", "admin", 117),
}
"""Id -> name, role, Telegram account; they belong to every yard."""

OWN_PEOPLE = """
[[members]]
id = "zhao"
name = "赵工"
role = "site_lead"
sites = ["far"]
telegram = 121

[[members]]
id = "qian"
name = "钱工"
role = "site_lead"
sites = ["direct"]
notify = "direct"
telegram = 122

[[members]]
id = "gong"
name = "龚师傅"
party = "acme-build"
telegram = 123

[[members]]
id = "xin"
name = "辛工"
role = "community_worker"
sites = ["direct"]
"""
OWN_ACCOUNTS = {"zhao": 121, "qian": 122, "gong": 123, "xin": 124, "stranger": 999}
PARTY_CHAT, ADMIN_CHAT = -9001, -9002

FILE = """
language = "zh"

[[areas]]
id = "guanlan"
name = "观澜街道"

[[parties]]
id = "acme-build"
name = "顶峰建设"
chat = { channel = "telegram", id = -9001, messages_per_minute = 0 }

[[chats]]
channel = "telegram"
id = -9002
purpose = "admin"
messages_per_minute = 0

[responses.no_helmet]
merge_by = "subject"
[responses.fall]
merge_by = "subject"
[responses.climbing]
merge_by = "subject"
[responses.thrown_object]
merge_by = "subject"
"""


@dataclass(frozen=True)
class Plan:
    """What a yard has of its own; `chats` are the tables of its chats, without their sites."""

    name: str
    chats: tuple[str, ...] = ("",)
    more: str = ""
    site: str = ""


_HORN = """
[[speakers]]
id = "{horn}"
site = "{site}"
name = "{name}"
cameras = ["{camera}"]
url = "file:{folder}"
{more}
"""
_ALL_DAY = 'quiet_hours = ["00:00-12:00", "12:00-24:00"]'

YARDS: dict[str, Plan] = {
    "yard-7": Plan("七号工地"),
    "words": Plan("词工地"),
    "twins": Plan("双胞工地", ("", 'minimum_severity = "serious"\nlanguage = "en"')),
    "english": Plan("North yard", ('language = "en"',)),
    "hurry": Plan(
        "急工地",
        site="[sites.responses.no_helmet]\nacknowledge_within = '1s'\nmerge_by = 'subject'",
    ),
    "order": Plan("派单工地", site="responsible_party = 'acme-build'"),
    "quick": Plan(
        "快工地",
        site="[sites.responses.no_vest]\nself_close_after = '300ms'\ncooldown = '2s'",
    ),
    "still": Plan(
        "静工地",
        site="[sites.responses.no_vest]\ncooldown = '1s'",
    ),
    "direct": Plan("直达工地"),
    "far": Plan("远工地"),
    "forum": Plan("论坛工地", ("topic = 7",)),
    "forum-any": Plan("大论坛工地"),
    "moving": Plan("搬家工地"),
    "moving-2": Plan("二搬家工地"),
    "kicked": Plan("被踢工地"),
    "night": Plan("夜工地"),
    **{f"plain-{n}": Plan(f"普通{n}号工地") for n in range(1, 61)},
}


def site_file(folder: Path) -> str:
    """The town's site file; sounds and the picture of the gate's camera lie in `folder`."""
    picture = folder / "gate.jpg"
    picture.write_bytes(photo(640, 360))
    parts = [FILE, OWN_PEOPLE]
    parts += [
        f'[[members]]\nid = "{id}"\nname = "{name}"\nrole = "{role}"\ntelegram = {account}\n'
        for id, (name, role, account) in PEOPLE.items()
    ]
    for place, (id, plan) in enumerate(YARDS.items()):
        parts.append(_site(id, plan, place))
    parts.append(_camera("gate", "yard-7", f'source = "{picture}"\nmodels = []\nloop = true'))
    parts += [_camera(f"{id}-gate", id, 'source = "push"') for id in YARDS if id not in ("yard-7",)]
    horn = {"folder": str(folder / "sounds"), "name": "大门喇叭"}
    parts.append(_HORN.format(horn="gate-horn", site="yard-7", camera="gate", more="", **horn))
    night = {"horn": "night-horn", "site": "night", "camera": "night-gate", "more": _ALL_DAY}
    parts.append(_HORN.format(**night, **horn))
    parts.append('[[duty]]\nsite = "yard-7"\nmembers = ["li"]\n')
    return "\n".join(parts)


def _site(id: str, plan: Plan, place: int) -> str:
    lines = [
        f'[[sites]]\nid = "{id}"\nname = "{plan.name}"',
        'address = "观澜大道 88 号"',
        plan.site,
    ]
    for nth, chat in enumerate(plan.chats):
        lines.append(
            f'[[chats]]\nsites = ["{id}"]\nchannel = "telegram"\nid = {group_id(place, nth)}\n'
            f"messages_per_minute = 0\n{chat}"
        )
    return "\n".join([*lines, plan.more, ""])


def _camera(id: str, site: str, more: str) -> str:
    return f'[[cameras]]\nid = "{id}"\nsite = "{site}"\nname = "大门"\naliases = ["门口"]\n{more}\n'


def group_id(place: int, nth: int = 0) -> int:
    """The Telegram id of a yard's nth group."""
    return -(1000 + 10 * place + nth)


@cache
def photo(width: int = 64, height: int = 48, shade: int = 120) -> bytes:
    """A real JPEG."""
    image = np.full((height, width, 3), shade, np.uint8)
    cv2.rectangle(image, (width // 4, height // 4), (width // 2, height - 2), (0, 0, 255), 1)
    return cv2.imencode(".jpg", image)[1].tobytes()


@dataclass
class Town:
    """The Bot API server, the program and an HTTP client with the keys of a box and of li."""

    server: BotApiServer
    program: Program
    http: ClientSession
    source_key: str
    operator_key: str
    users: dict[str, User] = field(default_factory=dict)
    _plain: Any = field(default_factory=lambda: iter([id for id in YARDS if "plain" in id]))

    def __post_init__(self) -> None:
        for id, (name, _, account) in PEOPLE.items():
            self.users[id] = self.server.user(account, name)
        for id, account in OWN_ACCOUNTS.items():
            self.users[id] = self.server.user(account, id)
        for place, (id, plan) in enumerate(YARDS.items()):
            topics = (7, 9) if id.startswith("forum") else ()
            kind = "group" if id.startswith("moving") else "supergroup"
            for nth in range(len(plan.chats)):
                self.server.group(group_id(place, nth), plan.name, kind=kind, topics=topics)
        for id in (PARTY_CHAT, ADMIN_CHAT):
            self.server.group(id)

    def __getattr__(self, name: str) -> User:
        """`town.li`: a person."""
        try:
            return self.__dict__["users"][name]
        except KeyError:
            raise AttributeError(name) from None

    def yard(self, id: str = "") -> Yard:
        """The yard with this id, or a plain one that nobody has used."""
        return Yard(self, id or next(self._plain, "out of plain yards"))

    async def case(self, number: int) -> Json:
        """The case as the HTTP API shows it to an operator."""
        return await self._get(f"/api/v1/cases/{number}")

    async def message(
        self, chat: Chat, holds: Callable[[Message], bool], *, after: Message | None = None
    ) -> Message:
        """The program's first message in a chat for which `holds`."""
        return await self.server.wait_message(chat, holds, PATIENCE_S, after=after)

    async def live(self, site: str) -> list[Json]:
        """The cases of a site that are not closed."""
        found = await self._get(f"/api/v1/cases?site={site}&limit=100")
        return [case for case in found["cases"] if case["state"] != "closed"]

    async def events(self, number: int) -> list[str]:
        """`acknowledged li` and so on: what was done, in order, without sightings."""
        history = (await self.case(number))["history"]
        return [f"{one['event']} {one['actor']}" for one in history if one["event"] != "attached"]

    async def command(self, number: int, verb: str, key: str, **body: Any) -> tuple[int, Json]:
        """POST .../commands as li."""
        url = f"{self.program.url}/api/v1/cases/{number}/commands"
        headers = self._bearer(self.operator_key) | {"Idempotency-Key": key}
        async with self.http.post(url, json={"verb": verb, **body}, headers=headers) as answer:
            return answer.status, await answer.json()

    async def report(self, image: bytes | None = None, **fields: Any) -> tuple[int, Json]:
        """POST /reports by the box."""
        document = {"id": f"r-{next(_SUBJECTS)}", "at": datetime.now(UTC).isoformat(), **fields}
        form = FormData()
        form.add_field("report", _dumped(document), content_type="application/json")
        if image is not None:
            form.add_field("image", image, content_type="image/jpeg", filename="a.jpg")
        url, headers = f"{self.program.url}/api/v1/reports", self._bearer(self.source_key)
        async with self.http.post(url, data=form, headers=headers) as answer:
            return answer.status, await answer.json()

    async def until(self, number: int, holds: Callable[[Json], bool]) -> Json:
        """The case once it is as wanted; for changes that no chat shows."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while not holds(case := await self.case(number)):
            assert asyncio.get_running_loop().time() < deadline, case
            await asyncio.sleep(0.02)
        return case

    async def _get(self, path: str) -> Json:
        headers = self._bearer(self.operator_key)
        async with self.http.get(self.program.url + path, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    @staticmethod
    def _bearer(key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {key}"}


@dataclass(frozen=True)
class Card:
    """A case and its message in the yard's first group."""

    number: int
    message: Message

    @property
    def words(self) -> str:
        return self.message.words


class Yard:
    """One site with its groups."""

    def __init__(self, town: Town, id: str) -> None:
        self.town = town
        self.server = town.server
        self.id = id
        self.plan = YARDS[id]
        self.camera = "gate" if id == "yard-7" else f"{id}-gate"
        place = list(YARDS).index(id)
        chats = self.server.world.chats
        self.groups = [chats[group_id(place, nth)] for nth in range(len(self.plan.chats))]

    @property
    def group(self) -> Chat:
        """The yard's first group."""
        return self.groups[0]

    async def report(self, hazard: str = "no_helmet", **fields: Any) -> tuple[int, Json]:
        """A report of the yard's camera, with a picture."""
        given = {"hazard": hazard, "site": self.id, "camera": self.camera, **fields}
        return await self.town.report(photo(), **given)

    async def opens(self, hazard: str = "no_helmet", **fields: Any) -> Card:
        """A new case with its card in the first group."""
        given = {"phase": "start", "subject": f"track-{next(_SUBJECTS)}", **fields}
        status, body = await self.report(hazard, **given)
        assert status == 201, body
        return await self.card(body["case"])

    async def card(self, number: int, group: Chat | None = None) -> Card:
        """The card of a case in a group, with its picture."""
        group = group or self.group
        message = await self.town.message(group, lambda m: is_card(m, number))
        return Card(number, message)

    async def say(self, who: User, text: str, *, to: Message | None = None, **more: Any) -> Message:
        """Somebody types in the first group; the program's answer."""
        return await self.answer(await who.says(self.group, text, reply_to=to, **more))

    async def answer(self, asked: Message) -> Message:
        """The program's answer to a message."""
        return await self.town.message(asked.chat, lambda m: m.reply_to is asked)

    async def press(self, who: User, card: Card | Message, label: str) -> Press:
        """Somebody presses; returns when that was answered."""
        message = card.message if isinstance(card, Card) else card
        press = await who.press(message, label)
        await press.answer(PATIENCE_S)
        return press

    async def shows(self, card: Card | Message, *words: str) -> Message:
        """The card once it says all of these words."""
        message = card.message if isinstance(card, Card) else card
        return await self.server.wait_edit(
            message, lambda m: all(word in m.words for word in words), PATIENCE_S
        )

    async def silence(self, *messages: Message) -> None:
        """Everything before is handled, and to none of these messages there was an answer."""
        marker = await self.town.li.says(messages[0].chat, "/whoami")
        await self.answer(marker)
        answered = [
            m.words for m in self.server.messages(messages[0].chat) if m.reply_to in messages
        ]
        assert not answered

    def calls(self, holds: Callable[[Message], bool]) -> Sequence[Message]:
        """The program's messages in the first group for which `holds`."""
        return [m for m in self.server.messages(self.group) if holds(m)]


def is_card(message: Message, number: int) -> bool:
    """Whether a message shows that case."""
    first, *more = message.words.splitlines()
    state = [line for line in more if line.startswith(("状态：", "State: "))]
    head = first.removesuffix("（可能重复）").removesuffix(" (possibly repeated)")
    return bool(state) and head.endswith(f"#{number}")


def _dumped(document: Json) -> str:
    import json

    return json.dumps(document, ensure_ascii=False)
