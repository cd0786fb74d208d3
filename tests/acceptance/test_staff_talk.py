"""A person's own voice: from a note in the group to the horn on the site, over a kill -9."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.botapi import Message, User
from tests.support.horns.listening import likeness
from tests.support.hornyard import HornYard, horn_yard, paging_horn, sounding
from tests.support.sounds import RATE, recorded
from voice.sound import Sound

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def rising(seconds: float) -> Sound:
    """A tone that rises through the band that a horn has: like nothing else that is heard."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * (400 * time + 600 * time**2 / seconds)
    return Sound((12_000 * np.sin(phase)).astype(np.int16), RATE)


async def read_back(yard: HornYard, li: User, said: Sound) -> tuple[int, Message]:
    """A case whose button li presses, and sends the note: the case, and what li is asked then."""
    case = await yard.report("r1", "no_helmet")
    card = await yard.server.wait_message(yard.group, lambda m: f"#{case}" in m.words)
    await yard.said(case, 1)
    await li.press(card, "喊话")
    await yard.server.wait_message(yard.group, lambda m: "或在两分钟内发一条语音" in m.words)
    await li.voice(yard.group, recorded(said), seconds=2)
    return case, await yard.server.wait_message(yard.group, lambda m: "要播吗" in m.words)


async def test_a_voice_note_is_heard_on_the_site_once(tmp_path: Path) -> None:
    """The button, the note, the read-back, a kill -9, the yes; then once, and it is on the case."""
    said = rising(2.0)
    async with (
        paging_horn() as horn,
        horn_yard(tmp_path, {"gate-horn": f"rtp://127.0.0.1:{horn.port}"}) as yard,
    ):
        await yard.program.start()
        li = yard.server.user(111, "李工")
        case, asked = await read_back(yard, li, said)
        assert "gate-horn将播一次：2.0 秒语音" in asked.words
        heard_before = len(await horn.heard())
        await yard.program.kill()
        await yard.program.start()
        assert len(await horn.heard()) == heard_before, "it sounded before it was confirmed"
        await li.press(asked, "确认执行")
        _, talk = await yard.said(case, 2)
        assert (talk["horn"], talk["outcome"]) == ("gate-horn", "sent")
        await sounding(horn)
        correlation, share = likeness(said, (await horn.heard())[-1])
        assert correlation >= 0.95
        assert share >= 0.95
        await yard.server.wait_message(
            yard.group, lambda m: "gate-horn已广播" in m.words and "2.0 秒语音" in m.words, 60
        )
        await li.press(asked, "确认执行")
        await yard.server.wait_message(yard.group, lambda m: "2.0 秒语音" in m.words, 60)
        assert len(await horn.heard()) == heard_before + 1
        history = [entry["event"] for entry in (await yard.case(case))["history"]]
        assert history.count("talked") == 1
        assert await yard.program.stop() == 0
        await yard.program.command("audit", "verify")


async def test_a_voice_note_that_no_disk_can_keep_is_heard_all_the_same(tmp_path: Path) -> None:
    """It waits in memory: the evidence is late, the word is not lost."""
    said = rising(2.0)
    async with (
        paging_horn() as horn,
        horn_yard(tmp_path, {"gate-horn": f"rtp://127.0.0.1:{horn.port}"}) as yard,
    ):
        recordings = tmp_path / "data" / "recordings"
        recordings.parent.mkdir(exist_ok=True)
        recordings.write_bytes(b"")  # where the folder would be: nothing can be written there
        await yard.program.start()
        li = yard.server.user(111, "李工")
        case, asked = await read_back(yard, li, said)
        await li.press(asked, "确认执行")
        _, talk = await yard.said(case, 2)
        assert talk["outcome"] == "sent"
        recordings.unlink()
        await yard.server.wait_until(recordings.is_dir, 60)
        assert await yard.program.stop() == 0
        await yard.program.command("audit", "verify")
