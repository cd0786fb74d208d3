"""Slash forms: meant for us beyond doubt, so they always come to something."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.command import CASE_VERBS, Verb
from handlers.wordforms import CASE_FORMS, OTHER_SLASHES
from handlers.words import Utterance, parse


@pytest.mark.parametrize(
    ("text", "verb", "numbers", "reason"),
    [
        ("/ack 12", Verb.ACKNOWLEDGE, (12,), ""),
        ("/ack@site_bot 12", Verb.ACKNOWLEDGE, (12,), ""),
        ("/ACK #12", Verb.ACKNOWLEDGE, (12,), ""),
        ("/ack12", Verb.ACKNOWLEDGE, (12,), ""),
        ("／ack １２", Verb.ACKNOWLEDGE, (12,), ""),
        ("/ack", Verb.ACKNOWLEDGE, (), ""),
        ("/arrive 12", Verb.ARRIVE, (12,), ""),
        ("/fixed 12", Verb.RECTIFIED, (12,), ""),
        ("/close 12", Verb.CLOSE, (12,), ""),
        ("/close 12 fixed it", Verb.CLOSE, (12,), "fixed it"),
        ("/close 12 13 15", Verb.CLOSE, (12, 13, 15), ""),
        ("/close 12 13 15 已整改", Verb.CLOSE, (12, 13, 15), "已整改"),
        ("/close 已整改", Verb.CLOSE, (), "已整改"),
        ("/close 12号门", Verb.CLOSE, (), "12号门"),
        ("/关闭 12", Verb.CLOSE, (12,), ""),
        ("/escalate 12 no one comes", Verb.ESCALATE, (12,), "no one comes"),
        ("/false 12", Verb.FALSE_ALARM, (12,), ""),
        ("/reopen 12", Verb.REOPEN, (12,), ""),
        ("/undo", Verb.UNDO, (), ""),
        ("/undo 12", Verb.UNDO, (12,), ""),
        ("/dispute 12 why us?", Verb.DISPUTE, (12,), "why us?"),
        ("/case 12", Verb.CASE, (12,), ""),
    ],
)
def test_on_cases(text: str, verb: Verb, numbers: tuple[int, ...], reason: str) -> None:
    """What follows the numbers is the reason, whatever it says."""
    assert parse(text) == Utterance(verb, numbers, reason, slash=True)


@pytest.mark.parametrize(
    ("text", "passed", "reason"),
    [
        ("/verify 12", True, ""),
        ("/verify 12 通过", True, ""),
        ("/verify 12 failed no hat", False, "no hat"),
        ("/verify 12 不通过 缺一顶", False, "缺一顶"),
        ("/verify 12 looks good", True, "looks good"),
    ],
)
def test_verifying(text: str, passed: bool, reason: str) -> None:
    """The bare command passes, as its row of the manual says."""
    assert parse(text) == Utterance(Verb.VERIFY, (12,), reason, passed=passed, slash=True)


@pytest.mark.parametrize(
    ("text", "verb", "args"),
    [
        ("/assign 12 @li", Verb.ASSIGN, {"person": "li"}),
        ("/assign 12 @Li Wei", Verb.ASSIGN, {"person": "Li Wei"}),
        ("/assign 12 li", Verb.ASSIGN, {"person": "li"}),
        ("/assign 12", Verb.ASSIGN, {}),
        ("/cases", Verb.CASES, {}),
        ("/status@site_bot", Verb.STATUS, {}),
        ("/report", Verb.REPORT, {"days": None}),
        ("/report 7d", Verb.REPORT, {"days": 7}),
        ("/report 30d", Verb.REPORT, {"days": 30}),
        ("/cameras", Verb.CAMERAS, {}),
        ("/snapshot gate", Verb.SNAPSHOT, {"camera": "gate"}),
        ("/snapshot 大门", Verb.SNAPSHOT, {"camera": "大门"}),
        ("/close D3", Verb.CLOSE, {"digest": 3}),
        ("/ack d12", Verb.ACKNOWLEDGE, {"digest": 12}),
        ("/confirm", Verb.CONFIRM, {}),
        ("/取消", Verb.CANCEL, {}),
        ("/duty", Verb.DUTY, {}),
        ("/handover", Verb.HANDOVER, {}),
        (
            "/say gate-horn Mind your heads, please!",
            Verb.SAY,
            {"speaker": "gate-horn", "text": "Mind your heads, please!", "force": False},
        ),
        ("/say gate-horn", Verb.SAY, {"speaker": "gate-horn", "text": "", "force": False}),
        ("/say", Verb.SAY, {"speaker": "", "text": "", "force": False}),
        (
            "/say gate force leave now",
            Verb.SAY,
            {"speaker": "gate", "text": "leave now", "force": True},
        ),
        ("/mute gate 30m", Verb.MUTE, {"place": "gate", "minutes": 30}),
        ("/mute gate 30 min", Verb.MUTE, {"place": "gate", "minutes": 30}),
        ("/mute gate 1h30m", Verb.MUTE, {"place": "gate", "minutes": 90}),
        ("/mute 大门 1 小时 15 分钟", Verb.MUTE, {"place": "大门", "minutes": 75}),
        ("/mute gate 2 30m", Verb.MUTE, {"place": "gate 2", "minutes": 30}),
        ("/mute gate 30m1h", Verb.MUTE, {"place": "gate 30m", "minutes": 60}),
        ("/mute gate", Verb.MUTE, {"place": "gate", "minutes": None}),
        ("/mute", Verb.MUTE, {"place": "", "minutes": None}),
        ("/unmute gate", Verb.UNMUTE, {"place": "gate"}),
        ("/hazard open edge, block 3", Verb.HAZARD, {"text": "open edge, block 3"}),
        ("/hazard", Verb.HAZARD, {"text": ""}),
        ("/sos", Verb.SOS, {"text": ""}),
        ("/sos man down", Verb.SOS, {"text": "man down"}),
        ("/link AB12-CD34", Verb.LINK, {"code": "AB12-CD34"}),
        ("/start AB12-CD34", Verb.LINK, {"code": "AB12-CD34"}),
        ("/start", Verb.HELP, {}),
        ("/whoami", Verb.WHOAMI, {}),
        ("/chatid", Verb.CHATID, {}),
        ("/help", Verb.HELP, {}),
        ("/language en", Verb.LANGUAGE, {"language": "en"}),
        ("/language", Verb.LANGUAGE, {"language": ""}),
    ],
)
def test_arguments(text: str, verb: Verb, args: dict[str, Any]) -> None:
    """Every other command of the manual, with what it takes."""
    said = parse(text)
    assert said is not None
    assert (said.verb, dict(said.args), said.slash) == (verb, args, True)


def test_every_verb_has_a_slash_form() -> None:
    """Nothing can be asked for in words alone; no name means two things."""
    of_cases = [(name, form.verb) for form in CASE_FORMS for name in form.slash]
    assert {verb for _, verb in of_cases} | set(OTHER_SLASHES.values()) == set(Verb)
    assert {verb for _, verb in of_cases} >= CASE_VERBS
    names = [name for name, _ in of_cases] + list(OTHER_SLASHES)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "text", ["/foo 12", "/", "/ ack 12", "/12", "please /close 12", "//ack 12"]
)
def test_other_slashes_are_not_ours(text: str) -> None:
    """Unknown, or not at the start."""
    assert parse(text) is None


def test_a_command_for_another_bot_is_not_ours() -> None:
    """Several bots may share a group."""
    assert parse("/close@other_bot 12", bot="site_bot") is None
    assert parse("/close@Site_Bot 12", bot="site_bot") == Utterance(Verb.CLOSE, (12,), slash=True)


def test_two_commands_in_one_message() -> None:
    """Alike they are one with more numbers; else nobody can tell, and nothing is done by halves."""
    assert parse("/close 12\n/close 13") == Utterance(Verb.CLOSE, (12, 13), slash=True)
    for text in ("/close 12\n/escalate 13", "关闭 12\n升级 13"):
        unlike = parse(text)
        assert unlike is not None
        assert unlike.refusal == "refused.one_command"
