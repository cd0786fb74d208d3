"""The whole program with lamps and an announcement by the clock: killed, hung up on, examined."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.horns.paging import PagingHorn
from tests.support.hornyard import HornYard, horn_yard, pages, paging_horn
from tests.support.lamps import PASSWORD, QUOTED, USER, Board, Lamp, mute_server, serve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]

PATIENCE_S = 90.0
LAMP = """
[[actuators]]
id = "{id}"
site = "yard-7"
name = "{id}"
url = "http://{user}:{password}@127.0.0.1:{port}"
on = {{ path = "/relay?turn=on" }}
off = {{ path = "/relay?turn=off" }}
state = {{ path = "/state", on = '"POWER":"ON"', off = '"POWER":"OFF"' }}
on_for = "{on_for}"
"""
ANNOUNCEMENT = """
[[announcements]]
id = "briefing"
at = "{at}"
speakers = ["gate-horn"]
text = {{ zh = "请到大门开班前会。" }}
"""


def lamp_at(port: int, id: str = "lamp", on_for: str = "6s") -> str:
    return LAMP.format(id=id, user=USER, password=QUOTED, port=port, on_for=on_for)


@dataclass
class Lit:
    yard: HornYard
    horn: PagingHorn
    lamp: Lamp


@asynccontextmanager
async def lit_yard(folder: Path, *more: str) -> AsyncIterator[Lit]:
    """A horn, and a lamp behind a relay board that wants a password."""
    lamp = Lamp()
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(serve(Board(lamp, "basic").app))
        horn = await stack.enter_async_context(paging_horn())
        horns = {"gate-horn": f"rtp://127.0.0.1:{horn.port}"}
        yard = await stack.enter_async_context(horn_yard(folder, horns))
        site = folder / "site.toml"
        site.write_text(site.read_text("utf-8") + lamp_at(port) + "".join(more), "utf-8")
        yield Lit(yard, horn, lamp)


async def until(condition: object, what: str, program: object) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"{what}\n{program.output()}"  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)


async def outcomes(yard: HornYard, case: int, kind: str) -> list[str]:
    rows = [one for one in (await yard.case(case))["deliveries"] if one["kind"] == kind]
    return [one["outcome"]["outcome"] for one in rows if one["finished_at"]]


async def test_a_lamp_goes_on_with_the_warning_and_off_by_itself(tmp_path: Path) -> None:
    async with lit_yard(tmp_path) as it:
        program = it.yard.program
        await program.start()
        case = await it.yard.report("r1", "no_vest")
        await until(lambda: it.lamp.lit, "never lit", program)
        assert await it.yard.said(case, 1)
        await it.yard.server.wait_message(
            it.yard.group, lambda m: "💡 lamp开：设备已确认" in m.words, PATIENCE_S
        )
        await until(lambda: not it.lamp.lit, "never off", program)
        assert "confirmed" in await outcomes(it.yard, case, "switch_on")
        assert 'loudhailer_light_up{light="lamp"} 1.0' in await it.yard.text("/metrics")
        assert await program.stop() == 0
        code, out, err = await program.tried("audit", "verify")
        assert code == 0, f"{out}{err}"
        assert PASSWORD not in program.output()


async def test_a_lamp_is_put_out_after_kill_9(tmp_path: Path) -> None:
    """Killed while it shines; it goes off once the program is back, though nobody asks for it."""
    async with lit_yard(tmp_path) as it:
        program = it.yard.program
        await program.start()
        await it.yard.report("r1", "no_vest")
        await until(lambda: it.lamp.lit, "never lit", program)
        await program.kill()
        assert it.lamp.lit
        await asyncio.sleep(7)
        orders = len(it.lamp.orders)
        await program.start("livez")
        await until(lambda: not it.lamp.lit, "shines for ever", program)
        assert "on" not in it.lamp.orders[orders:], "what was old switched it on once more"


@pytest.mark.long
async def test_a_lamp_that_hangs_holds_up_nothing_else(tmp_path: Path) -> None:
    """It takes the call and says nothing: the card, the horn and the other lamp do not wait."""
    async with mute_server() as port, lit_yard(tmp_path, lamp_at(port, "mute")) as it:
        await it.yard.program.start()
        fire = await it.yard.report("r1", "smoke_fire")
        await until(lambda: it.lamp.lit, "never lit", it.yard.program)
        (said,) = await it.yard.said(fire, 1)
        assert said["outcome"] == "sent"
        card = await it.yard.server.wait_message(
            it.yard.group, lambda m: f"#{fire}" in m.words, PATIENCE_S
        )
        assert "mute" not in card.words
        assert await it.yard.program.stop() == 0


async def test_doctor_and_the_command_tell_a_good_lamp_from_a_dead_one(tmp_path: Path) -> None:
    async with mute_server() as port, lit_yard(tmp_path, lamp_at(port, "mute")) as it:
        program = it.yard.program
        _, out, _ = await program.tried("doctor", "--no-canary")
        lines = [line for line in out.splitlines() if "警灯" in line]
        assert any("lamp" in line and line.startswith("正常") for line in lines), out
        assert any("mute" in line and line.startswith("故障") for line in lines), out
        assert not it.lamp.orders, "an examination switches nothing"
        code, out, err = await program.tried("light", "lamp")
        assert (code, it.lamp.orders) == (0, ["on", "off"]), f"{out}{err}"
        assert "lamp 开：设备已确认" in out
        code, out, _ = await program.tried("light", "mute", "on")
        assert (code, "连不上" in out) == (1, True), out
        code, _, err = await program.tried("light", "lantern")
        assert (code, "lamp" in err) == (2, True), err
        assert PASSWORD not in out + err


async def test_an_announcement_comes_at_its_time_once_and_not_after_a_restart(
    tmp_path: Path,
) -> None:
    soon = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(seconds=90)
    at = soon.replace(second=0, microsecond=0)
    async with lit_yard(tmp_path, ANNOUNCEMENT.format(at=f"{at:%H:%M}")) as it:
        program = it.yard.program
        await program.start()
        assert not it.horn.packets
        await until(lambda: it.horn.packets, "was not announced", program)
        late = (datetime.now(ZoneInfo("Asia/Shanghai")) - at).total_seconds()
        assert 0 <= late < 30
        await program.kill()
        heard = len(pages(it.horn))
        await program.start("livez")
        await asyncio.sleep(5)
        assert len(pages(it.horn)) == heard == 1
        assert await program.stop() == 0
        code, out, err = await program.tried("audit", "verify")
        assert code == 0, f"{out}{err}"
