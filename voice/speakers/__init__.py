"""Site speakers, a file per kind, opened by URL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from voice.faults import BadSpeakerUrl, SpeakerKindNotAvailable

if TYPE_CHECKING:
    from voice.speakers.port import Speaker

AVAILABLE = ("browser", "file")
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)


def speaker_kind(url: str) -> str:
    """The kind a URL names. Raises BadSpeakerUrl, SpeakerKindNotAvailable."""
    found = SCHEME.fullmatch(url)
    if not found:
        raise BadSpeakerUrl("a speaker's url starts with its kind, such as browser: or file:DIR")
    kind = found[1].lower()
    if kind not in AVAILABLE:
        raise SpeakerKindNotAvailable(kind, AVAILABLE)
    if kind == "file" and not folder_of(url).name:
        raise BadSpeakerUrl("file: wants a folder, such as file:announcements")
    return kind


def open_speaker(url: str, *, work_dir: Path) -> Speaker:
    """The speaker a URL names; `work_dir` is for files that live as long as a play.

    Opening touches neither disk nor network. Raises BadSpeakerUrl, SpeakerKindNotAvailable.
    """
    match speaker_kind(url):
        case "file":
            from voice.speakers.file import FileSpeaker

            return FileSpeaker(folder_of(url))
        case _:
            from voice.speakers.browser import BrowserSpeaker

            return BrowserSpeaker(work_dir)


def folder_of(url: str) -> Path:
    """The folder of `file:DIR` or `file:///DIR`."""
    rest = url.partition(":")[2]
    return Path(unquote(rest.removeprefix("//")) if rest.startswith("///") else rest)
