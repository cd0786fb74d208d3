"""The console's routes on the real server: who gets in, what they get, and the socket's frames."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, FormData, WSMsgType
from aiohttp.client_exceptions import WSServerHandshakeError

from bot.domain.message import ChatRef, Picture, Post
from bot.domain.recording import MOST_BYTES
from bot.ports_console import CameraView, HornView
from tests.support.console_house import ConsoleHouse, console_house, hum, now_ms
from tests.support.patience import PATIENCE_S
from tests.support.pictures import jpeg
from tests.support.sounds import recorded, tone

GATE = jpeg(64, 48)
SHA = "a" * 64


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[ConsoleHouse]:
    """The whole house."""
    async with console_house(tmp_path) as made:
        yield made


@asynccontextmanager
async def signed_in(house: ConsoleHouse, member: str = "li") -> AsyncIterator[ClientSession]:
    """A browser after its sign-in link."""
    async with ClientSession(house.url, cookie_jar=CookieJar(unsafe=True)) as web:
        token = (await house.login_path(member)).partition("token=")[2]
        async with web.post("/login", data={"token": token}, allow_redirects=False) as answer:
            assert answer.status == 303
        yield web


class Socket:
    """The page's end of the socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, **frame: Any) -> None:
        await self.socket.send_str(json.dumps(frame))

    async def next(self, kind: str) -> dict[str, Any]:
        """The next frame of a kind."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = await self.socket.receive()
                assert frame.type is WSMsgType.TEXT, frame
                message = json.loads(frame.data)
                if message["type"] == kind:
                    return message


@asynccontextmanager
async def opened(
    house: ConsoleHouse, web: ClientSession, **chats: int | None
) -> AsyncIterator[Socket]:
    """A socket that follows chats."""
    async with web.ws_connect("/console/socket", headers={"Origin": house.url}) as socket:
        page = Socket(socket)
        await page.say(type="open", chats=chats)
        yield page


PRIVATE = [
    "/console/session",
    "/console/socket",
    "/console/cases",
    "/console/cameras",
    "/console/speakers",
    "/console/cameras/gate/picture",
    "/console/chats/main/messages",
    "/console/chats/main/messages/1",
    "/console/cases/1",
    "/console/cases/1/picture",
    f"/console/chats/main/pictures/{SHA}",
    "/speaker/gate-horn/about",
    "/speaker/gate-horn/socket",
    "/speaker/gate-horn/sound/x",
]


async def test_nothing_is_told_to_strangers(house: ConsoleHouse) -> None:
    """401 everywhere but for the page that explains how to get a link, and its own files."""
    async with ClientSession(house.url) as web:
        for path in PRIVATE:
            async with web.get(path) as answer:
                assert answer.status == 401, path
        for path in ("/", "/speaker/gate-horn"):
            async with web.get(path) as answer:
                assert answer.status == 401
                assert "signin.js" in await answer.text()
        for path in ("/console/static/base.css", "/console/texts/zh", "/console/texts/en"):
            async with web.get(path) as answer:
                assert answer.status == 200


async def test_another_sites_things_are_not_there(house: ConsoleHouse) -> None:
    """A chat, camera, picture or private talk of others is answered as if it did not exist."""
    house.wall.pictures = {"door": (GATE, 5)}
    eight = ChatRef("console", "eight")
    sent = await house.channel.send(eight, Post("#8"), key="8", picture=Picture(GATE, SHA))
    sha = next(iter(house.shelf.kept))
    async with signed_in(house) as web:
        for path in (
            "/console/chats/eight/messages",
            f"/console/chats/eight/messages/{sent.message_id}",
            f"/console/chats/main/messages/{sent.message_id}",
            f"/console/chats/eight/pictures/{sha}",
            f"/console/chats/main/pictures/{sha}",
            "/console/chats/@wang/messages",
            "/console/cameras/door/picture",
            "/console/static/console.html",
            "/console/static/..%2fcontext.py",
            "/speaker/pit-horn/about",
        ):
            async with web.get(path) as answer:
                assert answer.status == 404, path
    await house.yard.open("no_helmet", shot=GATE, posted=False)
    await house.yard.open("no_helmet", posted=False, trial=True)
    async with signed_in(house, "zhao") as web:
        for path in ("/console/cases/1", "/console/cases/1/picture", "/console/cases/x"):
            async with web.get(path) as answer:
                assert answer.status == 404, path
    async with signed_in(house) as web:
        for path, status in (("cases/1", 200), ("cases/1/picture", 200), ("cases/2", 404)):
            async with web.get(f"/console/{path}") as answer:
                assert answer.status == status, path
    path = f"/console/chats/eight/pictures/{sha}"
    async with signed_in(house, "zhao") as web, web.get(path) as answer:
        assert (answer.status, await answer.read()) == (200, GATE)


async def test_the_session_tells_what_there_is(house: ConsoleHouse) -> None:
    """Chats, sites and speakers of the member's own sites, with the site's time zone."""
    async with signed_in(house) as web, web.get("/console/session") as answer:
        session = await answer.json()
    assert session["member"] == {"id": "li", "name": "李工"}
    assert [(chat["id"], chat["timezone"]) for chat in session["chats"]] == [
        ("main", "Asia/Shanghai")
    ]
    assert [site["id"] for site in session["sites"]] == ["yard-7"]
    assert [(one["id"], one["here"]) for one in session["speakers"]] == [
        ("gate-horn", True),
        ("pit-horn", False),
    ]
    assert not any(one["one_way"] for one in session["speakers"])


async def test_cases_come_gravest_first_in_the_readers_language(house: ConsoleHouse) -> None:
    """Only those of one's sites."""
    await house.yard.open("no_helmet")
    await house.yard.open("fall")
    await house.yard.open("zone_intrusion")
    async with signed_in(house) as web, web.get("/console/cases?language=en") as answer:
        cases = (await answer.json())["cases"]
    assert [case["number"] for case in cases] == [2, 3, 1]
    assert cases[0]["title"] == "Suspected: person down"
    assert cases[2]["place"] == "大门"
    async with signed_in(house, "zhao") as web, web.get("/console/cases") as answer:
        assert (await answer.json())["cases"] == []


