"""The backchannel of ONVIF cameras: what is asked of them, and every way in which it fails."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.horns.listening import babble, likeness
from tests.support.horns.onvif import AUDIO, GstCamera, ScriptedCamera, gstreamer_is_here
from tests.support.patience import PATIENCE_S, until
from voice.protocols.g711 import from_alaw
from voice.sound import Sound
from voice.speakers import open_speaker, rtspclient
from voice.speakers.port import Outcome, PlayReport, Speaker

Open = Callable[..., Awaitable[ScriptedCamera]]
BACKCHANNEL = "www.onvif.org/ver20/backchannel"


@pytest.fixture
async def camera_that() -> AsyncIterator[Open]:
    cameras: list[ScriptedCamera] = []

    async def opened(trouble: str | int = "") -> ScriptedCamera:
        cameras.append(ScriptedCamera(trouble))
        await cameras[-1].open()
        return cameras[-1]

    yield opened
    for camera in cameras:
        await camera.close()


def speaker(port: int, who: str = "root:ge%3Aheim@", path: str = "/live?channel=1") -> Speaker:
    return open_speaker(f"onvif://{who}127.0.0.1:{port}{path}", work_dir=Path())


async def played(camera: ScriptedCamera, seconds: float = 0.15) -> PlayReport:
    return await speaker(camera.port).play(babble(seconds), key="a")


async def test_a_session_from_describe_to_teardown(camera_that: Open):
    """Sound goes by the channel that the device names, while it talks in between."""
    camera = await camera_that()
    sound = babble(0.5)
    report = await speaker(camera.port).play(sound, key="a")
    assert report.outcome is Outcome.SPOKEN
    assert camera.methods == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert camera.answered
    (_, described, first), (_, set_up, second), (_, _, third), _ = camera.met
    assert described == f"rtsp://127.0.0.1:{camera.port}/live?channel=1"
    assert set_up == f"rtsp://127.0.0.1:{camera.port}/live/track2"
    assert {one["require"] for one in (first, second, third)} == {BACKCHANNEL}
    assert "RTP/AVP/TCP" in second["transport"]
    assert third["session"] == "77"
    assert {packet[1] & 0x7F for packet in camera.packets} == {8}
    heard = Sound(from_alaw(b"".join(packet[12:] for packet in camera.packets)), 8000)
    assert likeness(sound, heard) >= (0.99, 0.98)


async def test_a_long_sound_keeps_its_session_alive(camera_that: Open):
    camera = await camera_that()
    camera.session = "77;timeout=1"
    assert (await played(camera, 1.2)).outcome is Outcome.SPOKEN
    assert camera.methods.count("GET_PARAMETER") >= 2


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (551, Outcome.NOT_SUPPORTED),
        (404, Outcome.NOT_FOUND),
        (401, Outcome.UNAUTHORISED),
        (403, Outcome.REFUSED),
        ("busy", Outcome.BUSY),
        ("udp", Outcome.NOT_SUPPORTED),
        ("closes_at_once", Outcome.NOT_PLAYED),
        ("closes", Outcome.CUT_OFF),
    ],
)
async def test_every_way_of_failing_is_told_apart(
    camera_that: Open, trouble: str | int, outcome: Outcome
):
    camera = await camera_that(trouble)
    report = await played(camera, 2.0)
    assert report.outcome is outcome
    assert report.detail
    assert (report.bytes > 0) == (outcome is Outcome.CUT_OFF)


@pytest.mark.parametrize(
    "section",
    [
        "",
        AUDIO.format(formats="0", direction="recvonly", more=""),
        AUDIO.format(
            formats="97", direction="sendonly", more="a=rtpmap:97 MPEG4-GENERIC/16000\r\n"
        ),
    ],
    ids=["no sound", "no sound back", "no codec"],
)
async def test_a_camera_without_a_backchannel_of_ours_says_so(camera_that: Open, section: str):
    camera = await camera_that()
    camera.section = section
    assert (await played(camera)).outcome is Outcome.NOT_SUPPORTED
    assert "PLAY" not in camera.methods


async def test_a_camera_that_says_nothing(camera_that: Open, monkeypatch):
    monkeypatch.setattr(rtspclient, "ANSWER_WITHIN", 0.3)
    assert (await played(await camera_that("hangs"))).outcome is Outcome.NO_ANSWER


async def test_a_camera_that_hangs_in_the_middle_is_not_said_to_have_spoken(camera_that: Open):
    camera = await camera_that("freezes")
    camera.patience = 20
    report = await played(camera, 1.0)
    assert (report.outcome, report.detail) == (Outcome.NOT_CONFIRMED, "the device did not answer")


async def test_what_has_become_untrue_before_the_camera_was_ready_is_not_spoken(camera_that: Open):
    camera = await camera_that()
    camera.slow = 0.2
    sound = babble(0.5).to_begin_by(time.monotonic() + 0.3)
    report = await speaker(camera.port).play(sound, key="a")
    assert (report.outcome, report.bytes) == (Outcome.EXPIRED, 0)
    assert camera.methods == ["DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]
    assert camera.packets == []


async def test_a_session_that_is_forgotten_in_the_end_has_sounded(camera_that: Open):
    assert (await played(await camera_that("forgets"))).outcome is Outcome.SPOKEN


async def test_a_description_without_end_is_not_read(camera_that: Open):
    camera = await camera_that()
    camera.section *= 4000
    assert (await played(camera)).outcome is Outcome.NO_ANSWER
    assert not (await speaker(camera.port).probe()).ok


@pytest.mark.parametrize("control", ["http://[x", "track:2", "9" * 5000])
async def test_an_odd_address_of_the_sound_is_taken_as_it_is(camera_that: Open, control: str):
    camera = await camera_that()
    camera.section = camera.section.replace("track2", control)
    assert (await played(camera)).outcome is Outcome.SPOKEN
    assert camera.met[1][1].endswith(control)


async def test_nobody_at_that_port(camera_that: Open):
    camera = await camera_that()
    await camera.close()
    assert (await played(camera)).outcome is Outcome.UNREACHABLE
    assert not (await speaker(camera.port).probe()).ok


async def test_breaking_off_stops_the_sound_and_tears_down(camera_that: Open):
    camera = await camera_that()
    play = asyncio.create_task(played(camera, 5.0))
    await until(lambda: len(camera.packets) > 20)
    play.cancel()
    await asyncio.sleep(0)
    heard = len(camera.packets)
    await asyncio.gather(play, return_exceptions=True)
    assert camera.methods[-1] == "TEARDOWN"
    assert len(camera.packets) <= heard + 2


async def test_gstreamer_wants_the_right_password(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    if not gstreamer_is_here():
        pytest.skip("GStreamer's RTSP server is not here; gir1.2-gst-rtsp-server-1.0, python3-gi")
    caplog.set_level(logging.DEBUG)
    camera = GstCamera(tmp_path)
    await asyncio.to_thread(camera.start)
    try:
        async with asyncio.timeout(PATIENCE_S):  # a cold GStreamer is still loading its parts
            while not (await speaker(camera.port, path="/stream").probe()).ok:
                await asyncio.sleep(0.1)
        horn = speaker(camera.port, who="root:planted-word@", path="/stream")
        report = await horn.play(babble(0.2), key="a")
        lost = await speaker(camera.port, path="/elsewhere").play(babble(0.2), key="a")
    finally:
        await asyncio.to_thread(camera.stop)
    assert report.outcome is Outcome.UNAUTHORISED
    assert lost.outcome is Outcome.NOT_FOUND
    assert "planted-word" not in f"{report}{caplog.text}"
