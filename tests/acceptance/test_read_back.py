"""A read-back through the whole program: killed between question and answer, it is done once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.botapi import Message
from tests.support.hornyard import HornYard, horn_yard

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]

PATIENCE_S = 120.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def yard(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HornYard]:
    """The program at work."""
    async with horn_yard(tmp_path_factory.mktemp("asked"), {}) as opened:
        await opened.program.start()
        yield opened


async def asks(yard: HornYard, text: str) -> Message:
    """What answers somebody's own words, said alone with the bot."""
    li = yard.server.user(111, "李工")
    private = yard.server.private(li)
    said = await li.says(private, text)
    return await yard.server.wait_message(
        private, lambda m: m.reply_to is not None and m.reply_to.id == said.id, PATIENCE_S
    )


async def until_state(yard: HornYard, number: int, state: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while (case := await yard.case(number))["state"] != state:
            await asyncio.sleep(0.1)
    return case


async def test_killed_between_question_and_answer_it_is_done_once(yard: HornYard) -> None:
    """The question outlives the process; the yes counts once, however often it is pressed."""
    li = yard.server.user(111, "李工")
    case = await yard.report("r-asked", "no_helmet")
    question = await asks(yard, f"帮我把{case}号升级一下")
    assert f"升级 #{case}？" in question.words
    await yard.program.kill()
    press = asyncio.create_task(li.press(question, "确认执行"))
    await yard.program.start()
    await press
    await until_state(yard, case, "escalated")
    await yard.program.kill()
    await yard.program.start()
    await li.press(question, "确认执行")
    await asks(yard, "还有几个没处理")  # what was pressed before is handled then
    history = (await yard.case(case))["history"]
    assert [step["event"] for step in history].count("escalated") == 1
