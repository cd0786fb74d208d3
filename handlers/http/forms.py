"""From pydantic's errors to faults that name a field in the caller's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from handlers.http.problem import Fault

_OURS = "ours"
_SENTENCES: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "string_type": "string",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "string_pattern_mismatch": "pattern",
    "float_type": "number",
    "float_parsing": "number",
    "int_type": "integer",
    "int_from_float": "integer",
    "int_parsing": "integer",
    "int_parsing_size": "integer",
    "bool_type": "boolean",
    "finite_number": "finite",
    "greater_than_equal": "at_least",
    "less_than_equal": "at_most",
    "enum": "choice",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
    "list_type": "list",
    "too_long": "too_many",
}
_LIMITS = ("ge", "le", "min_length", "max_length")


def fault(key: str, /, **params: Any) -> PydanticCustomError:
    """What a validator of a form raises: `key` names a sentence in `bot.texts.problems`."""
    return PydanticCustomError(_OURS, "fault", {"key": key, "params": params})


def faults_of(error: ValidationError) -> list[Fault]:
    """Every fault that pydantic found, each with its field as a path: `location.lat`."""
    return [_fault_of(line) for line in error.errors(include_url=False)]


def _fault_of(line: ErrorDetails) -> Fault:
    where = ".".join(str(part) for part in line["loc"])[:200]
    context = line.get("ctx", {})
    if line["type"] == _OURS:
        return Fault(where, context["key"], context["params"], line["input"])
    key = _SENTENCES.get(line["type"], "invalid")
    value = None if key == "missing" else line["input"]
    return Fault(where, key, _params(key, context), value)


def _params(key: str, context: Mapping[str, Any]) -> dict[str, Any]:
    if key == "choice":
        return {"choices": str(context["expected"]).replace("'", "").replace(" or ", ", ")}
    limit = next((context[name] for name in _LIMITS if name in context), None)
    return {"limit": int(limit) if isinstance(limit, float) and limit.is_integer() else limit}
