"""The HTTP server on a loopback port, with a core that only remembers what it was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar

from bot.domain.access import OpenedSession, Session
from bot.domain.case import Case
from bot.domain.command import Command
from bot.domain.error import Conflict
from bot.domain.message import Picture
from bot.domain.report import Report, Shot
from bot.domain.site import Camera, Member, Mode, Role, Site, SiteConfig, Zone
from bot.ports import ApiKey, AuditRow, CaseFilter, OutboxRow, Snapshot
from handlers.http.context import Context, Tally
from handlers.http.pictures import PictureLinks
from handlers.http.server import SetUp, build, serve
from tests.support.pictures import jpeg

NOW = 1_795_312_800_000  # 2026-11-22T02:00:00Z
AT = "2026-11-22T10:00:00+08:00"
PIT = Zone("pit", "基坑", ((0.1, 0.4), (0.6, 0.4), (0.6, 0.9)))
CONFIG = SiteConfig(
    language="en",
    sites=(Site("yard-7", "七号工地", responsible_party="acme"), Site("yard-8", "八号工地")),
    cameras=(
        Camera("gate", "yard-7", "大门", zones=(PIT,)),
        Camera("crane", "yard-7", "塔吊", mode=Mode.TRIAL),
        Camera("door", "yard-8", "门"),
    ),
    members=(
        Member("li", "李工", Role.SITE_LEAD, sites=("yard-7",)),
        Member("wang", "王监督", Role.SUPERVISOR),
        Member("zhao", "赵工", Role.SITE_LEAD, sites=("yard-8",)),
        Member("gong", "龚师傅", party="acme"),
    ),
)


@dataclass(frozen=True)
class ReportReply:
    case: int | None
    state: str | None
    report: str
    created: bool
    repeat: bool


@dataclass
class RememberingIntake:
    """Opens case 1 and attaches to it; knows repeats by content, raises `trouble` if set."""

    reports: list[Report] = field(default_factory=list)
    trouble: Exception | None = None

    async def report(self, report: Report) -> ReportReply:
        if self.trouble is not None:
            raise self.trouble
        known = [old for old in self.reports if old.key == report.key]
        if any(old.content != report.content for old in known):
            raise Conflict(report.key)
        self.reports.append(report)
        return ReportReply(1, "open", report.id, len(self.reports) == 1, bool(known))


@dataclass(frozen=True)
class CommandReply:
    ok: bool = True
    key: str = "done.closed"
    params: Mapping[str, Any] = field(default_factory=dict)
    cases: tuple[int, ...] = ()
    state: str | None = "closed"
    repeat: bool = False


@dataclass
class RememberingCasework:
    """Says `reply` to every command, and the same again to the same id."""

    commands: dict[str, Command] = field(default_factory=dict)
    reply: CommandReply = CommandReply()

    async def carry_out(self, command: Command) -> CommandReply:
        first = self.commands.setdefault(command.id, command)
        if first.content != command.content:
            raise Conflict(command.id)
        repeat = first is not command
        return replace(self.reply, cases=self.reply.cases or first.cases, repeat=repeat)


@dataclass
class FixedStore:
    """Looking only."""

    cases: dict[int, Case] = field(default_factory=dict)
    entries: list[AuditRow] = field(default_factory=list)
    rows: list[OutboxRow] = field(default_factory=list)
    shots: list[Snapshot] = field(default_factory=list)
    erased: dict[str, int] = field(default_factory=dict)

    async def erased_at(self, picture: str) -> int | None:
        return self.erased.get(picture)

    async def get_case(self, number: int) -> Case | None:
        return self.cases.get(number)

    async def list_cases(self, which: CaseFilter) -> list[Case]:
        found = [
            case
            for case in sorted(self.cases.values(), key=lambda case: -case.number)
            if (which.sites is None or case.site in which.sites)
            and (which.states is None or case.state in which.states)
            and which.hazard in (None, case.hazard)
            and (which.before is None or case.number < which.before)
        ]
        return found[: which.limit]

    async def history(self, case: int) -> list[AuditRow]:
        return self.entries

    async def deliveries(self, case: int) -> list[OutboxRow]:
        return self.rows

    async def snapshots(self, case: int) -> list[Snapshot]:
        return self.shots


@dataclass
class FixedAccess:
    """Keys by token; every link named `good...` works once."""

    keys: dict[str, ApiKey] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    trouble: Exception | None = None

    async def key(self, token: str, now: int) -> ApiKey | None:
        if self.trouble is not None:
            raise self.trouble
        return self.keys.get(token)

    async def redeem_link(self, token: str, now: int) -> OpenedSession | None:
        if not token.startswith("good") or token in self.used:
            return None
        self.used.add(token)
        session = Session(len(self.used), "li", now, now + 3_600_000)
        self.sessions[f"cookie-{token}"] = session
        return OpenedSession(f"cookie-{token}", session)

    async def session(self, token: str, now: int) -> Session | None:
        found = self.sessions.get(token)
        return found if found and found.expires_at > now else None

    async def end_session(self, token: str, now: int) -> None:
        self.sessions.pop(token, None)


@dataclass
class Desk:
    """Takes every picture as it is, or raises `trouble`."""

    trouble: Exception | None = None

    async def sanitise(self, data: bytes) -> Picture:
        if self.trouble is not None:
            raise self.trouble
        return Picture(data, "ab" * 32, 8, 8)


@dataclass
class Ring:
    """Cameras' last frames: one of the gate."""

    asked: list[tuple[str, int]] = field(default_factory=list)

    async def frame_near(self, camera: str, at: int) -> Shot | None:
        self.asked.append((camera, at))
        return Shot(Picture(jpeg(8, 8), "cd" * 32)) if camera == "gate" else None


