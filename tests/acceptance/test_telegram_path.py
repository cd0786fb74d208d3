"""The walking path through a running program: report, card, press, words, edited cards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.domain.callback import Press, encode
from bot.domain.command import Verb
from tests.support.town import PATIENCE_S, Town, is_card

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.slow]


async def test_a_report_becomes_a_photo_card_with_its_buttons(town: Town) -> None:
    """First line, place, state with deadline and who is next, duty; a general one is silent."""
    yard = town.yard("yard-7")
    card = await yard.opens(people=1)
    first, second, *_ = card.words.splitlines()
    assert first == f"🟡 疑似未戴安全帽 · 大门 #{card.number}"
    assert second.startswith("七号工地 · 1 人 · ")
    assert second.endswith(" · 一般")
    assert "状态：待处理（" in card.words
    assert "没人确认就升级给" in card.words
    assert "值班：@李工" in card.words
    assert card.message.photo
    assert card.message.silent
    assert card.message.buttons == ["确认", "关闭", "升级", "误报", "喊话"]
    await yard.shows(card, "📢 大门喇叭已提醒 1 次")


async def test_a_serious_card_calls_who_is_on_duty(town: Town) -> None:
    """Loudly, by a link where the card names them."""
    yard = town.yard("yard-7")
    card = await yard.opens("climbing")
    assert card.words.startswith(f"🟠 疑似违规攀爬 · 大门 #{card.number}\n")
    assert not card.message.silent
    (called,) = [e for e in card.message.entities if e["type"] == "text_mention"]
    assert called["user"]["id"] == town.li.id
    assert card.words.count("@李工") == 1


async def test_a_hazard_that_goes_on_makes_no_new_message(town: Town) -> None:
    """Further reports attach: the card counts them, nobody is disturbed again."""
    yard = town.yard()
    card = await yard.opens("no_vest", subject="t1")
    for phase, subject in (("continue", "t1"), ("start", "t2"), ("event", "t3")):
        status, body = await yard.report("no_vest", phase=phase, subject=subject)
        assert (status, body["case"]) == (200, card.number)
    await yard.shows(card, " · 3 人 · ", "共 3 次")
    assert len(town.server.messages(yard.group)) == 1


async def test_a_repeat_of_a_report_is_answered_the_same(town: Town) -> None:
    """And other content under its id is refused."""
    yard = town.yard()
    at = datetime.now(UTC).isoformat()
    first = {"id": "box3-8841", "phase": "start", "subject": "t1", "at": at}
    status, body = await yard.report(**first)
    assert status == 201
    assert await yard.report(**first) == (200, body)
    status, _ = await yard.report(**first, note="something else")
    assert status == 409
    await yard.card(body["case"])
    assert len(town.server.messages(yard.group)) == 1


async def test_a_press_edits_the_card_in_every_chat(town: Town) -> None:
    """The presser is answered by a toast; both groups see who has it, each in its language."""
    yard = town.yard("twins")
    card = await yard.opens("climbing")
    english = await yard.card(card.number, yard.groups[1])
    assert english.words.startswith("🟠 Suspected: ")
    assert english.message.buttons == ["Acknowledge", "Close", "Escalate", "False alarm", "Speak"]
    press = await yard.press(town.li, card, "确认")
    assert press.text is not None
    assert press.text.startswith(f"李工 已确认 #{card.number}")
    assert not press.alert
    shown = await yard.shows(card, "状态：已确认 · 李工")
    assert shown.words.startswith("🟠 攀爬") or "疑似" not in shown.words
    assert shown.buttons == ["关闭", "升级", "误报", "喊话"]
    shown = await yard.shows(english, "State: Acknowledged · 李工")
    assert shown.buttons == ["Close", "Escalate", "False alarm", "Speak"]
    assert await town.events(card.number) == ["opened system", "acknowledged li"]


async def test_a_general_case_stays_out_of_a_chat_for_serious_ones(town: Town) -> None:
    """`minimum_severity` is per chat."""
    yard = town.yard("twins")
    general = await yard.opens("no_helmet")
    serious = await yard.opens("thrown_object")
    await yard.card(serious.number, yard.groups[1])
    shown = [m for m in town.server.messages(yard.groups[1]) if is_card(m, general.number)]
    assert not shown


async def test_a_second_press_a_moment_later_names_the_winner(town: Town) -> None:
    """Two people press at once: one has it, the other is told who; one entry in the history."""
    yard = town.yard()
    card = await yard.opens()
    first, second = await asyncio.gather(
        town.li.press(card.message, "关闭"), town.lin.press(card.message, "升级")
    )
    answers = [await first.answer(PATIENCE_S), await second.answer(PATIENCE_S)]
    late = [text for text in answers if "慢了一步" in text]
    assert len(late) == 1
    assert "李工" in late[0] or "林工" in late[0]
    events = await town.events(card.number)
    assert len(events) == 2
    by_words = await yard.say(town.zhang, f"确认 {card.number}")
    if events[-1] == "closed li":
        assert "李工" in by_words.words
        assert f"重开 {card.number}" in by_words.words


async def test_words_a_moment_later_name_the_winner(town: Town) -> None:
    """`李工 10:44 关闭`, and how to change it."""
    yard = town.yard()
    card = await yard.opens()
    await yard.say(town.li, f"关闭 {card.number} 已整改")
    late = await yard.say(town.lin, f"关闭 {card.number}")
    assert f"#{card.number} 现在已关闭（已整改）：李工 " in late.words
    assert f"要改请发“重开 {card.number}”" in late.words
    assert await town.events(card.number) == ["opened system", "closed li"]


async def test_an_old_button_acts_on_the_present_state(town: Town) -> None:
    """A button of a state long past is no command about that state; its verb still is one."""
    yard = town.yard()
    card = await yard.opens()
    old = card.message.keyboard
    assert old is not None
    data = old[1][0]["callback_data"]
    await yard.say(town.li, f"确认 {card.number}")
    # changed less than 10 s ago by somebody else: refused, with the winner's name
    press = await town.lin.sends_data(card.message, data)
    assert "李工" in await press.answer(PATIENCE_S)
    assert press.alert
    assert (await town.case(card.number))["state"] == "acknowledged"


async def test_forged_and_foreign_data_do_nothing(town: Town) -> None:
    """Garbage, an unknown case, another card's case, another chat's case, no button's verb."""
    yard, other = town.yard(), town.yard()
    card, foreign = await yard.opens(), await other.opens()
    second = await yard.opens()
    forged = [
        "",
        "1|close|12",
        "9|close|1|1",
        "rm -rf",
        encode(Press(Verb.CLOSE, 999_999, 1)),
        encode(Press(Verb.CLOSE, foreign.number, 1)),
        encode(Press(Verb.CLOSE, second.number, 1)),
        encode(Press(Verb.SOS, card.number, 1)),
        encode(Press(Verb.MUTE, card.number, 1)),
    ]
    for data in forged:
        press = await town.li.sends_data(card.message, data)
        assert "没有执行" in await press.answer(PATIENCE_S), data
        assert press.alert
    for one in (card, foreign, second):
        assert (await town.case(one.number))["state"] == "open"
    assert not yard.calls(lambda m: m.words.startswith("🔴"))


