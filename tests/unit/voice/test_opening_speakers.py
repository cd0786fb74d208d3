"""Speakers are opened by URL; what cannot be played on is refused clearly."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice.faults import BadSpeakerUrl, SpeakerKindNotAvailable, VoiceFault
from voice.speakers import AVAILABLE, folder_of, open_speaker


@pytest.mark.parametrize("kind", AVAILABLE)
def test_a_speaker_knows_its_kind(kind: str, tmp_path: Path) -> None:
    assert open_speaker(f"{kind}:{tmp_path}/out", work_dir=tmp_path).kind == kind


def test_opening_touches_no_disk(tmp_path: Path) -> None:
    open_speaker(f"file:{tmp_path}/out", work_dir=tmp_path / "work")
    open_speaker("browser:", work_dir=tmp_path / "work")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["rtp", "sip", "onvif", "axis", "hikvision", "dahua", "local"])
def test_kinds_that_are_not_there_yet_say_so(kind: str, tmp_path: Path) -> None:
    with pytest.raises(SpeakerKindNotAvailable, match=f"{kind}: are not available yet"):
        open_speaker(f"{kind}://root:hunter2@10.0.0.9", work_dir=tmp_path)


@pytest.mark.parametrize(
    "url", ["", "gate", "//x", "file:", "file:/", "rtp://root:hunter2@10.0.0.9", "hunter2 x:"]
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
