"""`say SPEAKER TEXT`: speak on a site speaker."""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import eventloop
from bot.commands.common import complain, configured
from bot.domain.site import SiteConfig
from bot.domain.tongue import tongue_of
from bot.ports import SOUNDED, Spoken, Utterance
from bot.settings import Settings
from bot.texts.reasons import reason_in
from bot.texts.terminal import told
from bot.texts.vocabulary import HORNS

_WITHIN_MS = 30_000


def run(args: argparse.Namespace) -> int:
    """Speak, and tell what became of it."""
    text = " ".join(args.text)
    return configured(
        lambda settings, config: _say(settings, config, args.speaker, text), quiet=True
    )


def _say(settings: Settings, config: SiteConfig, speaker: str, text: str) -> int:
    found, language = config.speaker(speaker), config.language
    if found is None:
        known = ", ".join(s.id for s in config.speakers) or told("say.none", language)
        return complain(told("say.no_speaker", language, speaker=repr(speaker), known=known))
    if found.url.reveal().startswith("browser:"):
        return complain(told("say.page", language, speaker=speaker, text=text))
    said = eventloop.run(_speak(settings, config, found.id, tongue_of(text, found.language), text))
    params = {"speaker": said.speaker, "seconds": f"{said.seconds:.1f}"}
    horn = HORNS.get(said.outcome, HORNS["failed"]).in_language(language)
    detail = reason_in(said.detail, language)
    print(told("say.said", language, horn=horn, detail=detail, **params).rstrip())
    return 0 if said.outcome in SOUNDED else 1


async def _speak(
    settings: Settings, config: SiteConfig, speaker: str, language: str, text: str
) -> Spoken:
    from bot.assembly.voices import good_voice
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
    better = await asyncio.to_thread(good_voice, settings.models_dir)
    with TemporaryDirectory() as folder:  # the usual one belongs to a running instance
        work = Path(folder) / "playing"
        opened = open_announcer(specs, data_dir=settings.data_dir, work_dir=work, better=better)
        async with opened as announcer:
            return await VoiceAnnouncer(announcer, config.speakers).announce(utterance)
