"""A network namespace of our own behind a line that carries little, loses packets, and has gaps.

async with thin_link(ThinLine()) as link:
    ...                       # link.outside: our address at the far end of the line
    link.is_cut = True        # nothing passes any more, either way

Between the two ends, which are TUN devices, every packet is carried by this process: paced, delayed
and dropped as `tc netem` would, which not every kernel has.  A second, good line leads into the
namespace, for those who watch: `link.inside`.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import shutil
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_MTU = 1500
_LONGEST_QUEUE = 1000
"""Packets, as in netem."""


@dataclass(frozen=True)
class ThinLine:
    """Each way: kbit/s, ms of delay, share of packets lost (%); how the namespace's TCP sends:
    reno is what is left of cubic on a line as small as this."""

    kbit: int = 256
    delay_ms: int = 400
    loss: float = 5.0
    congestion: str = "reno"


class _OneWay:
    """Carries packets from one device to the other."""

    def __init__(self, line: ThinLine, source: int, target: int, dice: random.Random) -> None:
        self.is_cut = False
        self.carried = 0
        self._line = line
        self._source, self._target = source, target
        self._dice = dice
        self._free_at = 0.0
        self._queued = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(source, self._take)

    def _take(self) -> None:
        with suppress(BlockingIOError):
            while packet := os.read(self._source, _MTU + 100):
                self._queue(packet)

    def _queue(self, packet: bytes) -> None:
        lost = self._dice.random() * 100 < self._line.loss
        if self.is_cut or lost or self._queued >= _LONGEST_QUEUE:
            return
        now = self._loop.time()
        self._free_at = max(self._free_at, now) + len(packet) * 8 / (self._line.kbit * 1000)
        self._queued += 1
        self._loop.call_at(self._free_at + self._line.delay_ms / 1000, self._deliver, packet)

    def _deliver(self, packet: bytes) -> None:
        self._queued -= 1
        if not self.is_cut:
            self.carried += len(packet)
            with suppress(OSError):  # the device may be gone by now
                os.write(self._target, packet)

    def end(self) -> None:
        self.is_cut = True
        self._loop.remove_reader(self._source)


class Link:
    """The namespace and its two lines."""

    def __init__(self, line: ThinLine, number: int) -> None:
        self.line = line
        self.namespace = f"lh{number}"
        self.outside, self._thin_end = f"10.213.{number % 100}.1", f"10.213.{number % 100}.2"
        self._watcher, self.inside = f"10.214.{number % 100}.1", f"10.214.{number % 100}.2"
        self._devices: list[int] = []
        self._ways: list[_OneWay] = []

    @property
    def launcher(self) -> tuple[str, ...]:
        """What runs a command in the namespace."""
        return ("ip", "netns", "exec", self.namespace)

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes."""
        return any(way.is_cut for way in self._ways)

    @is_cut.setter
    def is_cut(self, cut: bool) -> None:
        for way in self._ways:
            way.is_cut = cut

    async def make(self, seed: int) -> None:
        """Raises OSError where this machine does not allow it."""
        name, line = self.namespace, self.line
        await _run(f"ip netns add {name}")
        await _run(f"ip -n {name} link set lo up")
        algorithm = f"net.ipv4.tcp_congestion_control={line.congestion}"
        await _run(f"ip netns exec {name} sysctl -qw {algorithm}")
        await self._watching_line()
        near, far = self._open_device("a"), self._open_device("b")
        await _run(f"ip link set {name}b netns {name}")
        await _run(f"ip addr add {self.outside} peer {self._thin_end} dev {name}a")
        await _run(f"ip -n {name} addr add {self._thin_end} peer {self.outside} dev {name}b")
        await _run(f"ip link set {name}a up")
        await _run(f"ip -n {name} link set {name}b up")
        dice = random.Random(seed)
        self._ways = [_OneWay(line, near, far, dice), _OneWay(line, far, near, dice)]

    async def remove(self) -> None:
        """The namespace goes, and the lines with it."""
        for way in self._ways:
            way.end()
        for device in self._devices:
            os.close(device)
        await _run(f"ip netns del {self.namespace}", check=False)

    def _open_device(self, letter: str) -> int:
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        self._devices.append(device)
        named = f"{self.namespace}{letter}".encode()
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", named, _IFF_TUN | _IFF_NO_PI))
        return device

    async def _watching_line(self) -> None:
        name = self.namespace
        await _run(f"ip link add {name}w type veth peer name w0 netns {name}")
        await _run(f"ip addr add {self._watcher}/24 dev {name}w")
        await _run(f"ip link set {name}w up")
        await _run(f"ip -n {name} addr add {self.inside}/24 dev w0")
        await _run(f"ip -n {name} link set w0 up")


@asynccontextmanager
async def thin_link(line: ThinLine, seed: int = 1) -> AsyncIterator[Link]:
    """Raises OSError where this machine has no namespaces, or we may not make any."""
    if os.geteuid() != 0 or not shutil.which("ip") or not os.path.exists("/dev/net/tun"):
        raise OSError("a network namespace needs root, ip (iproute2) and /dev/net/tun")
    link = Link(line, os.getpid())
    try:
        await link.make(seed)
        yield link
    finally:
        await link.remove()


async def _run(command: str, *, check: bool = True) -> None:
    process = await asyncio.create_subprocess_exec(
        *command.split(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    if check and process.returncode != 0:
        raise OSError(f"{command}: {err.decode().strip()}")
