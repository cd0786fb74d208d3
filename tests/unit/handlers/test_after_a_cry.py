"""What a chat says after a typed cry for help, which has a queue of its own."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.domain.message import Incoming
from handlers.commanding import Meant
from handlers.interpret import Interpreter
from tests.support.chathouse import answers, chat_house, picture


async def test_it_waits_for_the_cry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Further pictures are evidence of its case, and words without a number may mean it."""
    async with chat_house(tmp_path) as house:
        older, hear = await house.opens(), Interpreter.interpret

        async def slow(one: Interpreter, incoming: Incoming, at: int) -> Meant | None:
            await asyncio.sleep(0.1 if incoming.text.startswith("SOS") else 0)
            return await hear(one, incoming, at)

        monkeypatch.setattr(Interpreter, "interpret", slow)
        rows = await house.take(
            house.message("SOS 有人掉下去了", photo=picture(), album="fall"),
            house.message("", photo=picture(9), album="fall"),
            house.message("/ack"),
        )
        cry = older.number + 1
        assert "evidence" in [one.kind for one in await house.store.snapshots(cry)]
        which = str(answers(rows)[-1]["text"])
        assert re.findall(r"#(\d+)", which) == [str(cry), str(older.number)]
