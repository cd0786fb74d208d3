"""Plain forms: at the start of the message, then a case, then the end or a reason."""

from __future__ import annotations

import pytest

from bot.domain.command import Verb
from handlers.words import Utterance, parse

ACTS: list[tuple[str, Verb, tuple[int, ...], str]] = [
    # acknowledge
    ("确认 12", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认12", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认#12", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认 # 12", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认 １２", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认＃１２", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认　12", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认 12号", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认 12 号案件", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认12号案件", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认第 12 号", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认 12。", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认 12！", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认 12👍🏻", Verb.ACKNOWLEDGE, (12,), ""),
    ("  确认 12  ", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认\u200b 12", Verb.ACKNOWLEDGE, (12,), ""),
    ("收到31", Verb.ACKNOWLEDGE, (31,), ""),
    ("收到 31", Verb.ACKNOWLEDGE, (31,), ""),
    ("ack 12", Verb.ACKNOWLEDGE, (12,), ""),
    ("ACK 12", Verb.ACKNOWLEDGE, (12,), ""),
    ("Ack #12.", Verb.ACKNOWLEDGE, (12,), ""),
    ("acknowledge 12", Verb.ACKNOWLEDGE, (12,), ""),
    ("确认 12 13", Verb.ACKNOWLEDGE, (12, 13), ""),
    # arrive
    ("到场 12", Verb.ARRIVE, (12,), ""),
    ("我已到场 12", Verb.ARRIVE, (12,), ""),
    ("arrive 12", Verb.ARRIVE, (12,), ""),
    ("on scene 12", Verb.ARRIVE, (12,), ""),
    # rectified
    ("整改 12", Verb.RECTIFIED, (12,), ""),
    ("整改完成 12", Verb.RECTIFIED, (12,), ""),
    ("已整改 12", Verb.RECTIFIED, (12,), ""),
    ("整改 12 已经戴好", Verb.RECTIFIED, (12,), "已经戴好"),
    ("整改 12 处理好了", Verb.RECTIFIED, (12,), "处理好了"),
    ("fixed 12", Verb.RECTIFIED, (12,), ""),
    ("Fixed #12!", Verb.RECTIFIED, (12,), ""),
    # close
    ("关闭 12", Verb.CLOSE, (12,), ""),
    ("关闭 12 已整改", Verb.CLOSE, (12,), "已整改"),
    ("关闭12 已整改", Verb.CLOSE, (12,), "已整改"),
    ("关闭 12，已整改", Verb.CLOSE, (12,), "已整改"),
    ("关闭 12号 已整改", Verb.CLOSE, (12,), "已整改"),
    ("关闭 12 没有人了", Verb.CLOSE, (12,), "没有人了"),
    ("关闭 12 不是隐患", Verb.CLOSE, (12,), "不是隐患"),
    ("关闭 12 别人已处理", Verb.CLOSE, (12,), "别人已处理"),
    ("关闭 12 人已离开", Verb.CLOSE, (12,), "人已离开"),
    ("关闭 12 3号楼已整改", Verb.CLOSE, (12,), "3号楼已整改"),
    ("关闭 12 老李，已经处理。", Verb.CLOSE, (12,), "老李，已经处理"),
    ("关闭 12\n已整改", Verb.CLOSE, (12,), "已整改"),
    ("close 12 fixed", Verb.CLOSE, (12,), "fixed"),
    ("close 12", Verb.CLOSE, (12,), ""),
    ("Close case 12 no one there", Verb.CLOSE, (12,), "no one there"),
    ("关闭 12 13 15", Verb.CLOSE, (12, 13, 15), ""),
    ("关闭 12、13，15", Verb.CLOSE, (12, 13, 15), ""),
    ("关闭 #12 #13 #15 已整改", Verb.CLOSE, (12, 13, 15), "已整改"),
    ("关闭 12 和 13", Verb.CLOSE, (12, 13), ""),
    ("close 12 and 13 fixed", Verb.CLOSE, (12, 13), "fixed"),
    ("关闭 12 12", Verb.CLOSE, (12,), ""),
    ("关闭 12\n关闭 13", Verb.CLOSE, (12, 13), ""),
    # escalate
    ("升级 12", Verb.ESCALATE, (12,), ""),
    ("升级 12 没人管", Verb.ESCALATE, (12,), "没人管"),
    ("升级 12 等不及了", Verb.ESCALATE, (12,), "等不及了"),
    ("升级 12 不能处理", Verb.ESCALATE, (12,), "不能处理"),
    ("升级 12 3 人受伤", Verb.ESCALATE, (12,), "3 人受伤"),
    ("escalate 12", Verb.ESCALATE, (12,), ""),
    ("escalate 12 3 people hurt", Verb.ESCALATE, (12,), "3 people hurt"),
    # false alarm
    ("误报 12", Verb.FALSE_ALARM, (12,), ""),
    ("误报 12 是雨衣", Verb.FALSE_ALARM, (12,), "是雨衣"),
    ("false alarm 12", Verb.FALSE_ALARM, (12,), ""),
    ("False Alarm #12", Verb.FALSE_ALARM, (12,), ""),
    # the others
    ("重开 12", Verb.REOPEN, (12,), ""),
    ("reopen 12", Verb.REOPEN, (12,), ""),
    ("撤销", Verb.UNDO, (), ""),
    ("撤销。", Verb.UNDO, (), ""),
    ("undo", Verb.UNDO, (), ""),
    ("撤销 12", Verb.UNDO, (12,), ""),
    ("undo 12", Verb.UNDO, (12,), ""),
    ("异议 12 那是访客", Verb.DISPUTE, (12,), "那是访客"),
    ("异议 12 为什么算我们的？", Verb.DISPUTE, (12,), "为什么算我们的？"),
    ("dispute 12 not our people", Verb.DISPUTE, (12,), "not our people"),
    # looking
    ("查看 12", Verb.CASE, (12,), ""),
    ("查看12", Verb.CASE, (12,), ""),
    ("未处理", Verb.CASES, (), ""),
    ("帮助", Verb.HELP, (), ""),
]


@pytest.mark.parametrize(("text", "verb", "numbers", "reason"), ACTS)
def test_understood(text: str, verb: Verb, numbers: tuple[int, ...], reason: str) -> None:
    """The wording does what the manual says, in a reply to a card as well."""
    assert parse(text) == Utterance(verb, numbers, reason)
    assert parse(text, reply=True) == Utterance(verb, numbers, reason)


@pytest.mark.parametrize(
    ("text", "numbers", "passed", "reason"),
    [
        ("复查 12 通过", (12,), True, ""),
        ("复查12通过", (12,), True, ""),
        ("复查 12 通过了", (12,), True, ""),
        ("复查 12 合格 很好", (12,), True, "很好"),
        ("复查 12 不通过 还缺一顶", (12,), False, "还缺一顶"),
        ("复查 12 不通过，还缺一顶", (12,), False, "还缺一顶"),
        ("复查12不通过", (12,), False, ""),
        ("复查 12 没通过", (12,), False, ""),
        ("复查 12 13 通过", (12, 13), True, ""),
        ("verify 12 passed", (12,), True, ""),
        ("verify 12 failed still no hat", (12,), False, "still no hat"),
        ("verify 12 not fixed", (12,), False, ""),
        ("复查 12", (12,), None, ""),
    ],
)
def test_a_verification_has_its_verdict(
    text: str, numbers: tuple[int, ...], passed: bool | None, reason: str
) -> None:
    """Without a verdict in plain words nobody knows it; it is asked for."""
    assert parse(text) == Utterance(Verb.VERIFY, numbers, reason, passed=passed)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("指派 12 @李工", "李工"),
        ("指派 12 李工", "李工"),
        ("指派12给李工", None),
        ("指派 12 给李工", "李工"),
        ("指派 12 给 @李工", "李工"),
        ("指派 12", None),
        ("assign 12 @li", "li"),
        ("assign 12 to li", "li"),
        ("assign 12 @Li Wei", "Li Wei"),
        ("assign 12 to @Li Wei", "Li Wei"),
        ("assign 12 Li Wei", None),
        ("assign 12 @li @wang", None),
    ],
)
def test_assigning_names_a_person(text: str, person: str | None) -> None:
    """With or without the @."""
    said = parse(text)
    assert (said and said.args.get("person")) == person


