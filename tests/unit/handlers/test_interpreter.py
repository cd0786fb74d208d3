"""From what a person did in a chat to who wants what done to which case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.casework.people import DEACTIVATED, USERNAME
from bot.domain.callback import Press, encode
from bot.domain.case import Case
from bot.domain.command import Verb
from bot.domain.error import NotFound, Refused
from bot.domain.message import ChatRef, Incoming, Sender
from bot.ports import Learning
from handlers.commanding import Meant
from tests.support.chathouse import (
    BOTH_SITES,
    GROUP,
    OTHER_GROUP,
    UNKNOWN_GROUP,
    ChatHouse,
    picture,
    private,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def meant(house: ChatHouse, incoming: Incoming) -> Meant | None:
    return await house.interpreter.interpret(incoming, house.now[0])


async def asked(house: ChatHouse, text: str, **more) -> Meant:
    """What a message asks for, which it does."""
    found = await meant(house, house.message(text, **more))
    assert found is not None
    return found


def pressed(house: ChatHouse, case: Case, verb: Verb = Verb.CLOSE, **more) -> Incoming:
    data = encode(Press(verb, case.number, case.seq))
    return replace(house.message("", **more), kind="press", press_id="p", data=data)


# -- who


async def test_the_command_carries_who_where_and_when(house: ChatHouse) -> None:
    """Its id is the platform's, so that a repeat is known."""
    case = await house.opens()
    incoming = house.message(f"关闭 {case.number} 已整改", ago=2)
    found = await meant(house, incoming)
    assert found is not None
    assert found.refused is None
    command = found.command
    assert (command.id, command.verb, command.cases) == (
        f"telegram:{incoming.platform_id}",
        Verb.CLOSE,
        (case.number,),
    )
    assert (command.actor.member, command.actor.name, command.actor.via) == (
        "li",
        "李工",
        "telegram",
    )
    assert command.reason == "已整改"
    assert command.sent_at == house.now[0] - 120_000
    assert command.chat == GROUP
    assert command.args["account"] == "telegram:111"


async def test_without_the_platforms_clock_it_was_sent_when_it_came(house: ChatHouse) -> None:
    """Presses carry no time."""
    case = await house.opens()
    found = await meant(house, replace(pressed(house, case), sent_at=0))
    assert found is not None
    assert found.command.sent_at == house.now[0]


@pytest.mark.parametrize("text", ["关闭 {n}", "/cases", "/sos", "喊话 大门 你好"])
async def test_a_stranger_is_refused_whatever_is_asked(house: ChatHouse, text: str) -> None:
    """And on record as an account, not as a member."""
    case = await house.opens()
    found = await asked(house, text.format(n=case.number), who="nobody")
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.stranger"
    assert found.command.actor.id == "?telegram:999"


@pytest.mark.parametrize("text", ["/help", "/whoami", "/chatid", "/link ABCD"])
async def test_what_a_stranger_may_ask(house: ChatHouse, text: str) -> None:
    """To become somebody; in a group that nobody configured too."""
    for chat in (GROUP, UNKNOWN_GROUP, private(999)):
        assert (await asked(house, text, who="nobody", chat=chat)).refused is None


async def test_an_anonymous_sender_is_nobody(house: ChatHouse) -> None:
    """Also where the group's id were a member's account."""
    mask = Sender("111", "七号工地", anonymous=True)
    found = await asked(house, "/cases", sender=mask)
    assert found.refused is not None
    assert found.refused.key == "refused.anonymous"


async def test_a_deactivated_member_is_a_stranger(house: ChatHouse) -> None:
    """From that moment on."""
    house.core.people.deactivate("zhang")
    try:
        found = await asked(house, "/cases", who="zhang")
        assert found.refused is not None
        assert found.refused.key == "refused.stranger"
    finally:
        house.core.people.hear(Learning(DEACTIVATED, "zhang", None))


async def test_nothing_works_in_a_group_that_is_not_configured(house: ChatHouse) -> None:
    """Not even a refusal."""
    case = await house.opens()
    for text in (f"关闭 {case.number}", "/cases", "/sos", "上报 积水"):
        assert await meant(house, house.message(text, chat=UNKNOWN_GROUP)) is None


# -- which case


