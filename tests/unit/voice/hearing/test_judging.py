"""What is not to be believed: other languages, doubt, endless repetition."""

from __future__ import annotations

import pytest

from voice.hearing.engine import Said
from voice.hearing.judging import LEAST_SCORE, MOST_COMPRESSION, compression_of, judged


def said(text: str, language: str = "zh", score: float = -0.3, **more: object) -> Said:
    """A piece that was written down."""
    return Said(text, language, score, max(1, len(text)), **more)  # type: ignore[arg-type]  # of a Said


@pytest.mark.parametrize(
    "text",
    [
        *("关闭十二号案件", "Close case 12.", "四号摄像头静音十分钟", "确认", "取消", "好的好的"),
        *("close close 12", "12", "一百一十一号", "幺幺幺幺号", "no no no, not yet", "咁"),
    ],
)
def test_ordinary_words_are_believed(text: str) -> None:
    assert judged([said(text)], 2.0).text == text


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("唔該幫我閂咗十二號", "cantonese"),
        ("佢哋喺门口", "cantonese"),
        ("ありがとうございました", "language"),
        ("감사합니다", "language"),
        ("спасибо", "language"),
        ("谢谢观看" * 8, "unclear"),
        ("关闭案件，关闭案件，关闭案件，关闭案件", "unclear"),
        ("close the case. " * 12, "unclear"),
        ("啊啊啊啊啊啊啊啊", "unclear"),
        ("...", "unclear"),
        ("", "silence"),
    ],
)
def test_what_nobody_means_is_not(text: str, refusal: str) -> None:
    heard = judged([said(text)], 2.0)
    assert (heard.refusal, heard.text) == (refusal, "")


def test_the_limits_are_those_of_the_score_and_the_repetition() -> None:
    """Just inside is believed, just outside is not."""
    assert judged([said("关闭", score=LEAST_SCORE + 0.01)], 1.0).text
    assert judged([said("关闭", score=LEAST_SCORE - 0.01)], 1.0).refusal == "unclear"
    again = "the gate at the north side "
    text = again
    while compression_of(text) <= MOST_COMPRESSION:
        text += again
    assert judged([said(text)], 20.0).refusal == "unclear"


def test_another_language_counts_where_it_is_likelier_than_both() -> None:
    """Likeliest of all languages, and likely; a hunch does not count."""
    french = {"other": "fr", "other_share": 0.8, "share": 0.1}
    heard = judged([said("fermez le dossier", "en", **french)], 2.0)
    assert (heard.refusal, heard.language) == ("language", "fr")
    unsure = {"other": "fr", "other_share": 0.3, "share": 0.2}
    assert judged([said("close it", "en", **unsure)], 2.0).text == "close it"
    cantonese = {"other": "yue", "other_share": 0.9, "share": 0.05}
    assert judged([said("关门", **cantonese)], 2.0).refusal == "cantonese"


def test_pieces_are_one_transcript_weighed_by_their_length() -> None:
    """A doubtful word beside a long sure sentence; nothing at all is silence."""
    heard = judged([said("关闭十二号案件已经整改好了", score=-0.2), said("嗯", score=-1.2)], 31.0)
    assert heard.text == "关闭十二号案件已经整改好了 嗯"
    assert -0.4 < heard.score < -0.2
    assert judged([], 0.0).refusal == "silence"
