"""Who calls: a key of the API, or a person signed in to the console."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from aiohttp import hdrs, web

from bot.domain.access import KeyRole
from bot.domain.site import Member, SiteConfig
from bot.ports import ApiKey
from handlers.http.context import Context, context_of
from handlers.http.limits import SlidingCounter
from handlers.http.problem import Problem
from handlers.http.sessions import member_of

SESSION = "session"
"""The role of a signed-in person, beside those of keys."""

LOOKING = frozenset({KeyRole.OPERATOR, KeyRole.ADMIN, SESSION})
REPORTING = frozenset({KeyRole.SOURCE, KeyRole.ADMIN})
ACTING = LOOKING

_LONGEST_TOKEN = 200
FAILURES = web.AppKey("failures", SlidingCounter)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls.  `id` is stable and names them in stored ids; `keyed_sites` empty: all sites."""

    id: str
    role: str
    member: Member | None
    keyed_sites: tuple[str, ...]
    config: SiteConfig

    def may_see(self, site: str) -> bool:
        """Whether a site is within both the key's scope and the person's."""
        if self.keyed_sites and site not in self.keyed_sites:
            return False
        return self.member is None or self.config.role_of(self.member.id, site) is not None

    def sites(self) -> tuple[str, ...] | None:
        """The sites to be shown; None: all, also those no longer in the site file."""
        if not self.keyed_sites and not self._is_bound():
            return None
        return tuple(site.id for site in self.config.sites if self.may_see(site.id))

    def _is_bound(self) -> bool:
        """Whether the person belongs to some sites only; a party's own people to the party's."""
        member = self.member
        if member is None:
            return False
        return bool(member.sites) or member.area is not None or member.party is not None


async def require(request: web.Request, roles: Container[str]) -> Principal:
    """The caller, if their role is among `roles`; raises 401, 403 or 429."""
    principal = await identify(request)
    if principal is None:
        raise _unauthenticated(request)
    if principal.role not in roles:
        needed = ", ".join(role.value for role in KeyRole if role in roles)
        raise Problem(403, "role", role=principal.role, needed=needed)
    return principal


async def identify(request: web.Request) -> Principal | None:
    """The caller; None where no valid key and no session is given."""
    context = context_of(request)
    if hdrs.AUTHORIZATION not in request.headers:
        member = member_of(request)
        if member is None:
            return None
        return Principal(f"console.{member.id}", SESSION, member, (), context.config)
    token = _bearer(request)
    key = await context.access.key(token, context.clock()) if token else None
    return _of_key(key, context) if key else None


def _of_key(key: ApiKey, context: Context) -> Principal | None:
    member = context.member(key.member) if key.member else None
    if key.member and member is None:
        return None
    return Principal(f"{key.name}.{key.id}", key.role, member, key.sites, context.config)


def _bearer(request: web.Request) -> str | None:
    """The token of the header, if it can be one of ours at all."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    token = token.strip()
    fits = len(token) <= _LONGEST_TOKEN and token.isascii() and token.startswith("lh_")
    return token if scheme.lower() == "bearer" and fits else None


def _unauthenticated(request: web.Request) -> Problem:
    """401; 429 for an address that fails all the time.  Valid keys of that address still pass,
    so that one box with an old key does not silence the others behind the same router."""
    counter = request.config_dict[FAILURES]
    wait = counter.take(request.remote or "", context_of(request).clock())
    if wait:
        seconds = str(-(-wait // 1000))
        return Problem(429, "too_many_failures", headers={"Retry-After": seconds})
    challenge = 'Bearer realm="loudhailer"'
    if hdrs.AUTHORIZATION in request.headers:
        challenge += ', error="invalid_token"'
    return Problem(401, "unauthenticated", headers={"WWW-Authenticate": challenge})