async def test_a_number_is_one_of_this_chat(house: ChatHouse) -> None:
    """Cases of other chats are refused with those that may have been meant."""
    case, foreign = await house.opens(), await house.opens(camera="door")
    assert (await asked(house, f"关闭 {case.number}")).command.cases == (case.number,)
    found = await asked(house, f"关闭 {foreign.number}")
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.not_here"
    assert case.number in [choice.number for choice in found.refused.params["choices"]]
    both = await asked(house, f"关闭 {foreign.number}", chat=BOTH_SITES)
    assert both.command.cases == (foreign.number,)


async def test_an_unknown_number_offers_the_newest(house: ChatHouse) -> None:
    """At most three."""
    cases = [await house.opens() for _ in range(4)]
    found = await asked(house, "关闭 987654")
    assert isinstance(found.refused, NotFound)
    offered = [case.number for case in found.refused.params["choices"]]
    assert offered == [case.number for case in reversed(cases[-3:])]


async def number_up_to(house: ChatHouse, number: int) -> None:
    """Let the next case have this number."""
    async with house.store.begin() as tx:
        while await tx.next_number("case") < number - 1:
            pass


async def test_short_numbers(house: ChatHouse) -> None:
    """The last two to four digits where just one live case of the chat ends so."""
    await number_up_to(house, 4103)
    case = await house.opens()
    assert case.number == 4103
    for text in ("关闭 03", "关闭 103", "/close 103", "关闭 4103"):
        assert (await asked(house, text)).command.cases == (4103,), text
    # a date in the reason is no end of a number
    assert (await asked(house, "关闭 3 03月已完成")).command.cases != (4103,)
    await number_up_to(house, 4203)
    await house.opens()
    assert (await asked(house, "关闭 203 4203")).command.cases == (4203,)
    assert (await asked(house, "关闭 103")).command.cases == (4103,)
    await house.says("误报 4103 4203")
    await number_up_to(house, 4300)
    await house.opens()
    assert (await asked(house, "关闭 00")).command.cases == (4300,)
    await house.says("误报 4300")
    gone = (await asked(house, "关闭 000")).refused
    assert gone is not None
    assert (gone.key, gone.params["case"]) == ("refused.unknown_case", "000")


async def test_a_short_number_that_fits_two(house: ChatHouse) -> None:
    """Nothing is done; both are named."""
    await number_up_to(house, 5077)
    await house.opens()
    await number_up_to(house, 5177)
    await house.opens()
    found = await asked(house, "关闭 77", chat=GROUP)
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.ambiguous_number"
    assert {choice.number for choice in found.refused.params["choices"]} == {5077, 5177}
    await house.says("误报 5077 5177")


async def test_a_case_of_long_ago_gives_way_to_a_live_one(house: ChatHouse) -> None:
    """Not at once: who is a moment late must hear that it is closed, and close no other."""
    await number_up_to(house, 6088)
    old = await house.opens()
    await number_up_to(house, 16088)
    new = await house.opens()
    await house.says(f"关闭 {old.number}")
    assert (await asked(house, "关闭 6088")).command.cases == (6088,)
    house.later(25 * 60)
    assert (await asked(house, "关闭 6088")).command.cases == (new.number,)
    for text in ("重开 6088", "查看 6088", "异议 6088 不对"):
        assert (await asked(house, text)).command.cases == (6088,), text
    await house.says(f"误报 {new.number}")
    assert (await asked(house, "关闭 6088")).command.cases == (6088,)


async def test_a_verb_without_its_case_asks_which(house: ChatHouse) -> None:
    """Slash forms only: bare words are talk."""
    await house.opens()
    found = await asked(house, "/close")
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.verb_needs_case"
    assert await meant(house, house.message("关闭")) is None


# -- replies


async def test_a_reply_to_a_copy_means_its_case(house: ChatHouse) -> None:
    """Whoever sent that copy; a number in the words wins."""
    case, other = await house.opens(), await house.opens()
    copy = await house.shown(case)
    assert (await asked(house, "收到", reply_to=copy)).command.cases == (case.number,)
    named = await asked(house, f"关闭 {other.number}", reply_to=copy)
    assert named.command.cases == (other.number,)
    photo = await asked(house, "", reply_to=copy, photo=picture())
    assert (photo.command.verb, photo.command.cases) == (Verb.RECTIFIED, (case.number,))