async def test_a_page_gets_the_chat_and_then_every_change(house: ConsoleHouse) -> None:
    """First what is there, then what is new, each message as it stands."""
    await house.yard.open("no_helmet", shot=GATE)
    async with signed_in(house) as web, opened(house, web, main=None) as page:
        first = await page.next("messages")
        assert (first["reset"], first["revision"]) == (True, 1)
        (card,) = first["messages"]
        assert (card["case"], card["severity"], card["own"]) == (1, "general", False)
        assert card["buttons"][0][0]["verb"] == "acknowledge"
        await house.yard.say("第二条")
        news = await page.next("messages")
        assert [message["text"] for message in news["messages"]] == ["第二条"]
        assert not news["reset"]


async def test_a_page_that_was_away_gets_what_it_missed(house: ConsoleHouse) -> None:
    """From its last revision on; from the end of the chat if that is not of this chat."""
    for n in range(3):
        await house.yard.say(str(n))
    async with signed_in(house) as web:
        async with opened(house, web, main=1) as page:
            news = await page.next("messages")
            assert [message["text"] for message in news["messages"]] == ["1", "2"]
        async with opened(house, web, main=999) as page:
            assert (await page.next("messages"))["reset"]


async def test_words_are_acknowledged_with_the_members_name(house: ConsoleHouse) -> None:
    """Whatever the frame claims, the sender is who is signed in."""
    said = {"type": "say", "id": "0123456789abcdef", "chat": "main", "text": "收到", "age": 0}
    async with signed_in(house) as web, opened(house, web, main=None) as page:
        await page.say(**said, name="王监督", member="wang")
        assert (await page.next("ack"))["id"] == said["id"]
        await page.say(**said)
        assert (await page.next("ack"))["id"] == said["id"]
    (incoming,) = house.yard.inbox.values()
    assert (incoming.sender.id, incoming.sender.name) == ("li", "李工")
    assert len(house.yard.offered) == 1


