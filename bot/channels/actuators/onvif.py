"""`onvif://USER:PASSWORD@HOST[:PORT][/PATH][?relay=TOKEN]`: the relay output of a camera.

The device's own yes proves that it took the order.  How the relay is, ONVIF tells by events alone:
where the device has them, they are asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from bot.channels.actuators import soap
from bot.channels.actuators.asking import Asker, NoAnswer
from bot.channels.actuators.http import judged
from bot.domain.actuator import Actuator as Configured
from bot.ports import CONFIRMED, REFUSED, SENT, UNREACHABLE, Switched

_DEVICE = "/onvif/device_service"
_HEADERS = {"Content-Type": "application/soap+xml; charset=utf-8"}
_UNKNOWN = frozenset({"NotAuthorized", "FailedAuthentication", "InvalidSecurityToken"})


def _utc() -> datetime:
    return datetime.now(UTC)


class _Refused(Exception):
    """The device said no."""


class OnvifActuator:
    """See `bot.ports.Actuator`; `clock` tells the time, of which the device has its own idea."""

    def __init__(self, configured: Configured, *, clock: Callable[[], datetime] = _utc) -> None:
        split = urlsplit(configured.url.reveal())
        self._asker = Asker(configured.url)
        self._device = split.path if split.path not in ("", "/") else _DEVICE
        self._relay = next(iter(parse_qs(split.query).get("relay", ())), "")
        self._clock = clock
        self._ahead: timedelta | None = None

    async def switch(self, on: bool) -> Switched:
        """Give the order; where the device tells of its relays, hear what it says."""
        try:
            token = self._relay or await self._first()
            answer = await self._call(soap.set_relay(token, on))
            if not answer.answers("SetRelayOutputStateResponse"):
                return Switched(REFUSED, "the device answered something else")
        except _Refused as fault:
            return Switched(REFUSED, str(fault))
        except (NoAnswer, soap.BadSoap) as fault:
            return Switched(UNREACHABLE, str(fault))
        reads = await self._heard(token)
        if reads is None:
            return Switched(SENT, "nothing tells its state")
        return judged(on, reads)

    async def look(self) -> Switched:
        """Whether it knows us and has the relay, and how that is, where it tells."""
        try:
            relays = (await self._call(soap.RELAYS)).relays
        except _Refused as fault:
            return Switched(REFUSED, str(fault))
        except (NoAnswer, soap.BadSoap) as fault:
            return Switched(UNREACHABLE, str(fault))
        token = self._relay or next(iter(relays), "")
        if token not in relays:
            return Switched(REFUSED, "the device has no such relay")
        reads = await self._heard(token)
        return Switched(SENT if reads is None else CONFIRMED, on=reads)

    async def close(self) -> None:
        """Let go of connections."""
        await self._asker.close()

    async def _first(self) -> str:
        relays = (await self._call(soap.RELAYS)).relays
        if not relays:
            raise _Refused("the device has no relay")
        return relays[0]

    async def _heard(self, token: str) -> bool | None:
        """What its events say of the relay now; None where it has none, or says nothing."""
        try:
            path = (await self._call(soap.CAPABILITIES)).events
            if not path:
                return None
            pulled = (await self._call(soap.SUBSCRIBE, path)).subscription
            if not pulled:
                return None
            reads = (await self._call(soap.PULL, pulled)).relay_is(token)
            await self._call(soap.UNSUBSCRIBE, pulled)
        except (_Refused, NoAnswer, soap.BadSoap):
            return None
        return reads

    async def _call(self, body: str, path: str = "") -> soap.Reply:
        """Signed by the device's clock, which is asked for once, and again where it says no."""
        known = self._ahead is not None
        reply = await self._ask(body, path)
        if known and set(reply.fault.split()) & _UNKNOWN:
            self._ahead = None
            reply = await self._ask(body, path)
        if fault := reply.fault:
            unknown = set(fault.split()) & _UNKNOWN
            raise _Refused("user or password is wrong" if unknown else fault[:200])
        return reply

    async def _ask(self, body: str, path: str) -> soap.Reply:
        login = None
        if self._asker.user:
            created = self._clock() + await self._clock_ahead()
            nonce = secrets.token_bytes(16)
            login = soap.Login(self._asker.user, self._asker.password, nonce, created)
        return await self._post(soap.envelope(body, login), path)

    async def _clock_ahead(self) -> timedelta:
        if self._ahead is None:
            theirs = (await self._post(soap.envelope(soap.DATE_AND_TIME), "")).clock
            self._ahead = theirs - self._clock() if theirs else timedelta()
        return self._ahead

    async def _post(self, message: str, path: str) -> soap.Reply:
        url = f"{self._asker.origin}{path or self._device}"
        answer = await self._asker.ask(url, method="POST", body=message, headers=_HEADERS)
        if answer.status in (401, 403):
            raise _Refused("user or password is wrong")
        if "Envelope" not in answer.text:
            raise _Refused(answer.fault or "it answers, but is no ONVIF device")
        return soap.Reply(answer.text)
