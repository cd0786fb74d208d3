"""Secrets are planted wherever a log could pick one up, and the output is searched for them."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
import time
import timeit
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.secret import Secret
from bot.redact import TELLING, RedactingFilter, configure_logging, redact

ROOT = Path(__file__).resolve().parents[3]
LISTED = "planted-listed-word"
SPECIAL = 'planted "quoted" \\ wörd'
TOKEN = "123456789:planted_token-of-some-thirty-characters"
URL = "rtsp://admin:planted-p@ss/word@10.0.0.9/stream"


@pytest.fixture(autouse=True)
def listed() -> None:
    Secret(LISTED)
    Secret(SPECIAL)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where a configured root logger writes; everything is put back afterwards."""
    root = logging.getLogger()
    telling = [logging.getLogger(name) for name in TELLING]
    kept = root.handlers[:], root.level, [one.level for one in telling]
    hooks = sys.excepthook, threading.excepthook
    yield io.StringIO()
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:], root.level, levels = kept
    for one, level in zip(telling, levels, strict=True):
        one.setLevel(level)


@pytest.fixture(params=["console", "json"])
def output(request: pytest.FixtureRequest, stream: io.StringIO) -> io.StringIO:
    configure_logging(request.param, "debug", stream)
    return stream


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"got {LISTED}!", "got ***!"),
        (f"bot{TOKEN}/getMe", "bot***/getMe"),
        (f"key box: lh_{'a-B_3' * 9}, keep it", "key box: ***, keep it"),
        (f"open {URL} failed", "open rtsp://***@10.0.0.9/stream failed"),
        ("postgres://u:p@h/db?x=1", "postgres://***@h/db?x=1"),
        ("http://tok@h/x", "http://***@h/x"),
        ("http:///u:p@h/x", "http://***@h/x"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: ***"),
        ("sent bearer abc.def-ghi, ok", "sent bearer ***, ok"),
        ("{'Authorization': 'Basic dTpw'}", "{'Authorization': '***'}"),
        ("GET /x?key=abc&n=1", "GET /x?key=***&n=1"),
        ("access_token=abc;n=1", "access_token=***;n=1"),
        ('{"api_key": "abc", "n": 1}', '{"api_key": "***", "n": 1}'),
        ("('X-Api-Key', 'abc')", "('X-Api-Key', '***')"),
        ("(b'token', b'abc')", "(b'token', b'***')"),
        ("password: abc", "password: ***"),
        ("Signature=abc", "Signature=***"),
    ],
)
def test_known_values_and_telling_patterns_are_hidden(text: str, clean: str):
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "case 12 opened at 10:42:07, gate",
        "live_key=yard-7/gate/no_helmet dedupe_key=card:12",
        "http://127.0.0.1:8080/api/v1/cases?site=yard-7",
        "message:-1001:42 of telegram:-1001",
        "mail to li@example.org",
        "the key was created",
        "sha256 eee43d6844141b8f3b9cea25dbb4faa9f6bfde117d49329a3be43cbfd42c2ac7",
        "2026-11-22T08:00:00+08:00",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str):
    assert redact(text) == text


@pytest.mark.parametrize("piece", ["://", "://a:", "key=", "'token'", "1", "bearer ", "a:"])
def test_hostile_text_takes_no_time_by_the_square_of_its_length(piece: str):
    """The longest match any pattern tries is bounded, so 8 times the text is not 64 times."""

    def steps(length: int) -> float:
        text = (piece * length)[:length]
        return min(timeit.repeat(lambda: redact(text), timer=time.process_time, number=1, repeat=9))

    assert steps(32_000) < 30 * steps(4_000) + 0.02


def test_listed_values_are_hidden_in_every_spelling():
    spellings = [
        SPECIAL,
        repr(SPECIAL),
        json.dumps(SPECIAL),
        "planted%20%22quoted%22%20%5C%20w%C3%B6rd",
        "planted+%22quoted%22+%5C+w%C3%B6rd",
    ]
    for spelling in spellings:
        assert "planted" not in redact(f"x {spelling} y")


def test_of_two_values_the_longer_is_hidden_first():
    Secret("planted-longer")
    Secret("planted-longer-still")
    assert redact("planted-longer-still") == "***"


class Chatty:
    """Shows a secret in both ways."""

    def __str__(self) -> str:
        return f"str {LISTED}"

    def __repr__(self) -> str:
        return f"repr {LISTED}"


class Broken:
    def __str__(self) -> str:
        raise RuntimeError(LISTED)

    __repr__ = __str__


def chained() -> None:
    """Fails with secrets in the exception, its cause, its context, its notes and its group."""
    try:
        try:
            raise ValueError(f"first {LISTED}")
        except ValueError as cause:
            raise ConnectionError(f"cannot reach {URL}") from cause
    except ConnectionError as error:
        error.add_note(f"note: token={LISTED}")
        raise ExceptionGroup("several", [error, KeyError(TOKEN), Chatty2()]) from error


