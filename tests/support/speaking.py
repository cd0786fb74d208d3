"""What a person says to the desk, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.domain.message import ChatRef
from bot.ports import OutboxRow
from tests.support.chathouse import GROUP, ChatHouse, answers
from tests.support.sounds import recorded, tone

NOTE = recorded(tone(1.2))


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
