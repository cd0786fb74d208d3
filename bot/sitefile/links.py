"""What belongs together: ids are given once, and what one part names another defines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.hazard import SHIPPED, Severity
from bot.domain.response import self_closing_allowed
from bot.fault import sentence
from bot.sitefile.read import Entry, Spot
from bot.sitefile.values import ids_of

KINDS = (
    "areas",
    "sites",
    "parties",
    "cameras",
    "speakers",
    "actuators",
    "announcements",
    "members",
    "alerts",
    "hazards",
)


def check_links(root: Entry) -> None:
    """Puts down every fault that only shows when the tables are seen together."""
    for kind in KINDS:
        _unique(root.get(kind, []), "id")
    for camera in root.get("cameras", []):
        _unique(camera.get("zones", []), "id")
    _unique(root.get("chats", []), "key", "id")
    _unique(root.get("members", []), "telegram")
    _references(root)
    _hazards(root)
    _speakers(root)
    _announcements(root)


def _unique(entries: Iterable[Entry], value: str, at: str | None = None) -> None:
    first: dict[object, int] = {}
    for entry in entries:
        found = entry.get(value)
        if found is None:
            continue
        spot = entry.at(at or value)
        if found in first:
            spot.fault("duplicate", str(found), line=first[found])
        else:
            first[found] = spot.line


def _references(root: Entry) -> None:
    known = {kind: ids_of(root.get(kind, [])) for kind in KINDS}
    known["hazards"] |= SHIPPED.keys()
    wanted = (
        ("sites", "area", "areas", "area"),
        ("sites", "responsible_party", "parties", "party"),
        ("cameras", "site", "sites", "site"),
        ("speakers", "site", "sites", "site"),
        ("speakers", "cameras", "cameras", "camera"),
        ("actuators", "site", "sites", "site"),
        ("actuators", "cameras", "cameras", "camera"),
        ("actuators", "hazards", "hazards", "hazard"),
        ("announcements", "speakers", "speakers", "speaker"),
        ("chats", "sites", "sites", "site"),
        ("chats", "area", "areas", "area"),
        ("members", "sites", "sites", "site"),
        ("members", "area", "areas", "area"),
        ("members", "party", "parties", "party"),
        ("members", "roles", "sites", "site"),
        ("duty", "site", "sites", "site"),
        ("duty", "members", "members", "member"),
    )
    for table, key, kind, word in wanted:
        for entry in root.get(table, []):
            _refer(entry, key, known[kind], word)
    for camera in root.get("cameras", []):
        for zone in camera.get("zones", []):
            _refer(zone, "hazard", known["hazards"], "hazard")
    for entry in (root, *root.get("sites", [])):
        _refer(entry, "responses", known["hazards"], "hazard")


def _refer(entry: Entry, key: str, known: set[str], word: str) -> None:
    """A value names something, each of a list does, or each key of a table does."""
    value = entry.get(key)
    spot = entry.at(key)
    if isinstance(value, tuple):
        named = [(name, spot / index) for index, name in enumerate(value)]
    elif isinstance(value, dict):
        named = [(name, spot / name) for name in value]
    else:
        named = [(value, spot)] if value else []
    for name, place in named:
        if name not in known:
            place.unknown("unknown_ref", name, known, kind=sentence(word, place.report.language))


def _speakers(root: Entry) -> None:
    """A speaker speaks for cameras of its own site, an actuator goes on for them."""
    site_of = {camera.get("id"): camera.get("site") for camera in root.get("cameras", [])}
    for speaker in (*root.get("speakers", []), *root.get("actuators", [])):
        for index, camera in enumerate(speaker.get("cameras", ())):
            site = site_of.get(camera)
            if site and speaker.get("site") and site != speaker.get("site"):
                (speaker.at("cameras") / index).fault("other_site", camera, site=site)


def _announcements(root: Entry) -> None:
    """Each speaker has something to say in its language."""
    usual = root.get("language", "zh")
    speaks = {one.get("id"): one.get("language", usual) for one in root.get("speakers", [])}
    for announcement in root.get("announcements", []):
        text = announcement.get("text")
        for index, speaker in enumerate(announcement.get("speakers", ())):
            language = speaks.get(speaker)
            if text is not None and language and not text.get(language):
                spot = announcement.at("speakers") / index
                spot.fault("no_text_for", speaker, language=language)


def _hazards(root: Entry) -> None:
    severities = {kind.id: kind.severity for kind in SHIPPED.values()}
    for entry in root.get("hazards", []):
        if entry.get("id") in SHIPPED:
            entry.at("id").fault("shipped_hazard", entry.get("id"), id=entry.get("id"))
        elif "id" in entry.values:
            severities[entry.get("id")] = entry.get("severity", Severity.GENERAL)
    everywhere: Mapping[str, Entry] = root.get("responses", {})
    for hazard, entry in everywhere.items():
        if hazard in severities:
            severities[hazard] = entry.get("severity", severities[hazard])
            _self_closing(hazard, severities[hazard], entry, entry.at("may_self_close"))
    for site in root.get("sites", []):
        for hazard, entry in site.get("responses", {}).items():
            if hazard in severities:
                _site_response(hazard, severities[hazard], entry, everywhere.get(hazard))


def _site_response(hazard: str, usual: Severity, own: Entry, everywhere: Entry | None) -> None:
    severity = own.get("severity", usual)
    if "may_self_close" in own.values:
        _self_closing(hazard, severity, own, own.at("may_self_close"))
    elif everywhere is not None and "severity" in own.values and severity > usual:
        _self_closing(hazard, severity, everywhere, own.at("severity"))


def _self_closing(hazard: str, severity: Severity, entry: Entry, blame: Spot) -> None:
    if entry.get("may_self_close") and not self_closing_allowed(hazard, severity):
        blame.fault("emergency_self_close", True)
