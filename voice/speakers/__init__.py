"""Site speakers, a file per kind, opened by URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voice.speakers.address import AVAILABLE, Address, address_of, card_of, folder_of, speaker_kind

if TYPE_CHECKING:
    from voice.speakers.port import Speaker

__all__ = ["AVAILABLE", "folder_of", "open_speaker", "speaker_kind"]


def open_speaker(url: str, *, work_dir: Path) -> Speaker:
    """The speaker a URL names; `work_dir` is for files that live as long as a play.

    Opening touches neither disk nor network. Raises BadSpeakerUrl, SpeakerKindNotAvailable.
    """
    match speaker_kind(url):
        case "file":
            from voice.speakers.file import FileSpeaker

            return FileSpeaker(folder_of(url))
        case "browser":
            from voice.speakers.browser import BrowserSpeaker

            return BrowserSpeaker(work_dir)
        case "local":
            from voice.speakers.local import LocalSpeaker

            return LocalSpeaker(card_of(url))
        case _:
            return _on_the_network(address_of(url))


def _on_the_network(address: Address) -> Speaker:
    match address.kind:
        case "rtp":
            from voice.speakers.rtp import RtpSpeaker as Kind
        case "sip":
            from voice.speakers.sip import SipSpeaker as Kind
        case "onvif":
            from voice.speakers.onvif import OnvifSpeaker as Kind
        case "axis":
            from voice.speakers.axis import AxisSpeaker as Kind
        case "hikvision":
            from voice.speakers.hikvision import HikvisionSpeaker as Kind
        case _:
            from voice.speakers.dahua import DahuaSpeaker as Kind
    return Kind(address)
