"""What a page may claim, and what is not believed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.site import Member
from bot.ports_console import ConsolePicture
from handlers.console.frames import BadFrame, chats_asked, pressed, typed

LI = Member("li", "李工")
SAY: dict[str, Any] = {"id": "0123456789abcdef", "chat": "main", "text": "收到", "age": 5}
PRESS: dict[str, Any] = {
    "id": "0123456789abcdef",
    "chat": "main",
    "message": 3,
    "data": "1|close|12|3",
}


def test_the_sender_is_whoever_is_signed_in() -> None:
    """A frame that claims another name changes nothing."""
    said = typed({**SAY, "member": "wang", "name": "王监督", "sender": "wang"}, LI)
    assert (said.member, said.name, said.text, said.age) == ("li", "李工", "收到", 5)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"id": "short"},
        {"id": "a" * 65},
        {"id": "../../etc/passwd"},
        {"text": ""},
        {"text": "   "},
        {"text": 12},
        {"text": "a" * 4001},
        {"text": "a\0b"},
        {"text": "half \ud83d"},
        {"reply_to": "3"},
        {"reply_to": -1},
        {"reply_to": True},
        {"reply_to": 2**60},
        {"age": -5},
        {"chat": None},
    ],
)
def test_words_that_no_page_of_ours_sends_are_refused(changed: dict[str, Any]) -> None:
    """Named by the field, before anything is stored."""
    with pytest.raises(BadFrame) as fault:
        typed({**SAY, **changed}, LI)
    assert str(fault.value) == next(iter(changed))


@pytest.mark.parametrize(
    "changed", [{"message": None}, {"message": "3"}, {"data": ""}, {"data": "x" * 65}, {"data": 5}]
)
def test_presses_that_no_page_of_ours_sends_are_refused(changed: dict[str, Any]) -> None:
    """A press names a message and data that fits behind a button."""
    with pytest.raises(BadFrame):
        pressed({**PRESS, **changed}, LI)


@pytest.mark.parametrize("age", [2**53 - 1, 60 * 365 * 86_400_000])
def test_nobody_waited_for_years(age: int) -> None:
    """A page that claims so is heard all the same, as of a week ago."""
    assert typed({**SAY, "age": age}, LI).age == 7 * 86_400_000


def test_a_photo_may_go_without_words() -> None:
    """The bare after-picture."""
    said = typed({**SAY, "text": ""}, LI, photo=ConsolePicture("a" * 64))
    assert (said.text, said.photo) == ("", ConsolePicture("a" * 64))


def test_chats_are_asked_for_from_a_revision() -> None:
    """Nothing known, or nonsense, means: from the end of the chat."""
    asked = {"chats": {"main": 7, "eight": None, "odd": "x", "less": -1}}
    assert chats_asked(asked) == {"main": 7, "eight": None, "odd": None, "less": None}
    assert chats_asked({"chats": [1]}) == {}