@dataclass
class Pictures:
    """One picture, and those that are put beside it; raises `trouble` if set."""

    kept: dict[str, bytes] = field(default_factory=lambda: {"ab" * 32: jpeg(8, 8)})
    trouble: Exception | None = None

    def holds(self, sha256: str) -> bool:
        return False

    async def put(self, content: bytes) -> str:
        if self.trouble is not None:
            raise self.trouble
        sha256 = hashlib.sha256(content).hexdigest()
        self.kept[sha256] = content
        return sha256

    async def get(self, sha256: str) -> bytes | None:
        return self.kept.get(sha256)


@dataclass
class Counted:
    """Fixed figures, and the question they answered last."""

    tallies: list[Tally] = field(default_factory=list)
    asked: tuple[Sequence[str] | None, int | None] | None = None

    async def tally(self, sites: Sequence[str] | None, since: int | None) -> list[Tally]:
        self.asked = (sites, since)
        return self.tallies


def api_key(id: int, role: str, member: str | None = None, sites: tuple[str, ...] = ()) -> ApiKey:
    """A living key called `<role>-<id>`."""
    return ApiKey(id, f"{role}-{id}", role, sites, member, "", NOW)


@dataclass
class House:
    """A running server with its parts; `now` is the clock that everything reads."""

    context: Context
    now: list[int]
    intake: RememberingIntake
    casework: RememberingCasework
    store: FixedStore
    access: FixedAccess
    desk: Desk
    eyes: Ring
    figures: Counted
    pictures: Pictures
    port: int = 0
    web: ClientSession = None  # type: ignore[assignment]  # set when it runs

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def get(self, path: str, key: str | None = "lh_operator", **more: Any) -> ClientResponse:
        return await self.web.get(self.url + path, headers=self._headers(key, more), **more)

    async def post(self, path: str, key: str | None = "lh_source", **more: Any) -> ClientResponse:
        return await self.web.post(self.url + path, headers=self._headers(key, more), **more)

    async def report(self, **changes: Any) -> ClientResponse:
        """POST a report that is sound but for `changes`."""
        return await self.post("/api/v1/reports", json=a_report(**changes))

    async def command(self, body: Any, id: str = "one", key: str = "lh_operator") -> ClientResponse:
        headers = {"Idempotency-Key": id}
        return await self.post("/api/v1/cases/1/commands", key, json=body, headers=headers)

    @staticmethod
    def _headers(key: str | None, more: dict[str, Any]) -> dict[str, str]:
        given = dict(more.pop("headers", {}))
        return given | ({"Authorization": f"Bearer {key}"} if key else {})


def a_report(**changes: Any) -> dict[str, Any]:
    """A sound report's JSON; a change to `...` leaves the field out."""
    sound = {"id": "box3-1", "hazard": "no_helmet", "site": "yard-7", "camera": "gate", "at": AT}
    return {name: value for name, value in (sound | changes).items() if value is not ...}


def keys() -> dict[str, ApiKey]:
    """Tokens of every role."""
    return {
        "lh_source": api_key(1, "source"),
        "lh_source8": api_key(2, "source", sites=("yard-8",)),
        "lh_operator": api_key(3, "operator", "li"),
        "lh_operator8": api_key(4, "operator", "zhao"),
        "lh_wang7": api_key(5, "operator", "wang", ("yard-7",)),
        "lh_looks": api_key(9, "operator"),
        "lh_admin": api_key(6, "admin"),
        "lh_party": api_key(8, "operator", "gong"),
        "lh_gone": api_key(7, "operator", "nobody"),
    }


@asynccontextmanager
async def running_house(*routes: SetUp, **changes: Any) -> AsyncIterator[House]:
    """The server with everything remembered; `changes` replace fields of its context."""
    now = [NOW]
    intake, casework = RememberingIntake(), RememberingCasework()
    store, access = FixedStore(), FixedAccess(keys())
    desk, eyes, figures, pictures = Desk(), Ring(), Counted(), Pictures()
    values: dict[str, Any] = {
        "config": CONFIG,
        "store": store,
        "intake": intake,
        "casework": casework,
        "desk": desk,
        "pictures": pictures,
        "links": PictureLinks(b"k" * 32),
        "access": access,
        "figures": figures,
        "eyes": eyes,
        "clock": lambda: now[0],
        "member": CONFIG.member,
    }
    context = Context(**(values | changes))
    house = House(context, now, intake, casework, store, access, desk, eyes, figures, pictures)
    async with (
        serve(build(context, routes), "127.0.0.1", 0) as port,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as client,
    ):
        house.port, house.web = port, client
        yield house


async def faults(response: ClientResponse, status: int) -> dict[str, str]:
    """Field -> message of a problem, after checking that it is one of that status."""
    document = await problem(response, status)
    return {fault["field"]: fault["message"] for fault in document["errors"]}


async def problem(response: ClientResponse, status: int) -> dict[str, Any]:
    """The problem document of a response of that status."""
    text = await response.text()
    assert response.status == status, text
    assert response.content_type == "application/problem+json"
    document = json.loads(text)
    assert document["status"] == status
    assert {"type", "title", "detail", "instance"} <= document.keys()
    return document
