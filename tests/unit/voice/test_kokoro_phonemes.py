"""Text as the network's phonemes: the tones and readings of Chinese, English, and both at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest
from pypinyin import Style, lazy_pinyin

from bot.texts.hazards import CONFIRMED, SENTENCES
from voice.kokoro.english import EnglishReader, network_signs
from voice.kokoro.mandarin import FINALS, INITIALS, mandarin_phonemes, syllable_phonemes
from voice.kokoro.network import SAMPLE_RATE, trimmed
from voice.kokoro.phonemes import LONGEST, breaths, phonemes_of
from voice.reading import spoken_form

VOCABULARY = set(
    ' !"(),.:;?“”AIOSTWYabcdefhijklmnopqrstuvwxyzæçðŋɑɐɒɔɕəɚɛɜɡɥɨɪɤɹɻɾʂʃʊʌʒʔʣʤʦʧʨʰθᵊᵻꭧˈˌː→↓↗↘'
)
"""Of the network's signs those that these two languages need."""


@pytest.mark.parametrize(
    ("pinyin", "phonemes"),
    [
        ("zhuang1", "ꭧwa→ŋ"),
        ("an1", "a→n"),
        ("quan2", "ʨʰɥɛ↗n"),
        ("ju3", "ʨy↓"),
        ("lv4", "ly↘"),
        ("yuan4", "ɥɛ↘n"),
        ("shi4", "ʂɨ↘"),
        ("si1", "sɨ→"),
        ("qi3", "ʨʰi↓"),
        ("liu4", "ljou↘"),
        ("gui4", "kwei↘"),
        ("wen4", "wə↘n"),
        ("bo1", "pwo→"),
        ("er2", "ɚ↗"),
        ("de5", "tɤ"),
        ("xiong1", "ɕjʊ→ŋ"),
        ("weng1", "wə→ŋ"),
        ("o2", "ɔ↗"),
        ("ng2", "ŋ↗"),
    ],
)
def test_a_syllable_with_its_tone(pinyin: str, phonemes: str) -> None:
    assert syllable_phonemes(pinyin) == phonemes


def common_syllables() -> Iterator[str]:
    for code in range(0x4E00, 0x9FA6):
        syllable = lazy_pinyin(chr(code), style=Style.TONE3, neutral_tone_with_five=True)[0]
        if syllable.isascii():
            yield syllable


def test_every_syllable_of_the_language_has_signs_that_the_network_knows() -> None:
    """All 20,000 characters; a syllable that nothing is known of would be silence."""
    for syllable in sorted(set(common_syllables())):
        said = syllable_phonemes(syllable)
        assert said, syllable
        assert set(said) <= VOCABULARY, syllable
    assert {sign for said in (*INITIALS.values(), *FINALS.values()) for sign in said} <= VOCABULARY


def test_the_words_around_decide_how_a_character_is_read() -> None:
    for text, pinyin in (
        ("行人", ["xing2", "ren2"]),
        ("银行", ["yin2", "hang2"]),
        ("系好安全带", ["ji4", "hao3", "an1", "quan2", "dai4"]),
        ("门卫处", ["men2", "wei4", "chu4"]),
        ("重新", ["chong2", "xin1"]),
        ("卸货", ["xie4", "huo4"]),
    ):
        assert mandarin_phonemes(text) == "".join(map(syllable_phonemes, pinyin))


@pytest.fixture(scope="module")
def english() -> EnglishReader:
    library, data = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    return EnglishReader(Path(library), Path(data))


def test_english_words_in_the_networks_signs(english: EnglishReader) -> None:
    assert english.phonemes("Attention at the gate") == "ətˈɛnʃən æt ðə ɡˈAt"
    assert english.phonemes("driver, slow down") == "dɹˈIvəɹ slˈO dˈWn"
    assert english.phonemes("voice chain jump") == "vˈYs ʧˈAn ʤˈʌmp"
    for text in ("someone is calling for help", "hi-vis vest", "paramedics", "1205 B2"):
        assert set(english.phonemes(text)) <= VOCABULARY, text


def test_what_espeak_writes_otherwise_is_changed_longest_first() -> None:
    assert network_signs("e^ɪ  a^ʊ ɜːɹ ɚ") == "A W ɜɹ əɹ"


def test_a_sentence_may_hold_both_scripts(english: EnglishReader) -> None:
    said = phonemes_of("A区的师傅，请戴好安全帽。", english.phonemes)
    assert said.startswith("ˈA ʨʰy→tɤʂɨ→fu↘, ʨʰi↓ŋ")
    assert said.endswith("mau↘.")
    mixed = phonemes_of("Attention at 大门: stop!", english.phonemes)
    assert mixed == "ətˈɛnʃən æt ta↘mə↗n: stˈɑp!"


def test_signs_that_nobody_can_say_are_left_out() -> None:
    assert phonemes_of("🔴*请#", lambda text: text) == "ʨʰi↓ŋ"
    assert phonemes_of("", lambda text: text) == ""


def test_a_long_text_is_said_in_breaths_that_the_network_can_take() -> None:
    sentence = "ma " * 60
    text = " ".join(f"{sentence.strip()}." for _ in range(9))
    said = breaths(text)
    assert all(len(breath) <= LONGEST for breath in said)
    assert all(breath.endswith(".") for breath in said)
    assert " ".join(said) == text
    endless = breaths("ta" * 1000)
    assert "".join(endless) == "ta" * 1000
    assert max(map(len, endless)) <= LONGEST
    commas = breaths(", ".join(["ka " * 30] * 9))
    assert all(len(breath) <= LONGEST for breath in commas)
    assert breaths("ma.") == ["ma."]
    assert breaths("") == []


def test_the_silence_around_a_sentence_is_cut_to_a_little() -> None:
    samples = np.zeros(SAMPLE_RATE, np.float32)
    samples[10_000:14_000] = 0.5
    assert len(trimmed(samples)) == 4000 + 2 * 1200 - 1
    assert len(trimmed(np.zeros(100, np.float32))) == 0


@pytest.mark.parametrize("place", ["大门", "3号楼B2层", "105室", "12#楼", "K10+500", "A区2号塔吊"])
def test_no_figure_of_a_chinese_sentence_is_read_in_english(place: str) -> None:
    """Letters go to the English reader, digits never do; nothing is left that nobody reads."""
    asked: list[str] = []

    def latin(text: str) -> str:
        asked.append(text)
        return "ˈA"

    for words in (*SENTENCES.values(), *CONFIRMED.values()):
        said = phonemes_of(spoken_form(words.zh.replace("{place}", place), "zh"), latin)
        assert set(said) <= VOCABULARY
    assert not any(char.isdigit() for text in asked for char in text), asked
