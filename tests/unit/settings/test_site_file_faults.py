# ruff: noqa: E501  a table of cases is read line by line
"""A site file that cannot be used: every fault at once, with file, line, path, value, sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from bot.fault import ConfigFaults, Fault
from bot.faultwords import WORDS
from bot.sitefile import load_site

Faults = Callable[..., list[Fault]]

SITE = '[[sites]]\nid = "a"\n'
CAMERA = f'{SITE}[[cameras]]\nid = "c"\nsite = "a"\n'
ZONE = CAMERA + '[[cameras.zones]]\nid = "z"\n'
TRIANGLE = "polygon = [[0, 0], [1, 0], [1, 1]]\n"
SPEAKER = f'{SITE}[[speakers]]\nid = "s"\nsite = "a"\n'
MEMBER = f'{SITE}[[members]]\nid = "m"\n'
CHAT = "[[chats]]\n"

CASES = [
    # (what stands before, the faulty line, path, shown value, kind of sentence)
    ("", "langauge = 'zh'", "langauge", None, "unknown_key"),
    ("", "language = 'de'", "language", "de", "choice"),
    ("", "language = 5", "language", "5", "not_text"),
    ("", "sites = 5", "sites", "5", "not_tables"),
    ("", "sites = [5]", "sites[0]", "5", "not_table"),
    ("", "[sites]", "sites", "{  }", "not_tables"),
    ("", "[[sites]]", "sites[0].id", None, "missing"),
    ("", "[[sites]]\nid='A b'", "sites[0].id", "A b", "bad_id"),
    ("", "[[sites]]\nid='../x'", "sites[0].id", "../x", "bad_id"),
    ("", f"[[sites]]\nid='{'x' * 33}'", "sites[0].id", "x" * 33, "bad_id"),
    ("", "[[sites]]\nid='é'", "sites[0].id", "é", "bad_id"),
    (SITE, "name = ''", "sites[0].name", "", "empty"),
    (SITE, "name = 'a\\u0007'".replace("'", '"'), "sites[0].name", "a\ufffd", "control"),
    (SITE, f"name = '{'长' * 61}'", "sites[0].name", "长" * 59 + "…", "too_long"),
    (SITE, "timezone = 'Asia/Shangai'", "sites[0].timezone", "Asia/Shangai", "timezone"),
    (SITE, "timezone = '../../etc/passwd'", "sites[0].timezone", "../../etc/passwd", "timezone"),
    (SITE, "timezone = 'Asia'", "sites[0].timezone", "Asia", "timezone"),
    (SITE, "area = 'b'", "sites[0].area", "b", "unknown_ref"),
    (SITE, "responsible_party = 'b'", "sites[0].responsible_party", "b", "unknown_ref"),
    (SITE, "[[sites]]\nid = 'a'", "sites[1].id", "a", "duplicate"),
    (SITE, "responses.no_helmt.cooldown='1s'", "sites[0].responses.no_helmt", "no_helmt", "unknown_ref"),
    (SITE, "responses.fall.may_self_close=true", "sites[0].responses.fall.may_self_close", "true", "emergency_self_close"),
    (MEMBER, "sites = []", "members[0].sites", None, "empty"),
    (CHAT, "channel = 'console'\nid = 'm'\nsites = []", "chats[0].sites", None, "empty"),
    (CAMERA, "site_ = 'a'", "cameras[0].site_", None, "unknown_key"),
    (CAMERA, "aliases = '门'", "cameras[0].aliases", "门", "not_list"),
    (CAMERA, "aliases = ['门', 5]", "cameras[0].aliases[1]", "5", "not_text"),
    (CAMERA, "source = 'ftp://host/x'", "cameras[0].source", "ftp://host/x", "scheme"),
    (CAMERA, "source = 'rtsp://'", "cameras[0].source", "rtsp://", "host"),
    (CAMERA, "source = 'rtsp://host:99999/x'", "cameras[0].source", "rtsp://host:99999/x", "port"),
    (CAMERA, "source = 'rtsp://[x/y'", "cameras[0].source", "***", "port"),
    (CAMERA, "source = 'gone.mp4'", "cameras[0].source", "gone.mp4", "no_source"),
    (CAMERA, "source = 'clip.mp4/x'", "cameras[0].source", "clip.mp4/x", "no_source"),
    (CAMERA, 'source = "a\\u0000b"', "cameras[0].source", "a\ufffdb", "no_source"),
    (CAMERA, f"source = '{'x' * 300}'", "cameras[0].source", "x" * 59 + "…", "unreadable"),
    (CAMERA, "source = 1.5", "cameras[0].source", "1.5", "not_text"),
    (CAMERA, "source = ''", "cameras[0].source", "", "empty"),
    (CAMERA, "source = -1", "cameras[0].source", "-1", "no_source"),
    (CAMERA, "loop = 'yes'", "cameras[0].loop", "yes", "not_flag"),
    (CAMERA, "mode = 'trail'", "cameras[0].mode", "trail", "choice"),
    (CAMERA, "models = ['../x']", "cameras[0].models[0]", "../x", "bad_id"),
    (ZONE, "polygon = [[0, 0], [1, 1]]", "cameras[0].zones[0].polygon", "[[0, 0], [1, 1]]", "polygon_few"),
    (ZONE, "polygon = [[0,0],[1.6,0],[1,1]]", "cameras[0].zones[0].polygon", "[[0, 0], [1.6, 0], [1, 1]]", "polygon_outside"),
    (ZONE, "polygon = [[0,0],[nan,0],[1,1]]", "cameras[0].zones[0].polygon", "[[0, 0], [nan, 0], [1, 1]]", "polygon_outside"),
    (ZONE, "polygon = [[0,0],[1,1],[1,0],[0,1]]", "cameras[0].zones[0].polygon", "[[0, 0], [1, 1], [1, 0], [0, 1]]", "polygon_crossing"),
    (ZONE, "polygon = [[0,0],[0,0.001],[0.001,0]]", "cameras[0].zones[0].polygon", "[[0, 0], [0, 0.001], [0.001, 0]]", "polygon_flat"),
    (ZONE, "polygon = [[0,0],[1,0],[1,1],[1,0]]", "cameras[0].zones[0].polygon", "[[0, 0], [1, 0], [1, 1], [1, 0]]", "polygon_repeated"),
    (ZONE, "polygon = [[0,0],[1,'0'],[1,1]]", "cameras[0].zones[0].polygon[1]", '[1, "0"]', "point"),
    (ZONE, "polygon = [[0,0],[1,0,0],[1,1]]", "cameras[0].zones[0].polygon[1]", "[1, 0, 0]", "point"),
    (ZONE, "polygon = [[0,0],[true,0],[1,1]]", "cameras[0].zones[0].polygon[1]", "[true, 0]", "point"),
    (ZONE, "polygon = 'all'", "cameras[0].zones[0].polygon", "all", "not_list"),
    (ZONE, TRIANGLE + "hazard = 'zone_intrusoin'", "cameras[0].zones[0].hazard", "zone_intrusoin", "unknown_ref"),
    (ZONE, TRIANGLE + "dwell = '2 s'", "cameras[0].zones[0].dwell", "2 s", "duration"),
    (ZONE, TRIANGLE + "dwell = 2", "cameras[0].zones[0].dwell", "2", "duration"),
    (ZONE, TRIANGLE + "dwell = '-2s'", "cameras[0].zones[0].dwell", "-2s", "duration"),
    (ZONE, TRIANGLE + "active = '18:30'", "cameras[0].zones[0].active", "18:30", "window"),
    (ZONE, TRIANGLE + "active = '08:00-08:00'", "cameras[0].zones[0].active", "08:00-08:00", "window"),
    (ZONE, TRIANGLE + "[[cameras.zones]]\n" + TRIANGLE + "id = 'z'", "cameras[0].zones[1].id", "z", "duplicate"),
    (SPEAKER, "url = 'http://horn'", "speakers[0].url", "http://horn", "scheme"),
    (SPEAKER, "url = 'horn'", "speakers[0].url", "horn", "scheme"),
    (SPEAKER, "url = 'rtp://239.1.1.1'", "speakers[0].url", "rtp://239.1.1.1", "port"),
    (SPEAKER, "url = 'onvif://'", "speakers[0].url", "onvif://", "host"),
    (SPEAKER, "url = 'rtp://h:1?ttl=999'", "speakers[0].url", "***", "speaker_url"),
    (SPEAKER, "url = 'sip://horn'", "speakers[0].url", "sip://horn", "speaker_url"),
    (SPEAKER, "url = 'file:'", "speakers[0].url", "file:", "needs_folder"),
    (SPEAKER, "url='local:'\nat_most_per_hour = -1", "speakers[0].at_most_per_hour", "-1", "at_least"),
    (SPEAKER, "url='local:'\nat_most_per_hour = true", "speakers[0].at_most_per_hour", "true", "not_integer"),
    (SPEAKER, "url='local:'\nat_most_per_hour = '12'", "speakers[0].at_most_per_hour", "12", "not_integer"),
    (SPEAKER, "url='local:'\nquiet_hours = ['22:00']", "speakers[0].quiet_hours[0]", "22:00", "window"),
    (SPEAKER, "url='local:'\ncameras = ['c']", "speakers[0].cameras[0]", "c", "unknown_ref"),
    (SPEAKER, "url='local:'\nlead_silence = '300'", "speakers[0].lead_silence", "300", "duration"),
    (CHAT, "id = 1", "chats[0].channel", None, "missing"),
    (CHAT, "channel = 'telegrm'", "chats[0].channel", "telegrm", "choice"),
    (CHAT, "channel = 'telegram'", "chats[0].id", None, "needs"),
    (CHAT, "channel = 'telegram'\nid = 'group'", "chats[0].id", "group", "chat_id"),
    (CHAT, "channel = 'telegram'\nid = 0", "chats[0].id", "0", "chat_id"),
    (CHAT, "channel = 'telegram'\nid = -1000000000000000", "chats[0].id", "-1000000000000000", "chat_id"),
    (CHAT, "channel = 'telegram'\nid = 1.5", "chats[0].id", "1.5", "chat_id"),
    (CHAT, "channel = 'telegram'\nid = true", "chats[0].id", "true", "chat_id"),
    (CHAT, "channel = 'telegram'\nid = -1\nurl = 'https://x'", "chats[0].url", None, "useless"),
    (CHAT, "channel = 'telegram'\nid = -1\nmessages_per_minute = -20", "chats[0].messages_per_minute", "-20", "at_least"),
    (CHAT, "channel = 'telegram'\nid = -1\nsites = ['b']", "chats[0].sites[0]", "b", "unknown_ref"),
    (CHAT, "channel = 'telegram'\nid = -1\narea = 'b'", "chats[0].area", "b", "unknown_ref"),
    (CHAT, "channel = 'telegram'\nid = -1\nminimum_severity = 'Serious'", "chats[0].minimum_severity", "Serious", "choice"),
    (CHAT, "channel = 'telegram'\nid = -1\nfaces = 'blurred'", "chats[0].faces", "blurred", "choice"),
    (CHAT, "channel = 'telegram'\nid = -1\npurpose = 'party'", "chats[0].purpose", "party", "choice"),
    (CHAT, "channel = 'telegram'\nid = -1\ntopic = 0", "chats[0].topic", "0", "at_least"),
    (CHAT, "channel = 'telegram'\nid = -1\n[[chats]]\nchannel='telegram'\nid=-1", "chats[1].id", "telegram:-1", "duplicate"),
    (CHAT, "channel = 'console'\nid = 'A B'", "chats[0].id", "A B", "bad_id"),
    (CHAT, "channel = 'console'\n[[chats]]\nchannel='console'", "chats[1].id", "console:main", "duplicate"),
    (CHAT, "channel = 'webhook'\nsecret = 'abc'", "chats[0].url", None, "needs"),
    (CHAT, "channel = 'webhook'\nurl = 'https://x/y'", "chats[0].secret", None, "needs"),
    (CHAT, "channel = 'webhook'\nsecret = ''\nurl = 'https://x/y'", "chats[0].secret", None, "empty"),
    (CHAT, "channel = 'webhook'\nsecret = ' '\nurl = 'https://x/y'", "chats[0].secret", None, "empty"),
    (CHAT, "channel = 'webhook'\nsecret = 'abc'\nurl = 'ws://x/y'", "chats[0].url", "ws://x/y", "scheme"),
    (MEMBER, "role = 'sitelead'", "members[0].role", "sitelead", "choice"),
    (MEMBER, "sites = ['b']", "members[0].sites[0]", "b", "unknown_ref"),
    (MEMBER, "roles = { b = 'viewer' }", "members[0].roles.b", "b", "unknown_ref"),
    (MEMBER, "roles = { a = 'boss' }", "members[0].roles.a", "boss", "choice"),
    (MEMBER, "roles = 'viewer'", "members[0].roles", "viewer", "not_table"),
    (MEMBER, "party = 'b'", "members[0].party", "b", "unknown_ref"),
    (MEMBER, "notify = 'private'", "members[0].notify", "private", "choice"),
    (MEMBER, "telegram = '@li'", "members[0].telegram", "@li", "not_integer"),
    (MEMBER, "telegram = -5", "members[0].telegram", "-5", "person_id"),
    (MEMBER, "telegram=5\n[[members]]\nid='n'\ntelegram=5", "members[1].telegram", "5", "duplicate"),
    (MEMBER, "telegram = 1000000000000000", "members[0].telegram", "1000000000000000", "person_id"),
    ("", "[[members]]\nid='system'", "members[0].id", "system", "reserved_id"),
    (MEMBER, "phone = 'ask Li'", "members[0].phone", "ask Li", "phone"),
    ("", "[[alerts]]\nid='x'\nkind='http'\npath='sms'\nurl='sms.example'", "alerts[0].url", "***", "scheme"),
    ("", "[[alerts]]\nid='x'\nkind='http'\npath='sms'\nurl='mailto://u:p@x'", "alerts[0].url", "***", "scheme"),
    ("", "[[alerts]]\nid='x'\nkind='http'\npath='sms'\nurl='http://['", "alerts[0].url", "***", "port"),
    ("", "[[alerts]]\nid='x'\nkind='http'\npath='sms'\nurl='https://'", "alerts[0].url", "***", "host"),
    ("", "[[alerts]]\nid='x'\nkind='http'\npath='sms'\nurl='https://h:99999/'", "alerts[0].url", "***", "port"),
    ("", "[[alerts]]\nid='x'\nkind='http'\npath='fax'\nurl='https://x'", "alerts[0].path", "fax", "choice"),
    ("", "[[alerts]]\nid='x'\nkind='http'\npath='sms'\nurl='env:NOT_SET'", "alerts[0].url", "env:NOT_SET", "env_missing"),
    ("", "[[alerts]]\nid='x'\nkind='http'\npath='sms'\nurl='env:'", "alerts[0].url", "env:", "env_name"),
    (SITE, "[[duty]]\nsite='a'\nmembers=['x']", "duty[0].members[0]", "x", "unknown_ref"),
    (MEMBER, "[[duty]]\nsite='a'\nmembers=['m']\ndays='weekdays'", "duty[0].days", "weekdays", "days"),
    (MEMBER, "[[duty]]\nsite='a'\nmembers=['m']\nhours='always'", "duty[0].hours", "always", "window"),
    ("", "[retention]\ndisk_quota='20 GB'", "retention.disk_quota", "20 GB", "amount"),
    ("", "[retention]\nkeep_free='101%'", "retention.keep_free", "101%", "amount"),
    ("", "[retention]\ndisk_quota='0GB'", "retention.disk_quota", "0GB", "at_least"),
    ("", "[retention]\ndisk_quota='0%'", "retention.disk_quota", "0%", "at_least"),
    ("", "[retention]\nkeep_free='100%'", "retention.keep_free", "100%", "at_most"),
    ("", "[retention]\nkeep_free=5", "retention.keep_free", "5", "amount"),
    ("", "[retention]\nreports='1d'", "retention.reports", "1d", "at_least"),
    ("", "[retention]\npictures='2d'\nkeep_at_least='3d'", "retention.pictures", "2d", "at_least"),
    ("", "[retention]\npicture='2d'", "retention.picture", None, "unknown_key"),
    ("", "[[retention]]\ninbox='2d'", "retention", '[{ inbox = "2d" }]', "not_table"),
    ("", "[responses.no_helm]\ncooldown='1s'", "responses.no_helm", "no_helm", "unknown_ref"),
    ("", "responses = []", "responses", "[]", "not_table"),
    ("", "[responses.no_vest]\ncool_down='1s'", "responses.no_vest.cool_down", None, "unknown_key"),
    ("", "[responses.no_vest]\nchase=['0s']", "responses.no_vest.chase[0]", "0s", "at_least"),
    ("", "[responses.no_vest]\nescalate_to=['boss']", "responses.no_vest.escalate_to[0]", "boss", "choice"),
    ("", "[responses.no_vest]\nspeak={repeat=0}", "responses.no_vest.speak.repeat", "0", "at_least"),
    ("", "[responses.no_vest]\nspeak={repeat=99}", "responses.no_vest.speak.repeat", "99", "at_most"),
    ("", "[responses.no_vest]\nspeak={zh='{site}危险'}", "responses.no_vest.speak.zh", "{site}危险", "placeholder"),
    ("", "[responses.no_vest]\nspeak={zh='{place'}", "responses.no_vest.speak.zh", "{place", "placeholder"),
    ("", "[responses.no_vest]\nspeak={zh='{place!r}'}", "responses.no_vest.speak.zh", "{place!r}", "placeholder"),
    ("", "[responses.no_vest]\nspeak='hello'", "responses.no_vest.speak", "hello", "not_table"),
    ("", "[responses.fall]\nmay_self_close=true", "responses.fall.may_self_close", "true", "emergency_self_close"),
    ("", "[responses.fall]\nseverity='general'\nmay_self_close=true", "responses.fall.may_self_close", "true", "emergency_self_close"),
    ("", "[responses.no_vest]\nseverity='emergency'\nmay_self_close=true", "responses.no_vest.may_self_close", "true", "emergency_self_close"),
    ("", "[[hazards]]\nid='open_edge'", "hazards[0].name", None, "missing"),
    ("", "[[hazards]]\nid='edge'\nname={}", "hazards[0].name", None, "empty"),
    ("", "[[hazards]]\nid='fall'\nname={zh='跌'}", "hazards[0].id", "fall", "shipped_hazard"),
    ("", "[[hazards]]\nid='edge'\nname={fr='bord'}", "hazards[0].name.fr", None, "unknown_key"),
    ("", "[[hazards]]\nid='edge'\nseverity='emergency'\nname={zh='边'}\n[responses.edge]\nmay_self_close=true", "responses.edge.may_self_close", "true", "emergency_self_close"),
    ("", "[[parties]]\nid='p'\nchat={channel='telegram'}", "parties[0].chat.id", None, "needs"),
    ("", "[[parties]]\nid='p'\nchat='x'", "parties[0].chat", "x", "not_table"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "line", "path", "value", "kind"), CASES)
def test_every_fault_is_told_once_with_its_place_and_value(
    faults: Faults, before: str, line: str, path: str, value: str | None, kind: str
):
    text = before + line
    (fault,) = faults(text)
    assert (fault.path, fault.value) == (path, value)
    assert fault.message.startswith(WORDS[kind]["zh"].partition("{")[0])
    assert fault.file.endswith("site.toml")
    assert fault.line is not None
    stands_there = text.splitlines()[fault.line - 1]
    missing = kind in ("missing", "needs") or (path == "chats[1].id" and "id" not in line)
    name = re.findall(r"\w+", re.sub(r"\[\d+]", "", path))[-2 if missing and "." in path else -1]
    assert name in stands_there


def test_every_kind_of_fault_of_a_table_has_a_case_here():
    of_files_and_settings = {
        "no_file", "no_text_file", "too_large", "nested", "wide", "not_utf8", "syntax", "env_line", "unknown_setting",
        "did_you_mean", "token", "public_credentials", "no_file_named", "time_of_day", "together", "area", "site", "party", "camera", "member", "hazard", "speaker",
    }  # fmt: skip
    elsewhere = {"other_site", "polygon_many", "unreadable_source"}
    of_lights = {"actuator_query", "path", "mqtt_topic", "same_order", "no_text_for"}
    cased = {kind for *_, kind in CASES}
    assert cased == WORDS.keys() - of_files_and_settings - elsewhere - of_lights


def test_every_kind_of_fault_is_told_in_both_languages_with_the_same_fillings():
    for words in WORDS.values():
        holes = [
            {hole for _, hole, _, _ in Formatter().parse(words[one]) if hole}
            for one in ("zh", "en")
        ]
        assert holes[0] == holes[1]
        assert words["zh"] != words["en"]


def test_all_faults_of_a_file_are_told_at_once_in_the_order_of_the_file(faults: Faults):
    found = faults(
        """
        language = "en"
        [[cameras]]
        id = "gate"
        site = "yard-8"
        sauce = "rtsp://admin:planted-pass@host/x"
          [[cameras.zones]]
          id = "pit"
          polygon = [[0.1, 0.1], [0.2, 0.2]]
        [[sites]]
        id = "yard-7"
        timezone = "Asia/Shanghi"
        [[chats]]
        channel = "telegram"
        id = "env:GROUP"
        """
    )
    assert [(fault.line, fault.path) for fault in found] == [
        (5, "cameras[0].site"),
        (6, "cameras[0].sauce"),
        (9, "cameras[0].zones[0].polygon"),
        (12, "sites[0].timezone"),
        (15, "chats[0].id"),
    ]
    lines = [str(fault).partition("site.toml")[2] for fault in found]
    assert lines[0] == (
        ":5: cameras[0].site: no such site is defined, did you mean yard-7? (yard-8)"
    )
    assert lines[1] == ":6: cameras[0].sauce: there is no such key, did you mean source?"
    assert lines[3].endswith("did you mean Asia/Shanghai? (Asia/Shanghi)")
    assert lines[4].endswith("the environment variable GROUP is not set (env:GROUP)")
    assert "planted-pass" not in "".join(lines)


def test_a_value_out_of_the_environment_is_shown_by_its_name_only(faults: Faults):
    (fault,) = faults(CHAT + 'channel = "telegram"\nid = "env:GROUP"', {"GROUP": "planted"})
    assert fault.value == "env:GROUP"
    assert "planted" not in str(fault)


@pytest.mark.parametrize(
    "line",
    [
        "source = 'rtps://admin:planted-word@host/x'",
        "source = 'rtsp://admin:planted-word@host:0/x'",
        "source = 'rtsp://admin:planted-word@host:x/x'",
        "source = ['rtsp://admin:planted-word@host/x']",
        "mode = 'rtsp://admin:planted/word@host/x'",
        "name = 5\nmode = '123456:planted-token-of-some-thirty-characters'",
        "aliases = 'Bearer planted-word'",
        "models = ['token=planted-word']",
        "'rtsp://admin:planted-word@host/x' = 1",
    ],
)
def test_faults_never_print_a_secret(faults: Faults, line: str):
    found = faults(CAMERA + line)
    assert "planted" not in "".join(map(str, found))
    assert "planted" not in repr(found)


def test_a_speaker_speaks_for_cameras_of_its_own_site(faults: Faults):
    (fault,) = faults(
        CAMERA + '[[sites]]\nid="b"\n[[speakers]]\nid="s"\nsite="b"\nurl="local:"\ncameras=["c"]'
    )
    assert fault.path == "speakers[0].cameras[0]"
    assert "a" in fault.message


def test_a_polygon_has_a_hundred_points_at_most(faults: Faults):
    points = ", ".join(f"[{x / 200}, {(x % 2) / 2}]" for x in range(101))
    (fault,) = faults(f"{ZONE}polygon = [{points}]")
    assert "100" in fault.message
    assert fault.value is not None
    assert len(fault.value) <= 60


def test_a_site_that_raises_what_closes_itself_everywhere_is_at_fault(faults: Faults):
    (fault,) = faults(
        "[responses.no_vest]\nmay_self_close = true\n"
        '[[sites]]\nid = "a"\nresponses.no_vest.severity = "emergency"'
    )
    assert fault.path == "sites[0].responses.no_vest.severity"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = = 2\n", 2),
        ("a = 1\na = 2\n", 2),
        ("[[sites]]\nid = 'x\n", 2),
        ("a = [1,\n2\n", 2),
        ('a = """\n\n', 1),
        ("\x00", 1),
    ],
)
def test_broken_toml_is_told_with_its_line(faults: Faults, text: str, line: int):
    (fault,) = faults(text)
    assert fault.line == line
    assert fault.message.startswith("TOML 语法不对")
    assert "(at" not in fault.message


