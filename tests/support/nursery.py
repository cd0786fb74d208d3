"""Processes of the program that begin with everything imported already.

A start of `bot.py run` spends two thirds of its processor time importing (aiogram alone 1.7 s),
and the tests start it hundreds of times. So each test process keeps one process that has imported
it all and does nothing but fork: the child gets the arguments, environment and output that it
would have got by exec, and runs the same `main`. It is a process of its own, with its own pid,
and dies by kill -9 like any other. What a plain start does (its imports, the time they take) is
tested where a `Terminal` or a launcher starts it.
"""

from __future__ import annotations

import array
import asyncio
import atexit
import contextlib
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
PRELOADED = (
    "bot.app",
    "bot.configuration",
    "bot.commands.run",
    "bot.commands.keys",
    "bot.service",
    "tortoise.backends.sqlite",
)
_LENGTH = struct.Struct("!I")


class Child:
    """One process of the program; what of asyncio's `Process` the tests use."""

    def __init__(self, pid: int, line: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._line = line
        self._waiting = asyncio.ensure_future(self._wait())

    async def wait(self) -> int:
        """Its exit code, or minus the signal that ended it."""
        return await asyncio.shield(self._waiting)

    def send_signal(self, number: int) -> None:
        """Send it a signal; nothing where it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)

    async def _wait(self) -> int:
        try:
            told = await asyncio.get_running_loop().sock_recv(self._line, _LENGTH.size)
        finally:
            self._line.close()
        assert told, "the nursery has ended"
        (status,) = _LENGTH.unpack(told)
        self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


class Nursery:
    """The process that forks; started at the first birth, ends with the process that tests."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._sending = Lock()

    def ask(self, wanted: bytes, given: array.array[int]) -> None:
        """Hand over a request, from any thread; a nursery is started where there is none yet."""
        with self._sending:
            if self._process is None or self._process.poll() is not None:
                self._line = self._begin()
            assert self._line is not None
            self._line.sendmsg(
                [_LENGTH.pack(len(wanted))],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, given.tobytes())],
            )
            self._line.sendall(wanted)

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-X", "utf8", __file__, str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self._end, self._process, ours)
        return ours

    @staticmethod
    def _end(process: subprocess.Popen[bytes], line: socket.socket) -> None:
        line.close()
        process.wait()

    async def born(
        self, arguments: Sequence[str], environment: dict[str, str], out: IO[bytes], err: IO[bytes]
    ) -> Child:
        """A process that runs `bot.py ARGUMENTS` in the project's folder."""
        ours, theirs = socket.socketpair()
        with theirs:
            wanted = json.dumps([list(arguments), environment]).encode()
            given = array.array("i", [theirs.fileno(), out.fileno(), err.fileno()])
            await asyncio.to_thread(self.ask, wanted, given)
        ours.setblocking(False)
        told = await asyncio.get_running_loop().sock_recv(ours, _LENGTH.size)
        assert told, "the nursery did not begin; its error stands above"
        return Child(_LENGTH.unpack(told)[0], ours)


NURSERY = Nursery()


# What follows runs in the process that forks.


def main(number: int) -> None:
    """Import everything, then fork for every request on the line, until it is closed."""
    import gc
    import importlib

    sys.path[0] = str(ROOT)
    for name in PRELOADED:
        importlib.import_module(name)
    from bot.channels.telegram.loading import load_aiogram

    load_aiogram()
    importlib.import_module("bot.channels.telegram.channel")
    gc.collect()
    gc.freeze()
    line = socket.socket(fileno=number)
    awake, wake = socket.socketpair()
    for end in (awake, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who tests; our line then closes
    children: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as several:
        several.register(line, selectors.EVENT_READ)
        several.register(awake, selectors.EVENT_READ)
        while True:
            for key, _ in several.select():
                if key.fileobj is awake:
                    with contextlib.suppress(BlockingIOError):
                        awake.recv(4096)
                    continue
                wanted, given = _received(line)
                if not given:
                    return  # who tests has ended
                pid = os.fork()
                if pid == 0:
                    several.close()
                    _become(wanted, given, [line, awake, wake, *children.values()])
                children[pid] = _kept(pid, given)
            _bury(children)


def _received(line: socket.socket) -> tuple[bytes, list[int]]:
    room = socket.CMSG_SPACE(3 * array.array("i").itemsize)
    length, ancillary, _, _ = line.recvmsg(_LENGTH.size, room)
    given = array.array("i")
    for _, _, bytes_of in ancillary:
        given.frombytes(bytes_of)
    missing = _LENGTH.unpack(length)[0] if length else 0
    wanted = b""
    while missing > len(wanted):  # and not a byte more: with what follows come other descriptors
        piece = line.recv(missing - len(wanted))
        if not piece:
            sys.exit("the line broke off in the middle of a request")
        wanted += piece
    return wanted, list(given)


def _kept(pid: int, given: list[int]) -> socket.socket:
    """The line on which the end of this child is told; its output is its own."""
    told, *output = given
    for descriptor in output:
        os.close(descriptor)
    line = socket.socket(fileno=told)
    line.sendall(_LENGTH.pack(pid))
    return line


def _bury(children: dict[int, socket.socket]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with contextlib.suppress(OSError), children.pop(pid) as line:
            line.sendall(_LENGTH.pack(status))


def _become(wanted: bytes, given: list[int], others: list[socket.socket]) -> None:
    """Be the program: what exec would have set up, then `main`; does not return."""
    code = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for other in others:
            other.close()
        told, out, err = given
        os.close(told)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        arguments, environment = json.loads(wanted)
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        sys.argv = ["bot.py", *arguments]
        from bot.app import main as program

        try:
            code = program()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 - told as the interpreter tells it
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        with contextlib.suppress(Exception):
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
