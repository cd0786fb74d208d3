"""The measure of the grammar: every way of saying it is understood, and nothing else is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.command import CASE_VERBS, Verb
from handlers.numerals import in_digits
from handlers.spoken.lexicon import Lexicon
from handlers.spoken.understanding import CHANGING, Heard, understand
from handlers.wordforms import CASE_FORMS, Form
from tests.support.pages import sections
from tests.support.phrasings import NEGATIVES, PHRASINGS

NOISE = st.text(
    "把关闭升级误报号案件大门那个不没吗谁一二十0123456789 ,closegatetwelvenot?", max_size=60
)


def meant(heard: Heard) -> str:
    """Which case it names, in the notation of the list."""
    mention = heard.mention
    places = sorted(place.zone or place.camera or place.site for place in mention.places)
    words = [str(number) for number in mention.numbers]
    words += [f"place:{place}" for place in places]
    words += [f"hazard:{hazard}" for hazard in sorted(mention.hazards)]
    return " ".join([*words, *(["last"] if mention.last else [])])


def test_there_are_sixty_and_forty() -> None:
    assert (len(set(PHRASINGS)), len(set(NEGATIVES))) == (60, 40)


@pytest.mark.parametrize(("said", "verb", "what"), PHRASINGS)
def test_a_phrasing_is_understood(lexicon: Lexicon, said: str, verb: Verb, what: str) -> None:
    heard = understand(said, lexicon)
    assert heard is not None
    assert (heard.verb, meant(heard)) == (verb, what)


@pytest.mark.parametrize("said", NEGATIVES)
def test_what_is_no_command_is_not_taken_for_one(lexicon: Lexicon, said: str) -> None:
    assert understand(said, lexicon) is None


ORDERS = [said for said, verb, _ in PHRASINGS if verb in CHANGING]


@pytest.mark.parametrize("denial", ["不要", "先别", "没", "谁", "don't ", "not yet, "])
def test_a_denial_before_it_takes_it_back(lexicon: Lexicon, denial: str) -> None:
    for said in ORDERS:
        assert understand(f"{denial}{said}", lexicon) is None, said


@pytest.mark.parametrize("denial", ["吗", "，先别", "，不要", "，没有", ", not yet", ", don't"])
def test_a_denial_after_it_takes_it_back(lexicon: Lexicon, denial: str) -> None:
    for said in ORDERS:
        assert understand(f"{said}{denial}", lexicon) is None, said


@pytest.mark.parametrize("ghost", ["请不吝点赞", "字幕由Amara.org社区提供", "thanks for watching"])
def test_a_ghost_beside_it_takes_it_back(lexicon: Lexicon, ghost: str) -> None:
    for said in ORDERS:
        assert understand(f"{said} {ghost}", lexicon) is None, said
        assert understand(f"{ghost}，{said}", lexicon) is None, said


def test_asked_it_is_no_order(lexicon: Lexicon) -> None:
    """But for a polite order, which is a question in form only."""
    for said in ORDERS:
        assert understand(f"{said}？", lexicon) is None or said.startswith("could you"), said


def test_what_the_page_shows_as_plain_is_understood_when_it_is_spoken(lexicon: Lexicon) -> None:
    """One grammar: every plain form on a case can be said as it is typed."""
    headings = sections("docs/reference/chat.md", 3)
    for verb in (CASE_VERBS - {Verb.UNDO, Verb.DISPUTE}) | {Verb.CASE}:
        lines = re.findall(r"^- plain: (.+)$", headings[verb.value], re.MULTILINE)
        for example in re.findall(r"`([^`]+)`", " ".join(lines)):
            if "理由" in example or "REASON" in example:
                continue  # said aloud, a reason of any words needs its 因为 or its pause
            heard = understand(example, lexicon)
            assert heard is not None, example
            assert (heard.verb, heard.mention.numbers) == (verb, (12,)), example


@pytest.mark.parametrize(
    ("said", "args"),
    [
        ("大门静音十分钟", {"camera": "gate", "minutes": 10}),
        ("四号摄像头静音十分钟", {"camera": "cam-4", "minutes": 10}),
        ("mute camera four for ten minutes", {"camera": "cam-4", "minutes": 10}),
        ("把门口静音半小时", {"camera": "gate", "minutes": 30}),
        ("mute the gate for an hour", {"camera": "gate", "minutes": 60}),
        ("解除大门静音", {"camera": "gate"}),
        ("喊话大门 请注意落物", {"speaker": "gate-horn", "text": "请注意落物", "force": False}),
        ("用老喇叭喊一下 请慢行", {"speaker": "gate-horn", "text": "请慢行", "force": False}),
        ("上报三楼没有护栏", {"text": "3楼没有护栏"}),
        ("紧急情况，有人被压住了", {"text": "有人被压住了"}),
        ("把八号案件派给二班", {"person": "2班"}),
        ("assign case eight to team two", {"person": "team 2"}),
    ],
)
def test_what_belongs_to_it(lexicon: Lexicon, said: str, args: dict[str, object]) -> None:
    heard = understand(said, lexicon)
    assert heard is not None
    assert dict(heard.args) == args


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("关闭三十一号，因为人已经送医院", "人已经送医院"),
        ("close case 31 because the man is safe", "the man is safe"),
        ("关闭十二号已经整改了", "已经整改了"),
        ("close number twelve, thank you", ""),
        ("对十二号有异议，不是我们的人", "不是我们的人"),
    ],
)
def test_the_reason_is_kept(lexicon: Lexicon, said: str, why: str) -> None:
    heard = understand(said, lexicon)
    assert heard is not None
    assert heard.reason == why


@pytest.mark.parametrize(
    "said",
    [
        *("唔该闩咗十二号", "帮我睇下十二号", "12番を閉じて", "12번 닫아", "закрой двенадцать"),
        *("是", "yes", "对", "好的", "ok", "谢谢观看", "不是", ""),
        *("关" * 100_000, "close " * 20_000),
    ],
)
def test_nothing_comes_of_it(lexicon: Lexicon, said: str) -> None:
    """Other languages, small words, and what nobody says in one breath."""
    assert understand(said, lexicon) is None


@given(NOISE)
def test_noise_never_names_a_case_that_was_not_said(noise: str) -> None:
    """Whatever it makes of it, the numbers are those that stand in the text."""
    heard = understand(noise, Lexicon())
    if heard is not None:
        digits = in_digits(noise).replace(" ", "").replace(",", "")
        assert all(str(number) in digits for number in heard.mention.numbers)


@pytest.mark.parametrize("form", CASE_FORMS, ids=lambda form: str(form.verb))
def test_every_whole_reply_can_be_spoken(lexicon: Lexicon, form: Form) -> None:
    """收到, 搞定 and the like, in reply to a card."""
    for word in form.whole:
        heard = understand(word, lexicon)
        if word in ("ok", "okay"):
            assert heard is None, "recognisers hear it in noise"
            continue
        assert heard is not None, word
        assert (heard.verb, heard.mention.open) == (form.verb, True), word


@pytest.mark.parametrize("said", ["看看十二号", "帮我看看12号", "看一下十二号", "show me twelve"])
def test_a_longer_word_is_not_cut_short(lexicon: Lexicon, said: str) -> None:
    """看看 is one word; the case is not called 看十二号."""
    heard = understand(said, lexicon)
    assert heard is not None
    assert (heard.verb, meant(heard)) == (Verb.CASE, "12")
