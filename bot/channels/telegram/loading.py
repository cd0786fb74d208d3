"""Loads aiogram in a third of its time, for an alarm may be waiting for it after a crash.

While it is imported aiogram builds the validators of all its 400 types, which is 4 of the 5 seconds
of a core that the import takes, although its own models say `defer_build`.  Here they are built
when they are first used, and those that every message needs right away, off the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

_TYPES = "aiogram.types."
_NAMES = "_types_namespace"
_AT_ONCE = ("Update", "Message", "User")
_METHODS_AT_ONCE = (
    "AnswerCallbackQuery",
    "EditMessageCaption",
    "EditMessageMedia",
    "EditMessageText",
    "GetMe",
    "SendMessage",
    "SendPhoto",
)


_loading = Lock()
_loaded = False


def load_aiogram() -> None:
    """Import aiogram; a second time it does nothing.  Takes seconds: not for the event loop.

    Whoever else asks for it meanwhile, from another thread, waits until it is there.
    """
    global _loaded
    with _loading:
        if not _loaded:
            _load()
            _loaded = True


def _load() -> None:
    from pydantic import BaseModel

    with _building_later(BaseModel):
        import aiogram.methods
        import aiogram.methods.base
        import aiogram.types
        import aiogram.types.base
        from aiogram.client.default import Default
    names = {name: getattr(aiogram.types, name) for name in aiogram.types.__all__}
    names |= {"Default": Default}
    for base in (aiogram.types.base.TelegramObject, aiogram.methods.base.TelegramMethod):
        _know_all_names(base, names)
    _build(aiogram.types, _AT_ONCE)
    _build(aiogram.methods, _METHODS_AT_ONCE)


@contextmanager
def _building_later(base: type[BaseModel]) -> Iterator[None]:
    """The loop at the end of `aiogram.types`, which rebuilds every type, does nothing."""
    rebuild = base.__dict__["model_rebuild"]

    def unless_aiogram(cls: type[BaseModel], **options: Any) -> bool | None:
        if cls.__module__.startswith(_TYPES):
            return None
        return rebuild.__func__(cls, **options)

    base.model_rebuild = classmethod(unless_aiogram)  # type: ignore[method-assign]  # for the import
    try:
        yield
    finally:
        base.model_rebuild = rebuild


def _know_all_names(base: type[BaseModel], names: Mapping[str, Any]) -> None:
    """The models below `base` name each other in strings; each finds the others when first used."""
    rebuild = base.model_rebuild.__func__  # type: ignore[attr-defined]  # a class method

    def with_names(cls: type[BaseModel], **options: Any) -> bool | None:
        return rebuild(cls, **{_NAMES: names, **options})

    base.model_rebuild = classmethod(with_names)  # type: ignore[method-assign]  # for its models


def _build(module: ModuleType, names: tuple[str, ...]) -> None:
    for name in names:
        getattr(module, name).model_rebuild()