async def sent(house: ChatHouse, text: str, who: str = "li", chat: ChatRef = GROUP) -> str:
    """What we answer to `text`, as a message that is out; its id."""
    (row,) = [row for row in await house.says(text, who, chat=chat) if row.kind == "text"]
    id = f"told-{row.id}"
    async with house.store.begin() as tx:
        await tx.finish(row, "done", {"outcome": "delivered", "message": id}, house.now[0])
    return id


async def test_a_reply_to_words_of_ours_means_the_one_case_they_are_about(
    house: ChatHouse,
) -> None:
    """Of an answer, of a refusal, of a story; not of those about two, nor for ever."""
    case, other = await house.opens(), await house.opens()
    for text in (f"确认 {case.number}", f"/case {case.number}", f"关闭 {case.number} 已整改"):
        reply = {"reply_to": await sent(house, text), "reply_to_own": True}
        found = await asked(house, "重开", **reply)
        assert (found.command.cases, found.adopt) == ((case.number,), None), text
    refused = await sent(house, f"误报 {case.number}", "chen")
    found = await asked(house, "重开", reply_to=refused, reply_to_own=True)
    assert found.command.cases == (case.number,)
    both = await sent(house, f"确认 {case.number} {other.number}")
    assert await meant(house, house.message("收到", reply_to=both, reply_to_own=True)) is None
    house.later(8 * 24 * 60)
    assert (await asked(house, "重开", **reply)).command.cases == ()


async def test_a_reply_to_words_of_ours_never_means_what_they_quote(house: ChatHouse) -> None:
    """A number that a person typed, in this chat or of another one's case, acts on nothing."""
    here, foreign = await house.opens(), await house.opens(camera="door")
    for text in (
        f"关闭 {foreign.number}",
        f"/case {foreign.number}",
        f"/mute #{here.number} 30m",
        f"/say #{here.number} hi",
        f"/assign {foreign.number} @li",
    ):
        id = await sent(house, text)
        reply = house.message("误报", reply_to=id, reply_to_own=True, reply_text=f"#{here.number}")
        found = await meant(house, reply)
        assert found is not None
        assert found.command.cases == (), text
        assert found.refused is not None
        assert found.refused.key == "refused.verb_needs_case"


@pytest.mark.parametrize("text", ["#{n} 怎么样", "已确认 #{n}", "#１２", "#٣"])
async def test_a_reply_to_other_peoples_words_means_no_case(house: ChatHouse, text: str) -> None:
    """Whatever numbers stand in them, and whoever they seem to come from."""
    case = await house.opens()
    for own in (True, False):
        quoted = {"reply_to": "55", "reply_to_own": own, "reply_text": text.format(n=case.number)}
        assert await meant(house, house.message("收到", **quoted)) is None


async def test_a_reply_to_an_unknown_card_adopts_it(house: ChatHouse) -> None:
    """Its buttons say which case it shows; a button that undoes is under an answer."""
    case, other = await house.opens(), await house.opens()
    for verb, adopted in ((Verb.ACKNOWLEDGE, "77"), (Verb.UNDO, None)):
        data = encode(Press(verb, case.number, 1))
        ghost = {"reply_to": "77", "reply_to_own": True, "reply_data": data}
        found = await asked(house, "收到", **ghost)
        assert (found.command.cases, found.adopt) == ((case.number,), adopted)
    found = await asked(house, f"关闭 {other.number}", **ghost)
    assert found.adopt is None


async def test_a_reply_to_a_card_of_another_chats_case(house: ChatHouse) -> None:
    """What is forwarded here is no card of this chat."""
    foreign = await house.opens(camera="door")
    data = encode(Press(Verb.CLOSE, foreign.number, 1))
    ghost = {"reply_to": "78", "reply_to_own": True, "reply_data": data}
    assert await meant(house, house.message("收到", **ghost)) is None


# -- presses


async def test_a_press_on_a_known_card(house: ChatHouse) -> None:
    """Carries the state that the person saw."""
    case = await house.opens()
    copy = await house.shown(case)
    found = await meant(house, pressed(house, case, reply_to=copy))
    assert found is not None
    assert (found.command.verb, found.command.cases, found.command.seq) == (
        Verb.CLOSE,
        (case.number,),
        case.seq,
    )
    assert found.adopt is None


