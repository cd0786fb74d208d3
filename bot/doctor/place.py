"""The machine and its servers: data folder, database, Redis, clock, HTTP port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.doctor.finding import Finding, Probe, in_thread
from bot.domain.error import BadInput
from bot.domain.retention import Amount, gigabytes
from bot.domain.secret import Secret
from bot.domain.site import SiteConfig
from bot.redact import redact
from bot.settings import Settings

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_OFF_S, _DRIFTS_S = 10.0, 2.0
_EARLIEST, _LATEST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)
_CALL_S = 5.0


def probes(settings: Settings, config: SiteConfig) -> list[Probe]:
    """All of this module."""
    keep_free = config.retention.keep_free
    redis = settings.redis_url
    return [
        Probe("data", "", lambda: in_thread(partial(data_dir, settings.data_dir, keep_free))),
        Probe("database", "", partial(database, settings)),
        *([] if redis is None else [Probe("redis", "", partial(wakes, redis))]),
        Probe("clock", "", partial(clock, settings)),
        Probe("http", str(settings.http_port), partial(port, settings)),
    ]


def data_dir(folder: Path, keep_free: Amount) -> Finding:
    """Whether it can be written to, and how much is free on its disk. Blocking."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"x")
            file.flush()
        disk = shutil.disk_usage(folder)
    except OSError as error:
        params = {"path": folder, "reason": error.strerror}
        return Finding("data", "", False, "data.unwritable", params)
    wanted = keep_free.of(disk.total)
    params = {"path": folder, "free": gigabytes(disk.free), "wanted": gigabytes(wanted)}
    enough = disk.free >= wanted
    return Finding("data", "", enough, "data.fine" if enough else "data.full", params)


class _Enough(Exception):
    """Ends a transaction that must not leave anything."""


async def database(settings: Settings) -> Finding:
    """Whether its schema is right and it can be written to; what is written is taken back."""
    from bot.domain.error import Unavailable
    from storage.database import DatabaseUnusable, OutdatedSchema, open_database
    from storage.store import SqlStore
    from storage.wake import LocalWake

    try:
        async with open_database(settings.database.reveal()) as opened:
            with contextlib.suppress(_Enough):
                async with SqlStore(opened, LocalWake()).begin() as tx:
                    await tx.learn("doctor", "probe", {})
                    raise _Enough
    except OutdatedSchema:
        return Finding("database", "", False, "database.outdated")
    except (DatabaseUnusable, Unavailable, OSError) as error:
        return Finding("database", "", False, "database.unusable", {"reason": error})
    return Finding("database", "", True, "database.fine")


async def wakes(url: Secret) -> Finding:
    """Whether processes can wake each other through Redis; without it they look once a second."""
    from bot.domain.error import Unavailable
    from storage.redis_wake import reach_redis

    try:
        await reach_redis(url)
    except Unavailable as error:
        return Finding("redis", "", False, "redis.away", {"reason": error})
    return Finding("redis", "", True, "redis.fine")


async def clock(settings: Settings) -> Finding:
    """Against the chat server's, where there is one that answers; else whether it can be at all."""
    now = datetime.now(UTC)
    if not _EARLIEST < now < _LATEST:
        shown = now.strftime("%Y-%m-%d %H:%M")
        return Finding("clock", "", False, "clock.wrong", {"now": shown})
    theirs = await _chat_server_time(settings) if settings.telegram_token else None
    if theirs is None:
        return Finding("clock", "", True, "clock.alone")
    # The header counts whole seconds: on average the moment was half a second later.
    off = abs((datetime.now(UTC) - theirs).total_seconds() - 0.5)
    params = {"seconds": round(off)}
    if off >= _OFF_S:
        return Finding("clock", "", False, "clock.off", params)
    if off > _DRIFTS_S:
        return Finding("clock", "", True, "clock.drifts", params, note=True)
    return Finding("clock", "", True, "clock.fine", params)


async def _chat_server_time(settings: Settings) -> datetime | None:
    """What the Bot API server's Date header says; the call carries no token."""
    from aiohttp import ClientError, ClientSession, ClientTimeout

    proxy = settings.proxy.reveal() if settings.proxy else None
    proxy = proxy if proxy and proxy.startswith("http") else None
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=_CALL_S)) as session,
            session.head(settings.telegram_api, allow_redirects=False, proxy=proxy) as response,
        ):
            return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (ClientError, TimeoutError, OSError, KeyError, ValueError):
        return None


async def port(settings: Settings) -> Finding:
    """Free, or held by our own instance that is ready."""
    from handlers.http.server import Tls, open_door

    host, number = settings.http_host, settings.http_port
    pair = (settings.tls_cert, settings.tls_key)
    tls = Tls(pair[0], pair[1]) if pair[0] and pair[1] else None
    try:
        door = await asyncio.to_thread(open_door, host, number, tls)
    except BadInput as error:
        if error.faults[0].where == "LOUDHAILER_HTTP_PORT":
            return await _who_is_there(settings, bool(tls))
        return Finding("http", str(number), False, "http.unusable", {"reason": error})
    door.close()
    return Finding("http", str(number), True, "http.free")


async def is_running(settings: Settings) -> bool:
    """Whether our own instance answers on the configured port."""
    return await _readyz(_url(settings, bool(settings.tls_cert and settings.tls_key))) is not None


def _url(settings: Settings, secured: bool) -> str:
    host = settings.http_host
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  compared, not bound
    return f"{'https' if secured else 'http'}://{reached}:{settings.http_port}/readyz"


async def _who_is_there(settings: Settings, secured: bool) -> Finding:
    host, number = settings.http_host, str(settings.http_port)
    checks = await _readyz(_url(settings, secured))
    if checks is None:
        return Finding("http", number, False, "http.taken", {"address": f"{host}:{number}"})
    if checks:
        return Finding("http", number, False, "http.ill", {"checks": ", ".join(checks)})
    return Finding("http", number, True, "http.ours")


async def _readyz(url: str) -> Sequence[str] | None:
    """The checks that fail there; None where it is none of ours that answers."""
    from aiohttp import ClientError, ClientSession, ClientTimeout

    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=_CALL_S)) as session,
            session.get(url, allow_redirects=False, ssl=False) as response,
        ):
            return await _failing(response)
    except (ClientError, TimeoutError, OSError):
        return None


async def _failing(response: ClientResponse) -> Sequence[str] | None:
    try:
        told = json.loads(await response.content.read(64 * 1024))
        return [redact(str(check["name"])) for check in told["checks"] if not check["ok"]]
    except (ValueError, KeyError, TypeError):
        return None
