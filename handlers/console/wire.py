"""How messages, cases and places look to the page: plain JSON, one viewer's view of them."""

from __future__ import annotations

from typing import Any

from bot.domain import callback
from bot.domain.case import Case
from bot.domain.message import Button, Post
from bot.domain.site import Camera, Chat, Member, SiteConfig, Speaker
from bot.ports_console import CameraView, ConsoleMessage, HornView
from bot.redact import redact
from bot.texts.hazards import hazard_name
from bot.texts.reasons import reason_in
from bot.texts.wording import place_of, suspected
from handlers.console import audience


def message(of: ConsoleMessage, viewer: Member) -> dict[str, Any]:
    """A message; `client` is the id that the viewer's own page gave it."""
    own = of.sender == viewer.id
    return {
        "id": of.id,
        "revision": of.revision,
        "kind": of.kind,
        "at": of.at,
        "edited_at": of.edited_at,
        "sender": of.sender,
        "name": of.name,
        "own": own,
        "client": of.key.rpartition(":")[2] if own else None,
        "taken": of.taken,
        "picture": _picture(of),
        "recording": _recording(of),
        "reply_to": of.reply_to,
        **_post(of.post, viewer),
        "fields": dict(of.post.fields) if of.kind == "post" else {},
    }


def details(of: Case, post: Post, viewer: Member, *, has_picture: bool) -> dict[str, Any]:
    """A case that no message shows, like a message of the program that nobody can reply to."""
    url = f"/console/cases/{of.number}/picture"
    return {
        "id": f"case-{of.number}",
        "kind": "post",
        "at": of.opened_at,
        "edited_at": None,
        "own": False,
        "picture": {"url": url} if has_picture else None,
        **_post(post, viewer),
        "fields": dict(post.fields),
    }


def _post(post: Post, viewer: Member) -> dict[str, Any]:
    return {
        "text": post.text,
        "case": post.case,
        "version": post.version,
        "severity": post.severity.word if post.severity else None,
        "silent": post.silent,
        "buttons": [[_button(button) for button in row] for row in post.buttons],
        "mentions": [
            {"name": mention.name, "me": mention.user == viewer.id} for mention in post.mentions
        ],
    }


def _picture(of: ConsoleMessage) -> dict[str, Any] | None:
    if of.picture is None:
        return None
    sha256, width, height = of.picture.sha256, of.picture.width, of.picture.height
    return {"sha256": sha256, "width": width, "height": height}


def _recording(of: ConsoleMessage) -> dict[str, Any] | None:
    if of.recording is None:
        return None
    return {"sha256": of.recording.sha256, "seconds": of.recording.seconds}


def _button(button: Button) -> dict[str, str]:
    press = callback.decode(button.data)
    return {
        "label": button.label,
        "data": button.data,
        "verb": press.verb.value if press else "",
    }


def case(of: Case, config: SiteConfig, language: str) -> dict[str, Any]:
    """A line of the case list."""
    site = config.site(of.site)
    kind = config.hazards.get(of.hazard)
    hazard = hazard_name(kind, language) if kind else of.hazard
    return {
        "number": of.number,
        "site": of.site,
        "site_name": site.name if site else of.site,
        "timezone": site.timezone.key if site else None,
        "title": suspected(hazard, language) if of.suspected else hazard,
        "place": place_of(of, config),
        "severity": of.severity.word,
        "state": of.state.value,
        "outcome": of.outcome.value if of.outcome else None,
        "people": of.people,
        "opened_at": of.opened_at,
        "closed_at": of.closed_at,
        "by": _name(config, of.acknowledged_by),
        "due": of.acknowledge_due if of.state.value == "open" else of.rectify_due,
    }


def _name(config: SiteConfig, member: str | None) -> str | None:
    found = config.member(member or "")
    return found.name if found else None


def chat(of: Chat, config: SiteConfig) -> dict[str, Any]:
    """A group chat, named by its sites."""
    covered = [site.name for site in config.sites if config.covers(of, site.id)]
    return {
        "id": of.id,
        "purpose": of.purpose.value,
        "names": covered,
        "timezone": audience.timezone_of(config, of),
        "language": of.language,
    }


def camera(of: Camera, view: CameraView | None, config: SiteConfig) -> dict[str, Any]:
    """A camera's tile."""
    site = config.site(of.site)
    return {
        "id": of.id,
        "name": of.name,
        "site_name": site.name if site else of.site,
        "mode": of.mode.value,
        "state": view.state if view else "off",
        "at": view.at if view else None,
        "detail": view.detail if view else "",
        "looks_per_second": round(view.looks_per_second, 1) if view else 0.0,
    }


def speaker(of: Speaker, config: SiteConfig, sounds_here: bool) -> dict[str, Any]:
    """A loudspeaker; `here`: a page can be it; `one_way`: it never answers."""
    site = config.site(of.site)
    return {
        "id": of.id,
        "name": of.name,
        "site_name": site.name if site else of.site,
        "language": of.language,
        "here": sounds_here,
        "one_way": of.one_way,
    }


def horn(view: HornView | None, id: str, language: str) -> dict[str, Any]:
    """How a loudspeaker does: `ok`, `down`, `back` or, before it was looked at, `unknown`."""
    if view is None:
        return {"id": id, "state": "unknown", "since": None, "why": "", "back": None}
    why = reason_in(redact(view.why), language)
    state = "ok" if view.ok else "down" if view.back is None else "back"
    return {"id": id, "state": state, "since": view.since, "why": why, "back": view.back}
