"""Signing in to the console by a single-use link, and the cookie that follows.

Opening the link changes nothing, so a messenger that looks at it for a preview does not use it up:
the page posts the token back, by itself where scripts run, by a button where not.
"""

from __future__ import annotations

import html
from urllib.parse import parse_qsl, urlencode

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.domain.access import Session
from bot.domain.site import Member
from bot.texts.problems import sign_in
from handlers.http.body import read_body
from handlers.http.context import Context, context_of
from handlers.http.limits import SlidingCounter
from handlers.http.problem import Problem, language_of, unsupported
from handlers.http.security import (
    has_bearer,
    is_safe,
    is_secure,
    require_known_host,
    require_own_page,
)

LOGIN = "/login"
_SESSION = web.RequestKey("session", Session)
_COOKIE = "loudhailer_session"
_SECURE_COOKIE = "__Host-loudhailer_session"
_LONGEST_TOKEN = 200
_LONGEST_FORM = 4096
_ATTEMPTS_PER_MINUTE = 30
ATTEMPTS = web.AppKey("login_attempts", SlidingCounter)

_SCRIPT = """"use strict";
history.replaceState(null, "", "/login");
document.forms[0].submit();
"""


def session_of(request: web.Request) -> Session | None:
    """The session of a signed-in member who may still act; None for everybody else."""
    return request.get(_SESSION)


def member_of(request: web.Request) -> Member | None:
    """The signed-in member."""
    session = session_of(request)
    return context_of(request).member(session.member) if session else None


def require_session(request: web.Request) -> Session:
    """The session; sends a page's visitor to the sign-in page and answers anything else by 401."""
    session = session_of(request)
    if session is not None:
        return session
    if request.method == hdrs.METH_GET and "text/html" in request.headers.get(hdrs.ACCEPT, ""):
        query = urlencode({"next": request.path})
        raise web.HTTPSeeOther(f"{LOGIN}?{query}")
    raise Problem(401, "unauthenticated", headers={"WWW-Authenticate": 'Bearer realm="loudhailer"'})


@web.middleware
async def session_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Checks the host name, loads the session, and lets only our own pages act with a cookie."""
    require_known_host(request)
    if not has_bearer(request):
        session = await _load(request)
        if session is not None:
            request[_SESSION] = session
        if not is_safe(request):
            require_own_page(request, strict=session is not None)
    return await handler(request)


async def _load(request: web.Request) -> Session | None:
    token = request.cookies.get(cookie_name(request), "")
    if not token or len(token) > _LONGEST_TOKEN or not token.isascii():
        return None
    context = context_of(request)
    session = await context.access.session(token, context.clock())
    return session if session and context.member(session.member) else None


def cookie_name(request: web.Request) -> str:
    """With https the prefix makes browsers refuse the cookie from anybody but this very host."""
    return _SECURE_COOKIE if is_secure(request) else _COOKIE


async def show_login(request: web.Request) -> web.Response:
    """GET /login?token=...&next=/..."""
    token = request.query.get("token", "")
    known = 0 < len(token) <= _LONGEST_TOKEN
    return _page(request, _form(request, token) if known else _notice(request, "no_token"))


async def log_in(request: web.Request) -> web.Response:
    """POST /login with the form's token: sets the cookie and goes to the console."""
    context = context_of(request)
    token, target = await _read_form(request)
    wait = request.config_dict[ATTEMPTS].take(request.remote or "", context.clock())
    if wait:
        seconds = str(-(-wait // 1000))
        raise Problem(429, "too_many_failures", headers={"Retry-After": seconds})
    opened = await context.access.redeem_link(token, context.clock()) if token else None
    if opened is None or context.member(opened.session.member) is None:
        if session_of(request) is None:
            return _page(request, _notice(request, "failed"), 403)
        return _go_to(target)
    response = _go_to(target)
    _set_cookie(request, response, opened.token, opened.session, context)
    return response


async def log_out(request: web.Request) -> web.Response:
    """POST /logout."""
    context = context_of(request)
    token = request.cookies.get(cookie_name(request), "")
    if session_of(request) is not None:
        await context.access.end_session(token, context.clock())
    response = _go_to(LOGIN)
    response.del_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True)
    return response


async def login_script(request: web.Request) -> web.Response:
    """GET /login.js"""
    return web.Response(text=_SCRIPT, content_type="text/javascript")


def set_up(app: web.Application) -> None:
    """Routes and counters of signing in."""
    app[ATTEMPTS] = SlidingCounter(_ATTEMPTS_PER_MINUTE, 60_000)
    app.router.add_get(LOGIN, show_login)
    app.router.add_post(LOGIN, log_in)
    app.router.add_get("/login.js", login_script)
    app.router.add_post("/logout", log_out)


def login_url(context: Context, token: str, base: str = "") -> str:
    """The link to print or send; `base` where no public URL is configured."""
    return f"{(context.public_url or base).rstrip('/')}{LOGIN}?{urlencode({'token': token})}"


def own_path(target: str) -> str:
    """`target` if it is a path of ours, else `/`: nobody is sent elsewhere by a link of ours."""
    plain = target.isascii() and target.isprintable() and len(target) <= 500
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if plain and ours else "/"


async def _read_form(request: web.Request) -> tuple[str, str]:
    if request.content_type != "application/x-www-form-urlencoded":
        raise unsupported("Content-Type", "application/x-www-form-urlencoded")
    data = await read_body(request, _LONGEST_FORM, context_of(request).limits)
    form = dict(parse_qsl(data.decode(errors="replace")))
    token = form.get("token", "")
    return token if len(token) <= _LONGEST_TOKEN else "", own_path(form.get("next", "/"))


def _set_cookie(
    request: web.Request, response: web.Response, token: str, session: Session, context: Context
) -> None:
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=max(0, (session.expires_at - context.clock()) // 1000),
        path="/",
        httponly=True,
        secure=is_secure(request),
        # Lax, not Strict: a link in a chat to a case must open it; acts need our own Origin.
        samesite="Lax",
    )


def _go_to(target: str) -> web.Response:
    return web.Response(status=303, headers={hdrs.LOCATION: target})


def _form(request: web.Request, token: str) -> str:
    language = language_of(request)
    target = own_path(request.query.get("next", "/"))
    return (
        f'<form method="post" action="{LOGIN}">'
        f'<input type="hidden" name="token" value="{html.escape(token)}">'
        f'<input type="hidden" name="next" value="{html.escape(target)}">'
        f"<button>{sign_in('enter', language)}</button></form>"
        '<script src="/login.js" defer></script>'
    )


def _notice(request: web.Request, key: str) -> str:
    return f"<p>{html.escape(sign_in(key, language_of(request)))}</p>"


def _page(request: web.Request, body: str, status: int = 200) -> web.Response:
    language = language_of(request)
    title = sign_in("title", language)
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{title}</title>'
        f"<h1>{title}</h1>{body}</html>"
    )
    return web.Response(status=status, text=page, content_type="text/html")
