"""What happens on the wire: uploads that break off, crawl or lie; TLS; stopping."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession, FormData, web

from bot.domain.error import BadInput
from handlers.http.context import Limits
from handlers.http.server import Tls, build, serve
from storage.clips import ClipFolder
from tests.support.http_house import NOW, House, a_report, problem, running_house
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg

JPEG = jpeg(8, 8)
IMPATIENT = Limits(headers=0.3, idle=0.2, whole=1.0)
REPORT = json.dumps(a_report()).encode()


@asynccontextmanager
async def connection(
    house: House,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def head(kind: str, length: int) -> bytes:
    lines = (
        "POST /api/v1/reports HTTP/1.1",
        "Host: localhost",
        "Authorization: Bearer lh_source",
        f"Content-Type: {kind}",
        f"Content-Length: {length}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


MULTIPART = "multipart/form-data; boundary=xx"


def part(name: str, content: bytes) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"'.encode()
    return b"--xx\r\n" + disposition + b"\r\n\r\n" + content + b"\r\n"


async def exchange(house: House, kind: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to a raw request."""
    async with connection(house) as (reader, writer):
        writer.write(head(kind, len(body)) + body)
        status = int((await reader.readline()).split()[1])
        headers = await reader.readuntil(b"\r\n\r\n")
        length = int(headers.lower().partition(b"content-length:")[2].split()[0])
        return status, await reader.readexactly(length)


@pytest.mark.parametrize(
    "body",
    [
        part("report", REPORT),
        part("report", REPORT) + part("image", JPEG)[:-20],
        part("report", REPORT) + b"--xx\r\nContent-Disposition: form-data\r\n",
        part("report", REPORT) + b"--xx\r\nbroken header\r\n\r\nx\r\n--xx--\r\n",
        b"no boundary at all",
        b"--xx\r\nContent-Type: multipart/mixed; boundary=yy\r\n\r\n--yy--\r\n--xx--\r\n",
        b"",
    ],
)
async def test_broken_or_cut_multipart_is_400_and_nothing_is_stored(body: bytes):
    async with running_house() as house:
        status, answer = await exchange(house, MULTIPART, body)
        assert (status, house.intake.reports) == (400, []), answer
    assert json.loads(answer)["errors"]


async def test_multipart_without_a_boundary_is_400():
    async with running_house() as house:
        status, _ = await exchange(house, "multipart/form-data", b"--\r\n\r\n--")
        assert status == 400


async def test_a_picture_that_holds_the_boundary_of_another_message_is_kept_whole():
    picture = JPEG + b"\r\n--x\r\n--x--\r\n" * 9000
    body = part("image", picture) + part("report", REPORT) + b"--xx--\r\n"
    async with running_house() as house:
        status, answer = await exchange(house, MULTIPART, body)
        assert status == 201, answer
        shot = house.intake.reports[0].shot
        assert shot is not None
        assert shot.annotated.jpeg == picture


async def test_an_upload_that_breaks_off_stores_nothing_and_hurts_nobody(caplog):
    async with running_house() as house:
        async with connection(house) as (_, writer):
            writer.write(head("application/json", len(REPORT)) + REPORT[:30])
            await writer.drain()
        assert (await house.report(id="after")).status == 201
        assert [report.id for report in house.intake.reports] == ["after"]
    assert not [line for line in caplog.records if line.levelname == "ERROR"]


async def test_a_body_that_does_not_come_is_given_up_with_408():
    async with running_house(limits=IMPATIENT) as house, connection(house) as (reader, writer):
        writer.write(head("application/json", len(REPORT)) + REPORT[:30])
        assert b" 408 " in await asyncio.wait_for(reader.readline(), PATIENCE_S)
        await asyncio.wait_for(reader.read(), PATIENCE_S)  # and the connection is closed


async def test_a_body_that_crawls_is_given_up_with_408():
    async def crawl(writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)

    async with running_house(limits=IMPATIENT) as house, connection(house) as (reader, writer):
        writer.write(head("application/json", 10_000))
        crawling = asyncio.create_task(crawl(writer))
        try:
            assert b" 408 " in await asyncio.wait_for(reader.readline(), PATIENCE_S)
        finally:
            crawling.cancel()


async def test_headers_that_never_end_are_given_up():
    async with running_house(limits=IMPATIENT) as house, connection(house) as (reader, writer):
        writer.write(b"POST /api/v1/reports HTTP/1.1\r\nHost: loc")
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""


async def test_what_is_no_http_is_400_and_the_server_goes_on():
    async with running_house() as house:
        async with connection(house) as (reader, writer):
            writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            assert b" 400 " in await asyncio.wait_for(reader.readline(), PATIENCE_S)
        assert (await house.report()).status == 201


