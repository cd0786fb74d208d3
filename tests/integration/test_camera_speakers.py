"""Sound to cameras by HTTP: paced, never into a challenge, and every way in which it fails."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.horns.cameras import CAMERAS, HIKVISION_STATUS, Camera, url_of
from tests.support.horns.listening import babble, likeness
from voice.speakers import httpdevice, open_speaker
from voice.speakers.port import Outcome, PlayReport, Speaker

KINDS = list(CAMERAS)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def camera(kind: str) -> AsyncIterator[Camera]:
    camera = CAMERAS[kind]()
    await camera.open()
    yield camera
    await camera.close()


@pytest.fixture
def speaker(kind: str, camera: Camera) -> Speaker:
    return open_speaker(url_of(kind, camera), work_dir=Path())


async def played(speaker: Speaker, seconds: float = 0.15) -> PlayReport:
    return await speaker.play(babble(seconds), key="a")


async def test_the_body_goes_at_the_speed_of_sound(speaker: Speaker, camera: Camera):
    """A device that is given more keeps its first second only."""
    asked = time.monotonic()
    report = await played(speaker, 0.8)
    (sound,) = camera.sounds
    first = sound.pieces[0][0]
    ahead = [count / 8000 - (at - first) for at, count in sound.pieces]
    assert max(ahead) < 0.1
    assert first - asked < 1
    assert report.outcome is Outcome.SPOKEN
    assert report.bytes == len(sound.body) == 6400


async def test_no_sound_is_sent_into_a_challenge(speaker: Speaker, camera: Camera):
    """It would be lost, and the authorised repeat empty: an answer of 200, and silence."""
    await played(speaker)
    tries = [one for one in camera.requests if camera.sounds_at.search(one.path)]
    assert [one.authorised for one in tries if one.method != "GET"] == [True]
    assert camera.sounds[0].headers["content-length"] == "1280"


async def test_a_nonce_that_ran_out_costs_nothing_of_the_sound(speaker: Speaker, camera: Camera):
    camera.trouble = "stale"
    sound = babble(0.5)
    report = await speaker.play(sound, key="a")
    assert report.outcome is Outcome.SPOKEN
    assert report.bytes == 4000
    (heard,) = await camera.heard()
    assert likeness(sound, heard) >= (0.99, 0.98)


async def test_a_camera_without_a_password_is_spoken_through(speaker: Speaker, camera: Camera):
    camera.protected = False
    assert (await played(speaker)).outcome is Outcome.SPOKEN
    assert len(camera.sounds) == 1


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (503, Outcome.BUSY),
        (404, Outcome.NOT_FOUND),
        (415, Outcome.NOT_SUPPORTED),
        (403, Outcome.REFUSED),
        ("moved", Outcome.REFUSED),
        ("early", Outcome.NOT_PLAYED),
        ("closes_at_once", Outcome.NOT_PLAYED),
        ("closes", Outcome.CUT_OFF),
    ],
)
async def test_every_way_of_failing_is_told_apart(
    speaker: Speaker, camera: Camera, trouble: str | int, outcome: Outcome
):
    camera.trouble = trouble
    report = await played(speaker, 1.0)
    assert report.outcome is outcome
    assert report.detail
    assert (report.bytes > 0) == (outcome is Outcome.CUT_OFF)
    assert not any(one.path == "/elsewhere" for one in camera.requests)


@pytest.mark.parametrize(
    ("trouble", "outcome"), [("mute", Outcome.NOT_CONFIRMED), ("hangs", Outcome.NO_ANSWER)]
)
async def test_silence_is_no_success(
    speaker: Speaker, camera: Camera, trouble: str, outcome: Outcome, monkeypatch
):
    monkeypatch.setattr(httpdevice, "ANSWER_WITHIN", 0.5)
    camera.trouble = trouble
    assert (await played(speaker)).outcome is outcome


async def test_what_has_become_untrue_before_the_device_was_ready_is_not_spoken(
    speaker: Speaker, camera: Camera
):
    camera.slow = 0.4
    sound = babble(0.5).to_begin_by(time.monotonic() + 0.2)
    report = await speaker.play(sound, key="a")
    assert (report.outcome, report.bytes) == (Outcome.EXPIRED, 0)
    assert camera.sounds == []


async def test_a_wrong_password_is_told_and_not_shown(
    kind: str, camera: Camera, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    url = url_of(kind, camera).replace("ge%3Aheim", "planted-word")
    report = await played(open_speaker(url, work_dir=Path()))
    assert report.outcome is Outcome.UNAUTHORISED
    assert not (await open_speaker(url, work_dir=Path()).probe()).ok
    assert camera.sounds == []
    assert "planted-word" not in f"{report}{caplog.text}"


async def test_a_camera_that_names_itself_in_gbk_says_no(speaker: Speaker, camera: Camera):
    camera.realm = "摄像机".encode("gbk")
    assert (await played(speaker)).outcome is Outcome.UNAUTHORISED
    assert not (await speaker.probe()).ok


async def test_nobody_at_that_port(kind: str, camera: Camera):
    speaker = open_speaker(url_of(kind, camera), work_dir=Path())
    await camera.close()
    assert (await played(speaker)).outcome is Outcome.UNREACHABLE
    assert not (await speaker.probe()).ok


async def test_breaking_off_stops_the_sound_within_40_ms(speaker: Speaker, camera: Camera):
    play = asyncio.create_task(played(speaker, 5.0))
    while not any(len(one.body) > 1600 for one in camera.requests):
        await asyncio.sleep(0.005)
    broken_off = time.monotonic()
    play.cancel()
    await asyncio.gather(play, return_exceptions=True)
    await asyncio.sleep(0.1)
    (sound,) = [one for one in camera.requests if one.body]
    assert [at for at, _ in sound.pieces if at > broken_off + 0.04] == []


@pytest.mark.parametrize("kind", ["axis"])
@pytest.mark.parametrize(
    ("options", "header", "outcome"),
    [
        ("?body=chunk", ("transfer-encoding", "chunked"), Outcome.SPOKEN),
        ("?body=long", ("content-length", "9999999"), Outcome.NOT_CONFIRMED),
        ("?codec=pcmu16", ("content-type", "audio/axis-mulaw-128"), Outcome.SPOKEN),
        ("", ("content-type", "audio/basic"), Outcome.SPOKEN),
    ],
)
async def test_axis_takes_its_sound_in_several_ways(
    camera: Camera, options: str, header: tuple[str, str], outcome: Outcome
):
    """What ends with the connection gets no answer, so nothing confirms it."""
    camera.rate = 16000 if "16" in options else 8000
    sound = babble(0.4)
    report = await open_speaker(url_of("axis", camera, options), work_dir=Path()).play(
        sound, key="a"
    )
    await asyncio.sleep(0.1)
    assert report.outcome is outcome
    assert camera.sounds[0].headers[header[0]] == header[1]
    (heard,) = await camera.heard()
    assert likeness(sound, heard) >= (0.99, 0.98)


@pytest.mark.parametrize("kind", ["axis"])
async def test_axis_plays_a_stored_clip(camera: Camera):
    speaker = open_speaker(url_of("axis", camera, "?clip=7"), work_dir=Path())
    report = await played(speaker)
    assert report.outcome is Outcome.NOT_CONFIRMED
    assert camera.requests[-1].path == "/axis-cgi/mediaclip.cgi?action=play&clip=7"
    assert camera.requests[-1].authorised
    camera.replies = lambda _: (404, "no such clip")
    assert (await played(speaker)).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize("kind", ["hikvision"])
async def test_hikvision_is_opened_and_closed_around_every_sound(speaker: Speaker, camera: Camera):
    """Also after a session that somebody left open, and when the sound is broken off."""
    camera.replies.session = "left-open"  # type: ignore[attr-defined]
    assert (await played(speaker)).outcome is Outcome.SPOKEN
    calls = [one.path.rpartition("/")[2] for one in camera.requests if one.authorised]
    assert calls == ["close", "open", "audioData?sessionId=s1", "close"]
    play = asyncio.create_task(played(speaker, 5.0))
    while not any(len(one.body) > 1600 for one in camera.requests):
        await asyncio.sleep(0.005)
    play.cancel()
    await asyncio.gather(play, return_exceptions=True)
    assert camera.requests[-1].path.endswith("/close")


@pytest.mark.parametrize("kind", ["hikvision"])
async def test_an_answer_in_pieces_is_read_to_its_end(speaker: Speaker, camera: Camera):
    camera.in_pieces = True
    assert (await played(speaker)).outcome is Outcome.SPOKEN
    assert camera.sounds[0].path.endswith("?sessionId=s1")


@pytest.mark.parametrize("kind", ["hikvision"])
@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize(("code", "outcome"), [(2, Outcome.BUSY), (4, Outcome.REFUSED)])
async def test_hikvision_refuses_under_a_status_of_200(
    speaker: Speaker, camera: Camera, code: int, outcome: Outcome, in_pieces: bool
):
    camera.in_pieces = in_pieces
    refusal = 200, HIKVISION_STATUS.format(code)
    camera.replies = lambda one: refusal if one.path.endswith("/open") else None
    assert (await played(speaker)).outcome is outcome
    assert camera.sounds == []


@pytest.mark.parametrize("kind", ["dahua"])
async def test_dahua_may_answer_error_under_a_status_of_200(speaker: Speaker, camera: Camera):
    camera.closes_without_answer = False
    assert (await played(speaker)).outcome is Outcome.SPOKEN
    camera.replies = lambda _: (200, "Error\r\nBad request!")
    assert (await played(speaker)).outcome is Outcome.REFUSED
