"""POST /api/v1/cases/{n}/commands: a member acts on a case by way of a key or the console."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from bot.domain.case import Case
from bot.domain.command import CASE_VERBS, Actor, Command, Verb
from bot.domain.site import Member
from handlers.http.auth import ACTING, Principal, require
from handlers.http.body import read_body
from handlers.http.cases import answer, find_case
from handlers.http.context import Answer, context_of
from handlers.http.errors import refusal, status_of_refusal
from handlers.http.forms import fault, faults_of
from handlers.http.problem import Fault, Problem, invalid, unsupported
from handlers.http.strictjson import parse_object

IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_KEY = 255
_LONGEST_BODY = 16 * 1024
_VERBS = sorted(verb.value for verb in CASE_VERBS)


def _of_a_case(verb: object) -> object:
    if isinstance(verb, str) and verb not in CASE_VERBS:
        raise fault("choice", choices=", ".join(_VERBS))
    return verb


class CommandForm(BaseModel):
    """The body of a command."""

    model_config = ConfigDict(strict=True, extra="forbid")
    verb: Annotated[
        Verb,
        Field(strict=False),
        BeforeValidator(_of_a_case),
        WithJsonSchema({"type": "string", "enum": _VERBS}),
    ]
    reason: str = Field("", max_length=500)
    passed: bool | None = None
    member: str | None = Field(None, min_length=1, max_length=32)
    seq: int | None = Field(None, ge=0, le=2**31 - 1)


async def post_command(request: web.Request) -> web.Response:
    """Carries out one command; the same Idempotency-Key is answered the same again.

    With another command it is a conflict, whatever became of the first.
    """
    context = context_of(request)
    caller = await require(request, ACTING)
    if caller.member is None:
        raise Problem(403, "no_member")
    key = idempotency_key(request)
    if request.content_type != "application/json":
        raise unsupported("Content-Type", "application/json")
    data = await read_body(request, _LONGEST_BODY, context.limits)
    form = read_command(parse_object(data, "body"))
    # Only the key's scope is looked at here: what a person may do, and that somebody tried, is
    # for the core to say and to write down.
    case = await find_case(request)
    if caller.keyed_sites and case.site not in caller.keyed_sites:
        raise Problem(403, "other_site", site=case.site)
    command = _command(form, case, caller, caller.member, key, context.clock())
    done = await context.casework.carry_out(command)
    if not done.ok:
        raise refusal(status_of_refusal(done.key), done.key, done.params, request)
    return answer(_body(done, case))


def read_command(document: Mapping[str, Any]) -> CommandForm:
    """The form in a JSON object; raises a 422 that names every field at fault."""
    try:
        form = CommandForm.model_validate(document)
    except ValidationError as error:
        raise invalid(faults_of(error)) from None
    if faults := _faults_between(form):
        raise invalid(faults)
    return form


def _faults_between(form: CommandForm) -> list[Fault]:
    faults: list[Fault] = []
    if form.passed is not None and form.verb is not Verb.VERIFY:
        faults.append(Fault("passed", "verb_field", {"verb": form.verb.value}, form.passed))
    if form.verb is Verb.ASSIGN and form.member is None:
        faults.append(Fault("member", "missing"))
    if form.member is not None and form.verb is not Verb.ASSIGN:
        faults.append(Fault("member", "verb_field", {"verb": form.verb.value}, form.member))
    return faults


def idempotency_key(request: web.Request) -> str:
    """The caller's own id of what it wants, the same when it asks again; raises 422 without."""
    key = request.headers.get(IDEMPOTENCY_KEY, "").strip()
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise invalid([Fault(IDEMPOTENCY_KEY, "header", {"limit": LONGEST_KEY}, key)])
    return key


def _command(
    form: CommandForm, case: Case, caller: Principal, member: Member, key: str, now: int
) -> Command:
    return Command(
        id=f"http:{caller.id}:{key}",
        actor=Actor(member.id, member.name, "http"),
        verb=form.verb,
        sent_at=now,
        cases=(case.number,),
        reason=form.reason.strip(),
        seq=form.seq,
        passed=form.passed is not False,
        args={"member": form.member} if form.member is not None else {},
        content=_digest(form, case),
    )


def _digest(form: CommandForm, case: Case) -> str:
    """By which a repeat of a command is told from another one under the same key."""
    return hashlib.sha256(f"{case.number} {form.model_dump_json()}".encode()).hexdigest()


def _body(done: Answer, case: Case) -> dict[str, Any]:
    return {"case": done.cases[0] if done.cases else case.number, "state": done.state}