async def test_what_cannot_be_stored_now_is_asked_for_again(house: ConsoleHouse) -> None:
    """`later`, not an acknowledgement; the next try is stored once."""
    said = {"type": "say", "id": "0123456789abcdef", "chat": "main", "text": "收到", "age": 0}
    house.yard.trouble = OSError("disk full")
    async with signed_in(house) as web, opened(house, web, main=None) as page:
        await page.say(**said)
        assert (await page.next("later"))["id"] == said["id"]
        house.yard.trouble = None
        await page.say(**said)
        assert (await page.next("ack"))["id"] == said["id"]
    assert len(house.yard.inbox) == 1


@pytest.mark.parametrize(
    "changed",
    [{"chat": "eight"}, {"chat": "@wang"}, {"text": ""}, {"id": "x"}, {"reply_to": 999}],
    ids=str,
)
async def test_what_may_never_be_stored_is_refused(
    house: ConsoleHouse, changed: dict[str, Any]
) -> None:
    """The page is told, so that it does not try for ever."""
    said = {"type": "say", "id": "0123456789abcdef", "chat": "main", "text": "收到", "age": 0}
    async with signed_in(house) as web, opened(house, web, main=None) as page:
        await page.say(**{**said, **changed})
        await page.next("refused")
    assert house.yard.offered == []


async def test_nonsense_does_not_end_the_conversation(house: ConsoleHouse) -> None:
    """Frames that cannot be read are passed over."""
    async with signed_in(house) as web, opened(house, web, main=None) as page:
        nested = "[" * 60_000
        for text in ("{", "[]", "7", '{"type": 5}', '{"type": "open", "chats": 3}', nested):
            await page.socket.send_str(text)
        await page.say(type="ping")
        await page.next("pong")


async def test_a_press_is_answered_to_the_presser(house: ConsoleHouse) -> None:
    """And the card changes for everybody."""
    await house.yard.open("no_helmet")
    async with (
        signed_in(house) as li,
        signed_in(house, "wang") as wang,
        opened(house, li, main=None) as page,
        opened(house, wang, main=None) as other,
    ):
        (card,) = (await page.next("messages"))["messages"]
        button = card["buttons"][0][0]
        press = {"type": "press", "id": "0123456789abcdef", "chat": "main", "age": 0}
        await page.say(**press, message=card["id"], data=button["data"])
        toast = await page.next("toast")
        assert (toast["press"], "李工" in toast["text"]) == (press["id"], True)
        await other.next("messages")
        (changed,) = (await other.next("messages"))["messages"]
        assert changed["fields"]["state"] == "acknowledged"


async def test_a_photo_is_uploaded_and_shown_once(house: ConsoleHouse) -> None:
    """Also when the page, not knowing, sends it twice."""
    async with signed_in(house) as web:
        for _ in range(2):
            async with await _upload(house, web, GATE) as answer:
                assert answer.status == 204
        async with web.get("/console/chats/main/messages") as answer:
            (message,) = (await answer.json())["messages"]
        async with web.get(
            f"/console/chats/main/pictures/{message['picture']['sha256']}"
        ) as answer:
            assert await answer.read() == GATE
    (incoming,) = house.yard.inbox.values()
    assert (incoming.kind, incoming.text) == ("photo", "整改后")


@pytest.mark.parametrize(
    ("data", "status"), [(b"GIF89a", 422), (b"", 422), (b"\xff\xd8" + b"x" * 11_000_000, 413)]
)
async def test_a_file_that_is_no_photo_is_refused(
    house: ConsoleHouse, data: bytes, status: int
) -> None:
    """Wrong, empty or too large; nothing is kept."""
    async with signed_in(house) as web, await _upload(house, web, data) as answer:
        assert answer.status == status
    assert house.shelf.kept == {}


async def test_an_upload_whose_words_are_nested_without_end_is_refused(
    house: ConsoleHouse,
) -> None:
    """As what it is: nonsense."""
    form = FormData()
    form.add_field("said", "[" * 60_000)
    form.add_field("photo", io.BytesIO(GATE), filename="photo.jpg", content_type="image/jpeg")
    path, headers = "/console/chats/main/photos", {"Origin": house.url}
    async with signed_in(house) as web, web.post(path, data=form, headers=headers) as answer:
        assert answer.status == 422


