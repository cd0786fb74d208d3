"""An emergency in the words of a text message: plain, short, and complete without the chat."""

from __future__ import annotations

from bot.domain.case import Case
from bot.domain.site import SiteConfig
from bot.texts.cards import first_line
from bot.texts.fitting import clip
from bot.texts.localtime import stamp
from bot.texts.vocabulary import MARKS
from bot.texts.wording import Wording

_NOTE_UNITS = 100


def alert_text(case: Case, config: SiteConfig, language: str, attempt: int) -> tuple[str, str]:
    """The title, which is the first line of the card, and the whole message."""
    wording = Wording(config, language, config.site(case.site))
    # without the coloured mark, which makes text messages dearer and old phones show a box
    title = first_line(case, wording).removeprefix(MARKS[case.severity]).strip()
    lines = [title, _where_and_when(case, wording)]
    if note := " ".join(case.note.split()):
        lines.append(clip(note, _NOTE_UNITS))
    if case.emergency:
        lines.append(wording.say("alert.go_now"))
    if attempt > 1:
        lines.append(wording.say("alert.again", count=attempt))
    return title, "\n".join(lines)


def _where_and_when(case: Case, wording: Wording) -> str:
    site = wording.config.site(case.site)
    place = [site.name, site.address, site.entrance] if site else [case.site]
    seen = stamp(case.first_seen, wording.zone)
    return (" · ").join(filter(None, [*place, seen]))