@pytest.mark.parametrize(
    ("text", "verb", "args"),
    [
        ("喊话 大门 请注意落物", Verb.SAY, ("大门", "请注意落物", False)),
        ("喊话 大门 强制 请注意，落物！", Verb.SAY, ("大门", "请注意，落物", True)),
        ("喊话：大门：请让一让", Verb.SAY, ("大门", "请让一让", False)),
    ],
)
def test_speaking(text: str, verb: Verb, args: tuple[str, str, bool]) -> None:
    """Speaker, then the words, as they were written."""
    said = parse(text)
    assert said is not None
    assert said.verb is verb
    assert (said.args["speaker"], said.args["text"], said.args["force"]) == args


@pytest.mark.parametrize(
    ("text", "place", "minutes"),
    [
        ("静音 大门 30分钟", "大门", 30),
        ("静音 大门 30 分钟", "大门", 30),
        ("静音 大门 2小时", "大门", 120),
        ("静音 大门 半小时", "大门", 30),
        ("静音 大门３０分钟", "大门", 30),
        ("mute gate 30m", "gate", 30),
        ("mute gate 2 h", "gate", 120),
        ("静音 1天", "", 1440),
    ],
)
def test_muting_has_an_end(text: str, place: str, minutes: int) -> None:
    """The span may stand off its unit."""
    said = parse(text)
    assert said == Utterance(Verb.MUTE, args={"place": place, "minutes": minutes})