async def test_other_pages_cannot_use_the_session(house: ConsoleHouse) -> None:
    """Neither the socket nor an upload works from a foreign origin, or without any."""
    async with signed_in(house) as web:
        for headers in ({"Origin": "http://evil.example"}, {}):
            with pytest.raises(WSServerHandshakeError) as refused:
                await web.ws_connect("/console/socket", headers=headers)
            assert refused.value.status == 403
        async with await _upload(house, web, GATE, origin="http://evil.example") as answer:
            assert answer.status == 403


async def test_a_deactivated_member_is_signed_out_at_once(house: ConsoleHouse) -> None:
    """An open page does not outlive the right to it, and its last frame does nothing."""
    said = {"type": "say", "id": "0123456789abcdef", "chat": "main", "text": "收到", "age": 0}
    async with signed_in(house) as web, opened(house, web, main=None) as page:
        del house.members["li"]
        await page.say(**said)
        await page.next("signed_out")
    assert house.yard.offered == []


async def test_camera_pictures_come_once_each(house: ConsoleHouse) -> None:
    """304 while there is no newer one, 204 while there is none."""
    house.wall.states = {"gate": CameraView("gate", "live", now_ms())}
    house.wall.pictures = {"gate": (GATE, 1234)}
    async with signed_in(house) as web:
        async with web.get("/console/cameras") as answer:
            states = {tile["id"]: tile["state"] for tile in (await answer.json())["cameras"]}
        assert states == {"gate": "live", "pit-east": "waiting", "crane": "waiting"}
        async with web.get("/console/cameras/gate/picture") as answer:
            assert (await answer.read(), answer.headers["X-Captured-At"]) == (GATE, "1234")
            known = {"If-None-Match": answer.headers["ETag"]}
        async with web.get("/console/cameras/gate/picture", headers=known) as answer:
            assert answer.status == 304
        async with web.get("/console/cameras/crane/picture") as answer:
            assert answer.status == 204


async def test_a_speaker_page_plays_what_the_hub_says(house: ConsoleHouse) -> None:
    """By a link of its own, without a session: told, fetched, reported."""
    path = house.links.path("gate-horn")
    key = path.partition("?")[2]
    async with ClientSession(house.url) as web:
        socket_path = f"/speaker/gate-horn/socket?{key}"
        async with web.ws_connect(socket_path, headers={"Origin": house.url}) as socket:
            page = Socket(socket)
            await socket.send_str("[" * 4_000)  # passed over like other nonsense
            await page.say(type="heartbeat")
            async with asyncio.timeout(PATIENCE_S):
                while not house.hub.live:
                    await asyncio.sleep(0.01)
            playing = asyncio.create_task(house.hub.play(hum(0.5, "请戴好安全帽"), key="k"))
            play = await page.next("play")
            async with web.get(f"/speaker/gate-horn/sound/{play['play']}?{key}") as answer:
                assert (await answer.read())[:4] == b"RIFF"
            await page.say(type="started", play=play["play"])
            await page.say(type="ended", play=play["play"])
            report = await playing
        assert report.outcome == "spoken"
        async with web.get(f"/speaker/gate-horn/sound/{play['play']}?{key}") as answer:
            assert answer.status == 404
        async with web.get(f"/speaker/pit-horn/about?{key}") as answer:
            assert answer.status == 401


def _recording(data: bytes, **said: Any) -> FormData:
    form = FormData()
    form.add_field("said", json.dumps({"id": "0123456789abcdef", "text": "", "age": 0} | said))
    form.add_field("recording", io.BytesIO(data), filename="said.webm", content_type="audio/webm")
    return form


async def test_what_is_said_is_kept_once_and_heard_in_its_chat_alone(house: ConsoleHouse) -> None:
    """Decoded into a WAV file; also when the page, not knowing, sends it twice."""
    said, path = recorded(tone(0.6), "webm"), "/console/chats/main/recordings"
    headers = {"Origin": house.url}
    async with signed_in(house) as web:
        for _ in range(2):
            form = _recording(said, reply_to=None)
            async with web.post(path, data=form, headers=headers) as answer:
                assert answer.status == 204
        async with web.get("/console/chats/main/messages") as answer:
            message, spoken_back = (await answer.json())["messages"]
        sha256, seconds = message["recording"]["sha256"], message["recording"]["seconds"]
        async with web.get(f"{path}/{sha256}") as answer:
            assert (answer.content_type, (await answer.read())[:4]) == ("audio/wav", b"RIFF")
        async with web.get(f"/console/chats/@li/recordings/{sha256}") as answer:
            assert answer.status == 404
        url = f"/console/chats/main/messages/{spoken_back['id']}/speech?language=zh"
        async with web.get(url) as answer:
            assert (await answer.read())[:4] == b"RIFF"
        async with web.get(f"/console/chats/main/messages/{message['id']}/speech") as answer:
            assert answer.status == 404
    assert seconds == pytest.approx(0.6, abs=0.1)
    (incoming,) = house.yard.inbox.values()
    assert (incoming.kind, incoming.text, incoming.media[0].ref) == ("voice", "", sha256)
    assert await house.channel.fetch(incoming.media[0], 10**6)
    assert [text for text, _ in house.said] == [spoken_back["text"]]


