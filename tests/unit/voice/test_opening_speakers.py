"""Speakers are opened by URL; what cannot be played on is refused clearly."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sitefile.address import SPEAKER_SCHEMES
from voice.faults import BadSpeakerUrl, SpeakerKindNotAvailable, VoiceFault
from voice.speakers import AVAILABLE, folder_of, open_speaker
from voice.speakers.address import NETWORK, address_of, card_of


@pytest.mark.parametrize("kind", AVAILABLE)
def test_a_speaker_knows_its_kind(kind: str, tmp_path: Path) -> None:
    rest = "//10.0.0.9:5004/100" if kind in NETWORK else "out"
    assert open_speaker(f"{kind}:{rest}", work_dir=tmp_path).kind == kind


def test_opening_touches_no_disk(tmp_path: Path) -> None:
    open_speaker(f"file:{tmp_path}/out", work_dir=tmp_path / "work")
    open_speaker("browser:", work_dir=tmp_path / "work")
    assert list(tmp_path.iterdir()) == []


def test_a_kind_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SpeakerKindNotAvailable, match="pager: are not available yet"):
        open_speaker("pager://root:hunter2@10.0.0.9", work_dir=tmp_path)


def test_every_kind_that_a_site_file_may_name_is_there() -> None:
    assert set(SPEAKER_SCHEMES) == set(AVAILABLE)


@pytest.mark.parametrize(("url", "card"), [("local:", ""), ("local:USB%20Audio", "USB Audio")])
def test_local_urls_name_a_part_of_a_cards_name(url: str, card: str) -> None:
    assert card_of(url) == card


@pytest.mark.parametrize(
    "url",
    [
        *("", "gate", "//x", "file:", "file:/", "hunter2 x:", "local:hunter2%0ax"),
        *("rtp://root:hunter2@10.0.0.9:1", "rtp://10.0.0.9", "rtp://10.0.0.9:x", "rtp://:5004"),
        *("rtp://h:5004?hunter2", "rtp://h:5004?hunter2=1", "rtp://h:5004?ttl=hunter2"),
        *("rtp://h:5004?ttl=256", "rtp://h:5004?codec=mp3", "rtp://h:5004?interface=eth0"),
    ],
)
def test_a_bad_url_is_a_value_error_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadSpeakerUrl) as caught:
        open_speaker(url, work_dir=tmp_path)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, VoiceFault)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file:out", "out"),
        ("file:/srv/out", "/srv/out"),
        ("file:///srv/my%20out", "/srv/my out"),
        ("FILE:out", "out"),
    ],
)
def test_file_urls_name_folders(url: str, folder: str) -> None:
    assert folder_of(url) == Path(folder)


def test_an_address_is_taken_apart() -> None:
    address = address_of("axis://ro%40ot:ge:heim@[fd00::9]:8080/x?clip=3")
    assert (address.host, address.port, address.netloc) == ("fd00::9", 8080, "[fd00::9]:8080")
    assert (address.user, address.password.reveal()) == ("ro@ot", "ge:heim")
    assert address.number("clip", 0) == 3
    assert "heim" not in repr(address)
    assert address_of("sip:100@10.0.0.9").user == "100"
    assert address_of("sip://u:p@10.0.0.9/100").path == "100"
    assert address_of("onvif://10.0.0.9/a/b").path == "/a/b"
    assert [address_of(f"{kind}://h/1").port for kind in ("sip", "onvif", "axis")] == [
        5060,
        554,
        80,
    ]


@pytest.mark.parametrize("url", ["sip://h", "sip://h/a%0d%0aX:1", "axis://h/?body=soup"])
def test_an_address_that_no_device_has_is_refused(url: str) -> None:
    with pytest.raises(BadSpeakerUrl):
        address_of(url)
