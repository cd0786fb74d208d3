"""The commands that docs/reference/http.md shows, as they stand there; only the port differs."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.pages import blocks
from tests.support.pictures import jpeg
from tests.support.program import Program, running
from tests.support.sounds import recorded, tone

SITE = """
[[sites]]
id = "yard-7"
[[cameras]]
id = "gate"
site = "yard-7"
source = "push"
[[members]]
id = "li"
role = "site_lead"
[[chats]]
channel = "console"
"""


async def typed(shell: str, folder: Path, program: Program, **variables: str) -> str:
    """What a line prints; fails unless it exits 0."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", shell.replace("http://127.0.0.1:8080", program.url)),
        cwd=folder,
        env={**program.environment, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out = (await process.communicate())[0].decode()
    assert process.returncode == 0, f"{shell}\n{out}"
    return out


def answered(told: str) -> Any:
    """The last JSON that curl printed; each try that was told to come again is before it."""
    objects = re.findall(r"^.*?(\{.*\})", told, re.MULTILINE)
    return json.loads(objects[-1])


async def test_every_command_shown_works_as_shown(tmp_path: Path) -> None:
    """A report with its picture, a frame for a camera, a command that closes the case, a voice."""
    if shutil.which("curl") is None:
        pytest.skip("no curl here (Debian: apt-get install curl)")
    shown = [block.text for block in blocks("docs/reference/http.md", "sh")]
    report, frame, command, voice = shown
    (tmp_path / "snapshot.jpg").write_bytes(jpeg(8, 8))
    (tmp_path / "said.ogg").write_bytes(recorded(tone(1.0)))
    async with running(tmp_path, SITE) as program:
        created = ("key", "create", "--name")
        box = await program.command(*created, "box", "--role", "source")
        desk = await program.command(*created, "desk", "--role", "operator", "--member", "li")

        told = await typed(report, tmp_path, program, KEY=box)
        assert answered(told)["case"] == 1
        await typed(frame, tmp_path, program, KEY=box)
        told = await typed(command, tmp_path, program, DESK=desk)
        assert answered(told)["state"] == "closed"
        told = await typed(voice, tmp_path, program, HELMET=desk)
        answer = answered(told)
        assert (answer["done"], answer["question"]) == (False, None)
        assert "whisper-base" in answer["answer"], "the model is not here: it says how to get it"
        assert await program.stop() == 0
