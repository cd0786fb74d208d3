"""`say SPEAKER TEXT`: speak on a site speaker."""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.commands.common import complain, configured
from bot.domain.site import SiteConfig
from bot.ports import Spoken, Utterance
from bot.settings import Settings

_WITHIN_MS = 30_000


def run(args: argparse.Namespace) -> int:
    """Speak, and tell what became of it."""
    text = " ".join(args.text)
    return configured(lambda settings, config: _say(settings, config, args.speaker, text))


def _say(settings: Settings, config: SiteConfig, speaker: str, text: str) -> int:
    found = config.speaker(speaker)
    if found is None:
        known = ", ".join(s.id for s in config.speakers) or "none"
        return complain(f"there is no speaker {speaker!r}; there are: {known}")
    if found.url.reveal().startswith("browser:"):
        return complain(f"{speaker} is a browser page; send /say {speaker} {text} in the console")
    said = asyncio.run(_speak(settings, config, found.id, found.language, text))
    print(f"{said.speaker}: {said.outcome} ({said.seconds:.1f} s) {said.detail}".rstrip())
    return 0 if said.outcome == "spoken" else 1


async def _speak(
    settings: Settings, config: SiteConfig, speaker: str, language: str, text: str
) -> Spoken:
    from bot.speaking import VoiceAnnouncer, speaker_specs
    from voice.announcer import open_announcer

    now = time.time_ns() // 1_000_000
    utterance = Utterance(
        id=f"say-{now}",
        speaker=speaker,
        text=text,
        language=language,
        severity="general",
        style="normal",
        expires_at=now + _WITHIN_MS,
    )
    specs = [spec for spec in speaker_specs(config) if spec.id == speaker]
    with TemporaryDirectory() as folder:  # the usual one belongs to a running instance
        work = Path(folder) / "playing"
        async with open_announcer(specs, data_dir=settings.data_dir, work_dir=work) as announcer:
            return await VoiceAnnouncer(announcer, config.speakers).announce(utterance)
