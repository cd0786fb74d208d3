"""What a person says to the desk, and what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest_asyncio

from bot.domain.case import Case, State
from bot.domain.message import ChatRef
from bot.ports import OutboxRow
from tests.support.chathouse import GROUP, ChatHouse, answers, chat_house
from tests.support.sounds import recorded, tone

NOTE = recorded(tone(1.2))


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[ChatHouse]:
    """A desk of its own, whose cases begin at 1."""
    async with chat_house(tmp_path) as running:
        yield running


async def state(house: ChatHouse, case: Case) -> State:
    return (await house.case(case.number)).state


async def speaks(
    house: ChatHouse, text: str, who: str = "li", chat: ChatRef = GROUP, **more: Any
) -> list[OutboxRow]:
    """What goes out because somebody said so."""
    house.ears.will_hear(text)
    return await house.take(house.message("", who, voice=NOTE, chat=chat, **more))


async def hears(house: ChatHouse, text: str, who: str = "li", **more: Any) -> str:
    """The one answer to what was said."""
    (answer,) = answers(await speaks(house, text, who, **more))
    return str(answer["text"])


def buttons(rows: Sequence[OutboxRow]) -> dict[str, str]:
    """Label -> data of the answer's buttons."""
    shown = [row for answer in answers(rows) for row in answer.get("buttons") or ()]
    return {label: data for row in shown for label, data in row}
