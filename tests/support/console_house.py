"""The console on a loopback port: the real server, sign-in, database, channel and speaker hub.

Behind them stands a small yard in place of the core: it opens cases with the real cards and
buttons, understands presses and a few words, and remembers everything that it was given.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.channels.console import ConsoleChannel
from bot.channels.uploads import Uploads
from bot.domain import callback, machine
from bot.domain.case import Case
from bot.domain.command import Actor, Verb
from bot.domain.error import BadInput, InputFault, LoudhailerError
from bot.domain.hazard import SHIPPED
from bot.domain.message import ChatRef, Incoming, Mention, Picture, Post
from bot.domain.report import Phase, Report
from bot.domain.response import resolve
from bot.domain.secret import Secret
from bot.domain.sighting import open_case
from bot.domain.site import Camera, Chat, Member, Role, Site, SiteConfig, Speaker, Zone
from bot.ports import Snapshot
from bot.ports_console import CameraView, HornView
from bot.speaking import SafeRecordingDesk
from bot.texts.cardfacts import CardFacts, Horn
from bot.texts.cards import card
from handlers.console.context import ConsoleContext
from handlers.console.routes import console_routes
from handlers.console.speakerlinks import SpeakerLinks
from handlers.http.context import Context
from handlers.http.pictures import PictureLinks
from handlers.http.server import build, serve
from handlers.http.sessions import login_url
from storage.access import SqlAccess
from storage.console import SqlConsoleLog
from storage.database import Database, open_database
from storage.pictures import RecordingFolder
from tests.support.databases import new_sqlite
from tests.support.horns.listening import babble
from tests.support.http_house import (
    Counted,
    FixedStore,
    RememberingCasework,
    RememberingIntake,
    Ring,
)
from voice.recordings import RecordingDesk
from voice.sound import Sound
from voice.speakers.browser import BrowserSpeaker

PIT = Zone("pit", "基坑", ((0.1, 0.4), (0.6, 0.4), (0.6, 0.9)))
CONFIG = SiteConfig(
    language="zh",
    sites=(
        Site("yard-7", "七号工地", address="观澜大道 88 号", entrance="东门进"),
        Site("yard-8", "八号工地"),
    ),
    cameras=(
        Camera("gate", "yard-7", "大门"),
        Camera("pit-east", "yard-7", "基坑东侧", zones=(PIT,)),
        Camera("crane", "yard-7", "塔吊"),
        Camera("door", "yard-8", "材料门"),
    ),
    speakers=(
        Speaker("gate-horn", "yard-7", "大门喇叭", Secret("browser:", listed=False)),
        Speaker("pit-horn", "yard-7", "基坑喇叭", Secret("file:out", listed=False)),
    ),
    chats=(
        Chat("console:main", "console", "main", sites=("yard-7",)),
        Chat("console:eight", "console", "eight", sites=("yard-8",)),
    ),
    members=(
        Member("li", "李工", Role.SITE_LEAD, sites=("yard-7",)),
        Member("wang", "王监督", Role.SUPERVISOR),
        Member("zhao", "赵工", Role.SITE_LEAD, sites=("yard-8",)),
    ),
)
MAIN = ChatRef("console", "main")
_NUMBER = re.compile(r"^(?:关闭|close)\s*#?(\d+)\s*(.*)$", re.IGNORECASE)


def now_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000


@dataclass
class Shelf:
    """Pictures in memory; the desk takes what begins like a JPEG or PNG, as it is."""

    kept: dict[str, bytes] = field(default_factory=dict)
    down: bool = False

    def holds(self, sha256: str) -> bool:
        return False

    async def put(self, content: bytes) -> str:
        if self.down:
            raise OSError("no space left on device")
        sha256 = hashlib.sha256(content).hexdigest()
        self.kept[sha256] = content
        return sha256

    async def get(self, sha256: str) -> bytes | None:
        return self.kept.get(sha256)

    async def sanitise(self, data: bytes) -> Picture:
        if not data.startswith((b"\xff\xd8", b"\x89PNG")):
            raise BadInput([InputFault("photo", "is no picture")])
        return Picture(data, hashlib.sha256(data).hexdigest(), 640, 360)


@dataclass
class Wall:
    """Cameras whose states and pictures a test sets."""

    states: dict[str, CameraView] = field(default_factory=dict)
    pictures: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def views(self, cameras: Sequence[str]) -> list[CameraView]:
        return [self.states.get(id, CameraView(id, "waiting")) for id in cameras]

    async def picture(self, camera: str) -> tuple[bytes, int] | None:
        self.asked.append(camera)
        return self.pictures.get(camera)


class Yard:
    """In place of the core: cases in memory, real cards, an inbox that takes each id once."""

    def __init__(
        self, channel: ConsoleChannel, store: FixedStore, shelf: Shelf, clock: Any
    ) -> None:
        self.channel = channel
        self.store = store
        self.shelf = shelf
        self.clock = clock
        self.inbox: dict[str, Incoming] = {}
        self.offered: list[Incoming] = []
        self.trouble: Exception | None = None
        self.language = "zh"
        self.shown: dict[int, str] = {}
        self.shots: dict[int, Picture] = {}
        self.unposted: set[int] = set()
        self.cards = 0

    async def take(self, incoming: Incoming) -> None:
        """The inbox: stores, then acts."""
        self.offered.append(incoming)
        if self.trouble is not None:
            raise self.trouble
        if self.inbox.setdefault(incoming.platform_id, incoming) is incoming:
            await self._act(incoming)

    async def open(
        self,
        hazard: str = "no_helmet",
        camera: str = "gate",
        shot: bytes | None = None,
        *,
        posted: bool = True,
        **more: Any,
    ) -> Case:
        """A case with its card in the group; `posted`: or with none anywhere."""
        number = len(self.store.cases) + 1
        at = more.pop("at", None) or self.clock()
        report = Report(
            f"r{number}", "box", hazard, "yard-7", at, at, camera, phase=Phase.START, subject="t1"
        )
        opened = open_case(report, number, resolve(hazard, SHIPPED[hazard].severity)).case
        opened = replace(opened, acknowledge_due=at + 600_000, **more)
        if shot is not None:
            self.shots[number] = Picture(shot, hashlib.sha256(shot).hexdigest(), 1280, 720)
            self.store.shots = [Snapshot(number, "annotated", await self.shelf.put(shot), at)]
        if not posted:
            self.unposted.add(number)
        await self.show(opened)
        return opened

    async def of(self, case: Case, channel: str) -> CardFacts:
        """What stands on a card beside its case."""
        member = CONFIG.member("wang")
        assert member is not None
        return CardFacts(
            CONFIG,
            self.clock(),
            on_duty=(member,),
            next_up=(member,),
            horns=(Horn("大门喇叭", 2),),
            user_of=lambda id: id,
        )

    async def show(self, case: Case) -> None:
        """Post the card, or edit it."""
        self.store.cases[case.number] = case
        if case.number in self.unposted:
            return
        self.cards += 1
        post = card(case, await self.of(case, "console"), self.language)
        given = {
            "state": case.state.value,
            "outcome": case.outcome.value if case.outcome else None,
            "suspected": case.suspected,
        }
        post = replace(post, fields=given)
        shown = self.shown.get(case.number)
        if shown is None:
            picture = self.shots.get(case.number)
            sent = await self.channel.send(MAIN, post, key=f"card-{case.number}", picture=picture)
            self.shown[case.number] = sent.message_id
        else:
            await self.channel.edit(MAIN, shown, post, has_picture=True)

    async def say(self, text: str, **more: Any) -> str:
        """A message that is no card."""
        self.cards += 1
        post = Post(text, **more)
        return (await self.channel.send(MAIN, post, key=f"say-{self.cards}")).message_id

    async def _act(self, incoming: Incoming) -> None:
        actor = Actor(incoming.sender.id, incoming.sender.name, "console")
        if incoming.kind == "press":
            press = callback.decode(incoming.data)
            assert press is not None
            assert incoming.press_id is not None
            answer = await self._change(press.verb, press.case, actor)
            await self.channel.answer_press(incoming.press_id, answer)
        elif incoming.kind == "voice":
            await self._answer(incoming, "📢 关闭 #1？请说“执行”。")
        elif found := _NUMBER.match(incoming.text):
            answer = await self._change(Verb.CLOSE, int(found[1]), actor, found[2])
            await self._answer(incoming, answer)

    async def _answer(self, incoming: Incoming, text: str) -> None:
        key = f"answer-{incoming.platform_id}"
        await self.channel.send(incoming.chat, Post(text), key=key, reply_to=incoming.message_id)

    async def _change(self, verb: Verb, number: int, actor: Actor, reason: str = "") -> str:
        case = self.store.cases.get(number)
        if case is None:
            return f"没有未处理的 #{number}。"
        try:
            change = {
                Verb.ACKNOWLEDGE: lambda: machine.acknowledge(case, actor, self.clock()),
                Verb.CLOSE: lambda: machine.close(case, actor, self.clock(), reason),
                Verb.FALSE_ALARM: lambda: machine.false_alarm(case, actor, self.clock(), reason),
                Verb.ARRIVE: lambda: machine.arrive(case, actor, self.clock()),
            }[verb]()
        except LoudhailerError as refusal:
            return f"#{number}: {refusal}"
        await self.show(change.case)
        return f"{actor.name} #{number} {change.event}"


def hum(seconds: float, caption: str) -> Sound:
    """A sound that can be heard, with the words it stands for."""
    rate = 16_000
    times = np.arange(round(seconds * rate)) / rate
    return Sound((np.sin(times * 2764.6) * 9_000).astype(np.int16), rate, caption)


def mention(member: str) -> Mention:
    """A member of the yard, linked on the console."""
    found = CONFIG.member(member)
    assert found is not None
    return Mention(found.name, found.id)


class ConsoleHouse:
    """Everything that runs, and what a test reaches for."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.clock = now_ms
        self.shelf = Shelf()
        self.wall = Wall()
        self.store = FixedStore()
        self.log = SqlConsoleLog(database)
        self.access = SqlAccess(database)
        self.recordings = RecordingFolder(folder / "recordings")
        self.sounds = RecordingDesk()
        self.said: list[tuple[str, str]] = []
        desk = SafeRecordingDesk(self.sounds)
        self.channel = ConsoleChannel(
            self.log,
            Uploads(self.shelf, self.shelf, self.recordings, desk),
            self.clock,
            look_every=30,
            hand_over_every=0.05,
        )
        self.yard = Yard(self.channel, self.store, self.shelf, self.clock)
        self.hub = BrowserSpeaker(folder / "sound")
        self.links = SpeakerLinks(b"s" * 32)
        self.horns: dict[str, HornView] = {}
        self.members = {member.id: member for member in CONFIG.members}
        self.port = 0
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def plug_in(self) -> None:
        """Serve, on the port it had before."""
        app = build(self._http(), [console_routes(self._console())])
        self.port = await self._stack.enter_async_context(serve(app, "127.0.0.1", self.port))

    async def pull_the_plug(self) -> None:
        """Every connection is gone, and none is taken."""
        await self._stack.aclose()

    async def login_path(self, member: str) -> str:
        """A fresh single-use link."""
        token = await self.access.create_login_link(member, now=self.clock())
        return login_url(self._http(), token)

    def _http(self) -> Context:
        return Context(
            config=CONFIG,
            store=self.store,  # type: ignore[arg-type]  # the console only lists cases
            intake=RememberingIntake(),
            casework=RememberingCasework(),
            desk=self.shelf,
            pictures=self.shelf,
            links=PictureLinks(b"k" * 32),
            access=self.access,
            figures=Counted(),
            eyes=Ring(),
            clock=self.clock,
            member=self.members.get,
        )

    def _console(self) -> ConsoleContext:
        return ConsoleContext(
            config=CONFIG,
            desk=self.channel,
            log=self.log,
            pictures=self.shelf,
            recordings=self.recordings,
            cases=self.store,
            facts=self.yard,
            cameras=self.wall,
            clock=self.clock,
            speakers={"gate-horn": self.hub},
            speaker_links=self.links,
            beat=0.3,
            horns=lambda: self.horns,
            speech=self._speech,
        )

    async def _speech(self, text: str, language: str) -> bytes | None:
        self.said.append((text, language))
        return babble(0.4).to_wav()


@asynccontextmanager
async def console_house(folder: Path) -> AsyncIterator[ConsoleHouse]:
    """The whole house on a fresh database below `folder`."""
    async with open_database(new_sqlite(folder / "console.db")) as database:
        house = ConsoleHouse(database, folder)
        receiving = asyncio.create_task(house.channel.receive(house.yard.take))
        try:
            await house.plug_in()
            yield house
        finally:
            await house.pull_the_plug()
            await house.hub.close()
            await house.sounds.close()
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
