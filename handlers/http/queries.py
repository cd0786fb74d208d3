"""What stands behind the question mark, checked as strictly as a body.

A name with nothing behind it (`?site=&state=open`) asks for nothing: so forms send what was left
empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.domain.case import State
from bot.domain.site import SiteConfig
from bot.ports import CaseFilter
from handlers.http.auth import Principal
from handlers.http.problem import Fault, Problem, invalid, unknown_name
from handlers.http.times import BadTime, moment

_MOST = 200
_USUAL = 50
_STATES = frozenset(state.value for state in State)
_LAST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """Where a list goes on (case number, exclusive) and how long it is."""

    before: int | None
    limit: int


def read_page(request: web.Request, faults: list[Fault]) -> Page:
    """`limit` and `cursor`."""
    limit = _number(request, "limit", _MOST, faults)
    return Page(_number(request, "cursor", _LAST_NUMBER, faults), limit or _USUAL)


def read_filter(
    request: web.Request, caller: Principal, page: Page, faults: list[Fault]
) -> CaseFilter:
    """`site`, `state` (several with commas) and `hazard`, within what the caller may see."""
    return CaseFilter(
        sites=read_sites(request, caller),
        states=_states(request, faults),
        hazard=_known_hazard(request, caller.config, faults),
        before=page.before,
        limit=page.limit,
    )


def read_sites(request: web.Request, caller: Principal) -> tuple[str, ...] | None:
    """The sites to be shown: the one asked for, or all of the caller's; raises 403 and 404."""
    site = _asked(request, "site")
    if site is None:
        return caller.sites()
    if caller.config.site(site) is None:
        raise unknown_name("site", site)
    if not caller.may_see(site):
        raise Problem(403, "other_site", site=site)
    return (site,)


def read_since(request: web.Request, faults: list[Fault]) -> int | None:
    """`since`, an RFC 3339 time, as epoch milliseconds."""
    text = _asked(request, "since")
    if text is None:
        return None
    try:
        return moment(text)
    except BadTime as error:
        faults.append(Fault("since", error.key, value=text))
        return None


def refuse_unknown(query: Mapping[str, str], known: frozenset[str], faults: list[Fault]) -> None:
    """A misspelt filter must not silently show everything, nor a doubled one half of it."""
    names = Counter(name for name, _ in query.items())
    faults += [Fault(name[:64], "unknown_field") for name in names if name not in known]
    faults += [Fault(name, "twice") for name in known if names[name] > 1]
    if faults:
        raise invalid(faults)


def _states(request: web.Request, faults: list[Fault]) -> tuple[State, ...] | None:
    text = _asked(request, "state")
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if not _STATES.issuperset(words):
        faults.append(Fault("state", "choice", {"choices": ", ".join(State)}, text))
        return None
    return tuple(State(word) for word in words)


def _known_hazard(request: web.Request, config: SiteConfig, faults: list[Fault]) -> str | None:
    hazard = _asked(request, "hazard")
    if hazard is not None and hazard not in config.hazards:
        faults.append(Fault("hazard", "unknown_name", {"name": hazard[:64]}, hazard))
    return hazard


def _asked(request: web.Request, name: str) -> str | None:
    return request.query.get(name) or None


def _number(request: web.Request, name: str, most: int, faults: list[Fault]) -> int | None:
    text = _asked(request, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        faults.append(Fault(name, "integer", value=text))
    elif int(text) < 1:
        faults.append(Fault(name, "at_least", {"limit": 1}, text))
    elif int(text) > most:
        faults.append(Fault(name, "at_most", {"limit": most}, text))
    else:
        return int(text)
    return None
