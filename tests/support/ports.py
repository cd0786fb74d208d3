"""Ports that a server is told to listen on, where it cannot choose one by itself."""

from __future__ import annotations

import os
import random
import socket
from itertools import cycle

_FIRST, _EACH, _WORKERS = 10_000, 1_000, 22
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def free_port() -> int:
    """An even port that is free on loopback, with the next one; not the same soon again.

    Below those that the kernel gives to connections, and from a range of this worker's own:
    whoever is given it may not listen on it at once.
    """
    while not (_free(port := next(_ports)) and _free(port + 1)):
        pass
    return port


def _own() -> list[int]:
    """All of this worker's, from any of them on: of two runs at once each begins elsewhere."""
    first = _FIRST + _WORKER % _WORKERS * _EACH
    found = list(range(first, first + _EACH, 2))
    begin = random.SystemRandom().randrange(len(found))
    return found[begin:] + found[:begin]


_ports = cycle(_own())


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