@pytest.mark.parametrize(
    ("data", "status", "word"),
    [
        (b"no sound at all", 422, "cannot be read"),
        (b"", 422, "cannot be read"),
        (recorded(tone(0.05), "webm"), 422, "too short"),
        (b"\0" * (MOST_BYTES + 1), 413, ""),
    ],
    ids=["text", "nothing", "short", "large"],
)
async def test_what_is_no_recording_is_refused_in_words(
    house: ConsoleHouse, data: bytes, status: int, word: str
) -> None:
    """Nothing is said then."""
    headers = {"Origin": house.url, "Accept-Language": "en"}
    path = "/console/chats/main/recordings"
    async with (
        signed_in(house) as web,
        web.post(path, data=_recording(data), headers=headers) as answer,
    ):
        assert (answer.status, word in (await answer.json())["detail"]) == (status, True)
    assert house.yard.inbox == {}


async def test_nobody_speaks_in_a_chat_that_is_not_theirs(house: ConsoleHouse) -> None:
    """Nor from a page of somebody else's."""
    said = recorded(tone(0.6), "webm")
    async with signed_in(house) as web:
        for chat, origin, status in (("@wang", house.url, 404), ("main", "https://evil.cn", 403)):
            path = f"/console/chats/{chat}/recordings"
            headers = {"Origin": origin}
            async with web.post(path, data=_recording(said), headers=headers) as answer:
                assert answer.status == status
    assert house.yard.inbox == {}


async def _upload(
    house: ConsoleHouse, web: ClientSession, data: bytes, origin: str | None = None
) -> Any:
    form = FormData()
    said = {"type": "say", "id": "0123456789abcdef", "text": "整改后", "age": 0}
    form.add_field("said", json.dumps(said))
    form.add_field("photo", io.BytesIO(data), filename="photo.jpg", content_type="image/jpeg")
    headers = {"Origin": origin or house.url}
    return await web.post("/console/chats/main/photos", data=form, headers=headers)


async def test_how_each_speaker_does_is_told_to_its_site(house: ConsoleHouse) -> None:
    """In the reader's language; what was not looked at yet is unknown."""
    house.horns = {"pit-horn": HornView("pit-horn", ok=False, since=1234, why="Connection refused")}
    async with signed_in(house) as web, web.get("/console/speakers?language=zh") as answer:
        told = {one["id"]: one for one in (await answer.json())["speakers"]}
    assert told["gate-horn"]["state"] == "unknown"
    assert told["pit-horn"] == {
        "id": "pit-horn",
        "state": "down",
        "since": 1234,
        "why": "对方拒绝连接",
        "back": None,
    }
    house.horns = {"pit-horn": HornView("pit-horn", ok=False, since=1234, back=2345)}
    async with signed_in(house) as web, web.get("/console/speakers?language=zh") as answer:
        told = {one["id"]: one for one in (await answer.json())["speakers"]}
    assert (told["pit-horn"]["state"], told["pit-horn"]["back"]) == ("back", 2345)
    house.horns = {"pit-horn": HornView("pit-horn", ok=True)}
    async with signed_in(house) as web, web.get("/console/speakers?language=en") as answer:
        states = {one["id"]: one["state"] for one in (await answer.json())["speakers"]}
    assert states == {"gate-horn": "unknown", "pit-horn": "ok"}
    async with signed_in(house, "zhao") as web, web.get("/console/speakers") as answer:
        assert (await answer.json())["speakers"] == []
