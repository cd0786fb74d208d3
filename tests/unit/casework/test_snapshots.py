"""`/snapshot`: whose faces are seen, and of when the picture is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.casework import Facts, Looking
from bot.casework.core import Core
from bot.casework.people import People
from bot.domain.command import Command, Verb
from bot.domain.message import ChatRef
from bot.domain.site import Faces
from bot.eyes import CameraEyes
from tests.support.cases import LI
from tests.support.workshop import CONFIG, GROUP, Workshop

CLEAR = replace(CONFIG, chats=tuple(replace(chat, faces=Faces.CLEAR) for chat in CONFIG.chats))


async def asked(
    core: Core, at: int | None, chat: ChatRef | None = GROUP
) -> tuple[str, str | None, bool]:
    """The words, the picture, and whether faces were to be clear; the newest frame is of `at`."""
    wanted: list[bool] = []

    async def snap(camera: str, clear: bool) -> tuple[str, int] | None:
        wanted.append(clear)
        return None if at is None else ("sha", at)

    looking = Looking(core, Facts(core), snap=snap)
    command = Command("c", LI, Verb.SNAPSHOT, core.clock(), chat=chat, args={"camera": "gate"})
    words, sha = await looking.look(command, "zh")
    return words, sha, wanted[0]


@pytest.mark.parametrize(("old_s", "stale"), [(0, False), (9, False), (11, True), (900, True)])
async def test_the_caption_tells_the_frames_time(shop: Workshop, old_s: int, stale: bool) -> None:
    """Not that of the question; and an old frame says so."""
    at = shop.now - old_s * 1000
    words, sha, _ = await asked(shop.core, at)
    told = datetime.fromtimestamp(at / 1000, ZoneInfo("Asia/Shanghai")).strftime("%H:%M")
    assert words == (f"大门 · {told} 起没有新画面" if stale else f"大门 · {told}")
    assert sha == "sha"


async def test_where_there_is_no_picture_that_is_said(shop: Workshop) -> None:
    """Nothing is shown."""
    assert (await asked(shop.core, None))[:2] == ("大门现在没有画面。", None)


async def test_faces_are_clear_only_where_the_chat_says_so(shop: Workshop) -> None:
    """Blurred by default, in private and by HTTP, whatever a group is shown."""
    assert (await asked(shop.core, shop.now))[2] is False
    core = replace(shop.core, people=People(CLEAR))
    assert (await asked(core, shop.now))[2] is True
    assert (await asked(core, shop.now, ChatRef("telegram", "111", private=True)))[2] is False
    assert (await asked(core, shop.now, None))[2] is False


class Watching:
    """Vision with one picture, which it blurs or fails to."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault

    def snapshot(self, camera: str) -> tuple[bytes, float]:
        return b"raw", 5.0

    async def blurred(self, camera: str, jpeg: bytes) -> bytes:
        if self.fault is not None:
            raise self.fault
        return b"blurred " + jpeg


async def test_a_picture_that_cannot_be_blurred_is_not_shown(shop: Workshop) -> None:
    """Kept is what was made, and never the raw one instead."""
    eyes = CameraEyes(Watching(), shop.pictures)  # pyright: ignore[reportArgumentType] - two methods
    for clear, jpeg in ((False, b"blurred raw"), (True, b"raw")):
        found = await eyes.snap("gate", clear)
        assert found is not None
        assert (await shop.pictures.get(found[0]), found[1]) == (jpeg, 5000)
    broken = CameraEyes(Watching(ValueError("no model")), shop.pictures)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="no model"):
        await broken.snap("gate", clear=False)
