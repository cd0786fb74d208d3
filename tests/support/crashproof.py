"""What must be true when a program that was killed again and again has come to rest."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from tests.support.botapi import Message
from tests.support.crashing import Asked, Rows, Story

MARK = "可能重复"
WORDS = {
    "open": "待处理",
    "acknowledged": "已确认",
    "escalated": "已升级",
    "work_order": "已派工单",
    "closed": "已关闭",
}
_LI_DID = frozenset({"acknowledged", "escalated", "work_order", "closed", "refused"})


def check(story: Story, base: Rows, reports: int) -> None:
    """Every report a case, every command once, every card true, every double marked."""
    numbers = sorted(story.cases.values())
    assert numbers == list(range(1, reports + 1)), "a report lost, or two cases"
    states = {row["number"]: row["state"] for row in base["hazard_case"]}
    assert sorted(states) == numbers
    _check_commands(story, base)
    assert [row for row in base["inbox"] if row["state"] != "done"] == []
    _check_cards(story, base, states)
    _check_words(story)


def ghosts(story: Story, base: Rows) -> dict[int, list[Message]]:
    """Cards that the program does not know to be there: their sending was never answered.

    One that tells a closed case has nothing to press, and nothing that could become untrue.
    """
    known = {row["message_id"] for row in base["copy"]}
    found = {
        number: [card for card in story.cards_of(number) if str(card.id) not in known]
        for number in story.cases.values()
    }
    pressable = {number: [c for c in cards if c.buttons] for number, cards in found.items()}
    return {number: cards for number, cards in pressable.items() if cards}


def _check_commands(story: Story, base: Rows) -> None:
    """What li asked for was done once or refused once; a refusal was told and changed nothing."""
    events = Counter((row["case"], row["event"]) for row in base["audit_entry"])
    for (number, event), times in events.items():
        if event in ("opened", "acknowledged", "closed"):
            assert times == 1, f"#{number} {event} {times} times"
    by_li = Counter(
        row["case"]
        for row in base["audit_entry"]
        if row["actor"] == "li" and row["event"] in _LI_DID
    )
    asked = Counter(one.case for one in story.asked)
    assert by_li == asked, "a command was lost, or done twice"
    commands = [row for row in base["command"] if row["actor"] == "li"]
    answers = defaultdict[int, list[bool]](list)
    for row in commands:
        answers[_read(row["cases"])[0]].append(_read(row["answer"])["ok"])
    refused = Counter(row["case"] for row in base["audit_entry"] if row["event"] == "refused")
    for number, all_ok in answers.items():
        assert all_ok.count(False) == refused[number]
    for one in story.asked:
        if False in answers[one.case] and len(answers[one.case]) == 1:
            assert _was_told(story, base, one), f"#{one.case}: the refusal was told nobody"


def _was_told(story: Story, base: Rows, one: Asked) -> bool:
    """By a toast, by words in the group, or its answer is on record as one that may be lost."""
    if one.press is not None and one.press.answered and one.press.text:
        return True
    said = (m for m in story.server.messages(story.group) if f"#{one.case}" in m.words)
    if any(m.reply_to is one.message or one.press is not None for m in said):
        return True
    kinds = ("press", "text")
    rows = (row for row in base["outbox"] if row["kind"] in kinds and row["state"] == "uncertain")
    return any(f"#{one.case}" in str(row["payload"]) for row in rows)


def _check_cards(story: Story, base: Rows, states: Mapping[int, str]) -> None:
    """Each case is shown; doubles are marked; every copy that is known tells the present state."""
    messages = {str(message.id): message for message in story.server.messages(story.group)}
    sent = {row["case"]: row for row in base["outbox"] if row["kind"] == "card"}
    for number in states:
        cards = story.cards_of(number)
        assert cards, f"#{number} was never shown"
        unmarked = [card for card in cards if MARK not in card.history[0].words]
        assert len(unmarked) <= 1, f"#{number} came twice without saying so"
        if len(cards) > 1:
            assert _read(sent[number]["outcome"])["repeat"], f"#{number}: no doubt is on record"
    own = {row["case"] for row in base["copy"] if row["case"] is not None and not row["lost"]}
    assert own | {row["case"] for row in base["digest_line"]} == set(states)
    for row in base["copy"]:
        text = messages[row["message_id"]].words
        if row["case"] is not None:
            assert WORDS[states[row["case"]]] in text, f"{row['case']}: {text}"
            continue
        for line in (one for one in base["digest_line"] if one["digest"] == row["digest"]):
            told = [words for words in text.splitlines() if f"#{line['case']} " in f"{words} "]
            assert len(told) == 1, f"#{line['case']} in {text}"
            assert WORDS[states[line["case"]]] in told[0]


def _check_words(story: Story) -> None:
    """No answer and no call stands in the group twice unless it says that it may."""
    cards = {id(card) for number in story.cases.values() for card in story.cards_of(number)}
    said = Counter(
        (message.words, message.reply_to.id if message.reply_to else None)
        for message in story.server.messages(story.group)
        if id(message) not in cards and MARK not in message.history[0].words
    )
    doubles = [words for words, times in said.items() if times > 1]
    assert not doubles, "said twice without saying so"


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
