"""The chat desk over a real database, without platform and network: what goes in, what comes out.

house.says("确认 12", who="li")  ->  the rows that answer it, as the courier would find them.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.casework import Casework, Core, Facts, Looking, People, Timers
from bot.casework.condition import Dark, Silent, Views, no_cameras, none_dark, none_silent
from bot.casework.intake import take_report
from bot.domain.case import Case
from bot.domain.error import BadInput, InputFault, RetryLater
from bot.domain.message import Capabilities, ChatRef, Incoming, Media, Picture, Sender
from bot.domain.people import Chat, Duty, Member, Notify, Party, Purpose
from bot.domain.report import Report
from bot.domain.response import response_table
from bot.domain.role import Role
from bot.domain.secret import Secret
from bot.domain.site import Camera, Site, SiteConfig, Speaker
from bot.domain.window import parse_window
from bot.ports import Channel, OutboxRow
from bot.speaking import SafeRecordingDesk
from handlers.chat import ChatDesk
from handlers.interpret import Interpreter
from handlers.parts import ChatParts
from handlers.voicenotes import VoiceNotes
from storage.access import SqlAccess
from storage.database import open_database
from storage.pictures import PictureFolder, RecordingFolder
from storage.store import SqlStore
from storage.wake import LocalWake
from tests.support.cases import MINUTE, T0
from tests.support.databases import new_sqlite
from tests.support.ears import ToldEars
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg
from voice.pronouncing import syllables
from voice.recordings import RecordingDesk

BOT = "site_bot"
GROUP = ChatRef("telegram", "-1")
DESK = ChatRef("console", "main")
OTHER_GROUP = ChatRef("telegram", "-2")
BOTH_SITES = ChatRef("telegram", "-3")
ADMINS = ChatRef("telegram", "-4")
PARTY = ChatRef("telegram", "-5")
FORUM = ChatRef("telegram", "-6", "7")
UNKNOWN_GROUP = ChatRef("telegram", "-99")


def private(user: int) -> ChatRef:
    """The private chat with a person."""
    return ChatRef("telegram", str(user), private=True)


def _chat(ref: ChatRef, *sites: str, **keys: Any) -> Chat:
    topic = int(ref.topic) if ref.topic else None
    return Chat(ref.key, ref.channel, ref.id, sites, topic=topic, **keys)


CONFIG = SiteConfig(
    sites=(
        Site("yard-7", "七号工地", responsible_party="acme"),
        Site("yard-8", "八号工地"),
        Site("yard-9", "九号工地"),
    ),
    parties=(Party("acme", "顶峰建设", _chat(PARTY, purpose=Purpose.PARTY)),),
    cameras=(
        Camera("gate", "yard-7", "大门", ("门口",)),
        Camera("door", "yard-8", "门"),
        Camera("hall", "yard-9", "大厅"),
    ),
    speakers=(
        Speaker("gate-horn", "yard-7", "大门喇叭", Secret("browser:"), cameras=("gate",)),
        Speaker(
            "door-horn",
            "yard-8",
            "Door horn",
            Secret("browser:"),
            aliases=("西门喇叭",),
            quiet_hours=(parse_window("22:00-06:00"),),
        ),
    ),
    chats=(
        _chat(GROUP, "yard-7"),
        _chat(OTHER_GROUP, "yard-8", language="en"),
        _chat(BOTH_SITES, "yard-7", "yard-8"),
        _chat(ADMINS, purpose=Purpose.ADMIN),
        _chat(FORUM, "yard-9"),
        _chat(DESK, "yard-7"),
    ),
    members=(
        Member("li", "李工", Role.SITE_LEAD, telegram="111"),
        Member("wang", "王监督", Role.SUPERVISOR, telegram="112"),
        Member("zhang", "张网格", Role.COMMUNITY_WORKER, telegram="113"),
        Member("chen", "陈查看", Role.VIEWER, telegram="114"),
        Member("zhao", "赵工", Role.SITE_LEAD, sites=("yard-8",), telegram="115"),
        Member("gong", "龚师傅", party="acme", telegram="116"),
        Member("qian", "钱工", Role.SITE_LEAD, notify=Notify.DIRECT, sites=("yard-9",)),
    ),
    duty=(Duty("yard-8", ("li",)),),
)
ACCOUNTS = {member.id: int(member.telegram or 0) for member in CONFIG.members}


class Photos:
    """The platform's side of photos: bytes by reference; `faults` are raised first."""

    name = "telegram"
    capabilities = Capabilities()

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.faults: list[Exception] = []

    async def fetch(self, media: Media, limit: int) -> bytes:
        if self.faults:
            raise self.faults.pop(0)
        return self.kept[media.ref]


class Cleaner:
    """Takes what begins like a JPEG."""

    async def sanitise(self, data: bytes) -> Picture:
        if not data.startswith(b"\xff\xd8\xff"):
            raise BadInput([InputFault("image", "no picture")])
        return Picture(data, "", 8, 8)


