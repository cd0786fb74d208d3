"""POST /api/v1/voice: what a person says into a helmet or an intercom; the key's member speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.domain.callback import Press, encode
from bot.domain.command import Verb
from bot.domain.error import Refused
from bot.domain.recording import MOST_BYTES
from bot.ports import KnownCommand
from handlers.http.auth import ACTING, require
from handlers.http.body import read_body
from handlers.http.cases import answer
from handlers.http.commands import idempotency_key
from handlers.http.context import context_of
from handlers.http.errors import refusal
from handlers.http.forms import faults_of
from handlers.http.problem import Problem, invalid, preferred_language, unavailable, unsupported
from handlers.http.strictjson import parse_object
from handlers.http.submission import memory
from handlers.intercom import Caller, Intercom

_LONGEST_FORM = 1024
_AGAIN_S = 2
_KINDS = "audio/*, application/octet-stream, application/json"


class QuestionForm(BaseModel):
    """A yes or a no without a word; `case` is one of the choices, where there were some."""

    model_config = ConfigDict(strict=True, extra="forbid")
    question: int = Field(ge=1, le=2**31 - 1)
    confirm: bool
    case: int | None = Field(None, ge=1, le=2**31 - 1)


async def post_voice(request: web.Request) -> web.Response:
    """Understands a recording as a command, or takes the answer to what was asked.

    The same Idempotency-Key is answered the same again.  409 for another recording under it; 503
    while there is no answer yet: the same request again goes on waiting for it.
    """
    context = context_of(request)
    caller = await require(request, ACTING)
    if caller.member is None:
        raise Problem(403, "no_member")
    if (intercom := context.intercom) is None:
        raise unavailable(_AGAIN_S)
    key = idempotency_key(request)
    language = preferred_language(request.headers.get("Accept-Language", ""))
    who = Caller(caller.id, caller.member, caller.keyed_sites, language)
    if request.content_type == "application/json":
        body = await read_body(request, _LONGEST_FORM, context.limits)
        form = _question(parse_object(body, "body"))
        verb = Verb.CONFIRM if form.confirm else Verb.CANCEL
        chosen = "" if form.case is None else str(form.case)
        known = await intercom.pressed(who, key, encode(Press(verb, form.question, 0, chosen)))
    else:
        known = await _said(request, intercom, who, key)
    if known is None:
        raise unavailable(_AGAIN_S)
    return answer(_body(known.answer))


async def _said(
    request: web.Request, intercom: Intercom, who: Caller, key: str
) -> KnownCommand | None:
    kind = request.content_type
    if not (kind.startswith("audio/") or kind in ("application/octet-stream", "video/webm")):
        raise unsupported("Content-Type", _KINDS)
    async with memory(request, MOST_BYTES):
        data = await read_body(request, MOST_BYTES, context_of(request).limits)
        try:
            recording = await intercom.keep(data)
        except Refused as unusable:
            raise refusal(422, unusable.key, unusable.params, request) from unusable
    return await intercom.said(who, key, recording)


def _question(document: Mapping[str, Any]) -> QuestionForm:
    try:
        return QuestionForm.model_validate(document)
    except ValidationError as error:
        raise invalid(faults_of(error)) from None


def _body(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was heard, what became of it, and what is asked before anything is done."""
    return {
        "heard": kept.get("heard", ""),
        "done": kept["ok"] and "question" not in kept["params"],
        "verb": kept.get("verb"),
        "cases": kept["cases"],
        "question": kept["params"].get("question"),
        "choices": kept["params"].get("others", []),
        "answer": kept["text"],
    }