@pytest.mark.parametrize("text", ["解除静音 大门", "取消静音 大门", "unmute 大门"])
def test_unmuting(text: str) -> None:
    """The same place."""
    assert parse(text) == Utterance(Verb.UNMUTE, args={"place": "大门"})


@pytest.mark.parametrize(
    ("text", "verb", "told"),
    [
        ("上报 3号楼临边没有护栏", Verb.HAZARD, "3号楼临边没有护栏"),
        ("上报：３号楼临边没有护栏", Verb.HAZARD, "３号楼临边没有护栏"),
        ("上报 3号楼临边没护栏，有人处理吗？", Verb.HAZARD, "3号楼临边没护栏，有人处理吗？"),
        ("hazard: open edge at block 3", Verb.HAZARD, "open edge at block 3"),
        ("紧急 基坑有人摔倒", Verb.SOS, "基坑有人摔倒"),
        ("紧急！基坑有人摔倒", Verb.SOS, "基坑有人摔倒"),
        ("紧急，有人听到吗？", Verb.SOS, "有人听到吗？"),
        ("紧急", Verb.SOS, ""),
        ("SOS", Verb.SOS, ""),
        ("sos man down at the pit", Verb.SOS, "man down at the pit"),
        ("emergency: man down", Verb.SOS, "man down"),
    ],
)
def test_reports_by_hand(text: str, verb: Verb, told: str) -> None:
    """A person's own words are kept as they are, questions and all."""
    assert parse(text) == Utterance(verb, args={"text": told})


def test_our_own_name_may_stand_before_it() -> None:
    """In privacy mode a group must call the bot to be heard; another name is somebody else."""
    assert parse("@site_bot 关闭 12", bot="Site_Bot") == Utterance(Verb.CLOSE, (12,))
    assert parse("@li 关闭 12", bot="Site_Bot") is None
    assert parse("@site_bot 关闭 12") is None
