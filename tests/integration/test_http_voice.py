"""What is said into helmets and intercoms: over HTTP, through the desk, to an answer."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.channels.uploads import Uploads
from bot.domain.case import State
from bot.domain.message import INTERCOM
from bot.domain.recording import MOST_BYTES
from bot.speaking import SafeRecordingDesk
from handlers.intercom import Intercom
from tests.support.chathouse import BOTH_SITES, CONFIG, ChatHouse, chat_house
from tests.support.http_house import House, api_key, keys, problem, running_house
from tests.support.sounds import recorded, tone
from voice.recordings import RecordingDesk

NOTE = recorded(tone(1.2))
OTHER = recorded(tone(1.5, 600.0))


@dataclass
class Device:
    """A helmet with a key of its own."""

    chat: ChatHouse
    http: House

    async def says(self, id: str = "a-1", note: bytes = NOTE, key: str = "lh_wang", **more: Any):
        headers = {"Idempotency-Key": id, "Content-Type": "audio/ogg", "Accept-Language": "en"}
        headers |= more.pop("headers", {})
        return await self.http.post(
            "/api/v1/voice", key, data=io.BytesIO(note), headers=headers, **more
        )

    async def heard(self, id: str = "a-1", note: bytes = NOTE, key: str = "lh_wang") -> Any:
        answer = await self.says(id, note, key)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def presses(self, question: int, id: str, *, confirm: bool = True, **more: int) -> Any:
        headers = {"Idempotency-Key": id}
        body = {"question": question, "confirm": confirm, **more}
        answer = await self.http.post("/api/v1/voice", "lh_wang", json=body, headers=headers)
        assert answer.status == 200, await answer.text()
        return await answer.json()


@asynccontextmanager
async def device_house(folder: Path) -> AsyncIterator[Device]:
    """The desk behind the real server, with ears that are told what they hear."""
    sounds = RecordingDesk()
    async with chat_house(folder) as chat:
        uploads = Uploads(None, None, chat.recordings, SafeRecordingDesk(sounds))  # type: ignore[arg-type]  # no pictures
        chat.channels[INTERCOM] = uploads  # type: ignore[assignment]  # only fetches
        intercom = Intercom(chat.desk.take, uploads.keep_recording, chat.store)
        more = {
            "lh_wang": api_key(21, "operator", "wang"),
            "lh_wang7": api_key(22, "operator", "wang", ("yard-7",)),
        }
        async with running_house(
            config=CONFIG, member=CONFIG.member, intercom=intercom, clock=chat.core.clock
        ) as http:
            http.access.keys |= more
            yield Device(chat, http)
    await sounds.close()


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Device]:
    async with device_house(tmp_path) as made:
        yield made


async def test_a_question_is_answered_to_the_device_and_nowhere_else(device: Device) -> None:
    """The answer names the case; nothing is put into the outbox."""
    case = await device.chat.opens()
    device.chat.ears.will_hear(f"查看 {case.number}")
    await device.chat.rows()
    told = await device.heard()
    assert told["heard"] == f"查看 {case.number}"
    assert (told["done"], told["verb"], told["cases"]) == (True, "case", [case.number])
    assert f"#{case.number}" in told["answer"]
    assert await device.chat.rows() == []


async def test_what_was_not_understood_is_told(device: Device) -> None:
    device.chat.ears.will_hear("今天天气不错")
    told = await device.heard()
    assert (told["done"], told["verb"], told["heard"]) == (False, None, "今天天气不错")
    assert "nothing was done" in told["answer"]  # in the language that the device asks for


async def test_a_repeat_is_answered_the_same_and_done_once(device: Device) -> None:
    """Another recording under the same id is a conflict."""
    case = await device.chat.opens()
    device.chat.ears.will_hear(f"查看 {case.number}")
    first, again = await device.heard("b-1"), await device.heard("b-1")
    assert first == again
    assert len(device.chat.ears.listened) == 1
    await problem(await device.says("b-1", OTHER), 409)


async def test_nothing_is_done_before_the_yes(device: Device) -> None:
    """A spoken close is read back; the yes comes by the question's number, once."""
    case = await device.chat.opens()
    device.chat.ears.will_hear(f"关闭 {case.number} 已整改")
    asked = await device.heard("c-1")
    assert (asked["done"], asked["verb"]) == (False, "close")
    assert (await device.chat.case(case.number)).state is State.OPEN
    done = await device.presses(asked["question"], "c-2")
    assert (done["done"], done["cases"]) == (True, [case.number])
    assert (await device.chat.case(case.number)).state is State.CLOSED
    assert not (await device.presses(asked["question"], "c-3"))["done"]


