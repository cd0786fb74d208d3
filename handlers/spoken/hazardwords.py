"""What people call a hazard, beside its name: data, zh and en."""

from __future__ import annotations

from collections.abc import Mapping

HAZARD_WORDS: Mapping[str, tuple[str, ...]] = {
    "no_helmet": (
        *(
            "没戴安全帽",
            "没带安全帽",
            "不戴安全帽",
            "未带安全帽",
            "没戴帽子",
            "没带帽子",
            "安全帽",
            "没戴头盔",
        ),
        *("no hard hat", "no helmet", "without a hard hat", "without a helmet", "without helmet"),
        *("hard hat", "helmet", "bare head", "bareheaded"),
    ),
    "no_vest": (
        *("没穿反光衣", "不穿反光衣", "没穿反光背心", "没穿背心", "反光衣", "反光背心"),
        *("no vest", "no hi-vis", "no hi vis", "without a vest", "vest", "high vis vest"),
    ),
    "zone_intrusion": (
        *("闯入", "闯入危险区", "进入危险区", "进入危险区域", "进危险区", "越界", "入侵"),
        *("intrusion", "zone intrusion", "danger zone", "trespassing", "trespasser"),
    ),
    "climbing": ("攀爬", "爬高", "翻越", "爬架子", "climbing", "climber"),
    "fall": (
        *("摔倒", "跌倒", "倒地", "有人摔倒", "有人跌倒", "有人倒地", "人员倒地", "摔跤"),
        *("fall", "someone fell", "man down", "person down", "fallen", "fell down"),
    ),
    "smoke_fire": (
        *("火警", "火情", "火灾", "起火", "着火", "冒烟", "烟火", "烟雾", "失火"),
        *("fire", "smoke", "fire alarm", "smoke alarm", "fire case"),
    ),
    "overheat": ("过热", "高温", "温度高", "温度过高", "overheating", "overheat", "heat"),
    "sos": ("求救", "呼救", "求助", "sos", "call for help"),
    "roof_intrusion": ("楼顶", "上楼顶", "楼顶有人", "roof", "on the roof"),
    "vehicle_pedestrian_mix": ("人车混行", "人车", "vehicles and people", "vehicle"),
    "fatigue": ("疲劳", "疲劳驾驶", "打瞌睡", "fatigue", "sleepy driver"),
    "traffic_accident": ("车祸", "交通事故", "撞车", "accident", "crash"),
    "thrown_object": ("高空抛物", "抛物", "thrown object", "falling object"),
    "unregistered_person": ("未登记", "没登记", "陌生人", "外来人员", "stranger", "unregistered"),
    "no_seatbelt": ("没系安全带", "安全带", "seat belt", "no seat belt", "seatbelt"),
    "speeding": ("超速", "开太快", "speeding"),
    "geofence": ("越出范围", "出围栏", "geofence"),
    "absence": ("缺岗", "脱岗", "离岗", "absence", "absent"),
    "device_offline": ("离线", "掉线", "断线", "offline", "camera offline"),
    "speaker_down": ("喇叭坏了", "喇叭没声", "speaker down"),
}
"""Hazard -> what it is called in speech; the names on its card are added."""
