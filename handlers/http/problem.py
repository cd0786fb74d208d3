"""Errors as problem+json (RFC 9457), in the language the caller asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.texts import problems
from handlers.http.context import context_of

CONTENT_TYPE = "application/problem+json"
_LONGEST_VALUE = 200
_MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One field at fault: `key` names its sentence in `bot.texts.problems`."""

    where: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    value: object = None


class Problem(Exception):
    """Ends a request with an error: `slug` names title and sentence, `detail` replaces it."""

    def __init__(
        self,
        status: int,
        slug: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        detail: str = "",
        **params: Any,
    ) -> None:
        super().__init__(slug)
        self.status = status
        self.slug = slug
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.detail = detail
        self.params = params


def malformed(field: str, key: str, /, **params: Any) -> Problem:
    """400: what came cannot even be read."""
    return Problem(400, "malformed", faults=[Fault(field, key, params)])


def invalid(faults: Sequence[Fault]) -> Problem:
    """422: read, but these fields will not do."""
    return Problem(422, "invalid", faults=faults, count=len(faults))


def too_large(field: str, limit: int) -> Problem:
    """413."""
    fault = Fault(field, "too_large", {"limit": limit})
    return Problem(413, "too_large", faults=[fault], field=field, limit=limit)


def unsupported(field: str, accepted: str) -> Problem:
    """415."""
    fault = Fault(field, "unsupported", {"accepted": accepted})
    return Problem(415, "unsupported", faults=[fault], field=field, accepted=accepted)


def conflict(field: str) -> Problem:
    """409: this id was used before, with other content."""
    return Problem(409, "conflict", faults=[Fault(field, "used")])


def unknown_name(field: str, name: str) -> Problem:
    """404: the site file has nothing of that name."""
    fault = Fault(field, "unknown_name", {"name": name[:64]}, name)
    return Problem(404, "unknown", faults=[fault], names=f"{field} {name[:64]}")


def unavailable(retry_after: float) -> Problem:
    """503; `retry_after` in seconds."""
    seconds = max(1, round(retry_after))
    return Problem(503, "unavailable", headers={"Retry-After": str(seconds)}, seconds=seconds)


def render(problem: Problem, request: web.Request) -> web.Response:
    """The response that tells a problem."""
    language = language_of(request)
    document: dict[str, Any] = {
        "type": f"urn:loudhailer:problem:{problem.slug}",
        "title": problems.title(problem.slug, language),
        "status": problem.status,
        "detail": problem.detail or _detail(problem, language),
        "instance": request.path,
    }
    if problem.faults:
        document["errors"] = [_error(fault, language) for fault in problem.faults[:_MOST_FAULTS]]
    return web.Response(
        status=problem.status,
        text=json.dumps(document, ensure_ascii=False),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Language": language,
            "Vary": "Accept-Language",
            "Cache-Control": "no-store",
            **problem.headers,
        },
    )


def _detail(problem: Problem, language: str) -> str:
    return problems.detail(problem.slug, language, problem.params)


def _error(fault: Fault, language: str) -> dict[str, Any]:
    message = problems.fault(fault.key, language, fault.params)
    return {"field": fault.where, "message": message, "value": printable(fault.value)}


def printable(value: object) -> Any:
    """What of a wrong value may stand in an answer: short, and nothing but plain JSON."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    text = value if isinstance(value, str) else _written(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _written(value: object) -> str:
    if isinstance(value, Mapping | list):
        return f"<{type(value).__name__}, {len(value)}>"
    if isinstance(value, int):
        return "<int>"
    return str(value)


def language_of(request: web.Request) -> str:
    """zh or en: the caller's preference, else the site file's language."""
    header = request.headers.get("Accept-Language", "")
    return preferred_language(header) or context_of(request).config.language


def preferred_language(header: str) -> str | None:
    """The language of ours that an Accept-Language header ranks first; None if it names none."""
    best: tuple[float, str] | None = None
    for part in header[:500].split(","):
        tag, _, weight = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if language in problems.LANGUAGES and quality > (best[0] if best else 0.0):
            best = (quality, language)
    return best[1] if best else None


def _quality(weight: str) -> float:
    name, _, number = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(number)))
    except ValueError:
        return 0.0
