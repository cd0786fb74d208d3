"""Datagrams to one peer: marked for the network, with what the network says of them."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections.abc import Callable

EXPEDITED = 46
"""DSCP EF (RFC 3246): voice goes before everything else."""

RESOLVE_WITHIN = 2.0


class Peer(asyncio.DatagramProtocol):
    """A connected UDP socket. `fault` is what the network said last, "" while all is well."""

    def __init__(
        self,
        sock: socket.socket,
        received: Callable[[bytes], None],
        faulted: Callable[[], None],
    ) -> None:
        self.fault = ""
        self.sock = sock
        self._received = received
        self._faulted = faulted
        self.transport: asyncio.DatagramTransport

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._received(data)

    def error_received(self, exc: Exception) -> None:
        self.fault = told(exc)
        self._faulted()

    def send(self, data: bytes) -> None:
        """Send one datagram; what goes wrong shows in `fault`."""
        if self.transport.is_closing():
            self.fault = "the connection is closed"
        else:
            self.transport.sendto(data)

    @property
    def local(self) -> tuple[str, int]:
        """Our own address and port, as the peer sees them."""
        return self.sock.getsockname()[:2]

    def close(self) -> None:
        """Let go of the socket. May be called twice."""
        self.transport.close()


def ignored(*_: bytes) -> None:
    """For what nobody wants to know."""


def bound(host: str) -> socket.socket:
    """A socket with a port of its own on one of our addresses, for `open_peer`. Raises OSError."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((host, 0))
    except OSError:
        sock.close()
        raise
    return sock


async def open_peer(
    host: str,
    port: int,
    *,
    received: Callable[[bytes], None] = ignored,
    faulted: Callable[[], None] = ignored,
    dscp: int = EXPEDITED,
    ttl: int | None = None,
    interface: str = "",
    sock: socket.socket | None = None,
) -> Peer:
    """A socket that sends to `host`; `sock` is one that is bound already, and is taken over.

    `ttl` and `interface` are for multicast groups.

    Raises OSError: no such host, no route.
    """
    family, address = await resolved(host, port)
    sock = sock or socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        _mark(sock, family, dscp)
        if ipaddress.ip_address(address[0].partition("%")[0]).is_multicast:
            _multicast(sock, family, ttl, interface)
        sock.connect(address)
        loop = asyncio.get_running_loop()
        transport, peer = await loop.create_datagram_endpoint(
            lambda: Peer(sock, received, faulted), sock=sock
        )
        peer.transport = transport
    except BaseException:
        sock.close()
        raise
    return peer


async def resolved(host: str, port: int) -> tuple[int, tuple[str, int]]:
    """The family and address of a host. Raises OSError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_WITHIN):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except UnicodeError:  # a label that no name can have
        raise OSError("Name or service not known") from None
    family, _, _, _, address = found[0]
    return family, address  # type: ignore[return-value]  # of IPv6 it has two numbers more


def _mark(sock: socket.socket, family: int, dscp: int) -> None:
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, dscp << 2)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, dscp << 2)


def _multicast(sock: socket.socket, family: int, ttl: int | None, interface: str) -> None:
    if family == socket.AF_INET6:
        if ttl is not None:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, ttl)
        return
    if ttl is not None:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
    if interface:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))


def told(fault: BaseException) -> str:
    """A fault of the network in words."""
    if isinstance(fault, TimeoutError):
        return "no answer in time"
    number = getattr(fault, "errno", None) or 0
    if number > 0:  # asyncio's own words are "Connect call failed" and an address
        return os.strerror(number)
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
