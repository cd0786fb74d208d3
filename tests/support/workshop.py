"""The core over a real database, with a clock that is moved and chats that fail when told to.

`Workshop` holds what a use case needs; `RecordingChannel` is a platform in memory that keeps the
channel's contract: what it says it took it has, what it refused it has not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from bot.casework import Casework, Core, Facts, Intake, People, Timers
from bot.casework.answer import ReportAnswer
from bot.clockwork import Clockwork
from bot.courier import CHATS, PICTURES, SPEAKERS, Courier, Desk, Uplink
from bot.domain.command import Actor, Command, Verb
from bot.domain.error import CopyGone, DeliveryError, PictureRefused, Rejected, Uncertain
from bot.domain.message import Capabilities, ChatRef, Media, Picture, Post, Sent
from bot.domain.report import Report
from bot.domain.response import response_table
from bot.domain.secret import Secret
from bot.domain.site import (
    Camera,
    Chat,
    Member,
    Party,
    Purpose,
    Role,
    Site,
    SiteConfig,
    Speaker,
)
from bot.ports import (
    CONFIRMED,
    SWITCHED,
    Begins,
    ChannelHealth,
    Spoken,
    Switched,
    Take,
    Utterance,
)
from storage.database import Database, open_database
from storage.pictures import PictureFolder
from storage.store import SqlStore
from storage.wake import LocalWake
from tests.support.cases import T0, report
from tests.support.patience import PATIENCE_S

GROUP = ChatRef("telegram", "-1001")
ADMINS = ChatRef("console", "admins")
CONFIG = SiteConfig(
    language="zh",
    sites=(Site("yard-7", "七号工地", responsible_party="acme"), Site("yard-8", "八号工地")),
    parties=(Party("acme", "顶峰建设"),),
    cameras=(Camera("gate", "yard-7", "大门"), Camera("door", "yard-8", "门")),
    speakers=(Speaker("horn", "yard-7", "大门喇叭", Secret("file:x", listed=False)),),
    chats=(
        Chat("telegram:-1001", "telegram", "-1001", sites=("yard-7",), messages_per_minute=0),
        Chat("telegram:-1008", "telegram", "-1008", sites=("yard-8",), messages_per_minute=0),
        Chat("console:admins", "console", "admins", purpose=Purpose.ADMIN),
    ),
    members=(
        Member("li", "李工", Role.SITE_LEAD, sites=("yard-7",), telegram="111"),
        Member("wang", "王监督", Role.SUPERVISOR, telegram="112"),
    ),
)
LI, WANG = Actor("li", "李工", "chat"), Actor("wang", "王监督", "chat")


@dataclass
class Message:
    """One message as the people in the chat see it; `history` are all its texts."""

    chat: ChatRef
    id: str
    post: Post
    picture: Picture | None
    reply_to: str | None
    history: list[str] = field(default_factory=list)


class RecordingChannel:
    """A chat platform in memory.

    `faults` are raised by the next calls, one each, None for a call that goes well.  A fault of
    `Uncertain` comes after the call took effect when `arrives` says so, as on a lost answer.
    """

    def __init__(self, name: str = "telegram", **capabilities: Any) -> None:
        self.name = name
        self.capabilities = replace(Capabilities(messages_per_minute=0), **capabilities)
        self.messages: dict[str, Message] = {}
        self.answers: list[tuple[str, str]] = []
        self.faults: deque[DeliveryError | Exception | None] = deque()
        self.arrives = True
        self.refuses_pictures = False
        self.moved: dict[str, str] = {}
        self.ailing: dict[str, str] = {}
        self.deaf: tuple[str, ...] = ()
        self.calls: list[tuple[str, str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._keys: dict[str, str] = {}
        self._ids = count(100)

    def texts(self, chat: str | None = None) -> list[str]:
        """What stands in a chat (all, without one) now, oldest first."""
        found = self.messages.values()
        return [one.post.text for one in found if chat in (None, one.chat.id)]

    async def send(
        self,
        chat: ChatRef,
        post: Post,
        *,
        key: str,
        picture: Picture | None = None,
        reply_to: str | None = None,
    ) -> Sent:
        self.calls.append(("send", chat.id))
        await self.gate.wait()
        with self._trouble():
            detail: dict[str, Any] = {}
            if picture is not None and self.refuses_pictures:
                picture, detail["picture"] = None, False
            if self.capabilities.has_idempotency_key and key in self._keys:
                return Sent(self._keys[key], detail)
            id = str(next(self._ids))
            self.messages[id] = Message(chat, id, post, picture, reply_to, [post.text])
            self._keys[key] = id
            return Sent(id, detail)

    async def edit(
        self,
        chat: ChatRef,
        message_id: str,
        post: Post,
        *,
        has_picture: bool,
        picture: Picture | None = None,
    ) -> None:
        self.calls.append(("edit", message_id))
        await self.gate.wait()
        with self._trouble():
            message = self.messages.get(message_id)
            if message is None or message.chat.id != chat.id:
                raise CopyGone("message to edit not found")
            if picture is not None and not has_picture and self.refuses_pictures:
                raise PictureRefused("no pictures here")
            message.post, message.picture = post, picture or message.picture
            message.history.append(post.text)

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        self.calls.append(("answer", press_id))
        with self._trouble():
            self.answers.append((press_id, text))

    @contextlib.contextmanager
    def _trouble(self) -> Iterator[None]:
        fault = self.faults.popleft() if self.faults else None
        late = isinstance(fault, Uncertain) and self.arrives
        if fault is not None and not late:
            raise fault
        yield
        if fault is not None:
            raise fault

    async def fetch(self, media: Media, limit: int) -> bytes:
        raise Rejected("there is nothing to fetch")

    async def receive(self, take: Take) -> None:
        await asyncio.Event().wait()

    async def check(self, chats: Sequence[ChatRef], language: str = "en") -> ChannelHealth:
        faults = tuple(self.ailing[chat.id] for chat in chats if chat.id in self.ailing)
        return ChannelHealth(not faults, faults=faults, detail={"deaf": self.deaf})

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class RecordingAnnouncer:
    """Says everything at once, with the outcome it is told, when `gate` is open.

    `outcomes` are those of speakers that end otherwise.
    """

    outcome: str = "spoken"
    outcomes: dict[str, Spoken] = field(default_factory=dict[str, Spoken])
    said: list[Utterance] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def announce(self, utterance: Utterance, begins: Begins | None = None) -> Spoken:
        if begins is not None:
            await begins()
        self.said.append(utterance)
        await self.gate.wait()
        otherwise = self.outcomes.get(utterance.speaker)
        return otherwise or Spoken(utterance.speaker, self.outcome, 2.5)


@dataclass
class RecordingLamp:
    """Does what it is told, as its `outcome` has it; `lit` is the truth."""

    lit: bool = False
    outcome: str = CONFIRMED
    orders: list[bool] = field(default_factory=list[bool])
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def switch(self, on: bool) -> Switched:
        self.orders.append(on)
        await self.gate.wait()
        if self.outcome in SWITCHED:
            self.lit = on
        return Switched(self.outcome, "why", on=self.lit if self.outcome == CONFIRMED else None)

    async def look(self) -> Switched:
        return Switched(self.outcome, "why", on=self.lit)

    async def close(self) -> None:
        """Nothing to let go of."""


class Shrinker:
    """Cuts a picture off where it is too long, which is enough to see that it was asked to."""

    async def shrink(self, jpeg: bytes, most: int) -> Picture:
        return Picture(jpeg[:most], "", 64, 48)


class NothingToSee:
    """No looks are taken here."""

    async def look(self, command: Command, language: str) -> tuple[str, str | None]:
        raise NotImplementedError


class Workshop:
    """Everything between a report and a message, over one database."""

    def __init__(self, database: Database, folder: Path, config: SiteConfig) -> None:
        self.now = T0
        self.database, self.wake = database, LocalWake()
        self.store = store = SqlStore(database, self.wake)
        self.core = Core(store, People(config), response_table(config), lambda: self.now)
        self.intake = Intake(self.core)
        self.casework = Casework(self.core, NothingToSee())
        self.timers = Timers(self.core)
        self.clockwork = Clockwork(self.core, self.timers, self.wake)
        self.telegram = RecordingChannel()
        self.console = RecordingChannel("console", has_idempotency_key=True)
        self.announcer = RecordingAnnouncer()
        channels = {"telegram": self.telegram, "console": self.console}
        self.pictures = PictureFolder(folder / "pictures")
        facts = Facts(self.core)
        self.uplink = Uplink()
        parts = (self.core, facts, channels, self.announcer, self.pictures)
        self.lamps = {one.id: RecordingLamp() for one in config.actuators}
        lit = {"uplink": self.uplink, "actuators": self.lamps}
        self.desk = Desk(*parts, shrinker=Shrinker(), **lit)
        self._commands = count(1)

    def courier(self, *, speaks: bool = False, kinds: Collection[str] = CHATS) -> Courier:
        """A new courier, as after a start."""
        if kinds == PICTURES:
            few = self.desk.uplink.pictures_at_once
            return Courier(self.desk, self.wake, kinds=PICTURES, at_once=few)
        return Courier(self.desk, self.wake, kinds=SPEAKERS if speaks else kinds)

    async def report(self, given: Report | None = None, **changes: Any) -> ReportAnswer:
        """Take a report, as the intake does when it runs."""
        async with running(self.intake.run):
            return await self.intake.report(given or self.a_report(**changes))

    def a_report(self, **changes: Any) -> Report:
        """A report of now; `id` and `subject` tell it from others."""
        return replace(report(), at=self.now, received_at=self.now, **changes)

    async def act(self, verb: Verb, case: int = 1, actor: Actor = LI, **changes: Any) -> Any:
        """A person does something; the answer."""
        id = changes.pop("id", f"c{next(self._commands)}")
        command = Command(id, actor, verb, self.now, (case,), **changes)
        return await self.casework.carry_out(command)

    async def deliver(self, *, speaks: bool = False, kinds: Collection[str] = CHATS) -> None:
        """Run a new courier until nothing is due."""
        courier = self.courier(speaks=speaks, kinds=kinds)
        async with running(courier.run):
            await self.until_idle(courier)

    async def until_idle(self, *couriers: Courier) -> None:
        """Wait until couriers that run have nothing in hand and nothing that is due."""

        async def idle() -> bool:
            kinds = [kind for courier in couriers for kind in courier.kinds]
            due = await self.store.next_due(kinds)
            nothing = due is None or due > self.now
            return nothing and not any(courier.under_way for courier in couriers)

        await until(idle)


async def until(condition: Callable[[], Awaitable[bool]], timeout: float = PATIENCE_S) -> None:
    """Look again and again; fails the test after `timeout` seconds."""
    async with asyncio.timeout(timeout):
        while not await condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(*loops: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run loops until left; their faults are the test's."""
    tasks = [asyncio.ensure_future(loop()) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    faults = [one for one in results if isinstance(one, Exception)]
    assert not faults, faults


@asynccontextmanager
async def workshop(url: str, folder: Path, config: SiteConfig = CONFIG) -> AsyncIterator[Workshop]:
    """A workshop over the database behind `url`."""
    async with open_database(url) as database:
        yield Workshop(database, folder, config)