class Chatty2(Exception):
    def __str__(self) -> str:
        return f"very {LISTED}"


def plant(log: logging.Logger) -> int:
    """Writes secrets in every way there is; the number of records written."""
    log.info("message %s" % LISTED)  # noqa: G002, UP031  the secret stands in the message itself
    log.info("argument %s and %r", LISTED, {"url": URL, "deep": [TOKEN]})
    log.info("by name %(token)s", {"token": LISTED})
    log.info("object %s %r", Chatty(), Chatty())
    log.info("secret type %s", Secret(URL))
    log.warning("%d", LISTED)  # a wrong format, which logging itself would print raw
    log.warning("broken %s", Broken())
    log.info("stack", stack_info=True)
    log.info("extra", extra={"url": URL, "nested": {"k": [TOKEN, Chatty(), 5]}, "n": 7})
    log.info("two lines\nplanted-forged-looking INFO bot: all is well", extra={LISTED: LISTED})
    try:
        chained()
    except ExceptionGroup:
        log.exception("failed")
        log.info("again", exc_info=True)
    return 12


def test_nothing_planted_comes_out_of_any_log(output: io.StringIO, capsys):
    count = plant(logging.getLogger("test.redaction"))
    written = output.getvalue()
    for secret in (LISTED, "p@ss", "ss/word", "planted_token", "planted-p", "planted-listed"):
        assert secret not in written
    assert "***" in written
    assert "ConnectionError" in written
    assert "test.redaction" in written
    assert written.count("test.redaction") >= count
    captured = capsys.readouterr()
    assert "planted" not in captured.out + captured.err


def test_later_handlers_see_nothing_either(output: io.StringIO):
    later = io.StringIO()
    logging.getLogger().addHandler(logging.StreamHandler(later))
    plant(logging.getLogger("test.later"))
    assert LISTED not in later.getvalue()
    assert "planted_token" not in later.getvalue()


def test_libraries_that_tell_what_people_said_are_quiet_at_any_level(output: io.StringIO):
    """SQL with its values, request lines with their links."""
    for name in ("tortoise.db_client", "aiosqlite", "asyncpg", "aiohttp.access"):
        logging.getLogger(name).debug("INSERT INTO inbox VALUES ('what Li said')")
        logging.getLogger(name).warning("worth knowing")
    assert "Li said" not in output.getvalue()
    assert output.getvalue().count("worth knowing") == 4


def test_warnings_go_through_the_filter(output: io.StringIO):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"old key={LISTED}", UserWarning, stacklevel=1)
    assert "key=***" in output.getvalue()
    assert LISTED not in output.getvalue()


def test_a_filtered_record_is_the_same_when_filtered_again():
    record = logging.makeLogRecord({"msg": "a %s", "args": (LISTED,), "levelname": "INFO"})
    once = RedactingFilter()
    once.filter(record)
    before = dict(record.__dict__)
    once.filter(record)
    assert record.__dict__ == before
    assert record.getMessage() == "a ***"


def test_console_lines_cannot_be_forged(stream: io.StringIO):
    configure_logging("console", "info", stream)
    logging.getLogger("x").info("name: %s", "Li\n10:00:00 INFO    bot: closed by admin\r")
    (line,) = stream.getvalue().splitlines()
    assert line.endswith("Li\\n10:00:00 INFO    bot: closed by admin\\r")


def test_json_lines_hold_time_level_logger_message_and_extra(stream: io.StringIO):
    configure_logging("json", "info", stream)
    log = logging.getLogger("x.y")
    log.debug("too fine")
    log.info("case %d 打开", 12, extra={"case": 12, "place": "大门"})
    try:
        raise ValueError("why")
    except ValueError:
        log.exception("failed")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("at").endswith("+00:00")
    assert first == {
        "level": "info", "logger": "x.y", "message": "case 12 打开", "case": 12, "place": "大门",
    }  # fmt: skip
    assert second["error"].endswith("ValueError: why")


SCRIPT = """
import logging, sys, threading
from bot.domain.secret import Secret
from bot.redact import configure_logging
configure_logging("console", "info")
word = Secret("planted-listed-word")
def fail():
    raise RuntimeError("in a thread: " + word.reveal())
thread = threading.Thread(target=fail)
thread.start(); thread.join()
raise RuntimeError("at the top: " + word.reveal())
"""


def test_uncaught_exceptions_are_logged_and_redacted():
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert run.returncode == 1
    assert run.stderr.count("uncaught exception") == 2
    assert "in a thread: ***" in run.stderr
    assert "at the top: ***" in run.stderr
    assert "planted" not in run.stderr + run.stdout
