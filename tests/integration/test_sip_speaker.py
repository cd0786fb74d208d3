"""Calls to horns that answer by themselves, and to those that do not."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.horns.listening import babble, likeness
from tests.support.horns.siphorn import SipHorn
from tests.support.patience import until
from voice.protocols.g711 import from_alaw
from voice.sound import Sound
from voice.speakers import open_speaker, sipcall
from voice.speakers.port import Outcome, PlayReport, Speaker

Open = Callable[..., Awaitable[SipHorn]]


@pytest.fixture
async def horn_that() -> AsyncIterator[Open]:
    horns: list[SipHorn] = []

    async def opened(trouble: str | int = "", challenge: int = 0) -> SipHorn:
        horns.append(SipHorn(trouble, challenge))
        await horns[-1].open()
        return horns[-1]

    yield opened
    for horn in horns:
        horn.close()
    await asyncio.sleep(0)


def speaker(horn: SipHorn, who: str = "", options: str = "") -> Speaker:
    return open_speaker(f"sip://{who}127.0.0.1:{horn.port}/100{options}", work_dir=Path())


async def played(
    horn: SipHorn, seconds: float = 0.15, who: str = "", options: str = ""
) -> PlayReport:
    return await speaker(horn, who, options).play(babble(seconds), key="a")


async def test_a_call_from_invite_to_bye(horn_that: Open):
    """The offer goes both ways and asks to be answered at once; the horn chose A-law."""
    horn = await horn_that()
    sound = babble(0.5)
    report = await speaker(horn).play(sound, key="a")
    assert report.outcome is Outcome.SPOKEN
    assert horn.methods == ["INVITE", "ACK", "BYE"]
    (_, invite, _), (_, ack, _), (_, bye, _) = horn.met
    assert "a=sendrecv" in horn.sdp
    assert "answer-after=0" in invite["call-info"]
    assert invite["answer-mode"] == "Auto"
    assert "auto" in invite["alert-info"]
    assert ack["cseq"].split()[0] == invite["cseq"].split()[0]
    assert int(bye["cseq"].split()[0]) == int(invite["cseq"].split()[0]) + 1
    assert bye["to"].endswith(";tag=horn")
    assert {packet[1] & 0x7F for packet in horn.packets} == {8}
    heard = horn.heard(lambda coded: Sound(from_alaw(coded), 8000))
    assert likeness(sound, heard) >= (0.99, 0.98)


@pytest.mark.parametrize("challenge", [401, 407])
async def test_the_password_is_given_when_it_is_asked_for(
    horn_that: Open, challenge: int, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    horn = await horn_that(challenge=challenge)
    assert (await played(horn, who="desk:ge%3Aheim@")).outcome is Outcome.SPOKEN
    assert horn.methods == ["INVITE", "ACK", "INVITE", "ACK", "BYE"]
    for who in ("desk:planted-word@", ""):
        report = await played(horn, who=who)
        assert report.outcome is Outcome.UNAUTHORISED
        assert "planted-word" not in f"{report}{caplog.text}"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (486, Outcome.BUSY),
        (600, Outcome.BUSY),
        (404, Outcome.NOT_FOUND),
        (408, Outcome.NO_ANSWER),
        (480, Outcome.NO_ANSWER),
        (488, Outcome.NOT_SUPPORTED),
        (603, Outcome.REFUSED),
        (302, Outcome.REFUSED),
        (500, Outcome.REFUSED),
    ],
)
async def test_a_refusal_is_told_and_acknowledged(horn_that: Open, status: int, outcome: Outcome):
    horn = await horn_that(status)
    report = await played(horn)
    assert report.outcome is outcome
    assert str(status) in report.detail
    assert (report.bytes, report.first_byte_ms) == (0, None)
    await until(lambda: horn.methods == ["INVITE", "ACK"])


async def test_a_horn_that_only_rings_is_called_off(horn_that: Open):
    horn = await horn_that("rings")
    report = await played(horn, options="?ring=1")
    assert report.outcome is Outcome.NO_ANSWER
    assert "rings" in report.detail
    await until(lambda: horn.methods == ["INVITE", "CANCEL", "ACK"])
    (_, invite, _), (_, cancel, _), _ = horn.met
    assert cancel["via"] == invite["via"]
    assert cancel["cseq"].split()[0] == invite["cseq"].split()[0]


async def test_an_answer_that_crosses_the_calling_off_is_hung_up(horn_that: Open):
    """Else the horn would stay open, and busy for the next warning."""
    horn = await horn_that("crosses")
    assert (await played(horn, options="?ring=1")).outcome is Outcome.NO_ANSWER
    await until(lambda: horn.methods == ["INVITE", "CANCEL", "ACK", "BYE"])
    assert horn.packets == []


async def test_a_horn_that_says_nothing(horn_that: Open, monkeypatch):
    """It is asked again and again, as RFC 3261 wants it, and then given up."""
    monkeypatch.setattr(sipcall, "ANSWER_WITHIN", 1.6)
    monkeypatch.setattr(sipcall, "HANG_UP_WITHIN", 0.1)
    horn = await horn_that("silent")
    report = await played(horn)
    assert report.outcome is Outcome.NO_ANSWER
    assert horn.methods == ["INVITE"] * 3
    assert len({given["via"] for _, given, _ in horn.met}) == 1


async def test_datagrams_that_get_lost_are_repeated(horn_that: Open):
    horn = await horn_that("loses")
    assert (await played(horn)).outcome is Outcome.SPOKEN
    assert horn.methods.count("INVITE") >= 2
    assert horn.methods.count("BYE") == 2


async def test_nobody_at_that_port(horn_that: Open):
    horn = await horn_that()
    horn.close()
    await asyncio.sleep(0.01)
    asked = time.monotonic()
    assert (await played(horn)).outcome is Outcome.UNREACHABLE
    assert time.monotonic() - asked < 5  # nobody is asked again for half a minute
    assert not (await speaker(horn).probe()).ok


@pytest.mark.parametrize(
    ("trouble", "outcome"), [("hold", Outcome.NOT_SUPPORTED), ("deaf", Outcome.NOT_PLAYED)]
)
async def test_a_horn_that_answers_and_plays_nothing(
    horn_that: Open, trouble: str, outcome: Outcome
):
    horn = await horn_that(trouble)
    report = await played(horn, 1.0)
    assert report.outcome is outcome
    assert report.bytes == 0
    await until(lambda: horn.methods == ["INVITE", "ACK", "BYE"])


@pytest.mark.parametrize(("patience", "outcome"), [(50, Outcome.CUT_OFF), (2, Outcome.NOT_PLAYED)])
async def test_a_horn_that_hangs_up_is_told(horn_that: Open, patience: int, outcome: Outcome):
    horn = await horn_that("hangs_up")
    horn.patience = patience
    report = await played(horn, 3.0)
    assert report.outcome is outcome
    assert report.detail == "the device hung up"
    assert len(horn.packets) < patience + 10
    assert horn.methods == ["INVITE", "ACK", "SIP/2.0"]


async def test_what_has_become_untrue_while_it_rang_is_not_spoken(horn_that: Open):
    horn = await horn_that()
    horn.rings_for = 0.6
    sound = babble(0.5).to_begin_by(time.monotonic() + 0.3)
    report = await speaker(horn).play(sound, key="a")
    assert (report.outcome, report.bytes) == (Outcome.EXPIRED, 0)
    assert report.detail == "the device took too long to answer"
    await until(lambda: horn.methods == ["INVITE", "ACK", "BYE"])
    assert horn.packets == []


async def test_a_horn_that_dies_without_a_word_is_not_said_to_have_spoken(horn_that: Open):
    horn = await horn_that("dies")
    horn.patience = 20
    report = await played(horn, 1.0)
    assert report.outcome is Outcome.NOT_CONFIRMED
    assert report.detail == "the device did not answer"
    assert report.seconds == 1.0


async def test_breaking_off_stops_the_sound_and_hangs_up(horn_that: Open):
    horn = await horn_that()
    play = asyncio.create_task(played(horn, 5.0))
    await until(lambda: len(horn.packets) > 20)
    play.cancel()
    await asyncio.sleep(0)
    heard = len(horn.packets)
    await asyncio.gather(play, return_exceptions=True)
    await until(lambda: horn.methods[-1] == "BYE")
    assert len(horn.packets) <= heard + 2


async def test_breaking_off_while_it_rings_calls_it_off(horn_that: Open):
    horn = await horn_that("rings")
    play = asyncio.create_task(played(horn))
    await until(lambda: horn.methods)
    await asyncio.sleep(0.05)
    play.cancel()
    await asyncio.gather(play, return_exceptions=True)
    await until(lambda: horn.methods == ["INVITE", "CANCEL", "ACK"])


async def test_a_probe_asks_without_calling(horn_that: Open):
    horn = await horn_that()
    assert (await speaker(horn).probe()).ok
    assert horn.methods == ["OPTIONS"]
    assert re.search(r"^1 OPTIONS$", horn.met[0][1]["cseq"])
