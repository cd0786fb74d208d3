"""Actuators and announcements in the site file: what is read, and every fault with its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.hazard import Severity
from bot.domain.site import SiteConfig
from bot.fault import ConfigFaults
from bot.sitefile import load_site

BASE = """language = "en"
[[sites]]
id = "yard-7"
[[sites]]
id = "yard-8"
[[cameras]]
id = "gate"
site = "yard-7"
source = "push"
[[speakers]]
id = "horn"
site = "yard-7"
url = "browser:"
language = "zh"
"""
LAMP = """[[actuators]]
id = "lamp"
site = "yard-7"
"""
HTTP = 'url = "http://admin:hunter2-x@10.0.0.1"\n'
ORDERS = 'on = { path = "/on" }\noff = { path = "/off" }\n'
SAY = '[[announcements]]\nid = "a"\n'


def load(folder: Path, text: str, **environ: str) -> SiteConfig:
    path = folder / "site.toml"
    path.write_text(BASE + text, encoding="utf-8")
    return load_site(path, environ)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigFaults) as caught:
        load(folder, text)
    return [str(fault) for fault in caught.value.faults]


def test_every_key_is_read(tmp_path: Path) -> None:
    more = """token = "env:LAMP_TOKEN"
state = { path = "/state", on = "ON", off = "OFF" }
cameras = ["gate"]
hazards = ["no_helmet"]
minimum_severity = "serious"
on_for = "45s"
quiet_hours = "22:00-06:00"
"""
    config = load(tmp_path, LAMP + HTTP + ORDERS + more, LAMP_TOKEN="tok-tok-tok")
    lamp = config.actuator("lamp")
    assert lamp is not None
    assert (lamp.kind, lamp.name, lamp.cameras) == ("http", "lamp", ("gate",))
    assert (lamp.on.path, lamp.off.path) == ("/on", "/off")
    assert lamp.state is not None
    assert (lamp.state.path, lamp.state.on, lamp.state.off) == ("/state", "ON", "OFF")
    assert lamp.minimum_severity is Severity.SERIOUS
    assert lamp.on_for == timedelta(seconds=45)
    shown = repr(lamp)
    assert "hunter2-x" not in shown
    assert "tok-tok-tok" not in shown
    assert "/state" not in shown, "a path may hold a password"


def test_mqtt_and_onvif_are_read(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """[[actuators]]
id = "m"
site = "yard-7"
url = "mqtts://broker.lan"
on = { topic = "cmnd/lamp/POWER", payload = "ON" }
off = { topic = "cmnd/lamp/POWER", payload = "OFF" }
state = { topic = "stat/lamp/POWER", on = "ON", off = "OFF", ask = { topic = "cmnd/lamp/POWER" } }
[[actuators]]
id = "o"
site = "yard-8"
url = "onvif://u:passpass@10.0.0.9:8000?relay=R1"
""",
    )
    mqtt, onvif = config.actuators
    assert mqtt.state is not None
    assert mqtt.state.ask is not None
    assert (mqtt.on.payload, mqtt.state.topic, mqtt.state.ask.payload) == (
        "ON",
        "stat/lamp/POWER",
        "",
    )
    assert onvif.kind == "onvif"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HTTP + 'on = { path = "/on" }\n', 'off: url = "http:..." needs off'),
        (HTTP + 'on = { path = "/x" }\noff = { path = "/x" }\n', "off: is the same as on"),
        (HTTP + ORDERS + 'state = { on = "1", off = "1" }\n', "state.off: "),
        (HTTP + ORDERS + 'state = { on = "1" }\n', "state.off: must be given"),
        (HTTP + 'on = { path = "on" }\noff = { path = "/off" }\n', "on.path: "),
        (HTTP + 'on = { path = "/开" }\noff = { path = "/off" }\n', "on.path: "),
        (HTTP + 'on = { topic = "a" }\noff = { path = "/off" }\n', "on.topic: "),
        (HTTP + ORDERS + 'on_for = "11m"\n', "on_for: must not be more than 10m"),
        (HTTP + ORDERS + 'on_for = "0s"\n', "on_for: must not be less than 1s"),
        (HTTP + ORDERS + 'cameras = ["gat"]\n', "cameras[0]: no such camera"),
        (HTTP + ORDERS + 'hazards = ["no_helmt"]\n', "hazards[0]: no such hazard"),
        (HTTP + ORDERS + 'colour = "red"\n', "colour: there is no such key"),
        ('url = "ftp://10.0.0.1"\n', "url: an address here begins with"),
        ('url = "http://10.0.0.1/cm?cmnd=Power"\n' + ORDERS, "url: only onvif takes"),
        ('url = "onvif://10.0.0.1?token=a"\n', "url: only onvif takes"),
        ('url = "onvif://10.0.0.1"\n' + ORDERS, "on: has no meaning for"),
        ('url = "mqtt://b"\n' + ORDERS, 'on.topic: url = "mqtt:..." needs topic'),
        (
            'url = "mqtt://b"\non = { topic = "a/#" }\noff = { topic = "a", payload = "0" }\n',
            "on.topic: must be one MQTT topic",
        ),
        (HTTP.replace("http:", "http:/") + ORDERS, "url: "),
    ],
)
def test_what_is_wrong_with_an_actuator_is_told_with_its_line(
    tmp_path: Path, text: str, told: str
) -> None:
    found = faults(tmp_path, LAMP + text)
    assert any(f"actuators[0].{told}" in line for line in found), found
    assert all("site.toml:" in line and "hunter2-x" not in line for line in found), found


def test_a_camera_of_another_site_is_told(tmp_path: Path) -> None:
    lamp = LAMP.replace('"yard-7"', '"yard-8"') + HTTP + ORDERS + 'cameras = ["gate"]\n'
    (fault,) = faults(tmp_path, lamp)
    assert "belongs to another site, yard-7" in fault


def test_an_id_stands_once(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, 2 * (LAMP + HTTP + ORDERS))
    assert "stands twice" in fault


def test_an_announcement_is_read(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        SAY + 'at = ["07:30", "13:00"]\ndays = "mon-sat"\nspeakers = "horn"\n'
        'text = { zh = "开会" }\nin_quiet_hours = true\n',
    )
    (found,) = config.announcements
    assert (found.at, found.speakers, found.text) == ((450, 780), ("horn",), {"zh": "开会"})
    assert (found.days, found.in_quiet_hours) == (frozenset(range(6)), True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('at = "7:30pm"\nspeakers = "horn"\ntext = { zh = "a" }\n', "at: a time of day"),
        ('at = []\nspeakers = "horn"\ntext = { zh = "a" }\n', "at: must not be empty"),
        ('at = "07:30"\nspeakers = []\ntext = { zh = "a" }\n', "speakers: must not be empty"),
        (
            'at = "07:30"\nspeakers = "hrn"\ntext = { zh = "a" }\n',
            "speakers[0]: no such spea",
        ),
        ('at = "07:30"\nspeakers = "horn"\n', "text: must be given"),
        ('at = "07:30"\nspeakers = "horn"\ntext = {}\n', "text: must not be empty"),
        (
            'at = "07:30"\nspeakers = "horn"\ntext = { en = "a" }\n',
            "speakers[0]: it speaks zh",
        ),
        (
            'at = "07:30"\nspeakers = "horn"\ntext = { zh = " " }\n',
            "speakers[0]: it speaks zh",
        ),
        ('at = "07:30"\nspeakers = "horn"\ntext = { zh = "a\\nb" }\n', "text.zh"),
        ('at = "24:00"\nspeakers = "horn"\ntext = { zh = "a" }\n', "at: a time of day"),
        (
            'at = "07:30"\ndays = "mon-xyz"\nspeakers = "horn"\ntext = { zh = "a" }\n',
            "days: days are written",
        ),
    ],
)
def test_what_is_wrong_with_an_announcement_is_told(tmp_path: Path, text: str, told: str) -> None:
    found = faults(tmp_path, SAY + text)
    assert any(f"announcements[0].{told}" in line for line in found), found
