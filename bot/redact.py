"""Nothing secret leaves through a log: one filter that hides known values and telling patterns."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

from bot.domain.secret import MASK, Secret, listed_secrets

_NAMES = (
    r"(?:x-)?(?:api[_-]?|access[_-]?|secret[_-]?|client[_-]?|auth[_-]?|refresh[_-]?)?"
    r"(?:key|token|secret|password|passwd|pwd|sig|signature)"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\d)\d{6,}:[A-Za-z0-9_-]{30,}"), MASK),  # a Telegram bot token
    (re.compile(r"\blh_[A-Za-z0-9_-]{30,}"), MASK),  # a key of our own API
    # With a colon, up to the last @ at all: a password may hold @ and /. Bounded, because text
    # of many "://" would otherwise take time by the square of its length.
    (
        re.compile(
            r"""(?<=://)/{0,8}(?:[^\s/@:"'<>]{0,128}:[^\s"'<>]{0,512}|[^\s"'<>/]{0,512})@"""
        ),
        f"{MASK}@",
    ),
    (re.compile(r"(?i)\b(bearer)\s+[^\s\"',;]+"), rf"\1 {MASK}"),
    (re.compile(r"(?i)\b(authorization\"?'?\s*[:=]\s*[\"']?)[^\r\n\"']+"), rf"\1{MASK}"),
    (re.compile(rf"(?i)(?<![\w-])({_NAMES}=[\"']?)[^\s&\"',;)}}\]]+"), rf"\1{MASK}"),
    (re.compile(rf"(?i)([\"']{_NAMES}[\"']\s*[:,]\s*b?[\"'])[^\"']+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b((?:password|passwd|secret)\s*:\s*)[^\s\"',;]+"), rf"\1{MASK}"),
)

TELLING = ("aiohttp.access", "aiogram.event", "tortoise", "aiosqlite", "asyncpg")
"""Libraries whose lines hold what people said or asked for; not even `debug` shows them."""

_OWN_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


def redact(text: str) -> str:
    """The text without any listed secret (also quoted, escaped) and without telling patterns."""
    for needle in _needles(listed_secrets()):
        if needle in text:
            text = text.replace(needle, MASK)
    for pattern, mask in _PATTERNS:
        text = pattern.sub(mask, text)
    return text


@lru_cache(maxsize=1)
def _needles(secrets: frozenset[str]) -> tuple[str, ...]:
    """All spellings of the secrets, longest first, so that no rest of a longer one stays."""
    forms: set[str] = set()
    for secret in secrets:
        forms.update((secret, quote(secret, safe=""), quote(secret), quote_plus(secret)))
        forms.update((json.dumps(secret)[1:-1], repr(secret)[1:-1]))
    return tuple(sorted(forms, key=len, reverse=True))


def redact_value(value: Any) -> Any:
    """The same for what a log record carries beside its message, containers included."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {_text(key): redact_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(item) for item in value]
    return _text(value)


def _text(value: object) -> str:
    try:
        return redact(str(value))
    except Exception:  # noqa: BLE001  boundary: a value that cannot be printed must not stop the log
        return f"<{type(value).__name__} that cannot be printed>"


class RedactingFilter(logging.Filter):
    """Replaces message, arguments, traceback, stack and extra fields by redacted text.

    It changes the record itself, so that handlers that come later see nothing else either.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _message(record)
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        record.exc_info = None
        record.exc_text = redact(record.exc_text) if record.exc_text else None
        record.stack_info = redact(record.stack_info) if record.stack_info else None
        for name in record.__dict__.keys() - _OWN_FIELDS:
            record.__dict__[name] = redact_value(record.__dict__[name])
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return redact(record.getMessage())
    except Exception:  # noqa: BLE001  boundary: left to logging, a wrong format string prints raw arguments
        return f"{_text(record.msg)} {_text(record.args)}"


class ConsoleFormatter(logging.Formatter):
    """A line a record for people; line breaks within a message cannot forge another line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


class JsonFormatter(logging.Formatter):
    """A JSON object a line for machines; extra fields stand beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        extra = record.__dict__.keys() - _OWN_FIELDS
        line.update({redact(name): record.__dict__[name] for name in sorted(extra)})
        if record.exc_text:
            line["error"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line, ensure_ascii=False, default=_text)


def configure_logging(format: str, level: str, stream: TextIO | None = None) -> logging.Handler:
    """Sends every log, warning and uncaught exception through the filter to stderr.

    `format` is console or json, `level` debug, info, warning or error. Called once, at the start
    of a process; the handler it installs is returned.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(JsonFormatter() if format == "json" else ConsoleFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in TELLING:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    return handler


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("bot").critical("uncaught exception", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def json_text(value: object) -> str:
    """`default` for json.dumps where a structure may hold secrets: `***`, TypeError otherwise."""
    if isinstance(value, Secret):
        return str(value)
    raise TypeError(type(value).__name__)
