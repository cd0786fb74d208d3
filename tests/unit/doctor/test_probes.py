"""Probes of `doctor` that need no program: the certificate, speakers, what was not delivered."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.clock import epoch_ms
from bot.doctor.backlog import backlog
from bot.doctor.devices import speaker
from bot.doctor.finding import Finding, Limits, Probe, run_all
from bot.doctor.web import certificate
from bot.domain.error import Rejected
from bot.domain.secret import Secret
from bot.domain.site import Speaker
from bot.settings import Settings
from tests.support.databases import sqlite_url
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.workshop import workshop

__all__ = ["sqlite_url"]

DAY = 24 * 3_600_000


def made(folder: Path, days: int) -> tuple[Path, Path]:
    """A certificate that signs itself; skips where there is nothing to make one."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here to make a certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    form = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=localhost", "-days", str(days)]
    out = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([openssl, "req", *form, *names, *out], check=True, capture_output=True)
    return cert, key


@pytest.mark.parametrize(("days", "key", "ok"), [(90, "tls.fine", True), (10, "tls.soon", False)])
async def test_a_certificate_that_ends_soon_is_a_fault(
    tmp_path: Path, days: int, key: str, ok: bool
) -> None:
    """With its day, so that somebody renews it before people are locked out."""

    def look() -> Finding:
        return certificate(*made(tmp_path, days))

    found = await asyncio.to_thread(look)
    assert (found.key, found.ok) == (key, ok)
    assert found.params["days"] in (days, days - 1)
    assert str(found.params["until"]) in found.line("zh")


async def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """In a sentence, whatever the file holds."""
    cert = tmp_path / "cert.pem"

    def look() -> Finding:
        cert.write_text("no certificate")
        return certificate(cert, cert)

    assert (await asyncio.to_thread(look)).key == "tls.unusable"
    assert certificate(tmp_path / "gone.pem", cert).key == "tls.unusable"


async def test_what_was_given_up_lately_is_a_fault(sqlite_url: str, tmp_path: Path) -> None:
    """Within a day; what waits for minutes as well."""
    settings = Settings(database_url=Secret(sqlite_url, listed=False), data_dir=tmp_path)
    async with workshop(sqlite_url, tmp_path) as shop:
        assert (await backlog(settings)).ok
        shop.now = epoch_ms() - 2 * DAY
        shop.telegram.faults.append(Rejected("no"))
        await shop.report()
        await shop.deliver()
        await shop.deliver(speaks=True)
        await shop.deliver()
        assert (await backlog(settings)).ok, "it is of the day before yesterday"
        shop.now = epoch_ms() - 600_000
        shop.telegram.faults.append(Rejected("no"))
        await shop.report(id="r2", hazard="no_vest")
        await shop.deliver()
        found = await backlog(settings)
    assert not found.ok
    assert (found.params["dead"], found.params["waiting"]) == (1, 1)
    assert "deliveries retry" in found.line("en")


async def test_a_hundred_chats_do_not_make_each_other_late() -> None:
    """Who waits for a turn has not begun: only one's own look counts."""
    looking, most, over = 0, 0, asyncio.Event()

    async def look() -> Finding:
        nonlocal looking, most
        looking += 1
        most = max(most, looking)
        await over.wait()
        looking -= 1
        return Finding("chat", "telegram:-1", True, "chat.fine")

    limits = Limits(probe=30.0, at_once=12)
    running = asyncio.create_task(run_all([Probe("chat", "telegram:-1", look)] * 100, limits))
    async with asyncio.timeout(PATIENCE_S):
        while looking < limits.at_once:
            await asyncio.sleep(0)
        over.set()
        found = await running
    assert most == limits.at_once
    assert [one.key for one in found] == ["chat.fine"] * 100


async def test_the_time_of_a_look_begins_with_its_turn() -> None:
    """A look that hangs costs those behind it no time of their own."""

    async def hangs() -> Finding:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def looks() -> Finding:
        return Finding("chat", "telegram:-1", True, "chat.fine")

    probes = [Probe("chat", "1", hangs), *[Probe("chat", "2", looks)] * 3]
    found = await run_all(probes, Limits(probe=0.3, at_once=1))
    assert [one.key for one in found] == ["late", *["chat.fine"] * 3]


async def test_a_page_that_nobody_answers_is_not_said_to_play() -> None:
    """What is sent by RTP is heard on site, or not: nothing tells."""
    url = Secret("rtp://127.0.0.1:5004", listed=False)
    found = await speaker(Speaker("road", "yard-7", "道路广播", url), Settings())
    assert (found.ok, found.note, found.key) == (True, True, "speaker.one_way")
    assert "没有回执" in found.line("zh")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("hikvision://admin:secret@127.0.0.1:{port}", "对方拒绝连接）：请检查它的电源、网线"),
        ("onvif://admin:secret@127.0.0.1:{port}/stream", "对方拒绝连接）：请检查它的电源、网线"),
        ("rtp://239.255.12.42:5004?interface=192.0.2.9", "本机没有这个网络地址）"),
        (
            "file:/proc/nothing",
            "没有这个文件或文件夹）：请检查站点文件里它的 url，以及那个文件夹的写权限",
        ),
    ],
)
async def test_a_speaker_that_cannot_play_says_what_to_look_at(url: str, told: str) -> None:
    """In the reader's language, and of a horn on the network nothing about files."""
    secret = Secret(url.format(port=free_port()), listed=False)
    found = await speaker(Speaker("horn", "yard-7", "喇叭", secret), Settings())
    assert not found.ok
    assert told in found.line("zh")
    assert ("写权限" in found.line("zh")) is url.startswith("file:")
