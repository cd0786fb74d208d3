"""JSON schemas for openapi.json: of the answers as written here, of the bodies from their forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.casework.resort import UNRECORDED
from bot.domain.case import Event, Outcome, State
from bot.domain.evidence import ERASED
from bot.domain.hazard import Severity
from handlers.http.commands import CommandForm
from handlers.http.reportform import ReportForm
from handlers.http.voice import QuestionForm

Schema = Mapping[str, Any]
_REF = "#/components/schemas/{model}"

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
ANY: Schema = {}


def ref(name: str) -> Schema:
    """A reference to a schema of this module."""
    return {"$ref": _REF.format(model=name)}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def a_list(schema: Schema) -> Schema:
    """A list of such."""
    return {"type": "array", "items": schema}


def one_of(values: Iterable[str]) -> Schema:
    """One of an enum's words."""
    return {"type": "string", "enum": [str(value) for value in values]}


def an_object(**properties: Schema) -> Schema:
    """An object with exactly these properties, all of them present."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def counts() -> Schema:
    """Word -> number of cases."""
    return {"type": "object", "additionalProperties": NUMBER}


_CASE: Mapping[str, Schema] = {
    "case": NUMBER,
    "site": TEXT,
    "hazard": TEXT,
    "severity": one_of([severity.word for severity in Severity]),
    "state": one_of(State),
    "outcome": maybe(one_of(Outcome)),
    "suspected": {**FLAG, "description": "Only a machine has seen it, no person has looked yet."},
    "trial": FLAG,
    "camera": maybe(TEXT),
    "zone": maybe(TEXT),
    "people": NUMBER,
    "sightings": NUMBER,
    "note": TEXT,
    "opened_at": TIME,
    "first_seen": TIME,
    "last_seen": TIME,
    "acknowledged_by": maybe(TEXT),
    "acknowledged_at": maybe(TIME),
    "arrived_by": maybe(TEXT),
    "arrived_at": maybe(TIME),
    "rectified_by": maybe(TEXT),
    "rectified_at": maybe(TIME),
    "closed_at": maybe(TIME),
    "acknowledge_due": maybe(TIME),
    "rectify_due": maybe(TIME),
    "assigned_to": maybe(TEXT),
    "reported_by": maybe(TEXT),
    "reviewed_by": maybe(TEXT),
    "level": NUMBER,
    "work_order": maybe(TEXT),
}

_ANSWERS: Mapping[str, Schema] = {
    "ReportAnswer": an_object(
        case=maybe(NUMBER), state=maybe(one_of([*State, UNRECORDED])), report=TEXT
    ),
    "FrameAnswer": an_object(taken={"type": "boolean"}),
    "CommandAnswer": an_object(case=NUMBER, state=maybe(one_of(State))),
    "VoiceAnswer": an_object(
        heard=TEXT,
        done=FLAG,
        verb=maybe(TEXT),
        cases=a_list(NUMBER),
        question={**maybe(NUMBER), "description": "To be answered before anything is done."},
        choices={**a_list(NUMBER), "description": "Cases that may have been meant instead."},
        answer={**TEXT, "description": "What a person is told, in words."},
    ),
    "Case": an_object(**_CASE),
    "CaseStory": an_object(
        **_CASE,
        history=a_list(ref("Entry")),
        deliveries=a_list(ref("Delivery")),
        snapshots=a_list(ref("Snapshot")),
    ),
    "Entry": an_object(
        n=NUMBER, at=TIME, event=one_of([*Event, ERASED]), actor=TEXT, reason=TEXT, hash=TEXT
    ),
    "Delivery": an_object(
        kind=TEXT,
        target=TEXT,
        state=one_of(["waiting", "done", "merged", "uncertain", "dead"]),
        attempts=NUMBER,
        created_at=TIME,
        finished_at=maybe(TIME),
        unsure=FLAG,
        outcome=maybe({"type": "object"}),
    ),
    "Snapshot": an_object(
        kind=TEXT,
        at=TIME,
        by=maybe(TEXT),
        sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
        url={**TEXT, "description": "Signed; works for an hour or two. 410 once it is erased."},
        erased_at=maybe(TIME),
    ),
    "CasePage": an_object(cases=a_list(ref("Case")), next=maybe(TEXT)),
    "WorkOrder": an_object(
        work_order=TEXT,
        case=NUMBER,
        site=TEXT,
        party=maybe(TEXT),
        hazard=TEXT,
        severity=_CASE["severity"],
        state=one_of(State),
        outcome=maybe(one_of(Outcome)),
        assigned_to=maybe(TEXT),
        due=maybe(TIME),
        opened_at=TIME,
        rectified_at=maybe(TIME),
        closed_at=maybe(TIME),
    ),
    "WorkOrderPage": an_object(work_orders=a_list(ref("WorkOrder")), next=maybe(TEXT)),
    "Stats": an_object(
        since=maybe(TIME),
        cases=NUMBER,
        by_state=counts(),
        by_outcome=counts(),
        by_hazard=counts(),
    ),
    "Fault": an_object(field=TEXT, message=TEXT, value=ANY),
    "Problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": TEXT,
            "status": NUMBER,
            "detail": TEXT,
            "instance": TEXT,
            "errors": a_list(ref("Fault")),
        },
        "required": ["type", "title", "status", "detail", "instance"],
    },
}


_FORMS = {"Report": ReportForm, "Command": CommandForm, "Question": QuestionForm}


def components() -> dict[str, Schema]:
    """Every schema by name."""
    taken: dict[str, Schema] = {}
    for name, form in _FORMS.items():
        schema = form.model_json_schema(ref_template=_REF)
        taken |= schema.pop("$defs", {})
        taken[name] = {**schema, "title": name}
    return {**taken, **_ANSWERS}
