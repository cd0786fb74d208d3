"""Whether it lives, whether it can work, and its figures."""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Sequence

from aiohttp import hdrs, web

from bot.domain.access import KeyRole
from bot.redact import redact
from handlers.http.auth import identify, require
from handlers.http.context import Check, Context, context_of

_READY_WITHIN = 5.0
_KEEP_MS = 1000
_FORWARDED = ("X-Forwarded-For", "X-Real-IP", hdrs.FORWARDED)
_STOPPING = (Check("stopping", False, "it takes nothing more in"),)
_FIGURES_FOR = frozenset({KeyRole.OPERATOR, KeyRole.ADMIN})


async def live(request: web.Request) -> web.Response:
    """GET /livez: the loop turns."""
    return web.json_response({"ok": True})


class Readiness:
    """Answers /readyz; asks at most once a second, since anybody may call it."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._asked_at: int | None = None
        self._checks: Sequence[Check] = ()

    async def show(self, request: web.Request) -> web.Response:
        """GET /readyz: 200 when every check passes, else 503; details for operators only."""
        context = context_of(request)
        checks = _STOPPING if context.gate.closed else await self._ask(context)
        ok = all(check.ok for check in checks)
        caller = await identify(request)
        told = caller is not None and caller.role in _FIGURES_FOR
        body = {"ok": ok, "checks": [_line(check, told) for check in checks]}
        text = json.dumps(body, ensure_ascii=False)
        return web.Response(status=200 if ok else 503, text=text, content_type="application/json")

    async def _ask(self, context: Context) -> Sequence[Check]:
        async with self._lock:
            now = context.clock()
            if self._asked_at is None or not 0 <= now - self._asked_at < _KEEP_MS:
                self._checks = await _checks(context)
                self._asked_at = now
            return self._checks


async def _checks(context: Context) -> Sequence[Check]:
    try:
        async with asyncio.timeout(_READY_WITHIN):
            return await context.ready()
    except TimeoutError:
        return (Check("answer", False, f"no answer within {_READY_WITHIN:g} s"),)


def _line(check: Check, told: bool) -> dict[str, object]:
    line: dict[str, object] = {"name": check.name, "ok": check.ok}
    return line | {"detail": redact(check.detail)} if told and check.detail else line


async def show_metrics(request: web.Request) -> web.Response:
    """GET /metrics: for programs on this machine, and for keys of operators and admins."""
    if not _from_this_machine(request):
        await require(request, _FIGURES_FOR)
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    registry = context_of(request).registry
    body = generate_latest(registry) if registry is not None else b""
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_LATEST})


def _from_this_machine(request: web.Request) -> bool:
    """A proxy on this machine speaks for others, so what it forwards does not count."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
