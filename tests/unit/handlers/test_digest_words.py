"""What can be said of a digest: one case of it, all of it, and the read-back before closing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.domain.callback import Press, encode
from bot.domain.case import Case, State
from bot.domain.command import Verb
from bot.ports import OutboxRow
from tests.support.chathouse import GROUP, OTHER_GROUP, ChatHouse

MESSAGE = "9000"
FORGED = ["1|card|{n}|0|Dx", "1|card|{other}|0|D{d}", "1|close|99999|0|all"]

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def digest(house: ChatHouse, *cases: Case, message: str | None = MESSAGE) -> int:
    """A digest of these cases in the group, shown by a message unless its id was lost."""
    async with house.store.begin() as tx:
        made = await tx.add_digest(GROUP.key, False, house.now[0])
        for row in await tx.waiting_rows(GROUP.key, "card", 1000):
            await tx.merge(row, {"outcome": "digest"}, house.now[0])
        await tx.join_digest(made.id, [case.number for case in cases], house.now[0])
        if message:
            shown = f"{message}{made.id}"
            await tx.add_digest_copy(made.id, GROUP, shown, True, 1, house.now[0])
    await house.rows()
    return made.id


async def states(house: ChatHouse, *cases: Case) -> list[State]:
    return [(await house.case(case.number)).state for case in cases]


def text(rows: Sequence[OutboxRow]) -> str:
    (row,) = [row for row in rows if row.kind == "text" and row.payload.get("text")]
    return str(row.payload["text"])


def buttons(rows: Sequence[OutboxRow]) -> dict[str, str]:
    """Label -> data."""
    return {b[0]: b[1] for row in rows for line in row.payload.get("buttons", ()) for b in line}


async def test_closing_a_digest_is_read_back_and_then_done(house: ChatHouse) -> None:
    """Exactly the general cases that it lists; undo takes all of it back."""
    general, second = await house.opens(), await house.opens()
    serious = await house.opens("zone_intrusion")
    later = await house.opens()
    number = await digest(house, general, second, serious)
    rows = await house.says(f"关闭 D{number} 已整改", "wang")
    assert "这 2 件一般隐患" in text(rows)
    assert f"#{general.number} #{second.number}" in text(rows)
    assert f"#{serious.number}" not in text(rows)
    assert await states(house, general, second) == [State.OPEN, State.OPEN]
    data = buttons(rows)
    assert set(data) == {"确认执行", "取消"}
    toast = await house.presses(data["确认执行"], "wang")
    assert "执行了关闭" in toast
    assert await states(house, general, second, serious, later) == [
        State.CLOSED,
        State.CLOSED,
        State.OPEN,
        State.OPEN,
    ]
    assert "已经答复过" in await house.presses(data["确认执行"], "wang")
    await house.says("撤销", "wang")
    assert State.CLOSED not in await states(house, general, second)


async def test_only_a_supervisor_closes_by_the_dozen(house: ChatHouse) -> None:
    """And is named to who may not."""
    case = await house.opens()
    number = await digest(house, case, await house.opens())
    told = await house.told(f"关闭 D{number}", "li")
    assert "要监督来做" in told
    assert "@王监督" in told


async def test_the_yes_is_the_same_persons_in_time_and_once(house: ChatHouse) -> None:
    """Another's word, a late one and a no do nothing."""
    case = await house.opens()
    number = await digest(house, case, await house.opens())
    data = buttons(await house.says(f"关闭 D{number}", "wang"))["确认执行"]
    assert "这是问王监督的" in await house.presses(data, "li")
    assert "没有执行" in await house.told("取消", "wang")
    assert "已经答复过" in await house.presses(data, "wang")
    data = buttons(await house.says(f"关闭 D{number}", "wang"))["确认执行"]
    house.later(1.1)
    assert "过了 60 秒" in await house.presses(data, "wang")
    assert await states(house, case) == [State.OPEN]


async def test_a_word_is_a_yes_only_when_something_was_asked(house: ChatHouse) -> None:
    """People say 取消 and 执行 to each other."""
    house.later(5)  # what was asked before is forgotten
    case = await house.opens()
    number = await digest(house, case, await house.opens())
    for word in ("执行", "取消", "confirm"):
        assert await house.says(word, "wang") == []
    await house.says(f"关闭 D{number} 已整改", "wang")
    assert await house.says("执行", "li") == []
    assert "执行了关闭" in await house.told("执行", "wang")
    assert await states(house, case) == [State.CLOSED]


async def test_what_was_closed_or_became_graver_meanwhile_is_left_alone(house: ChatHouse) -> None:
    """The rest is done, and said so."""
    first, second = await house.opens(), await house.opens()
    number = await digest(house, first, second)
    await house.says(f"关闭 D{number}", "wang")
    await house.says(f"关闭 {first.number} 好了", "li")
    told = await house.told("执行", "wang")
    assert f"没有执行：#{first.number}" in told
    assert await states(house, second) == [State.CLOSED]


async def test_replies_to_a_digest(house: ChatHouse) -> None:
    """收到 takes all of it, a number asks for that card, other verbs want a number."""
    first, second = await house.opens(), await house.opens()
    number = await digest(house, first, second)
    reply = {"reply_to": f"{MESSAGE}{number}", "reply_to_own": True}
    rows = await house.says(f"{second.number}", **reply)
    assert [(row.kind, row.case) for row in rows] == [("card", second.number)]
    assert "请" in await house.told("误报", **reply)
    assert "执行了确认" in await house.told("收到", **reply)
    assert await states(house, first, second) == [State.ACKNOWLEDGED] * 2
    assert "没有可以确认的" in await house.told("收到", **reply)
    assert "误报" in await house.told(f"误报 {first.number}", **reply)
    assert await states(house, first, second) == [State.CLOSED, State.ACKNOWLEDGED]


async def test_buttons_of_a_digest(house: ChatHouse) -> None:
    """A card of its own, all acknowledged; a message whose id was lost is known from then on."""
    first, second = await house.opens(), await house.opens()
    number = await digest(house, first, second, message=None)
    ghost = {"reply_to": "777001"}
    await house.presses(encode(Press(Verb.CARD, first.number, 0, f"D{number}")), **ghost)
    (copy,) = await house.store.digest_copies(first.number)
    assert (copy.message_id, copy.digest, copy.wanted > copy.shown) == ("777001", number, True)
    await house.presses(encode(Press(Verb.ACKNOWLEDGE, number, 0, "all")), **ghost)
    assert await states(house, first, second) == [State.ACKNOWLEDGED] * 2


@pytest.mark.parametrize(
    "forged", ["1|card|{n}|0|Dx", "1|card|{other}|0|D{d}", "1|close|99999|0|all"]
)
async def test_forged_buttons_of_digests(house: ChatHouse, forged: str) -> None:
    """Cases of no digest, digests that are none."""
    case, other = await house.opens(), await house.opens()
    number = await digest(house, case)
    data = forged.format(n=case.number, other=other.number, d=number)
    await house.presses(data, "wang", reply_to=f"{MESSAGE}{number}")
    assert await states(house, case, other) == [State.OPEN, State.OPEN]
    assert [row.kind for row in await house.rows()] == []


async def test_a_digest_belongs_to_its_chat(house: ChatHouse) -> None:
    """Elsewhere its number says nothing."""
    number = await digest(house, await house.opens())
    assert "There is no digest" in await house.told(f"关闭 D{number}", "wang", chat=OTHER_GROUP)
