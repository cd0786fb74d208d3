"""TCP sockets for lines that carry little, lose packets, and have gaps of minutes."""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import Any

LARGE = 16 * 1024
"""Bytes that the kernel may take and not have sent yet: what is known of how far a body came."""
REPEATED_WITHIN_MS = 1_200
"""Words that were lost are sent again no later than this: beyond the answer's way back on a line of
a second, and twice within the 3 s in which an emergency is to be there."""

_KEEPALIVE_IDLE_S = 5
_KEEPALIVE_EVERY_S = 3
_KEEPALIVE_PROBES = 3
_DEAD_AFTER_MS = 12_000
_OPTIONS: tuple[tuple[str, int], ...] = (
    ("TCP_NODELAY", 1),
    ("TCP_NOTSENT_LOWAT", LARGE),
    ("TCP_KEEPIDLE", _KEEPALIVE_IDLE_S),
    ("TCP_KEEPINTVL", _KEEPALIVE_EVERY_S),
    ("TCP_KEEPCNT", _KEEPALIVE_PROBES),
    ("TCP_USER_TIMEOUT", _DEAD_AFTER_MS),
)

# linux/tcp.h; Python has no names for them
_THIN_LINEAR_TIMEOUTS = 16
"""A few lost packets of a small flow are repeated at an even pace, not ever more slowly."""
_RTO_MAX_MS = 44
"""The longest wait before a packet is repeated; from Linux 6.15 on."""


def wary_socket(
    address: tuple[Any, ...], *, words: bool = False, thin: bool = False
) -> socket.socket:
    """One that notices within seconds that the other side is gone, also when idle.

    After a gap of minutes no call is then begun on a connection that is dead.  For `words`, what
    is lost is soon repeated.  On a `thin` line a lost packet is not taken for a full line, where
    the system can do that; not on every line: it was slower on a quick one.
    """
    family, kind, protocol, *_ = address
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS:
        option = getattr(socket, name, None)  # not every system has all of them
        if option is not None:
            _try(made, option, value)
    if sys.platform == "linux":
        _try(made, _THIN_LINEAR_TIMEOUTS, 1)
        if words:
            _try(made, _RTO_MAX_MS, REPEATED_WITHIN_MS)
        if thin:
            _try(made, socket.TCP_CONGESTION, b"bbr")
    return made


def _try(made: socket.socket, option: int, value: int | bytes) -> None:
    """A kernel without it, or one that keeps it for root, does without."""
    with contextlib.suppress(OSError):
        made.setsockopt(socket.IPPROTO_TCP, option, value)