async def test_a_press_on_an_unknown_message_of_ours_adopts_it(town: Town) -> None:
    """A card whose sending was uncertain shows the truth from its first press on."""
    yard = town.yard()
    town.server.trouble.fail_next("sendPhoto", "reset_after", chat_id=yard.group.id)
    _, body = await yard.report(phase="start", subject="ghost")
    number = body["case"]
    ghost = await town.message(yard.group, lambda m: is_card(m, number))
    again = await town.message(yard.group, lambda m: is_card(m, number), after=ghost)
    assert "（可能重复）" in again.words.splitlines()[0]
    await yard.press(town.li, ghost, "确认")
    await yard.shows(ghost, "已确认 · 李工")
    await yard.shows(again, "已确认 · 李工")
    await yard.say(town.li, f"关闭 {number}")
    await yard.shows(ghost, "已关闭")
    await yard.shows(again, "已关闭")


async def test_a_reply_to_an_unknown_message_of_ours_adopts_it(town: Town) -> None:
    """So does the first answer to it."""
    yard = town.yard()
    town.server.trouble.fail_next("sendPhoto", "timeout_after", chat_id=yard.group.id, seconds=0.1)
    _, body = await yard.report(phase="start", subject="ghost")
    number = body["case"]
    ghost = await town.message(yard.group, lambda m: is_card(m, number))
    again = await town.message(yard.group, lambda m: is_card(m, number), after=ghost)
    await yard.say(town.li, "收到", to=ghost)
    await yard.shows(ghost, "已确认 · 李工")
    await yard.shows(again, "已确认 · 李工")


async def test_a_press_without_its_message_still_counts(town: Town) -> None:
    """A card too old for Telegram to show the bot: the data says which case."""
    yard = town.yard()
    card = await yard.opens()
    press = await town.li.press(card.message, "确认", inaccessible=True)
    assert "李工 已确认" in await press.answer(PATIENCE_S)
    await yard.shows(card, "已确认")


