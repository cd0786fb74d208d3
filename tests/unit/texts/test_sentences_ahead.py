"""What can be said on a site is known before anybody says it."""

from __future__ import annotations

from bot.domain.hazard import HazardKind, SeenRectified, Severity
from bot.domain.response import Override, Responses, SpeakOverride, response_table
from bot.domain.secret import Secret
from bot.domain.site import Camera, Site, SiteConfig, Speaker, Zone
from bot.texts.ahead import sentences_ahead
from bot.texts.hazards import CONFIRMED, SENTENCES, spoken_sentence

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


def horn(id: str, site: str = "yard", language: str = "zh") -> Speaker:
    return Speaker(id=id, site=site, name=id, url=Secret("file:out"), language=language)


def config(*speakers: Speaker, **changed: object) -> SiteConfig:
    pit = Zone(id="pit", name="基坑", polygon=SQUARE)
    given = {
        "sites": (Site(id="yard", name="七号工地"), Site(id="far", name="八号工地")),
        "cameras": (Camera(id="gate", site="yard", name="大门", zones=(pit,)),),
        "speakers": speakers,
    }
    return SiteConfig(**{**given, **changed})  # type: ignore[arg-type]  # as the tests give them


def table(of: SiteConfig) -> Responses:
    return response_table(of)


def said(of: SiteConfig) -> list[tuple[str, str]]:
    return sentences_ahead(of, table(of))


def test_every_hazard_at_every_camera_and_on_the_site_is_known():
    site = config(horn("horn"))
    for place in ("大门", "七号工地"):
        for hazard in SENTENCES:
            for confirmed in (False, True):
                text = spoken_sentence(table(site).of(hazard), "zh", place, confirmed=confirmed)
                assert (text, "zh") in said(site)
    assert len(said(site)) == len(set(said(site)))


def test_a_zone_has_its_own_hazard_only():
    texts = [text for text, _ in said(config(horn("horn"))) if "基坑" in text]
    assert texts == [SENTENCES["zone_intrusion"].zh.replace("{place}", "基坑")]


def test_the_gravest_are_made_first():
    texts = [text for text, _ in said(config(horn("horn")))]
    place = {text: number for number, text in enumerate(texts)}
    fire, confirmed = (
        table["smoke_fire"].zh.replace("{place}", "大门") for table in (SENTENCES, CONFIRMED)
    )
    climbing, helmet = (
        SENTENCES[one].zh.replace("{place}", "大门") for one in ("climbing", "no_helmet")
    )
    assert max(place[fire], place[confirmed]) < place[climbing] < place[helmet]


def test_each_language_of_a_sites_horns_is_spoken_and_no_other():
    both = said(config(horn("horn"), horn("cabin", language="en")))
    assert {language for _, language in both} == {"zh", "en"}
    assert {language for _, language in said(config(horn("horn", language="en")))} == {"en"}
    assert len(both) == 2 * len(said(config(horn("horn"))))


def test_a_site_without_a_horn_says_nothing():
    assert said(config()) == []
    assert not any("七号工地" in text for text, _ in said(config(horn("horn", site="far"))))


def test_own_sentences_and_own_hazards_are_among_them():
    edge = HazardKind("open_edge", Severity.SERIOUS, SeenRectified.SAFE_AGAIN, {"zh": "临边"})
    own = Override(speak=SpeakOverride(zh="{place}，小心临边！"))
    quiet = Override(speak=SpeakOverride(zh=""))
    site = config(horn("horn"), own_hazards=(edge,), responses={"open_edge": own, "no_vest": quiet})
    assert ("大门，小心临边！", "zh") in said(site)
    assert not any("反光衣" in text for text, _ in said(site))


def test_courtesies_are_made_where_the_table_asks_for_them():
    """Thanks for a hat as shipped; that somebody is on it only where that is wanted."""
    taking = {"no_helmet": Override(speak=SpeakOverride(taken=True))}
    shipped, asked = said(config(horn("horn"))), said(config(horn("horn"), responses=taking))
    assert ("谢谢配合。", "zh") in shipped
    assert ("大门，已有人处理。", "zh") not in shipped
    assert ("大门，已有人处理。", "zh") in asked
