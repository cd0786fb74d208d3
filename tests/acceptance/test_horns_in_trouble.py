"""The whole program: what gives way to a fire, who speaks for a dead horn, what is too late."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.test_clock_that_jumps import fake_time
from tests.support.hornyard import horn_yard, pages, paging_horn, sounding
from tests.support.ports import free_port
from tests.support.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def closed() -> str:
    """The address of a SIP horn that is not there."""
    return f"sip://127.0.0.1:{free_port()}/100"


@pytest.fixture
def deaf() -> Iterator[str]:
    """The address of a SIP horn that never says a word."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        yield f"sip://127.0.0.1:{mute.getsockname()[1]}/100?ring=15"


async def test_a_fire_interrupts_a_general_warning(tmp_path: Path) -> None:
    """Both outcomes are on their cases, and the chat's card tells by what it was interrupted."""
    async with (
        paging_horn() as horn,
        horn_yard(tmp_path, {"gate-horn": f"rtp://127.0.0.1:{horn.port}"}) as yard,
    ):
        await yard.program.start()
        hat = await yard.report("r1", "no_helmet")
        await sounding(horn)
        fire = await yard.report("r2", "smoke_fire")
        taken = time.monotonic()
        (spoken,) = await yard.said(fire, 1)
        first, *_ = await yard.said(hat, 1)
        assert (first["outcome"], first["interrupted_by"]) == ("preempted", fire)
        assert spoken["outcome"] == "sent"
        old = [one for one in horn.packets if one.ssrc == horn.packets[0].ssrc]
        late = [one for one in old if one.at > taken]
        print(f"{len(late)} packets of the old sentence after the fire was reported")
        assert len(late) * 0.02 < 2, "it went on until its end"
        await yard.server.wait_message(yard.group, lambda m: f"被 #{fire} 打断" in m.words, 60)
        assert await yard.program.stop() == 0
        assert "Traceback" not in yard.program.output()


async def test_the_next_horn_speaks_for_a_dead_one(tmp_path: Path, closed: str) -> None:
    """Once, with both outcomes on the case."""
    async with paging_horn() as horn:
        horns = {"gate-horn": closed, "pit-horn": f"rtp://127.0.0.1:{horn.port}"}
        async with horn_yard(tmp_path, horns) as yard:
            await yard.program.start()
            said = await yard.said(await yard.report("r1", "no_helmet"), 2)
            assert [(one["horn"], one["outcome"]) for one in said] == [
                ("gate-horn", "unreachable"),
                ("pit-horn", "sent"),
            ]
            assert len(pages(horn)) == 1


async def test_the_chat_is_told_where_nobody_was_warned_aloud(tmp_path: Path, closed: str) -> None:
    """Once, with the reasons."""
    async with horn_yard(tmp_path, {"gate-horn": closed, "pit-horn": closed}) as yard:
        await yard.program.start()
        vest = await yard.report("r1", "no_vest")
        assert [one["outcome"] for one in await yard.said(vest, 2)] == ["unreachable"] * 2
        heard = await yard.server.wait_message(
            yard.group, lambda m: "没有人听到喊话" in m.words, 60
        )
        assert f"#{vest}" in heard.words
        assert "连不上喇叭" in heard.words


async def test_a_killed_program_loses_no_fire_warning(tmp_path: Path, deaf: str) -> None:
    """Killed while a deaf horn was called: the other says it after the start, that one never."""
    async with paging_horn() as horn:
        horns = {"gate-horn": deaf, "pit-horn": f"rtp://127.0.0.1:{horn.port}"}
        async with horn_yard(tmp_path, horns) as yard:
            await yard.program.start()
            fire = await yard.report("r1", "smoke_fire")
            await asyncio.sleep(1.5)
            await yard.program.kill()
            assert not horn.packets
            await yard.program.start()
            said = await yard.said(fire, 2)
            assert [(one["horn"], one["outcome"]) for one in said[:2]] == [
                ("gate-horn", "interrupted"),
                ("pit-horn", "sent"),
            ]
            assert len(pages(horn)) == 1


