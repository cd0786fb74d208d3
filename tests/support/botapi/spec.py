"""The Bot API as data: which methods exist, which parameters they take, of which types.

Read from the published machine-readable spec where it is at hand, else derived from aiogram's
models; both give the same `Spec`, so every call can be checked against it.
"""

from __future__ import annotations

import inspect
import json
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import Violation
from .markup import utf16

_INTEGERS = {"datetime", "timedelta", "DateTime"}
_PYTHON = {"int": "Integer", "str": "String", "bool": "Boolean", "float": "Float"}
_ATTACH = "attach://"

CHARACTERS = {
    ("InlineKeyboardButton", "text"): (1, 10_000),
    ("CopyTextButton", "text"): (1, 256),
    ("BotCommand", "command"): (1, 32),
    ("BotCommand", "description"): (1, 256),
    ("answerCallbackQuery", "text"): (0, 200),
    ("setWebhook", "secret_token"): (1, 256),
}
"""Limits in UTF-16 units of texts without entities (captions are measured after parsing)."""

BYTES = {("InlineKeyboardButton", "callback_data"): (1, 64)}
ITEMS = {("sendMediaGroup", "media"): (2, 10), ("setMyCommands", "commands"): (0, 100)}


@dataclass(frozen=True)
class Field:
    """A parameter of a method or a field of a type; `types` as the spec writes them."""

    types: tuple[str, ...]
    required: bool


@dataclass(frozen=True)
class Shape:
    """A method's parameters or a type's fields; `subtypes` where a type is one of several."""

    name: str
    fields: dict[str, Field]
    subtypes: tuple[str, ...] = ()


@dataclass
class Spec:
    """Every method (by lower-case name: Telegram ignores case) and type of the Bot API."""

    source: str
    methods: dict[str, Shape]
    types: dict[str, Shape] = field(default_factory=dict)

    def read(self, method: str, given: dict[str, Any], files: set[str]) -> dict[str, Any]:
        """The typed parameters of one call; raises Violation on anything that the spec forbids.

        `given` are the raw values (text from forms, JSON values from JSON bodies),
        `files` the names of the uploaded parts.
        """
        shape = self.methods[method.lower()]
        found = {
            name: self._parameter(shape, name, value, files)
            for name, value in given.items()
            if value not in (None, "")
        }
        for name in files & shape.fields.keys():
            found[name] = _ATTACH + name
        _require(shape, found)
        unused = files - shape.fields.keys() - _attached(found)
        if unused:
            raise Violation(f"uploaded but not referred to: {', '.join(sorted(unused))}")
        return found

    def _parameter(self, shape: Shape, name: str, value: Any, files: set[str]) -> Any:
        if name not in shape.fields:
            raise Violation(f'{shape.name} takes no parameter "{name}"')
        kinds = shape.fields[name].types
        typed = _from_text(value, kinds) if isinstance(value, str) else value
        self._check(f"{shape.name}.{name}", typed, kinds)
        _check_limits(shape.name, name, typed)
        missing = _attached(typed) - files
        if missing:
            raise Violation(f"attached but not uploaded: {', '.join(sorted(missing))}")
        return typed

    def _check(self, where: str, value: Any, kinds: tuple[str, ...]) -> None:
        problems: list[Violation] = []
        for kind in kinds:
            try:
                self._check_one(where, value, kind)
            except Violation as problem:
                problems.append(problem)
            else:
                return
        if len(problems) == 1:
            raise problems[0]
        raise Violation(f"{where}: {value!r} is none of {', '.join(kinds)}")

    def _check_one(self, where: str, value: Any, kind: str) -> None:
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                raise Violation(f"{where}: {value!r} is no array")
            for index, item in enumerate(typing.cast("list[Any]", value)):
                self._check(f"{where}[{index}]", item, (kind.removeprefix("Array of "),))
        elif kind in self.types:
            self._check_object(where, value, self.types[kind])
        elif not _is_plain(value, kind):
            raise Violation(f"{where}: {value!r} is no {kind}")

    def _check_object(self, where: str, value: Any, shape: Shape) -> None:
        if shape.subtypes:
            self._check(where, value, self._matching(value, shape.subtypes))
            return
        if not isinstance(value, dict):
            raise Violation(f"{where}: {value!r} is no {shape.name}")
        fields = typing.cast("dict[str, Any]", value)
        for name, item in fields.items():
            if name not in shape.fields:
                raise Violation(f'{where}: {shape.name} has no field "{name}"')
            self._check(f"{where}.{name}", item, shape.fields[name].types)
            _check_limits(shape.name, name, item)
        _require(shape, fields)

    def _matching(self, value: Any, subtypes: tuple[str, ...]) -> tuple[str, ...]:
        """Of several subtypes the one whose name ends in the value's `type`, for clear messages."""
        kind = value.get("type", "") if isinstance(value, dict) else ""
        wanted = str(kind).replace("_", "").lower()
        return tuple(t for t in subtypes if wanted and t.lower().endswith(wanted)) or subtypes


