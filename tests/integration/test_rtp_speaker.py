"""Pages by RTP as a horn on loopback gets them: pace, marks, groups, and being broken off."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.horns.listening import babble, likeness
from tests.support.horns.paging import PagingHorn
from voice.speakers import open_speaker
from voice.speakers.port import Outcome, Speaker

GROUP = "239.255.12.42"


@pytest.fixture
async def horn() -> AsyncIterator[PagingHorn]:
    horn = PagingHorn()
    yield horn
    await asyncio.to_thread(horn.close)


def speaker(url: str) -> Speaker:
    return open_speaker(url, work_dir=Path())


async def test_packets_go_every_20_ms_from_the_start(horn: PagingHorn):
    """No drift, and marked for the network; how late the latest was is in the report.

    Each may be late, for the machine is busy with other things; none is early, and what comes
    after one that was late keeps to the times of the start.
    """
    asked = time.monotonic()
    report = await speaker(f"rtp://127.0.0.1:{horn.port}").play(babble(2.0), key="a")
    await horn.heard()
    packets = horn.packets
    assert len(packets) == 100
    assert all(one.at - asked >= number * 0.02 for number, one in enumerate(packets))
    late = [one.at - packets[0].at - number * 0.02 for number, one in enumerate(packets)]
    assert min(late[50:]) < 0.02
    assert {one.tos for one in packets} == {46 << 2}
    assert {(two.sequence - one.sequence) % 65536 for one, two in pairs(packets)} == {1}
    assert {(two.timestamp - one.timestamp) % 2**32 for one, two in pairs(packets)} == {160}
    assert [one.marker for one in packets] == [True] + [False] * 99
    assert report.late_ms > 0


def pairs(packets: list):
    return itertools.pairwise(packets)


@pytest.mark.parametrize(
    ("options", "kind", "size"),
    [("codec=pcmu", 0, 172), ("codec=pcma", 8, 172), ("codec=l16", 96, 652)],
)
async def test_each_codec_is_understood(horn: PagingHorn, options: str, kind: int, size: int):
    sound = babble(0.5)
    await speaker(f"rtp://127.0.0.1:{horn.port}?{options}&dscp=10").play(sound, key="a")
    (heard,) = await horn.heard()
    assert {(one.payload_type, len(one.data), one.tos) for one in horn.packets} == {
        (kind, size, 10 << 2)
    }
    correlation, share = likeness(sound, heard)
    assert correlation >= 0.99
    assert share >= 0.98


async def test_a_group_is_paged_as_far_as_its_ttl():
    try:
        horn = PagingHorn(GROUP)
    except OSError as fault:
        pytest.skip(f"no multicast on loopback here: {fault}")
    try:
        sound = babble(0.5)
        url = f"rtp://{GROUP}:{horn.port}?ttl=3&interface=127.0.0.1"
        assert (await speaker(url).probe()).ok
        report = await speaker(url).play(sound, key="a")
        (heard,) = await horn.heard()
    finally:
        await asyncio.to_thread(horn.close)
    assert report.outcome is Outcome.SENT
    assert {one.ttl for one in horn.packets} == {3}
    assert likeness(sound, heard) >= (0.99, 0.98)


async def test_breaking_off_stops_the_sound_within_40_ms(horn: PagingHorn):
    play = asyncio.create_task(
        speaker(f"rtp://127.0.0.1:{horn.port}").play(babble(5.0), key="general")
    )
    while len(horn.packets) < 20:
        await asyncio.sleep(0.005)
    broken_off = time.monotonic()
    play.cancel()
    await asyncio.gather(play, return_exceptions=True)
    await asyncio.sleep(0.2)
    assert [one for one in horn.packets if one.at > broken_off + 0.04] == []


async def test_a_horn_that_goes_away_in_the_middle_is_told(horn: PagingHorn):
    play = asyncio.create_task(speaker(f"rtp://127.0.0.1:{horn.port}").play(babble(5.0), key="a"))
    while len(horn.packets) < 40:
        await asyncio.sleep(0.005)
    await asyncio.to_thread(horn.close)
    report = await play
    assert report.outcome is Outcome.CUT_OFF
    assert 0.8 <= report.seconds < 4
    assert report.first_byte_ms is not None


@pytest.mark.parametrize("host", ["no-such-horn.invalid", "256.1.1.1"])
async def test_a_host_that_is_not_there_is_unreachable(host: str):
    horn = speaker(f"rtp://{host}:5004")
    report = await horn.play(babble(0.2), key="a")
    assert report.outcome is Outcome.UNREACHABLE
    assert report.detail
    assert not (await horn.probe()).ok
