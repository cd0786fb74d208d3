"""A sound site file becomes the values it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.hazard import Severity
from bot.domain.response import Style, response_table
from bot.domain.role import Role
from bot.domain.secret import listed_secrets
from bot.domain.site import Faces, Mode, Notify, Purpose, SiteConfig
from bot.domain.window import Window
from bot.sitefile import load_site
from bot.speaking import speaker_specs

Load = Callable[..., SiteConfig]

EVERYTHING = """
language = "en"

[[areas]]
id = "guanlan"
name = "观澜街道"

[[sites]]
id = "yard-7"
name = "七号工地"
kind = "construction"
area = "guanlan"
timezone = "Europe/Berlin"
address = "观澜大道 88 号"
entrance = "东门进"
responsible_party = "acme-build"
[sites.responses.no_helmet]
cooldown = "0s"
speak = { repeat = 1 }

[[parties]]
id = "acme-build"
name = "顶峰建设"
chat = { channel = "telegram", id = -1002 }

[[cameras]]
id = "gate"
site = "yard-7"
name = "大门"
aliases = ["门口"]
source = "rtsp://admin:planted-camera-word@10.0.0.3/stream"
models = ["person-fall", "helmet"]
loop = true
mode = "trial"
  [[cameras.zones]]
  id = "pit"
  name = "基坑"
  polygon = [[0.10, 0.40], [0.60, 0.40], [0.60, 1], [0.10, 0.95], [0.10, 0.40]]
  hazard = "open_edge"
  dwell = "2s"
  active = "18:30-03:00"
  [[cameras.zones]]
  id = "shed"
  polygon = [[0, 0], [0.2, 0], [0.2, 0.2]]

[[speakers]]
id = "gate-horn"
site = "yard-7"
cameras = ["gate"]
url = "rtp://239.255.12.42:5004"
language = "zh"
lead_silence = "250ms"
quiet_hours = ["22:00-06:00", "12:00-13:00"]
at_most_per_hour = 0
dead_after = "90s"
volume = 80
night_volume = 30
night = "21:00-07:00"
night_emergencies = false
night_at_most_per_hour = 4

[[chats]]
sites = ["yard-7"]
channel = "telegram"
id = "env:GROUP"
purpose = "admin"
language = "zh"
minimum_severity = "serious"
messages_per_minute = 0
topic = 7
faces = "clear"

[[chats]]
area = "guanlan"
channel = "webhook"
url = "https://hooks.example/planted-hook-path"
secret = "env:HOOK_SECRET"

[[chats]]
channel = "console"

[[members]]
id = "li"
name = "李工"
role = "site_lead"
sites = ["yard-7"]
roles = { yard-7 = "supervisor" }
party = ""
notify = "both"
telegram = 111
phone = "+8613800000000"

[[alerts]]
id = "sms"
kind = "http"
path = "sms"
url = "env:SMS_URL"
minimum_severity = "serious"

[[duty]]
site = "yard-7"
members = ["li"]
days = "mon-fri"
hours = "06:30-18:30"

[responses.no_helmet]
severity = "serious"
escalate_to = ["supervisor"]
speak = { zh = "戴帽，{place}", every = "10s", style = "calm" }

