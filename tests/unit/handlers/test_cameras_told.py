"""One truth about a camera: the page's tile, `/cameras` and /metrics say the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from bot.eyes import CameraEyes
from bot.ports import PictureStore
from bot.texts.page import TEXTS
from bot.watching.cameras import CameraFigures
from tests.support.chathouse import T0, answers, chat_house
from vision.status import CameraStatus
from vision.watch import Vision

LIVE = CameraStatus("gate", "live", None, 4.0, 0.1, 0.2, dropped=7)
PICTURE = (b"jpeg", T0 / 1000)


@dataclass
class Watched:
    """What `CameraEyes` asks of vision."""

    now: CameraStatus
    newest: tuple[bytes, float] | None = PICTURE

    def status(self) -> list[CameraStatus]:
        return [self.now]

    def snapshot(self, camera: str) -> tuple[bytes, float] | None:
        return self.newest if camera == self.now.camera else None


@pytest.mark.parametrize(
    ("status", "newest", "state", "told"),
    [
        (LIVE, PICTURE, "live", "🟢 大门"),
        (replace(LIVE, shortage="machine", looks_per_second=0.84), PICTURE, "slow", "只看 0.8 次"),
        (replace(LIVE, state="stale"), PICTURE, "failed", "起没有画面"),
        (replace(LIVE, state="failed"), None, "failed", "一直没有画面"),
        (replace(LIVE, state="ended"), PICTURE, "ended", "已播放完"),
        (replace(LIVE, state="starting"), None, "waiting", "还没有画面"),
        (replace(LIVE, camera="other"), None, "off", "未启用"),
    ],
)
async def test_the_tile_and_the_chat_agree(
    tmp_path: Path,
    status: CameraStatus,
    newest: tuple[bytes, float] | None,
    state: str,
    told: str,
) -> None:
    """An ended recording is no broken camera, and one that is looked at too rarely says so."""
    vision = cast("Vision", Watched(status, newest))
    eyes = CameraEyes(vision, cast("PictureStore", None))
    (view,) = await eyes.views(["gate"])
    assert view.state == state
    assert f"cameras.{state}" in TEXTS["zh"]
    async with chat_house(tmp_path, eyes.view) as house:
        rows = await house.take(house.message("/cameras"))
    (answer,) = answers(rows)
    assert told in answer["text"]


def test_figures_for_operators() -> None:
    """Looks a second, ages, and what was left out, for each camera."""
    slow = replace(LIVE, shortage="machine", looks_per_second=0.8, look_age_s=1.5)
    dark = CameraStatus("yard", "failed", "no such file", 0.0, None)
    registry = CollectorRegistry()
    registry.register(CameraFigures(lambda: [slow, dark]))
    said = generate_latest(registry).decode().splitlines()
    assert 'loudhailer_camera_up{camera="gate"} 1.0' in said
    assert 'loudhailer_camera_up{camera="yard"} 0.0' in said
    assert 'loudhailer_camera_looks_per_second{camera="gate"} 0.8' in said
    assert 'loudhailer_camera_too_few_looks{camera="gate"} 1.0' in said
    assert 'loudhailer_camera_look_age_seconds{camera="gate"} 1.5' in said
    assert 'loudhailer_camera_dropped_frames_total{camera="gate"} 7.0' in said
    assert not [line for line in said if "age" in line and "yard" in line]