async def test_a_press_on_an_unknown_message_adopts_it(house: ChatHouse) -> None:
    """A button that undoes is under an answer, which is no card."""
    case = await house.opens()
    found = await meant(house, pressed(house, case, reply_to="4711"))
    assert found is not None
    assert found.adopt == "4711"
    found = await meant(house, pressed(house, case, Verb.UNDO, reply_to="4711"))
    assert found is not None
    assert found.adopt is None


@pytest.mark.parametrize("verb", sorted(set(Verb) - {Verb.CLOSE}))
async def test_no_button_means_anything_else(house: ChatHouse, verb: Verb) -> None:
    """A forged press opens no emergency, mutes nothing, links nobody."""
    case = await house.opens()
    found = await meant(house, pressed(house, case, verb, reply_to=await house.shown(case)))
    assert found is not None
    on_buttons = {"acknowledge", "arrive", "rectified", "verify", "escalate", "false_alarm"}
    if verb in on_buttons | {"reopen", "undo", "say", "confirm", "cancel"}:
        assert found.refused is None
    elif verb == "card":
        assert found.refused is not None
        assert found.refused.key == "refused.unknown_digest"
    else:
        assert isinstance(found.refused, Refused)
        assert found.refused.key == "refused.forged"


async def test_a_press_that_does_not_fit_its_message(house: ChatHouse) -> None:
    """Another case than the card's, a case that is none, a case of another chat."""
    case, second = await house.opens(), await house.opens()
    foreign = await house.opens(camera="door")
    copy = await house.shown(case)
    for wrong, key in (
        (second, "refused.forged"),
        (replace(case, number=999_999), "refused.forged"),
    ):
        found = await meant(house, pressed(house, wrong, reply_to=copy))
        assert found is not None
        assert isinstance(found.refused, Refused)
        assert found.refused.key == key
    found = await meant(house, pressed(house, foreign, reply_to="99"))
    assert found is not None
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.not_here"


async def test_a_strangers_press(house: ChatHouse) -> None:
    """Refused before anything is looked up."""
    case = await house.opens()
    found = await meant(house, pressed(house, case, who="nobody"))
    assert found is not None
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.stranger_press"


# -- what one verb needs


@pytest.mark.parametrize(
    ("person", "member"),
    [("@王监督", "wang"), ("@wang", "wang"), ("@WANG", "wang"), ("@li_gong", "li")],
)
async def test_who_is_assigned(house: ChatHouse, person: str, member: str) -> None:
    """By name, by id, or by the user name that the platform gave them."""
    house.core.people.hear(Learning(USERNAME, "telegram:li_gong", {"member": "li"}))
    case = await house.opens()
    found = await asked(house, f"指派 {case.number} {person}")
    assert found.refused is None
    assert found.command.args["member"] == member


async def test_nobody_of_another_site_is_assigned(house: ChatHouse) -> None:
    """They are told who there is."""
    case = await house.opens()
    found = await asked(house, f"指派 {case.number} @赵工")
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.no_such_member"
    assert "赵工" not in found.refused.params["names"]
    found = await asked(house, f"/assign {case.number}")
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.assign_whom"


async def test_a_verification_wants_its_verdict(house: ChatHouse) -> None:
    """The bare slash form passes; bare words do not say how it was."""
    case = await house.opens()
    assert (await asked(house, f"/verify {case.number}")).command.passed
    assert not (await asked(house, f"复查 {case.number} 不通过")).command.passed
    found = await asked(house, f"复查 {case.number}")
    assert isinstance(found.refused, Refused)
    assert found.refused.key == "refused.needs_verdict"


# -- talk


@pytest.mark.parametrize(
    "text", ["关闭了吗", "别关闭 {n}", "{n}", "#{n}", "", "   ", "/nonsense", "/ack@other {n}"]
)
async def test_talk_asks_for_nothing(house: ChatHouse, text: str) -> None:
    """In any chat."""
    case = await house.opens()
    for chat in (GROUP, OTHER_GROUP, private(111), ChatRef("telegram", "-1", "9")):
        message = house.message(text.format(n=case.number), chat=chat)
        assert await meant(house, message) is None