def load_spec(path: Path | None) -> Spec:
    """The spec from the published file at `path`, or from aiogram's models where it is None."""
    return from_aiogram() if path is None else from_file(path)


def from_file(path: Path) -> Spec:
    """The spec in the published JSON file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    shapes = {
        group: [_shape(entry) for entry in raw[group].values()] for group in ("methods", "types")
    }
    return Spec(
        source=raw["version"],
        methods={shape.name.lower(): shape for shape in shapes["methods"]},
        types={shape.name: shape for shape in shapes["types"]},
    )


def from_aiogram() -> Spec:
    """The spec as aiogram's method and type models state it, without what they mark deprecated."""
    import aiogram
    from aiogram import methods as method_models
    from aiogram import types as type_models
    from aiogram.methods.base import TelegramMethod
    from aiogram.types.base import TelegramObject

    methods = [
        _model_shape(model, model.__api_method__)
        for model in vars(method_models).values()
        if inspect.isclass(model)
        and issubclass(model, TelegramMethod)
        and model is not TelegramMethod
    ]
    objects = [
        _model_shape(model, model.__name__)
        for model in vars(type_models).values()
        if inspect.isclass(model) and issubclass(model, TelegramObject)
    ]
    return Spec(
        source=f"aiogram {aiogram.__version__}",
        methods={shape.name.lower(): shape for shape in methods},
        types={shape.name: shape for shape in objects if shape.name != "InputFile"},
    )


def _shape(entry: dict[str, Any]) -> Shape:
    fields = {f["name"]: Field(tuple(f["types"]), f["required"]) for f in entry.get("fields", [])}
    return Shape(entry["name"], fields, tuple(entry.get("subtypes", ())))


def _model_shape(model: Any, name: str) -> Shape:
    fields = {}
    model.model_rebuild()  # nothing where it is complete; ours are built when first used
    for key, info in model.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and extra.get("deprecated"):
            continue
        fields[info.alias or key] = Field(tuple(_kinds(info.annotation)), info.is_required())
    return Shape(name, fields)


def _kinds(annotation: Any) -> list[str]:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return list(dict.fromkeys(kind for a in typing.get_args(annotation) for kind in _kinds(a)))
    if origin is list:
        return [f"Array of {kind}" for kind in _kinds(typing.get_args(annotation)[0])]
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    if origin is typing.Literal:
        return ["String"]
    name = getattr(annotation, "__name__", str(annotation))
    if name in _INTEGERS:
        return ["Integer"]
    if name in ("NoneType", "Default"):
        return []
    return [
        {"int": "Integer", "str": "String", "bool": "Boolean", "float": "Float"}.get(name, name)
    ]


def _from_text(value: str, kinds: tuple[str, ...]) -> Any:
    """A form's text as the JSON value that the spec wants; left alone where it fits none."""
    if "Boolean" in kinds and value in ("true", "false"):
        return value == "true"
    if {"Integer", "Float"} & set(kinds) and value.lstrip("-").replace(".", "", 1).isdigit():
        return float(value) if "." in value else int(value)
    if "String" in kinds:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _is_plain(value: Any, kind: str) -> bool:
    if kind == "Integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "Float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "Boolean":
        return isinstance(value, bool)
    if kind == "InputFile":
        return isinstance(value, str) and value.startswith(_ATTACH)
    return kind == "String" and isinstance(value, str)


def _attached(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value.removeprefix(_ATTACH)} if value.startswith(_ATTACH) else set()
    if isinstance(value, dict):
        return _attached(list(typing.cast("dict[str, Any]", value).values()))
    if isinstance(value, list):
        return {name for item in typing.cast("list[Any]", value) for name in _attached(item)}
    return set()


def _require(shape: Shape, given: dict[str, Any]) -> None:
    missing = [name for name, spec in shape.fields.items() if spec.required and name not in given]
    if missing:
        raise Violation(f"{shape.name} needs {', '.join(missing)}")


def _check_limits(owner: str, name: str, value: Any) -> None:
    key = (owner, name)
    _within(CHARACTERS, key, lambda: utf16(value), "characters")
    _within(BYTES, key, lambda: len(value.encode()), "bytes")
    _within(ITEMS, key, lambda: len(value), "items")


def _within(
    table: dict[tuple[str, str], tuple[int, int]],
    key: tuple[str, str],
    measure: typing.Callable[[], int],
    unit: str,
) -> None:
    if key not in table:
        return
    low, high = table[key]
    size = measure()
    if not low <= size <= high:
        raise Violation(f"{'.'.join(key)}: {size} {unit}, allowed are {low}-{high}")
