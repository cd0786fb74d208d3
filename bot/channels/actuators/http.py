"""An actuator that takes requests: a yes is no proof, its own word about its state is."""

from __future__ import annotations

import asyncio

from bot.channels.actuators.asking import Answer, Asker, NoAnswer
from bot.domain.actuator import Actuator as Configured
from bot.domain.actuator import Order
from bot.ports import CONFIRMED, REFUSED, SENT, UNREACHABLE, Switched

_SETTLES_S = 2.0
_LOOK_S = 0.25


class HttpActuator:
    """See `bot.ports.Actuator`; `settles` are the seconds that a relay may take to follow."""

    def __init__(self, configured: Configured, *, settles: float = _SETTLES_S) -> None:
        self._on, self._off = configured.on, configured.off
        self._proof = configured.state
        self._asker = Asker(configured.url)
        self._token = configured.token
        self._settles = settles

    async def switch(self, on: bool) -> Switched:
        """Give the order; where there is a state, see it followed."""
        try:
            answer = await self._ask(self._on if on else self._off)
            if answer.fault:
                return Switched(REFUSED, answer.fault)
            if self._proof is None:
                return Switched(SENT, "nothing tells its state")
            if not self._proof.path:
                return judged(on, self._proof.reads(answer.text))
            return await self._followed(on)
        except NoAnswer as fault:
            return Switched(UNREACHABLE, str(fault))

    async def look(self) -> Switched:
        """Its state where it tells it, else only whether somebody is there."""
        asks = self._proof is not None and self._proof.path
        try:
            answer = await self._ask(Order(path=self._proof.path if self._proof else ""))
        except NoAnswer as fault:
            return Switched(UNREACHABLE, str(fault))
        if self._proof is None or not asks:
            wrong = answer.fault if answer.status in (401, 403) else ""
            return Switched(REFUSED if wrong else SENT, wrong)
        if answer.fault:
            return Switched(REFUSED, answer.fault)
        reads = self._proof.reads(answer.text)
        if reads is None:
            return Switched(REFUSED, "its state cannot be read")
        return Switched(CONFIRMED, on=reads)

    async def close(self) -> None:
        """Let go of connections."""
        await self._asker.close()

    async def _followed(self, on: bool) -> Switched:
        """A relay takes a moment: it is asked until it has followed, or had time enough."""
        assert self._proof is not None
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settles
        while True:
            answer = await self._ask(Order(path=self._proof.path))
            reads = None if answer.fault else self._proof.reads(answer.text)
            if reads is on or loop.time() >= until:
                return judged(on, reads, answer.fault)
            await asyncio.sleep(_LOOK_S)

    async def _ask(self, order: Order) -> Answer:
        headers: dict[str, str] = {}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        if order.body:
            kind = "application/json" if order.body[0] in "{[" else None
            headers["Content-Type"] = kind or "application/x-www-form-urlencoded"
        method = order.method or ("POST" if order.body else "GET")
        url = f"{self._asker.base}{order.path}"
        return await self._asker.ask(url, method=method, body=order.body, headers=headers)


def judged(on: bool, reads: bool | None, fault: str = "") -> Switched:
    """What its own word makes of an order that it took."""
    if reads is on:
        return Switched(CONFIRMED, on=on)
    if reads is None:
        return Switched(SENT, fault or "its state cannot be read")
    return Switched(REFUSED, "it took the order and stayed as it was", on=reads)
