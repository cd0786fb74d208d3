"""JSON from strangers: no doubled keys, no NaN, nothing that a database could not keep."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from handlers.http.problem import malformed

_DEEPEST = 32


class _Wrong(ValueError):
    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


def parse(data: bytes, field: str) -> Any:
    """The document in UTF-8 `data`; raises a 400 that names what is wrong about `field`."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise malformed(field, "utf8") from None
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_float=_float, parse_constant=_constant
        )
        _check(document)
    except _Wrong as wrong:
        raise malformed(field, wrong.key, **wrong.params) from None
    except RecursionError:
        raise malformed(field, "json_deep") from None
    except json.JSONDecodeError:
        raise malformed(field, "json") from None
    except ValueError:
        # Python refuses to read a whole number of more than some thousand digits.
        raise malformed(field, "json_number") from None
    return document


def parse_object(data: bytes, field: str) -> dict[str, Any]:
    """The same for a document that must be an object."""
    document = parse(data, field)
    if not isinstance(document, dict):
        raise malformed(field, "object")
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Wrong("json_key_twice", key=key[:64].encode(errors="replace").decode())
        found[key] = value
    return found


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Wrong("json_number")
    return number


def _constant(_: str) -> NoReturn:
    raise _Wrong("json_number")


def _check(document: Any) -> None:
    """Depth, lone surrogates, NUL: PostgreSQL would refuse the latter after we said yes."""
    for depth, value in _walk(document):
        if depth > _DEEPEST:
            raise _Wrong("json_deep")
        if isinstance(value, str) and not _storable(value):
            raise _Wrong("characters")


def _walk(document: Any) -> Iterator[tuple[int, Any]]:
    waiting: list[tuple[int, Any]] = [(1, document)]
    while waiting:
        depth, value = waiting.pop()
        yield depth, value
        if isinstance(value, dict):
            waiting.extend((depth + 1, item) for pair in value.items() for item in pair)
        elif isinstance(value, list):
            waiting.extend((depth + 1, item) for item in value)


def _storable(text: str) -> bool:
    if "\0" in text:
        return False
    if text.isascii():
        return True
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
