"""A sound file becomes the domain's values."""

from __future__ import annotations

from typing import Any, TypeVar

from bot.domain.actuator import Actuator, Order, Proof
from bot.domain.canary import CanaryPlan
from bot.domain.hazard import HazardKind, SeenRectified, Severity
from bot.domain.response import Override, SpeakOverride
from bot.domain.site import (
    Alert,
    Area,
    Camera,
    Chat,
    Duty,
    Line,
    Member,
    Party,
    Purpose,
    Retention,
    ScheduledAnnouncement,
    Site,
    SiteConfig,
    Speaker,
    Zone,
)
from bot.sitefile.read import Entry

Made = TypeVar("Made")
DEFAULT_MODELS = ("person-fall",)


def build(root: Entry) -> SiteConfig:
    """The configuration of a file without faults."""
    language = root.get("language", "zh")
    return SiteConfig(
        language=language,
        uplink=root.get("uplink", Line.AUTO),
        retention=_made(Retention, kept) if (kept := root.get("retention")) else Retention(),
        areas=_all(Area, root, "areas"),
        sites=tuple(_site(entry) for entry in root.get("sites", [])),
        parties=tuple(_party(entry, language) for entry in root.get("parties", [])),
        cameras=tuple(_camera(entry) for entry in root.get("cameras", [])),
        speakers=tuple(
            _made(Speaker, entry, language=entry.get("language", language))
            for entry in root.get("speakers", [])
        ),
        actuators=tuple(_actuator(entry) for entry in root.get("actuators", [])),
        announcements=tuple(
            _made(ScheduledAnnouncement, entry, text=dict(entry.get("text").values))
            for entry in root.get("announcements", [])
        ),
        chats=tuple(_chat(entry, language) for entry in root.get("chats", [])),
        members=tuple(_member(entry) for entry in root.get("members", [])),
        alerts=_all(Alert, root, "alerts"),
        duty=_all(Duty, root, "duty"),
        responses=_responses(root),
        canary=_made(CanaryPlan, root.get("canary")) if root.get("canary") else CanaryPlan(),
        own_hazards=tuple(_hazard(entry) for entry in root.get("hazards", [])),
    )


def _made(kind: type[Made], entry: Entry, **instead: Any) -> Made:
    """The dataclass from the keys that were given; a name left out is the id."""
    values = {**entry.values, **instead}
    if "id" in values and "name" in getattr(kind, "__annotations__", {}):
        values.setdefault("name", values["id"])
    return kind(**values)


def _all(kind: type[Made], root: Entry, key: str) -> tuple[Made, ...]:
    return tuple(_made(kind, entry) for entry in root.get(key, []))


def _site(entry: Entry) -> Site:
    return _made(Site, entry, responses=_responses(entry))


def _responses(entry: Entry) -> dict[str, Override]:
    return {hazard: _override(own) for hazard, own in entry.get("responses", {}).items()}


def _override(entry: Entry) -> Override:
    speak = entry.get("speak")
    return _made(Override, entry, speak=_made(SpeakOverride, speak) if speak else None)


def _camera(entry: Entry) -> Camera:
    zones = tuple(_made(Zone, zone) for zone in entry.get("zones", []))
    source = entry.get("source")
    looked_at = source is not None and source.reveal() != "push"
    models = entry.get("models", DEFAULT_MODELS if looked_at else ())
    return _made(Camera, entry, zones=zones, models=models)


def _actuator(entry: Entry) -> Actuator:
    orders = {key: _made(Order, given) for key in ("on", "off") if (given := entry.get(key))}
    proof = entry.get("state")
    return _made(Actuator, entry, **orders, state=_proof(proof) if proof else None)


def _proof(entry: Entry) -> Proof:
    ask = entry.get("ask")
    return _made(Proof, entry, ask=_made(Order, ask) if ask else None)


def _chat(entry: Entry, language: str, **instead: Any) -> Chat:
    return _made(Chat, entry, language=entry.get("language", language), **instead)


def _party(entry: Entry, language: str) -> Party:
    chat = entry.get("chat")
    if chat is not None:
        chat = _chat(chat, language, purpose=Purpose.PARTY)
    return _made(Party, entry, chat=chat)


def _member(entry: Entry) -> Member:
    return _made(Member, entry)


def _hazard(entry: Entry) -> HazardKind:
    severity = entry.get("severity", Severity.GENERAL)
    names = dict(entry.get("name").values)
    return HazardKind(entry.get("id"), severity, SeenRectified.SAFE_AGAIN, names)
