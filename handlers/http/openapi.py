"""GET /api/v1/openapi.json: the API described for machines; a test holds it against the routes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aiohttp import web

from handlers.http.commands import IDEMPOTENCY_KEY, LONGEST_KEY
from handlers.http.schemas import NUMBER, TEXT, TIME, Schema, components, ref

_BINARY: Schema = {"type": "string", "format": "binary"}
_SIGNED_IN: Sequence[Mapping[str, list[str]]] = ({"key": []}, {"session": []})


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: what it is for, what it takes, and what it may answer."""

    method: str
    path: str
    id: str
    summary: str
    answers: Mapping[int, str]
    problems: Sequence[int] = ()
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, Schema] = field(default_factory=dict)
    security: Sequence[Mapping[str, list[str]]] = _SIGNED_IN


_PAGE: Mapping[str, Schema] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    "cursor": {**TEXT, "description": "What the page before gave as `next`."},
}
_FILTER: Mapping[str, Schema] = {
    "site": TEXT,
    "state": {**TEXT, "description": "One state, or several with commas."},
    "hazard": TEXT,
    **_PAGE,
}
_REPORT_BODY: Mapping[str, Any] = {
    "application/json": {"schema": ref("Report")},
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"report": ref("Report"), "image": _BINARY, "clip": _BINARY},
            "required": ["report"],
        },
        "encoding": {
            "report": {"contentType": "application/json"},
            "image": {"contentType": "image/jpeg, image/png"},
            "clip": {"contentType": "video/mp4"},
        },
    },
}
_FRAME_BODY = {"image/jpeg": {"schema": _BINARY}, "image/png": {"schema": _BINARY}}
_VOICE_BODY = {
    "audio/*": {"schema": _BINARY},
    "application/octet-stream": {"schema": _BINARY},
    "application/json": {"schema": ref("Question")},
}
_COMMAND_BODY = {"application/json": {"schema": ref("Command")}}

OPERATIONS: Sequence[Operation] = (
    Operation(
        "post",
        "/reports",
        "postReport",
        "Report a hazard. What is answered 2xx is durable; the same id again changes nothing.",
        {201: "ReportAnswer", 200: "ReportAnswer"},
        (400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503),
        body=_REPORT_BODY,
        security=({"key": []},),
    ),
    Operation(
        "put",
        "/cameras/{id}/frame",
        "putFrame",
        "The next picture of a camera with source = push; `at` is when it was taken.",
        {204: "", 200: "FrameAnswer"},
        (401, 403, 404, 408, 409, 413, 415, 422, 429, 503),
        query={"at": TIME},
        body=_FRAME_BODY,
        security=({"key": []},),
    ),
    Operation(
        "get",
        "/cases",
        "listCases",
        "Cases, newest first.",
        {200: "CasePage"},
        (401, 403, 404, 422, 429),
        query=_FILTER,
    ),
    Operation(
        "get",
        "/cases/{n}",
        "showCase",
        "A case with its history, deliveries and pictures.",
        {200: "CaseStory"},
        (401, 403, 404, 429),
    ),
    Operation(
        "post",
        "/cases/{n}/commands",
        "postCommand",
        "Act on a case. The same Idempotency-Key again is answered the same and changes nothing.",
        {200: "CommandAnswer"},
        (400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503),
        body=_COMMAND_BODY,
        headers={IDEMPOTENCY_KEY: {**TEXT, "minLength": 1, "maxLength": LONGEST_KEY}},
    ),
    Operation(
        "post",
        "/voice",
        "postVoice",
        "Say something, as the key's member; or answer a question, in words or by its number.",
        {200: "VoiceAnswer"},
        (400, 401, 403, 408, 409, 413, 415, 422, 429, 503),
        body=_VOICE_BODY,
        headers={IDEMPOTENCY_KEY: {**TEXT, "minLength": 1, "maxLength": LONGEST_KEY}},
    ),
    Operation(
        "get",
        "/workorders",
        "listWorkOrders",
        "Cases that became work orders, newest first; a short page may still have a `next`.",
        {200: "WorkOrderPage"},
        (401, 403, 404, 422, 429),
        query=_FILTER,
    ),
    Operation(
        "get",
        "/stats",
        "showStats",
        "How many cases there are of which kind.",
        {200: "Stats"},
        (401, 403, 404, 422, 429),
        query={"site": TEXT, "since": TIME},
    ),
    Operation("get", "/openapi.json", "showOpenapi", "This document.", {200: ""}, security=()),
)


async def show_openapi(request: web.Request) -> web.Response:
    """GET /api/v1/openapi.json"""
    return web.Response(
        text=_text(),
        content_type="application/json",
        headers={"Cache-Control": "public, max-age=300"},
    )


@cache
def _text() -> str:
    return json.dumps(document(), ensure_ascii=False)


def document() -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Loudhailer", "version": "1", "license": {"name": "AGPL-3.0-or-later"}},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": components(),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "loudhailer_session"},
            },
        },
    }


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "responses": _responses(operation),
        "security": list(operation.security),
    }
    if parameters := list(_parameters(operation)):
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": operation.body}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, schema in (("n", NUMBER), ("id", TEXT)):
        if f"{{{name}}}" in operation.path:
            found.append({"name": name, "in": "path", "required": True, "schema": schema})
    for name, schema in operation.query.items():
        found.append({"name": name, "in": "query", "required": False, "schema": schema})
    for name, schema in operation.headers.items():
        found.append({"name": name, "in": "header", "required": True, "schema": schema})
    return found


def _responses(operation: Operation) -> dict[str, Any]:
    told = {str(code): _response(code, name) for code, name in operation.answers.items()}
    problem = {"application/problem+json": {"schema": ref("Problem")}}
    refused = {
        str(status): {"description": "See `title` and `errors`.", "content": problem}
        for status in operation.problems
    }
    return told | refused


def _response(status: int, name: str) -> dict[str, Any]:
    if status == 204:
        return {"description": "Taken."}
    schema = ref(name) if name else {"type": "object"}
    return {"description": name or "OpenAPI", "content": {"application/json": {"schema": schema}}}