async def test_a_hazard_seen_rectified_closes_itself_and_comes_back(town: Town) -> None:
    """start, continue, end: one case; a new start within the cooldown reopens it."""
    yard = town.yard("quick")
    seen = {"hazard": "no_vest", "subject": "t1"}
    card = await yard.opens(**seen)
    status, body = await yard.report(**seen, phase="continue")
    assert (status, body["case"]) == (200, card.number)
    status, body = await yard.report(**seen, phase="end", because="rectified")
    assert (status, body["case"]) == (200, card.number)
    shown = await yard.shows(card, "状态：已关闭 · 自动整改")
    assert shown.buttons == []
    status, body = await yard.report(**seen, phase="start")
    assert (status, body["case"], body["state"]) == (200, card.number, "open")
    await yard.shows(card, "状态：待处理")
    await town.message(yard.group, lambda m: "已重开" in m.words)
    assert await town.events(card.number) == [
        "opened system",
        "closed system",
        "reopened system",
    ]


@pytest.mark.parametrize(
    ("hazard", "because"), [("no_seatbelt", "lost"), ("speeding", "source_down")]
)
async def test_who_looks_no_more_proves_nothing(town: Town, hazard: str, because: str) -> None:
    """A lost track and a dead source close nothing."""
    yard = town.yard("quick")
    card = await yard.opens(hazard, subject="t1")
    status, body = await yard.report(hazard, subject="t1", phase="end", because=because)
    assert (status, body) == (200, {"case": card.number, "state": "open", "report": body["report"]})
    assert card.message.buttons


async def test_who_left_is_counted_apart(town: Town) -> None:
    """A general case closes when everybody has left, and says that nobody saw it rectified."""
    yard = town.yard("quick")
    card = await yard.opens("unregistered_person", subject="t1")
    await yard.report("unregistered_person", subject="t1", phase="end", because="left")
    await yard.shows(card, "状态：已关闭 · 离开，未见整改")
    assert (await town.case(card.number))["outcome"] == "left"


async def test_an_end_of_what_was_never_seen_is_no_case(town: Town) -> None:
    """200 and case null."""
    status, body = await town.yard().report(phase="end", because="rectified", subject="nobody")
    assert (status, body["case"]) == (200, None)


async def test_what_goes_on_after_a_close_is_a_new_case_when_the_cooldown_ends(town: Town) -> None:
    """A person's close silences it for the cooldown, and no longer."""
    yard = town.yard("still")
    card = await yard.opens("no_vest", subject="t9")
    await yard.say(town.li, f"关闭 {card.number}")
    await yard.shows(card, "已关闭")
    status, body = await yard.report("no_vest", subject="t9", phase="continue")
    assert (status, body["case"], body["state"]) == (200, card.number, "closed")
    anew = await town.message(yard.group, lambda m: m.photo is not None and m is not card.message)
    assert "状态：待处理" in anew.words
    assert not is_card(anew, card.number)


async def test_a_person_who_closed_it_is_believed_for_the_cooldown(town: Town) -> None:
    """A new report of the same within the cooldown is kept on the closed case."""
    yard = town.yard()
    card = await yard.opens("no_vest")
    await yard.say(town.li, f"关闭 {card.number} 已整改")
    status, body = await yard.report("no_vest", phase="start", subject="t2")
    assert (status, body["case"], body["state"]) == (200, card.number, "closed")


async def test_an_english_chat(town: Town) -> None:
    """Everything said there is English, the refusals too."""
    yard = town.yard("english")
    card = await yard.opens()
    n = card.number
    assert card.words.splitlines()[0] == f"🟡 Suspected: no hard hat · 大门 #{n}"
    assert card.message.buttons == ["Acknowledge", "Close", "Escalate", "False alarm", "Speak"]
    done = await yard.say(town.li, f"ack {n}")
    assert done.words.startswith(f"李工 acknowledged #{n}")
    assert done.buttons == ["Undo"]
    done = await yard.say(town.chen, f"close {n}")
    assert "Your role is viewer, you may not close" in done.words
    done = await yard.say(town.li, f"close {n} fixed")
    assert f"李工 closed #{n}" in done.words
    await yard.shows(card, "State: Closed · rectified · 李工")


async def test_the_http_api_acts_on_the_same_cases(town: Town) -> None:
    """A command by key edits the card, once per Idempotency-Key, under the member's name."""
    yard = town.yard()
    card = await yard.opens()
    for _ in range(2):
        status, body = await town.command(card.number, "acknowledge", "ack-1")
        assert (status, body) == (200, {"case": card.number, "state": "acknowledged"})
    await yard.shows(card, "已确认 · 李工")
    status, body = await town.command(card.number, "close", "close-1", reason="已整改")
    assert status == 200
    await yard.shows(card, "已关闭 · 已整改 · 李工")
    assert await town.events(card.number) == [
        "opened system",
        "acknowledged li",
        "closed li",
    ]
