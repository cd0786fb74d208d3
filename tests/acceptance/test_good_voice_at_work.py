"""The whole program with the good voice: it works ahead, and what was said tells in which voice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.assembly.voices import SPEAKERS
from bot.domain.hazard import SHIPPED
from bot.texts.hazards import SENTENCES
from tests.support.models import models_folder, pulled
from tests.support.program import Program
from voice.sound import Sound, read_wav

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SITE = """
language = "zh"
[[sites]]
id = "yard-7"
name = "七号工地"
[[cameras]]
id = "gate"
site = "yard-7"
name = "大门"
source = "push"
models = []
[[speakers]]
id = "horn"
site = "yard-7"
name = "喇叭"
url = "file:horn"
[[members]]
id = "li"
name = "李工"
role = "site_lead"
"""
SILENT = "\n".join(
    f'[responses.{hazard}]\nspeak = {{ zh = "" }}\n' for hazard in SHIPPED if hazard != "no_helmet"
)
TEXT = SENTENCES["no_helmet"].zh.replace("{place}", "大门")


async def announced(program: Program, key: str, http: ClientSession, id: str) -> dict[str, Any]:
    """Report a bare head, and wait for what became of the first announcement."""
    box = await program.command("key", "create", "--name", f"box-{id}", "--role", "source")
    report = {"id": id, "hazard": "no_helmet", "site": "yard-7", "camera": "gate",
              "subject": id, "at": "2026-11-22T08:00:00+08:00"}  # fmt: skip
    given = {"Authorization": f"Bearer {box}"}
    async with http.post(f"{program.url}/api/v1/reports", json=report, headers=given) as answer:
        case = (await answer.json())["case"]
    given = {"Authorization": f"Bearer {key}"}
    async with asyncio.timeout(60):
        while True:
            async with http.get(f"{program.url}/api/v1/cases/{case}", headers=given) as answer:
                told = await answer.json()
            said = [one for one in told["deliveries"] if one["kind"] == "announce"]
            if said and said[0]["finished_at"]:
                return said[0]["outcome"]
            await asyncio.sleep(0.2)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """One installation with the good voice and a single sentence to say."""
    pulled(SPEAKERS["zh"])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models_folder())
    return Program(tmp_path, f'{SITE}\n{SILENT}\n[responses.no_helmet]\nmerge_by = "subject"\n')


def last_sound(folder: Path) -> Sound:
    return read_wav(sorted(folder.glob("*.wav"))[-1])


@pytest.mark.long
async def test_it_works_ahead_and_is_heard(program: Program, tmp_path: Path) -> None:
    async with ClientSession() as http:
        desk = await program.command(
            "key", "create", "--name", "desk", "--role", "operator", "--member", "li"
        )
        try:
            await program.start()
            first = await announced(program, desk, http, "first")
            async with asyncio.timeout(400):
                while "sentences in the good voice: " not in program.output():
                    await asyncio.sleep(0.5)
            second = await announced(program, desk, http, "second")
            _, doctor, _ = await program.tried("doctor", "--no-canary")
            assert await program.stop() == 0, program.output()
        finally:
            if program.running:
                await program.kill()
    assert first["voice"].startswith(("espeak ", "kokoro "))
    assert second["said"] == TEXT
    assert second["voice"] == "kokoro zf_xiaoyi"
    sound = await asyncio.to_thread(last_sound, tmp_path / "horn")
    assert sound.sample_rate == 24_000
    assert "好声音已备好全部" in doctor
    assert "Traceback" not in program.output()