[[hazards]]
id = "open_edge"
name = { zh = "临边无防护", en = "Unguarded edge" }
severity = "serious"
"""
ENVIRON = {
    "GROUP": "-1001",
    "HOOK_SECRET": "planted-hook-secret",
    "SMS_URL": "http://127.0.0.1:9/sms?key=planted-sms-key",
}


@pytest.fixture
def everything(load: Load) -> SiteConfig:
    return load(EVERYTHING, ENVIRON)


def test_a_site_and_its_party(everything: SiteConfig):
    (site,) = everything.sites
    assert (site.id, site.name, site.area, site.kind) == (
        "yard-7", "七号工地", "guanlan", "construction",
    )  # fmt: skip
    assert site.timezone == ZoneInfo("Europe/Berlin")
    assert (site.address, site.entrance) == ("观澜大道 88 号", "东门进")
    assert site.responsible_party == "acme-build"
    (party,) = everything.parties
    assert party.chat is not None
    assert (party.chat.key, party.chat.purpose) == ("telegram:-1002", Purpose.PARTY)


def test_a_camera_and_its_zones(everything: SiteConfig):
    (camera,) = everything.cameras
    assert camera.source.reveal() == "rtsp://admin:planted-camera-word@10.0.0.3/stream"
    assert camera.aliases == ("门口",)
    assert camera.models == ("person-fall", "helmet")
    assert camera.loop
    assert camera.mode is Mode.TRIAL
    pit, shed = camera.zones
    assert pit.polygon == ((0.1, 0.4), (0.6, 0.4), (0.6, 1.0), (0.1, 0.95))
    assert pit.active == (Window(18 * 60 + 30, 3 * 60),)
    assert (pit.hazard, pit.dwell) == ("open_edge", timedelta(seconds=2))
    assert (shed.name, shed.hazard, shed.active) == ("shed", "zone_intrusion", ())


def test_a_speaker(everything: SiteConfig):
    (speaker,) = everything.speakers
    assert speaker.url.reveal() == "rtp://239.255.12.42:5004"
    assert (speaker.name, speaker.cameras, speaker.language) == ("gate-horn", ("gate",), "zh")
    assert speaker.lead_silence == timedelta(milliseconds=250)
    assert [str(window) for window in speaker.quiet_hours] == ["22:00-06:00", "12:00-13:00"]
    assert speaker.at_most_per_hour == 0
    assert speaker.dead_after == timedelta(seconds=90)
    assert (speaker.volume, speaker.volume_by_night) == (80, 30)
    assert [str(window) for window in speaker.night] == ["21:00-07:00"]
    assert (speaker.night_emergencies, speaker.night_at_most_per_hour) == (False, 4)
    (spec,) = speaker_specs(everything)
    assert (spec.volume, spec.night_volume) == (0.8, 0.3)
    assert spec.night == speaker.night
    assert (spec.night_emergencies, spec.night_at_most_per_hour) == (False, 4)


def test_without_a_night_of_its_own_a_speaker_has_its_quiet_hours(everything: SiteConfig):
    """And speaks then as loud as by day, where nothing else is said."""
    given = replace(everything.speakers[0], night=(), night_volume=None)
    (spec,) = speaker_specs(replace(everything, speakers=(given,)))
    assert spec.night == given.quiet_hours
    assert spec.night_volume == spec.volume == 0.8


def test_chats_of_every_channel(everything: SiteConfig):
    telegram, webhook, console = everything.chats
    assert (telegram.key, telegram.id, telegram.topic) == ("telegram:-1001/7", "-1001", 7)
    assert (telegram.purpose, telegram.faces) == (Purpose.ADMIN, Faces.CLEAR)
    assert telegram.minimum_severity is Severity.SERIOUS
    assert telegram.messages_per_minute == 0
    assert telegram.language == "zh"
    assert webhook.secret is not None
    assert webhook.secret.reveal() == "planted-hook-secret"
    assert webhook.key.startswith("webhook:")
    assert "planted" not in webhook.key
    assert webhook.language == "en"
    assert webhook.messages_per_minute is None
    assert (console.key, console.sites, console.area) == ("console:main", (), None)


def test_people_rota_and_alerts(everything: SiteConfig):
    (li,) = everything.members
    assert (li.telegram, li.phone, li.party) == ("111", "+8613800000000", None)
    assert (li.role, dict(li.roles)) == (Role.SITE_LEAD, {"yard-7": Role.SUPERVISOR})
    assert li.notify is Notify.BOTH
    (alert,) = everything.alerts
    assert (alert.path, alert.minimum_severity) == ("sms", Severity.SERIOUS)
    (line,) = everything.duty
    assert line.days == frozenset(range(5))
    assert line.hours == Window(390, 1110)


def test_responses_and_hazards_of_its_own(everything: SiteConfig):
    table = response_table(everything)
    response = table.of("no_helmet", "yard-7")
    assert response.severity is Severity.SERIOUS
    assert response.escalate_to == (Role.SUPERVISOR,)
    assert response.cooldown == timedelta(0)
    assert (response.speak.zh, response.speak.repeat) == ("戴帽，{place}", 1)
    assert response.speak.style is Style.CALM
    assert table.of("no_helmet").speak.repeat == 2
    assert table.of("open_edge").severity is Severity.SERIOUS
    assert everything.hazards["open_edge"].names["en"] == "Unguarded edge"


@pytest.mark.parametrize(
    "planted",
    ["planted-camera-word", "planted-hook-path", "planted-hook-secret", "planted-sms-key"],
)
def test_no_secret_of_it_shows_and_all_are_listed(everything: SiteConfig, planted: str):
    assert planted not in repr(everything)
    assert any(planted in secret for secret in listed_secrets())


def test_an_empty_file_is_a_configuration_without_anything(load: Load):
    config = load("")
    assert config == SiteConfig()
    assert config.language == "zh"


def test_names_default_to_ids_and_cameras_wait_for_pushed_pictures(load: Load):
    config = load("[[sites]]\nid='a'\n[[cameras]]\nid='c'\nsite='a'\n")
    (site,), (camera,) = config.sites, config.cameras
    assert (site.name, camera.name) == ("a", "c")
    assert site.timezone.key == "Asia/Shanghai"
    assert (camera.source.reveal(), camera.models) == ("push", ())


def test_a_camera_that_looks_is_looked_at_by_the_shipped_model(load: Load):
    config = load("[[sites]]\nid='a'\n[[cameras]]\nid='c'\nsite='a'\nsource=0\n")
    assert (config.cameras[0].source.reveal(), config.cameras[0].models) == ("0", ("person-fall",))


def test_files_are_sought_beside_the_site_file(load: Load, tmp_path: Path):
    (tmp_path / "clip.mp4").write_bytes(b"")
    text = """
        [[sites]]
        id = "a"
        [[cameras]]
        id = "c"
        site = "a"
        source = "clip.mp4"
        [[speakers]]
        id = "s"
        site = "a"
        url = "file:said"
        """
    config = load(text)
    assert config.cameras[0].source.reveal() == str(tmp_path / "clip.mp4")
    assert config.speakers[0].url.reveal() == f"file:{tmp_path / 'said'}"


def test_a_replay_needs_no_source(load: Load):
    text = "[[sites]]\nid='a'\n[[cameras]]\nid='c'\nsite='a'\nsource='gone.mp4'\n"
    assert load(text, check_sources=False).cameras[0].id == "c"


def test_numbers_and_flags_may_come_out_of_the_environment(load: Load):
    text = """
        [[sites]]
        id = "env:SITE"
        [[cameras]]
        id = "c"
        site = "a"
        loop = "env:LOOP"
        [[members]]
        id = "m"
        telegram = "env:WHO"
        """
    config = load(text, {"SITE": "a", "LOOP": "true", "WHO": "42"})
    assert config.sites[0].id == "a"
    assert config.cameras[0].loop is True
    assert config.members[0].telegram == "42"


@pytest.mark.parametrize("url", ["browser:", "local:", "sip:horn@10.0.0.5", "onvif://10.0.0.5",
                                 "axis://u:p@10.0.0.5", "hikvision://10.0.0.5:8000",
                                 "dahua://10.0.0.5"])  # fmt: skip
def test_speakers_of_every_kind_are_taken(load: Load, url: str):
    config = load(f"[[sites]]\nid='a'\n[[speakers]]\nid='s'\nsite='a'\nurl='{url}'\n")
    assert config.speakers[0].url.reveal() == url


@pytest.mark.parametrize("encode", [
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
])  # fmt: skip
def test_files_written_on_windows_are_read(tmp_path: Path, encode: Callable[[str], bytes]):
    path = tmp_path / "site.toml"
    path.write_bytes(encode('[[sites]]\nid = "a"\nname = "七号"\n'))
    assert load_site(path, {}).sites[0].name == "七号"


def test_names_may_hold_wide_spaces_and_joined_emoji(load: Load):
    """What a Chinese keyboard gives for a space, and 👷‍♂️, which is three signs joined."""
    for name in ("七号　工地", "大门👷\u200d♂️", "Gate\u00a07"):
        assert load(f"[[sites]]\nid = 'a'\nname = '{name}'").sites[0].name == name