@pytest.mark.long
async def test_a_general_warning_is_not_spoken_after_a_restart(tmp_path: Path) -> None:
    """Killed as soon as it was taken, started again when it was too late."""
    async with (
        paging_horn() as horn,
        horn_yard(tmp_path, {"gate-horn": f"rtp://127.0.0.1:{horn.port}"}) as yard,
    ):
        await yard.program.start()
        hat = await yard.report("r1", "no_helmet")
        await yard.program.kill()
        before = len(horn.packets)
        await asyncio.sleep(10.5)
        await yard.program.start()
        (said,) = await yard.said(hat, 1)
        assert said["outcome"] in ("expired", "interrupted")
        assert len(horn.packets) == before


@pytest.mark.parametrize(
    "offset",
    [
        "-1h",
        pytest.param("-30s", marks=pytest.mark.long),
        pytest.param("+1h", marks=pytest.mark.long),
    ],
)
async def test_a_clock_set_while_the_program_was_away_revives_nothing(
    tmp_path: Path, offset: str
) -> None:
    """Back or forth, by much or by little: the warning is as old as it is."""
    moved = tmp_path / "offset"
    moved.write_text("+0h")

    def prepare(program: Program) -> None:
        program.environment |= {
            "LD_PRELOAD": str(fake_time()),
            "FAKETIME_TIMESTAMP_FILE": str(moved),
            "FAKETIME_CACHE_DURATION": "1",
            "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    async with (
        paging_horn() as horn,
        horn_yard(tmp_path, {"gate-horn": f"rtp://127.0.0.1:{horn.port}"}, prepare) as yard,
    ):
        await yard.program.start()
        await yard.report("r1", "no_helmet")
        await yard.program.kill()
        before = len(horn.packets)
        await asyncio.sleep(10.5)
        moved.write_text(offset)
        await yard.program.launch()  # whose clock is off the chat server's is not called ready
        await asyncio.sleep(40)  # its lease is over by then, and its time by the false clock
        assert "Loudhailer" in yard.program.output()
        assert len(horn.packets) == before


async def test_a_dead_horn_is_a_case_in_the_chat(tmp_path: Path, closed: str) -> None:
    """With its name and the reason; the one that works is none, and the figures tell both."""
    async with paging_horn() as horn:
        horns = {"gate-horn": closed, "pit-horn": f"rtp://127.0.0.1:{horn.port}"}
        async with horn_yard(tmp_path, horns, dead_after="3s") as yard:
            await yard.program.start()
            card = await yard.server.wait_message(
                yard.group, lambda m: "喇叭没有声音" in m.words, 90
            )
            assert "gate-horn从没连上过：对方拒绝连接" in card.words
            figures = await yard.text("/metrics")
            assert 'loudhailer_speaker_up{speaker="gate-horn"} 0.0' in figures
            assert 'loudhailer_speaker_up{speaker="pit-horn"} 1.0' in figures
            cases = (await yard.text("/api/v1/cases")).count('"speaker_down"')
            assert cases == 1
            assert not horn.packets, "a probe makes no sound"


@pytest.mark.long
async def test_the_limit_an_hour_outlives_a_kill(tmp_path: Path) -> None:
    """What was said before counts after the start."""
    async with (
        paging_horn() as horn,
        horn_yard(tmp_path, {"gate-horn": f"rtp://127.0.0.1:{horn.port}"}) as yard,
    ):
        site = yard.program.folder / "site.toml"
        limited = site.read_text("utf-8").replace(
            'lead_silence = "0s"', 'lead_silence = "0s"\nat_most_per_hour = 1'
        )
        await asyncio.to_thread(site.write_text, limited, "utf-8")
        await yard.program.start()
        (first,) = await yard.said(await yard.report("r1", "no_helmet"), 1)
        assert first["outcome"] == "sent"
        await yard.program.kill()
        await yard.program.start()
        (second,) = await yard.said(await yard.report("r2", "no_vest"), 1)
        assert second["outcome"] == "capped"
        assert len(pages(horn)) == 1