def bad_file(path: Path) -> Fault:
    with pytest.raises(ConfigFaults) as caught:
        load_site(path, {})
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize(
    ("raw", "line", "word"),
    [
        ('language="zh"\nname="七号"\n'.encode("gb18030"), 2, "UTF-8"),
        ('language = "zh"\n'.encode("utf-16"), 1, "UTF-16"),
        (b"\xef\xbb\xbfa = 1\n\xff", 2, "UTF-8"),
    ],
)
def test_other_encodings_are_told_as_such(tmp_path: Path, raw: bytes, line: int, word: str):
    path = tmp_path / "site.toml"
    path.write_bytes(raw)
    fault = bad_file(path)
    assert fault.line == line
    assert word in fault.message


def test_a_file_that_is_not_there_or_a_folder_is_told(tmp_path: Path):
    missing = bad_file(tmp_path / "gone.toml")
    assert (missing.line, "LOUDHAILER_SITE_FILE" in missing.message) == (None, True)
    assert str(bad_file(tmp_path)).startswith(str(tmp_path))


@pytest.mark.timeout(20)
def test_what_is_no_file_that_ends_is_told(tmp_path: Path):
    pipe, large, deep = (tmp_path / name for name in ("pipe", "large", "deep"))
    os.mkfifo(pipe)
    large.write_bytes(b"#" * 10_000_000)
    for path, word in ((pipe, "普通文件"), (large, "2,000,000")):
        assert word in bad_file(path).message
    for text in ("x = " + "[" * 200_000, "x = " + "[" * 5_000 + "]" * 5_000):
        deep.write_text(text)
        assert "嵌套" in bad_file(deep).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path):
    path = tmp_path / "site.toml"
    path.write_text("")
    path.chmod(0)
    assert bad_file(path).line is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_source_that_may_not_be_read_is_told(faults: Faults, tmp_path: Path):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"")
    clip.chmod(0)
    (fault,) = faults(CAMERA + "source = 'clip.mp4'")
    assert fault.path == "cameras[0].source"