@dataclass
class ChatHouse:
    """See `chat_house`; `now` can be moved."""

    core: Core
    store: SqlStore
    desk: ChatDesk
    timers: Timers
    access: SqlAccess
    photos: Photos
    now: list[int]
    recordings: RecordingFolder
    ears: ToldEars
    channels: dict[str, Channel]
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _seen: set[int] = field(default_factory=set)

    @property
    def interpreter(self) -> Interpreter:
        return Interpreter(self.store, self.core.people, syllables)

    def later(self, minutes: float) -> None:
        """Let time pass."""
        self.now[0] += round(minutes * MINUTE)

    async def opens(self, hazard: str = "no_helmet", camera: str = "gate", **keys: Any) -> Case:
        """A new case at a camera; each at a place of its own."""
        number = next(self._numbers)
        site = CONFIG.camera(camera)
        assert site is not None
        report = Report(
            id=f"r-{number}",
            source="box",
            hazard=hazard,
            site=site.site,
            at=self.now[0],
            received_at=self.now[0],
            camera=camera,
            zone=f"zone-{number}",
            **keys,
        )
        async with self.store.begin() as tx:
            answer = await take_report(self.core, tx, report)
        await self.rows()
        return await self.case(answer.case or 0)

    async def case(self, number: int) -> Case:
        case = await self.store.get_case(number)
        assert case is not None
        return case

    async def shown(self, case: Case, chat: ChatRef = GROUP) -> str:
        """The id of a message that shows the case."""
        message = str(1000 + next(self._numbers))
        async with self.store.begin() as tx:
            await tx.add_copy(case.number, chat, message, True, case.version)
        return message

    async def says(self, text: str, who: str = "li", **more: Any) -> list[OutboxRow]:
        """What goes out because somebody typed."""
        return await self.take(self.message(text, who, **more))

    async def told(self, text: str, who: str = "li", **more: Any) -> str:
        """The one answer to what somebody typed."""
        return _one(await self.says(text, who, **more), "text")

    async def presses(self, data: str, who: str = "li", **more: Any) -> str:
        """The toast that answers a press."""
        number = next(self._numbers)
        press = replace(
            self.message("", who, **more),
            kind="press",
            platform_id=f"callback:{number}",
            press_id=f"p-{number}",
            data=data,
            message_id=None,
            sent_at=0,
        )
        return _one(await self.take(press), "press")

    def message(
        self,
        text: str,
        who: str = "li",
        *,
        chat: ChatRef = GROUP,
        ago: float = 0,
        photo: bytes | None = None,
        voice: bytes | None = None,
        **more: Any,
    ) -> Incoming:
        """A message as the channel hands it on; `ago` in minutes."""
        number = next(self._numbers)
        media: Sequence[Media] = ()
        if photo is not None:
            self.photos.kept[f"photo-{number}"] = photo
            media = (Media("photo", f"photo-{number}"),)
        if voice is not None:
            self.photos.kept[f"voice-{number}"] = voice
            media = (Media("voice", f"voice-{number}", len(voice)),)
        given: dict[str, Any] = {
            "channel": "telegram",
            "platform_id": f"message:{chat.id}:{number}",
            "chat": chat,
            "sender": Sender(str(ACCOUNTS.get(who, 999)), who),
            "kind": "voice" if voice is not None else "photo" if media else "text",
            "text": text,
            "message_id": str(number),
            "media": tuple(media),
            "bot": BOT,
            "sent_at": self.now[0] - round(ago * MINUTE),
        }
        return Incoming(**given | more)

    async def take(self, *incoming: Incoming) -> list[OutboxRow]:
        """Hand in, wait until all of it is handled; the rows that came of it."""
        for one in incoming:
            await self.desk.take(one)
        await self.handled()
        return await self.rows()

    async def handled(self) -> None:
        """Until nothing waits in the inbox."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.store.waiting_incoming(1):
                await asyncio.sleep(0.002)

    async def rows(self) -> list[OutboxRow]:
        """What was put into the outbox since the last time."""
        found = [row for row in await self.store.undelivered() if row.id not in self._seen]
        self._seen.update(row.id for row in found)
        return found


def answers(rows: Sequence[OutboxRow], kind: str = "text") -> list[Mapping[str, Any]]:
    """What people are told of it in words, notices apart."""
    return [row.payload for row in rows if row.kind == kind and row.payload.get("text")]


def _one(rows: Sequence[OutboxRow], kind: str) -> str:
    (answer,) = answers(rows, kind)
    return str(answer["text"])


def picture(side: int = 8) -> bytes:
    """A photo."""
    return jpeg(side, 8)


def passing_fault() -> RetryLater:
    """The platform cannot be reached at the moment."""
    return RetryLater("not now")


@asynccontextmanager
async def chat_house(
    folder: Path,
    views: Views = no_cameras,
    silent: Silent = none_silent,
    dark: Dark = none_dark,
) -> AsyncIterator[ChatHouse]:
    """The desk at work over a new SQLite database."""
    async with open_database(new_sqlite(folder / "chat.db")) as database:
        now, wake, photos = [T0], LocalWake(), Photos()
        store = SqlStore(database, wake)
        core = Core(store, People(CONFIG), response_table(CONFIG), lambda: now[0])
        casework = Casework(core, Looking(core, Facts(core), views, silent=silent, dark=dark))
        access = SqlAccess(database)
        channels: dict[str, Channel] = {"telegram": photos}  # type: ignore[dict-item]  # only fetches
        keep = PictureFolder(folder / "pictures")
        recordings = RecordingFolder(folder / "recordings")
        sounds = RecordingDesk()
        voices = VoiceNotes(channels, SafeRecordingDesk(sounds), recordings)
        parts = (core, casework, channels, access, Cleaner(), keep, voices, wake)
        desk = ChatDesk(ChatParts(*parts, transcriber=(ears := ToldEars()), pronounce=syllables))
        running = asyncio.create_task(desk.run())
        try:
            yield ChatHouse(
                core, store, desk, Timers(core), access, photos, now, recordings, ears, channels
            )
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await sounds.close()
