"""Strobes, sirens and relays that answer what no device answers: it costs no time."""

from __future__ import annotations

import time

import pytest

from bot.channels.actuators.asking import MOST_BYTES
from bot.channels.actuators.soap import BadSoap, Reply
from bot.domain.actuator import Proof

NESTED = "<e:Envelope xmlns:e='x'>{}</e:Envelope>"


@pytest.mark.parametrize("filling", [" ", "\n\t", " ,", "[ ", "ON"])
def test_a_long_state_is_read_in_no_time(filling: str) -> None:
    said = f'{{"POWER": "ON"}}x{filling * (MOST_BYTES // len(filling))}end'
    begun = time.process_time()
    assert Proof(on='"POWER":"ON"', off='"POWER":"OFF"').reads(said) is True
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("name", ["Message", "Events", "Text"])
def test_an_answer_of_many_levels_is_none(name: str) -> None:
    levels = MOST_BYTES // (2 * len(name) + 5)
    text = NESTED.format(f"<e:{name}>" * levels + f"</e:{name}>" * levels)
    begun = time.process_time()
    with pytest.raises(BadSoap):
        Reply(text)
    assert time.process_time() - begun < 1


def test_names_are_found_whatever_stands_before_them() -> None:
    item = "<{0}:SimpleItem Name='{1}' Value='{2}'/>"
    items = item.format("e", "RelayToken", "R1") + item.format("f", "LogicalState", "active")
    reply = Reply(f"<a xmlns:e='x' xmlns:f='y'><e:Message>{items}</e:Message></a>")
    assert reply.relay_is("R1") is True
    assert reply.relay_is("R2") is None
    assert not reply.answers("SimpleItems")
