"""What the HTTP handlers are handed by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from bot.domain.access import OpenedSession, Session
from bot.domain.command import Command
from bot.domain.report import Report
from bot.domain.site import Member, SiteConfig
from bot.ports import ApiKey, Clock, Eyes, PictureDesk, PictureStore, Store

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from handlers.http.pictures import PictureLinks
    from handlers.intercom import Intercom


class ReportAnswer(Protocol):
    """What became of a report; `case` is None for an end without a case."""

    @property
    def case(self) -> int | None: ...
    @property
    def state(self) -> str | None: ...
    @property
    def report(self) -> str: ...
    @property
    def created(self) -> bool: ...
    @property
    def repeat(self) -> bool: ...


class Intake(Protocol):
    """Takes reports; returns when they are durable.

    Raises `Conflict` (same id, other content), `Unavailable` or `NotFound`.
    """

    def report(self, report: Report) -> Awaitable[ReportAnswer]: ...


class Answer(Protocol):
    """What became of a command; when not `ok`, `key` names the refusal's sentence."""

    @property
    def ok(self) -> bool: ...
    @property
    def key(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...
    @property
    def cases(self) -> tuple[int, ...]: ...
    @property
    def state(self) -> str | None: ...
    @property
    def repeat(self) -> bool: ...


class Casework(Protocol):
    """Carries out commands, each id once."""

    def carry_out(self, command: Command) -> Awaitable[Answer]: ...


class Access(Protocol):
    """Keys and sessions.  Every method raises `Unavailable` where the database cannot be asked."""

    async def key(self, token: str, now: int) -> ApiKey | None:
        """The living key behind a token; notes that it was used."""
        ...

    async def redeem_link(self, token: str, now: int) -> OpenedSession | None:
        """Use up a login link; None where it is unknown, used, expired or revoked."""
        ...

    async def session(self, token: str, now: int) -> Session | None:
        """The living session behind a cookie."""
        ...

    async def end_session(self, token: str, now: int) -> None:
        """Sign out."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases share hazard, state and outcome."""

    hazard: str
    state: str
    outcome: str | None
    cases: int


class Figures(Protocol):
    """Counts over the whole table of cases."""

    async def tally(self, sites: Sequence[str] | None, since: int | None) -> list[Tally]:
        """Cases at `sites` (None: all) opened at or after `since` (ms), counted by kind."""
        ...


class IncomingClip(Protocol):
    """A clip that is being received; left without `keep` it is discarded."""

    async def write(self, chunk: bytes) -> None: ...

    async def keep(self) -> str:
        """Make it durable unless it is `lost`; its SHA-256 in hex."""
        ...

    @property
    def lost(self) -> bool:
        """Whether it could not be written; the report it came with goes on without."""
        ...


class ClipStore(Protocol):
    """Keeps the video clips that come with reports."""

    def receive(self) -> AbstractAsyncContextManager[IncomingClip]: ...

    def path(self, sha256: str) -> Path:
        """Where the clip of that content lies, or would."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One line of /readyz; `detail` is shown to operators and admins only."""

    name: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken in; sizes in bytes, times in seconds.

    A connection must have sent its headers within `headers`, the next piece of a body must come
    within `idle`, and the `whole` of it in time.
    """

    report: int = 64 * 1024
    image: int = 10_000_000
    clip: int = 50_000_000
    uploads_in_memory: int = 256_000_000
    headers: float = 60.0
    idle: float = 15.0
    whole: float = 180.0
    reports_per_second: int = 60
    failures_per_minute: int = 30


@dataclass
class Gate:
    """Closed when the service is about to stop: nothing new is taken in any more."""

    closed: bool = False

    def close(self) -> None:
        """From now on."""
        self.closed = True


async def _always_ready() -> Sequence[Check]:
    return ()


@dataclass(frozen=True)
class Context:
    """Everything a handler may use.  `member` finds people who may still act (not deactivated);
    `push` hands a JPEG taken at a time (ms) to a `push` camera: False where it is not newer,
    LookupError where the camera takes none;
    `public_url` is the address people use, `hosts` are host names it answers to besides."""

    config: SiteConfig
    store: Store
    intake: Intake
    casework: Casework
    desk: PictureDesk
    pictures: PictureStore
    links: PictureLinks
    access: Access
    figures: Figures
    eyes: Eyes
    clock: Clock
    member: Callable[[str], Member | None]
    push: Callable[[str, bytes, int], Awaitable[bool]] | None = None
    clips: ClipStore | None = None
    intercom: Intercom | None = None
    ready: Callable[[], Awaitable[Sequence[Check]]] = _always_ready
    registry: CollectorRegistry | None = None
    public_url: str = ""
    hosts: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    gate: Gate = field(default_factory=Gate)


CONTEXT = web.AppKey("context", Context)


def context_of(request: web.Request) -> Context:
    """The context of the application that the request came to."""
    return request.config_dict[CONTEXT]
