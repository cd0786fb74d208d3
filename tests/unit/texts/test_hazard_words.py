"""Every shipped hazard has its words, and the horn's sentences keep their rules."""

from __future__ import annotations

import re

import pytest

from bot.domain.hazard import SHIPPED, HazardKind, SeenRectified, Severity
from bot.domain.response import Override, SpeakOverride, response_table
from bot.domain.site import SiteConfig
from bot.texts.hazards import CONFIRMED, NAMES, SENTENCES, hazard_name, spoken_sentence

TABLE = response_table(SiteConfig())
SILENT = {
    "absence", "reading_out_of_range", "device_offline", "device_frozen", "site_offline", "other",
    "speaker_down",
}  # fmt: skip
HAN = re.compile(r"[\u4e00-\u9fff]")
ALL = [*SENTENCES.items(), *CONFIRMED.items()]


def test_every_shipped_hazard_is_named_and_no_two_alike():
    assert NAMES.keys() == SHIPPED.keys()
    for language in ("zh", "en"):
        names = [words.in_language(language) for words in NAMES.values()]
        assert len(set(names)) == len(names)
    assert all(HAN.search(words.zh) and not HAN.search(words.en) for words in NAMES.values())


def test_every_hazard_speaks_unless_nobody_is_there_to_hear_it():
    assert SENTENCES.keys() == SHIPPED.keys() - SILENT
    assert CONFIRMED.keys() <= SENTENCES.keys()


@pytest.mark.parametrize(("hazard", "words"), ALL)
def test_sentences_keep_their_rules(hazard: str, words):
    assert HAN.search(words.zh)
    assert not HAN.search(words.en)
    assert words.zh.replace("{place}", "").count("{") == 0
    for text in (words.zh, words.en):
        spoken = text.replace("{place}", "")
        assert not re.search(r"\d", spoken)
        assert text.strip() == text
        assert text[-1] in "。！.!?"
    assert len(words.zh.replace("{place}", "大门")) <= 36
    assert len(words.en.replace("{place}", "the gate").split()) <= 17
    assert "着火" not in words.zh


@pytest.mark.parametrize("hazard", ["climbing", "roof_intrusion"])
def test_nobody_who_stands_high_is_startled(hazard: str):
    assert not SENTENCES[hazard].zh.startswith("请注意")
    assert "!" not in SENTENCES[hazard].en + SENTENCES[hazard].zh.replace("！", "!")


@pytest.mark.parametrize(
    ("hazard", "place", "zh"),
    [
        ("no_helmet", "大门口", "请注意，大门口的师傅，请戴好安全帽。"),
        ("no_vest", "材料区", "请注意，材料区的师傅，请穿好反光衣。"),
        ("zone_intrusion", "基坑", "请注意，基坑是危险区域，里面的师傅请马上退出来。"),
        ("climbing", "外架上", "外架上的师傅，请站稳扶好，慢慢下来。"),
        ("fall", "基坑东侧", "基坑东侧，疑似有人摔倒。附近的师傅请马上过去看一下。"),
        ("smoke_fire", "二号棚", "二号棚疑似起火。附近的人员请退后，现场负责人请马上查看。"),
        ("vehicle_pedestrian_mix", "主通道", "请注意，主通道有车。行人靠边走，司机请减速。"),
        ("unregistered_person", "大门", "您好，这里正在施工。没有登记的人员，请到门卫处登记。"),
        ("roof_intrusion", "楼顶", "楼顶的朋友，请离开边缘，往里走几步。我们马上过来。"),
    ],
)
def test_what_is_said_at_a_place(hazard: str, place: str, zh: str):
    assert spoken_sentence(TABLE.of(hazard), "zh", place) == zh


def test_the_evacuation_sentence_needs_a_word_of_confirmation():
    fire = TABLE.of("smoke_fire")
    assert "撤离" not in (spoken_sentence(fire, "zh", "二号棚") or "")
    assert "撤离" in (spoken_sentence(fire, "zh", "二号棚", confirmed=True) or "")
    helmet = TABLE.of("no_helmet")
    assert spoken_sentence(helmet, "en", "gate", confirmed=True) == spoken_sentence(
        helmet, "en", "gate"
    )


@pytest.mark.parametrize("hazard", sorted(SILENT))
def test_silent_hazards_say_nothing(hazard: str):
    assert spoken_sentence(TABLE.of(hazard), "zh", "大门") is None


def own(**speak: str):
    override = Override(speak=SpeakOverride(**speak))  # type: ignore[arg-type]  # zh and en only
    return response_table(SiteConfig(responses={"fall": override, "other": override}))


def test_a_sites_own_sentence_wins_until_the_hazard_is_confirmed():
    table = own(zh="{place}有情况，{place}！")
    assert spoken_sentence(table.of("fall"), "zh", "大门") == "大门有情况，大门！"
    assert spoken_sentence(table.of("fall"), "en", "gate") == spoken_sentence(
        TABLE.of("fall"), "en", "gate"
    )
    assert "受伤" in (spoken_sentence(table.of("fall"), "zh", "大门", confirmed=True) or "")
    assert spoken_sentence(table.of("other"), "zh", "大门") == "大门有情况，大门！"
    assert spoken_sentence(table.of("other"), "en", "gate") is None


def test_an_empty_own_sentence_is_silence():
    assert spoken_sentence(own(zh="").of("fall"), "zh", "大门", confirmed=True) is None


def test_a_place_with_braces_is_said_as_it_is():
    assert "{x}" in (spoken_sentence(TABLE.of("fall"), "zh", "{x}") or "")


def test_hazards_are_named_in_the_language_or_in_the_one_there_is():
    def kind(**names: str) -> HazardKind:
        return HazardKind("open_edge", Severity.SERIOUS, SeenRectified.SAFE_AGAIN, names)

    assert hazard_name(SHIPPED["fall"], "zh") == "人员摔倒"
    assert hazard_name(SHIPPED["fall"], "en") == "Person down"
    assert hazard_name(kind(zh="临边", en="Edge"), "en") == "Edge"
    assert hazard_name(kind(zh="临边"), "en") == "临边"
    assert hazard_name(kind(), "en") == "open_edge"