async def test_the_budget_of_memory_is_given_back_however_an_upload_ends():
    limits = replace(IMPATIENT, uploads_in_memory=1000)
    async with running_house(limits=limits) as house:
        for _ in range(5):
            status, _ = await exchange(house, "application/json", b"x" * 900)
            assert status == 400
            async with connection(house) as (_, writer):
                writer.write(head("application/json", 900) + b"{")
                await writer.drain()

        async def accepted() -> bool:
            return (await house.report(id="last")).status == 201

        await until(accepted)


async def until(holds) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():
            await asyncio.sleep(0.02)


# --- clips --------------------------------------------------------------------------------------

MP4 = b"\0\0\0\x18ftypisom" + bytes(range(256)) * 1000


def with_clip(clip: bytes, **changes: object) -> FormData:
    data = FormData(default_to_multipart=True)
    data.add_field("clip", clip, filename="a.mp4")
    data.add_field("report", json.dumps(a_report(**changes)))
    return data


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_a_clip_is_kept_by_its_content_and_shown_by_a_signed_link(tmp_path: Path):
    sha256 = hashlib.sha256(MP4).hexdigest()
    async with running_house(clips=ClipFolder(tmp_path)) as house:
        assert (await house.post("/api/v1/reports", data=with_clip(MP4))).status == 201
        assert house.intake.reports[0].attributes == {"clip": sha256}
        assert files(tmp_path) == [f"{sha256}.mp4"]
        link = house.context.links.path(sha256, NOW, kind="clips")
        shown = await house.get(link, None)
        assert shown.content_type == "video/mp4"
        assert await shown.read() == MP4
        piece = await house.get(link, None, headers={"Range": "bytes=4-7"})
        assert (piece.status, await piece.read()) == (206, b"ftyp")
        await problem(await house.get(link.replace("/clips/", "/pictures/"), None), 403)


async def test_clips_of_refused_reports_leave_nothing_behind(tmp_path: Path):
    limits = Limits(clip=len(MP4))
    async with running_house(clips=ClipFolder(tmp_path), limits=limits) as house:
        path = "/api/v1/reports"
        await problem(await house.post(path, data=with_clip(MP4, site="yard-9")), 404)
        await problem(await house.post(path, data=with_clip(MP4 + b"x")), 413)
        await problem(await house.post(path, data=with_clip(MP4[12:])), 415)
        await problem(await house.post(path, data=with_clip(b"")), 415)
    assert files(tmp_path) == []


# --- TLS, stopping ------------------------------------------------------------------------------


def certificate(folder: Path) -> Tls:
    """A certificate for localhost that signs itself; skips where there is nothing to make one."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here to make a certificate")
    made = Tls(folder / "cert.pem", folder / "key.pem")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    form = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *names]
    out = ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run([openssl, "req", *form, *out], check=True, capture_output=True)
    return made


async def test_it_serves_https(tmp_path: Path):
    tls = await asyncio.to_thread(certificate, tmp_path)
    trust = ssl.create_default_context(cafile=str(tls.certificate))
    async with running_house() as house:
        app = build(house.context)
        async with serve(app, "127.0.0.1", 0, tls) as port, ClientSession() as client:
            response = await client.get(f"https://localhost:{port}/login", ssl=trust)
            assert response.status == 200
            assert "Strict-Transport-Security" in response.headers


async def test_stopping_lets_what_was_begun_end_and_takes_nothing_new():
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        begun.set()
        await may_end.wait()
        return web.Response(text="done")

    async with running_house() as house, ClientSession() as client:
        app = build(house.context, [lambda app: app.router.add_get("/slow", slow) and None])
        async with serve(app, "127.0.0.1", 0) as port:
            url = f"http://127.0.0.1:{port}"
            answer = asyncio.create_task(client.get(f"{url}/slow"))
            await begun.wait()
            asyncio.get_running_loop().call_later(0.1, may_end.set)
        assert await (await answer).text() == "done"
        with pytest.raises(OSError):
            await client.get(f"{url}/livez")


async def test_a_port_that_is_taken_is_told_with_its_setting():
    async with running_house() as house:
        with pytest.raises(BadInput, match=f"LOUDHAILER_HTTP_PORT: port {house.port} "):
            async with serve(build(house.context), "127.0.0.1", house.port):
                pass


@pytest.mark.parametrize(
    "sent",
    [
        b"FOO /livez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100,
        b"POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_one_line_in_the_log(
    sent: bytes, caplog: pytest.LogCaptureFixture
):
    """Whoever knocks with anything else must not fill the disk with tracebacks."""
    async with running_house() as house, connection(house) as (reader, writer):
        writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in await reader.readline()
        await reader.readuntil(b"}")
        writer.write(sent)
        assert b" 400 " in await reader.readline()
    (record,) = [one for one in caplog.records if one.name == "aiohttp.server"]
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert record.getMessage().startswith("127.0.0.1 sent what is no HTTP: ")
    assert "\n" not in record.getMessage()
