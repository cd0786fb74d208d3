"""An actuator behind an MQTT broker.

That the broker took a message proves nothing of the device.  Its own message on the state topic
does, if it came after the order: what the broker kept of an earlier day (retained) does not.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from bot.domain.actuator import Actuator as Configured
from bot.domain.actuator import Order, Proof
from bot.ports import CONFIRMED, REFUSED, SENT, UNREACHABLE, Switched

if TYPE_CHECKING:
    import aiomqtt

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_STEP_S = 2.0
_SETTLES_S = 3.0
_KEPT_S = 0.5
_QOS = 1
_LONGEST = 65_536
_MOST_WAITING = 1_000
_NOT_KNOWN = (4, 5, 134, 135)
"""How MQTT 3 and 5 say: bad user name or password, not authorised."""


class MqttActuator:
    """See `bot.ports.Actuator`; `settles` are the seconds that the device may take to answer.

    Each order has a connection of its own, so that nothing hangs on one that has died unseen.
    """

    def __init__(self, configured: Configured, *, settles: float = _SETTLES_S) -> None:
        self._on, self._off = configured.on, configured.off
        self._proof = configured.state
        self._url = configured.url
        self._settles = settles

    async def switch(self, on: bool) -> Switched:
        """Publish the order; where there is a state topic, wait for the device's own word."""
        return await self._within(lambda client: self._ordered(client, on))

    async def look(self) -> Switched:
        """Whether the broker takes us, and what the device says, or last said."""
        return await self._within(self._told)

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _ordered(self, client: aiomqtt.Client, on: bool) -> Switched:
        proof = self._proof
        if proof is None:
            await _publish(client, self._on if on else self._off)
            return Switched(SENT, "nothing tells its state")
        await client.subscribe(proof.topic, qos=_QOS)
        await _publish(client, self._on if on else self._off)
        if proof.ask is not None:
            await _publish(client, proof.ask)
        fresh, kept = await self._listen(client, proof, on)
        if fresh is on:
            return Switched(CONFIRMED, on=on)
        if fresh is not None:
            return Switched(REFUSED, "it took the order and stayed as it was", on=fresh)
        if kept is on:
            return Switched(SENT, "it says nothing new; what the broker kept agrees")
        return Switched(UNREACHABLE, "the broker took it, the device says nothing")

    async def _told(self, client: aiomqtt.Client) -> Switched:
        proof = self._proof
        if proof is None:
            return Switched(SENT)
        await client.subscribe(proof.topic, qos=_QOS)
        if proof.ask is None:
            fresh, kept = await self._listen(client, proof, None, until=_KEPT_S)
            said = kept if fresh is None else fresh
            return Switched(SENT, "what the broker kept" if said is not None else "", on=said)
        await _publish(client, proof.ask)
        fresh, _ = await self._listen(client, proof, None)
        if fresh is None:
            return Switched(UNREACHABLE, "the broker is there, the device says nothing")
        return Switched(CONFIRMED, on=fresh)

    async def _listen(
        self, client: aiomqtt.Client, proof: Proof, wanted: bool | None, until: float = 0.0
    ) -> tuple[bool | None, bool | None]:
        """(what the device said last, what the broker had kept); ends with the word `wanted`."""
        fresh = kept = None
        with suppress(TimeoutError):
            async with asyncio.timeout(until or self._settles):
                async for message in client.messages:
                    payload = message.payload
                    if not isinstance(payload, bytes | bytearray):
                        continue
                    said = proof.reads(payload[:_LONGEST].decode("utf-8", "replace"))
                    if message.retain:
                        kept = said
                    elif said is not None:
                        fresh = said
                        if wanted is None or said is wanted:
                            break
        return fresh, kept

    async def _within(self, act: Callable[[aiomqtt.Client], Awaitable[Switched]]) -> Switched:
        import aiomqtt

        try:
            await self._reach()
            async with self._connected() as client:
                return await act(client)
        except TimeoutError:
            return Switched(UNREACHABLE, "no answer in time")
        except aiomqtt.MqttError as error:
            return _fault(error)
        except OSError as error:
            return Switched(UNREACHABLE, error.strerror or type(error).__name__)

    async def _reach(self) -> None:
        """The library connects in a thread that nothing cuts short: only where somebody is."""
        async with asyncio.timeout(_STEP_S):
            _, writer = await asyncio.open_connection(*self._place)
            writer.close()

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[aiomqtt.Client]:
        import aiomqtt

        split = urlsplit(self._url.reveal())
        host, port = self._place
        client = aiomqtt.Client(
            host,
            port,
            username=unquote(split.username) if split.username else None,
            password=unquote(split.password) if split.password else None,
            timeout=_STEP_S,
            tls_context=await self._tls(),
            max_queued_incoming_messages=_MOST_WAITING,
        )
        try:
            await client.__aenter__()
        except BaseException:  # cancellation included: the socket must not stay open
            # The library leaves that of a broker that never said yes open, and its reader.
            client._client.disconnect()  # pyright: ignore[reportPrivateUsage]
            raise
        try:
            yield client
        finally:
            with suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)

    async def _tls(self) -> ssl.SSLContext | None:
        """Reading the certificates takes a moment of the disk."""
        if not self._url.reveal().startswith("mqtts:"):
            return None
        return await asyncio.to_thread(ssl.create_default_context)

    @property
    def _place(self) -> tuple[str, int]:
        split = urlsplit(self._url.reveal())
        return split.hostname or "", split.port or _PORTS[split.scheme]


async def _publish(client: aiomqtt.Client, order: Order) -> None:
    await client.publish(order.topic, order.payload, qos=_QOS)


def _fault(error: Exception) -> Switched:
    """A broker that says no is there; the library's words hold neither address nor password."""
    code = getattr(error, "rc", None)
    number = getattr(code, "value", code)
    if number in _NOT_KNOWN:
        return Switched(REFUSED, "the broker does not know user and password")
    return Switched(UNREACHABLE, str(error) or type(error).__name__)
