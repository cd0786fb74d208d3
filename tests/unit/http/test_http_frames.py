"""The door for frames: a `push` camera's pictures are made safe and handed on."""

from __future__ import annotations

import pytest

from bot.domain.error import BadInput, InputFault
from tests.support.http_house import AT, NOW, House, faults, problem, running_house
from tests.support.pictures import jpeg

FRAME = "/api/v1/cameras/gate/frame"
IMAGE = {"Content-Type": "image/jpeg"}


class PushedTo:
    """Remembers what it was handed; `newer` is what it answers, None: takes no frames."""

    def __init__(self, newer: bool | None = True) -> None:
        self.newer = newer
        self.frames: list[tuple[str, bytes, int]] = []

    async def push(self, camera: str, data: bytes, at: int) -> bool:
        if self.newer is None:
            raise LookupError(camera)
        self.frames.append((camera, data, at))
        return self.newer


async def put(house: House, path: str = FRAME, key: str | None = "lh_source", **more):
    headers = {
        **(more.pop("headers", IMAGE)),
        **({"Authorization": f"Bearer {key}"} if key else {}),
    }
    data = more.pop("data", jpeg(64, 48))
    return await house.web.put(f"{house.url}{path}", data=data, headers=headers, **more)


async def test_a_frame_reaches_its_camera_with_its_time():
    camera = PushedTo()
    async with running_house(push=camera.push) as house:
        response = await put(house, params={"at": AT})
        assert response.status == 204
    (pushed,) = camera.frames
    assert pushed[0] == "gate"
    assert pushed[1].startswith(b"\xff\xd8")
    assert pushed[2] == NOW


async def test_a_frame_from_the_far_future_was_taken_now():
    """Else every frame after it would be an old one, for years."""
    camera = PushedTo()
    async with running_house(push=camera.push) as house:
        await put(house, params={"at": "2099-01-01T00:00:00Z"})
        assert camera.frames[0][2] == house.now[0]


async def test_without_a_time_it_was_taken_now():
    camera = PushedTo(newer=False)
    async with running_house(push=camera.push) as house:
        response = await put(house)
        assert (response.status, await response.json()) == (200, {"taken": False})
        assert camera.frames[0][2] == house.now[0]


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        (FRAME, None, 401),
        (FRAME, "lh_operator", 403),
        ("/api/v1/cameras/nowhere/frame", "lh_source", 404),
    ],
)
async def test_who_may_not_and_what_is_not_there(path: str, key: str | None, status: int):
    camera = PushedTo()
    async with running_house(push=camera.push) as house:
        await problem(await put(house, path, key), status)
    assert camera.frames == []


async def test_what_is_no_picture_and_what_is_no_time():
    camera = PushedTo()
    async with running_house(push=camera.push) as house:
        other = {"Content-Type": "text/plain"}
        await problem(await put(house, headers=other), 415)
        house.desk.trouble = BadInput([InputFault("image", "it is cut short")])
        told = await faults(await put(house, data=b"\xff\xd8broken"), 422)
        assert "it is cut short" in told["body"]
        house.desk.trouble = None
        assert "at" in await faults(await put(house, params={"at": "noon"}), 422)
    assert camera.frames == []


async def test_a_camera_with_its_own_source_and_a_process_that_watches_none():
    async with running_house(push=PushedTo(newer=None).push) as house:
        await problem(await put(house), 409)
    async with running_house() as house:
        response = await put(house)
        assert response.headers["Retry-After"] == "30"
        await problem(response, 503)