async def test_of_several_that_may_be_meant_one_is_chosen(device: Device) -> None:
    """82 is no case: the ones that are there are offered, and a bare yes says too little."""
    first, second = await device.chat.opens(), await device.chat.opens()
    device.chat.ears.will_hear("关闭 82 已整改")
    asked = await device.heard("h-1")
    assert first.number in asked["choices"], asked
    assert not (await device.presses(asked["question"], "h-2"))["done"]
    assert not (await device.presses(asked["question"], "h-3", case=999))["done"]
    done = await device.presses(asked["question"], "h-4", case=first.number)
    assert (done["done"], done["cases"]) == (True, [first.number])
    assert (await device.chat.case(second.number)).state is State.OPEN


async def test_a_no_leaves_it_as_it_is(device: Device) -> None:
    case = await device.chat.opens()
    device.chat.ears.will_hear(f"关闭 {case.number} 已整改")
    asked = await device.heard("d-1")
    await device.presses(asked["question"], "d-2", confirm=False)
    assert not (await device.presses(asked["question"], "d-3"))["done"]
    assert (await device.chat.case(case.number)).state is State.OPEN


async def test_a_key_for_one_site_speaks_of_that_site_alone(device: Device) -> None:
    """Although its member may act on the other one too."""
    case = await device.chat.opens(camera="door")
    device.chat.ears.will_hear(f"查看 {case.number}")
    assert (await device.heard("e-1", key="lh_wang"))["done"]
    assert not (await device.heard("e-2", key="lh_wang7"))["done"]


async def test_a_key_for_one_site_takes_nothing_back_elsewhere(device: Device) -> None:
    """`undo` without a number is about its member's last act, wherever that was."""
    case = await device.chat.opens(camera="door")
    await device.chat.says(f"确认 {case.number}", "wang", chat=BOTH_SITES)
    device.chat.ears.will_hear("撤销刚才的操作")
    refused = await device.heard("u-1", key="lh_wang7")
    assert (refused["done"], refused["question"], refused["cases"]) == (False, None, [])
    assert (await device.heard("u-2", key="lh_wang"))["question"] is not None


async def test_an_id_is_for_one_thing(device: Device) -> None:
    """A yes under a recording's id, a no under a yes's, a recording under theirs: nothing is lost
    without saying so."""
    case = await device.chat.opens()
    device.chat.ears.will_hear(f"关闭 {case.number} 已整改")
    asked = await device.heard("i-1")
    yes = {"question": asked["question"], "confirm": True}
    post = device.http.post
    headers = {"Idempotency-Key": "i-1"}
    await problem(await post("/api/v1/voice", "lh_wang", json=yes, headers=headers), 409)
    assert (await device.chat.case(case.number)).state is State.OPEN
    assert (await device.presses(asked["question"], "i-2"))["done"]
    assert (await device.presses(asked["question"], "i-2"))["done"]
    headers = {"Idempotency-Key": "i-2"}
    no = {**yes, "confirm": False}
    await problem(await post("/api/v1/voice", "lh_wang", json=no, headers=headers), 409)
    await problem(await device.says("i-2"), 409)


@pytest.mark.parametrize(
    ("note", "headers", "status"),
    [
        (b"no sound at all", {}, 422),
        (recorded(tone(0.05)), {}, 422),
        (NOTE, {"Content-Type": "text/plain"}, 415),
        (NOTE, {"Idempotency-Key": ""}, 422),
        (b"\0" * (MOST_BYTES + 1), {}, 413),
        (b'{"question": "7"}', {"Content-Type": "application/json"}, 422),
        (b"[]", {"Content-Type": "application/json"}, 400),
    ],
    ids=["text", "short", "type", "id", "large", "question", "list"],
)
async def test_bad_requests_are_told(
    device: Device, note: bytes, headers: dict[str, str], status: int
) -> None:
    """And reach nobody's ears."""
    await problem(await device.says("f-1", note, headers=headers), status)
    assert device.chat.ears.listened == []


@pytest.mark.parametrize(("key", "status"), [("lh_source", 403), ("lh_admin", 403), ("lh_x", 401)])
async def test_only_people_speak(device: Device, key: str, status: int) -> None:
    """A camera's key, or one without a person behind it, does not."""
    assert set(keys()) >= {"lh_source", "lh_admin"}
    await problem(await device.says("g-1", key=key), status)
