"""`say` and `doctor` of the whole program, on speakers of the network."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.horns.cameras import axis
from tests.support.horns.paging import PagingHorn
from tests.support.horns.siphorn import SipHorn
from tests.support.program import Program

SITE = """
language = "zh"
[[sites]]
id = "yard-7"
[[speakers]]
id = "page"
site = "yard-7"
url = "rtp://127.0.0.1:{page}"
lead_silence = "0s"
[[speakers]]
id = "phone"
site = "yard-7"
url = "sip:desk:planted-word@127.0.0.1:{phone}"
[[speakers]]
id = "camera"
site = "yard-7"
url = "axis://root:planted-word@127.0.0.1:{camera}"
[[speakers]]
id = "gone"
site = "yard-7"
url = "sip://127.0.0.1:{gone}/100"
"""


async def test_say_speaks_and_tells_what_became_of_it(tmp_path: Path) -> None:
    """A page is sent, a busy horn and a wrong password are told; no password shows anywhere."""
    page, phone, gone, camera = PagingHorn(), SipHorn(486), SipHorn(), axis()
    await asyncio.gather(phone.open(), gone.open(), camera.open())
    gone.close()
    site = SITE.format(page=page.port, phone=phone.port, camera=camera.port, gone=gone.port)
    program = Program(tmp_path, site)
    try:
        said = {
            speaker: await asyncio.wait_for(program.tried("say", speaker, "请注意安全"), 90)
            for speaker in ("page", "phone", "camera")
        }
        doctor = await asyncio.wait_for(program.tried("doctor"), 90)
        sounds = await page.heard()
    finally:
        phone.close()
        await camera.close()
        await asyncio.to_thread(page.close)
    assert [code for code, _, _ in said.values()] == [0, 1, 1]
    assert "已广播" in said["page"][1]
    assert "占线" in said["phone"][1]
    assert "密码不对" in said["camera"][1]
    (sound,) = sounds
    assert sound.seconds > 1
    assert sound.rms > 0.01
    code, lines, _ = doctor
    assert code == 1
    assert [one for one in lines.splitlines() if "gone" in one and "对方拒绝连接" in one]
    assert [one for one in lines.splitlines() if "camera" in one and "401" in one]
    everything = f"{said}{doctor}{program.output()}"
    assert "planted-word" not in everything
