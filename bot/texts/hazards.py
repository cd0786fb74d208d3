"""What each hazard is called, and what the horn says about it, in zh and en.

A sentence takes 3.5 to 6 s to say. A leading 请注意 survives a lost first second; where no such
opening fits, the place comes first. 起火 instead of the ambiguous 着火. No sentence names a person
or begins with a number. A hazard without a sentence is not spoken: nobody is there to hear it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.hazard import HazardKind
from bot.domain.response import Response


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The English one for `en`, else the Chinese one."""
        return self.en if language == "en" else self.zh


NAMES: Mapping[str, Words] = {
    "fall": Words("人员摔倒", "Person down"),
    "smoke_fire": Words("烟火", "Smoke or fire"),
    "overheat": Words("温度过高", "Overheating"),
    "sos": Words("求救", "SOS"),
    "climbing": Words("违规攀爬", "Unsafe climbing"),
    "zone_intrusion": Words("闯入危险区域", "Intrusion into a danger zone"),
    "roof_intrusion": Words("闯入楼顶", "Person on the roof"),
    "vehicle_pedestrian_mix": Words("人车混行", "People among vehicles"),
    "fatigue": Words("疲劳作业", "Fatigue at the wheel"),
    "traffic_accident": Words("交通事故", "Traffic accident"),
    "thrown_object": Words("高空抛物", "Object thrown from height"),
    "no_helmet": Words("未戴安全帽", "No hard hat"),
    "no_vest": Words("未穿反光衣", "No hi-vis vest"),
    "no_seatbelt": Words("未系安全带", "No seat belt"),
    "unregistered_person": Words("未登记人员", "Unregistered person"),
    "speeding": Words("超速", "Speeding"),
    "geofence": Words("越出作业范围", "Outside the work area"),
    "absence": Words("人员缺岗", "Absent from post"),
    "reading_out_of_range": Words("读数异常", "Reading out of range"),
    "device_offline": Words("设备离线", "Device offline"),
    "device_frozen": Words("画面冻结", "Picture frozen"),
    "site_offline": Words("工地离线", "Site offline"),
    "speaker_down": Words("喇叭没有声音", "Speaker down"),
    "other": Words("其他隐患", "Other hazard"),
}
"""Every shipped hazard, as cards and lists call it."""

SENTENCES: Mapping[str, Words] = {
    "fall": Words(
        "{place}，疑似有人摔倒。附近的师傅请马上过去看一下。",
        "{place}: someone may have fallen. Anyone nearby, please go and check right away.",
    ),
    "smoke_fire": Words(
        "{place}疑似起火。附近的人员请退后，现场负责人请马上查看。",
        "{place}: possible fire. Please step back. Site lead, please check right away.",
    ),
    "overheat": Words(
        "{place}温度异常。附近的人员请退后，现场负责人请马上查看。",
        "{place}: dangerous heat. Please step back. Site lead, please check right away.",
    ),
    "sos": Words(
        "{place}有人求救。附近的师傅请马上过去看一下。",
        "{place}: someone is calling for help. Anyone nearby, please go at once.",
    ),
    "climbing": Words(
        "{place}的师傅，请站稳扶好，慢慢下来。",
        "{place}: please hold on firmly and come down slowly.",
    ),
    "zone_intrusion": Words(
        "请注意，{place}是危险区域，里面的师傅请马上退出来。",
        "Attention: {place} is a danger zone. If you are inside, please leave it now.",
    ),
    "roof_intrusion": Words(
        "{place}的朋友，请离开边缘，往里走几步。我们马上过来。",
        "{place}: please step back from the edge, friend. We are on our way to you.",
    ),
    "vehicle_pedestrian_mix": Words(
        "请注意，{place}有车。行人靠边走，司机请减速。",
        "Attention: vehicles at {place}. On foot, keep to the side. Drivers, slow down.",
    ),
    "fatigue": Words(
        "请注意，{place}的司机，请停车休息一下。",
        "Attention at {place}: driver, please stop and take a rest.",
    ),
    "traffic_accident": Words(
        "请注意，{place}疑似发生事故。车辆请减速绕行。",
        "Attention: possible accident at {place}. Drivers, please slow down and keep clear.",
    ),
    "thrown_object": Words(
        "请注意，{place}疑似有东西掉下来，下面的人员请马上离开。",
        "Attention: falling objects at {place}. Please move away from below at once.",
    ),
    "no_helmet": Words(
        "请注意，{place}的师傅，请戴好安全帽。",
        "Attention at {place}: please put on your hard hat.",
    ),
    "no_vest": Words(
        "请注意，{place}的师傅，请穿好反光衣。",
        "Attention at {place}: please put on your hi-vis vest.",
    ),
    "no_seatbelt": Words(
        "请注意，{place}的司机，请系好安全带。",
        "Attention at {place}: driver, please fasten your seat belt.",
    ),
    "unregistered_person": Words(
        "您好，这里正在施工。没有登记的人员，请到门卫处登记。",
        "Hello, this is a work site. If you are not registered, please go to the gatehouse.",
    ),
    "speeding": Words(
        "请注意，{place}的司机，请减速慢行。",
        "Attention at {place}: driver, please slow down.",
    ),
    "geofence": Words(
        "请注意，{place}的师傅，您已经走出作业范围，请回来。",
        "Attention at {place}: you have left the work area, please come back.",
    ),
}
"""Said while it is suspected, or where there is nothing to confirm."""

CONFIRMED: Mapping[str, Words] = {
    "fall": Words(
        "{place}有人受伤，请不要搬动，等急救人员。",
        "{place}: someone is hurt. Do not move them, wait for the paramedics.",
    ),
    "smoke_fire": Words(
        "{place}起火！所有人员马上撤离，到集合点集合！",
        "{place}: fire! Everybody leave now and go to the assembly point!",
    ),
}
"""Said once a person has confirmed it (or a second sensor, for fire)."""


COURTESIES: Mapping[str, Words] = {
    "taken": Words("{place}，已有人处理。", "{place}: somebody is on it."),
    "thanks": Words("谢谢配合。", "Thank you."),
}
"""Said after a warning that sounded: it was acknowledged, or put right."""


def courtesy(words: str, language: str, place: str) -> str:
    """One of them at a place."""
    return COURTESIES[words].in_language(language).replace("{place}", place)


def hazard_name(kind: HazardKind, language: str) -> str:
    """What a hazard is called: a site's own kind by the site's words, in the other language where
    it has none in this one."""
    if kind.id in NAMES:
        return NAMES[kind.id].in_language(language)
    return kind.names.get(language) or next(iter(kind.names.values()), kind.id)


def spoken_sentence(
    response: Response, language: str, place: str, *, confirmed: bool = False
) -> str | None:
    """What the horn says for a case at a place; None: nothing.

    The site file's own sentence wins over the shipped one until somebody has confirmed the hazard
    and there is a sentence for that; an empty own sentence is silence in both.
    """
    own = response.speak.en if language == "en" else response.speak.zh
    if own == "":
        return None
    shipped = SENTENCES.get(response.hazard)
    told = own or (shipped.in_language(language) if shipped else None)
    if confirmed and response.hazard in CONFIRMED:
        told = CONFIRMED[response.hazard].in_language(language)
    return None if told is None else told.replace("{place}", place)
