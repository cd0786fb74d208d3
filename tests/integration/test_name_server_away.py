"""While names cannot be looked up, what is called by its address goes on."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.eventloop import AT_ONCE, run
from tests.support.announcing import tone
from tests.support.hornyard import paging_horn
from tests.support.patience import PATIENCE_S
from voice.speakers import open_speaker
from voice.speakers.port import Outcome


class NameServer:
    """Says nothing until it is `back`; whoever asks meanwhile is counted and hangs."""

    def __init__(self) -> None:
        self.back = threading.Event()
        self.asking: list[str] = []
        self._real = socket.getaddrinfo

    def asked(self, host: Any, *given: Any, **more: Any) -> Any:
        if not str(host).endswith(".site"):
            return self._real(host, *given, **more)
        self.asking.append(host)
        self.back.wait()
        return self._real("127.0.0.1", *given, **more)

    async def hangs(self) -> None:
        """Wait until as many ask as may at once."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.asking) < AT_ONCE:
                await asyncio.sleep(0.01)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    names = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", names.asked)
    yield names
    names.back.set()


def test_a_speaker_with_an_address_speaks_while_all_names_hang(names: NameServer) -> None:
    kinds = ("sip", "onvif", "axis", "dahua") * 10
    horns = [f"{kind}://u:p@horn-{n}.site/100" for n, kind in enumerate(kinds)]

    async def story() -> None:
        speakers = [open_speaker(url, work_dir=Path()) for url in horns]
        probes = [asyncio.create_task(one.probe()) for one in speakers]
        await names.hangs()
        async with paging_horn() as horn:
            address = open_speaker(f"rtp://127.0.0.1:{horn.port}", work_dir=Path())
            async with asyncio.timeout(PATIENCE_S):
                report = await address.play(tone(0.2), key="a")
        assert report.outcome is Outcome.SENT
        names.back.set()
        assert not any(one.ok for one in await asyncio.gather(*probes))

    run(story())


def test_names_are_found_again_when_the_server_is_back(names: NameServer) -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        waiting = [
            asyncio.create_task(loop.getaddrinfo(f"{n}.site", 80)) for n in range(2 * AT_ONCE)
        ]
        await names.hangs()
        waiting[0].cancel()
        names.back.set()
        found = await asyncio.gather(*waiting[1:])
        assert {one[0][4] for one in found} == {("127.0.0.1", 80)}

    run(story())


def test_what_cannot_be_found_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def asked(host: Any, *given: Any, **more: Any) -> Any:
        if host == "nobody.site":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", asked)

    async def story() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(socket.gaierror):
            await loop.getaddrinfo("nobody.site", 80)
        with pytest.raises(UnicodeError):
            await loop.getaddrinfo("a" * 70 + ".site", 80)
        (first, *_) = await loop.getaddrinfo("::1", 80, type=socket.SOCK_STREAM)
        assert first[4][:2] == ("::1", 80)

    run(story())
