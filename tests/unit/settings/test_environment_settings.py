"""Settings out of the environment and `.env`, and the check of everything together."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.configuration import load_configuration
from bot.domain.secret import Secret
from bot.envfile import parse_env
from bot.fault import ConfigFaults, Fault
from bot.settings import (
    VARIABLES,
    Environment,
    Settings,
    load_settings,
    read_environment,
)
from tests.support.configured import faults_of

TOKEN = "123456789:planted-token-of-some-thirty-characters"
INTERFACE = (
    "SITE_FILE DATA_DIR DATABASE_URL REDIS_URL HTTP_HOST HTTP_PORT PUBLIC_URL TLS_CERT TLS_KEY "
    "TELEGRAM_TOKEN TELEGRAM_API TELEGRAM_WEBHOOK_URL PROXY HEARTBEAT_URL LOG_FORMAT LOG_LEVEL"
)
ADDED = "CHECKPOINT_AT HEARING"


def settings(**values: str) -> Settings:
    return load_settings(Environment({f"LOUDHAILER_{name}": text for name, text in values.items()}))


def faults(**values: str) -> list[Fault]:
    with pytest.raises(ConfigFaults) as caught:
        settings(**values)
    return list(caught.value.faults)


def test_the_variables_are_those_of_the_interface():
    assert set(VARIABLES) == {f"LOUDHAILER_{name}" for name in (INTERFACE + " " + ADDED).split()}


def test_every_setting_says_what_it_means():
    for item in fields(Settings):
        assert item.metadata["doc"].endswith(".")


def test_the_defaults_are_those_of_the_interface():
    found = settings()
    assert (found.site_file, found.data_dir) == (Path("site.toml"), Path("data"))
    assert found.models_dir == Path("data/models")
    assert found.database.reveal() == "sqlite://data/loudhailer.sqlite3"
    assert (found.http_host, found.http_port, found.public_url) == ("127.0.0.1", 8080, "")
    assert (found.redis_url, found.telegram_token, found.proxy, found.tls_cert) == (None,) * 4
    assert found.telegram_api == "https://api.telegram.org"
    assert (found.log_format, found.log_level) == ("console", "info")
    assert found.checkpoint_at == "20:00"


def test_given_values_are_typed_and_secrets_are_secret():
    found = settings(
        DATABASE_URL="postgres://u:planted-db-word@host/loud",
        REDIS_URL="redis://:planted-redis-word@host:6379/0",
        PROXY="socks5://u:planted-proxy-word@host:1080",
        HEARTBEAT_URL="https://beat.example/planted-beat-path",
        TELEGRAM_TOKEN=TOKEN,
        TELEGRAM_API="http://127.0.0.1:8081/",
        HTTP_PORT="0",
        LOG_LEVEL="DEBUG",
        DATA_DIR="~/loud",
    )
    assert found.telegram_token == Secret(TOKEN)
    assert found.database.reveal() == "postgres://u:planted-db-word@host/loud"
    assert found.telegram_api == "http://127.0.0.1:8081"
    assert (found.http_port, found.log_level) == (0, "debug")
    assert found.data_dir == Path.home() / "loud"
    assert "planted" not in repr(found)


def test_an_empty_variable_is_the_same_as_none():
    assert settings(HTTP_PORT="", TELEGRAM_TOKEN="  ") == settings()


@pytest.mark.parametrize(
    ("name", "text", "shown", "words"),
    [
        ("HTTP_PORT", "80a", "80a", "whole number"),
        ("HTTP_PORT", "65536", "65536", "65535"),
        ("HTTP_PORT", "-1", "-1", "whole number"),
        ("CHECKPOINT_AT", "24:00", "24:00", "20:00"),
        ("CHECKPOINT_AT", "evening", "evening", "20:00"),
        ("LOG_FORMAT", "xml", "xml", "console | json"),
        ("LOG_LEVEL", "loud", "loud", "debug | info"),
        ("PUBLIC_URL", "site.example", "site.example", "http://"),
        ("PUBLIC_URL", "https://", "https://", "host"),
        ("PUBLIC_URL", "https://li:planted@host", "https://***@host", "password"),
        ("PUBLIC_URL", "https://planted@host", "https://***@host", "password"),
        ("TELEGRAM_API", "http://host:0", "http://host:0", "port"),
        ("TELEGRAM_API", "http://host:x", "http://host:x", "port"),
        ("TELEGRAM_TOKEN", "planted-no-token", "***", "BotFather"),
        ("TELEGRAM_TOKEN", "123:ü-planted", "***", "BotFather"),
        ("TELEGRAM_TOKEN", "123:planted/x", "***", "BotFather"),
        ("DATABASE_URL", "mysql://u:planted@host/x", "***", "postgres://"),
        ("DATABASE_URL", "postgres:///x", "***", "host"),
        ("DATABASE_URL", "sqlite://", "***", "a file"),
        ("DATABASE_URL", "sqlite://?busy_timeout=5", "***", "a file"),
        ("REDIS_URL", "host:6379", "***", "redis://"),
        ("PROXY", "host:3128", "***", "socks5://"),
        ("TLS_CERT", "/gone/cert.pem", "/gone/cert.pem", "no such file"),
    ],
)
def test_a_bad_value_is_told_and_secrets_are_not_shown(
    name: str, text: str, shown: str, words: str
):
    fault = faults(**{name: text})[0]
    assert (fault.file, fault.line, fault.path) == ("environment", None, f"LOUDHAILER_{name}")
    assert fault.value == shown
    assert words in fault.message
    assert "planted" not in str(fault)


def test_unknown_variables_are_told_with_the_nearest_name():
    (fault,) = faults(TELEGRAM_TOKN="planted")
    assert "did you mean LOUDHAILER_TELEGRAM_TOKEN?" in fault.message
    assert "planted" not in str(fault)


def test_a_certificate_needs_its_key(tmp_path: Path):
    pem = tmp_path / "cert.pem"
    pem.write_text("")
    (fault,) = faults(TLS_CERT=str(pem))
    assert "LOUDHAILER_TLS_KEY" in fault.message
    assert settings(TLS_CERT=str(pem), TLS_KEY=str(pem)).tls_key == pem


def test_all_faults_are_told_at_once_in_the_language_of_the_terminal():
    environment = Environment(
        {"LANG": "zh_CN.UTF-8", "LOUDHAILER_HTTP_PORT": "x", "LOUDHAILER_LOG_LEVEL": "x"}
    )
    with pytest.raises(ConfigFaults) as caught:
        load_settings(environment)
    assert [fault.message[:1] for fault in caught.value.faults] == ["应", "应"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("  A = b  ", "b"),
        ("A=", ""),
        ("A=b # comment", "b"),
        ("A=b#no-comment", "b#no-comment"),
        ('A="b # c"  # comment', "b # c"),
        ("A='b \\n $c'", "b \\n $c"),
        (r'A="b\n\"c\" \\"', 'b\n"c" \\'),
        ("A=postgres://u:p@h/x?y=z", "postgres://u:p@h/x?y=z"),
    ],
)
def test_lines_of_an_env_file(line: str, value: str):
    (found,) = parse_env(line)
    assert (found.name, found.value) == ("A", value)


@pytest.mark.parametrize("line", ["A", "=b", "1A=b", 'A="b', "A='b", 'A="b" c', "A B=c"])
def test_a_line_that_nobody_can_read_is_not_guessed(line: str):
    (found,) = parse_env(f"# first\n\n{line}")
    assert (found.line, found.value) == (3, None)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=30))
def test_what_is_quoted_reads_back_the_same(value: str):
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    (found,) = parse_env(f'NAME="{quoted}" # "comment"')
    assert found.value == value


def test_the_process_wins_over_the_env_file_and_faults_name_its_lines(tmp_path: Path):
    env_file = tmp_path / ".env"
    env_file.write_text(
        "\ufeffLOUDHAILER_HTTP_PORT=81\n\nnonsense\nLOUDHAILER_LOG_LEVEL=loud\nGROUP=-5\n", "utf-8"
    )
    environment = read_environment({"LOUDHAILER_HTTP_PORT": "82"}, env_file)
    assert environment.values["LOUDHAILER_HTTP_PORT"] == "82"
    assert environment.values["GROUP"] == "-5"
    with pytest.raises(ConfigFaults) as caught:
        load_settings(environment)
    places = [(fault.file, fault.line, fault.path) for fault in caught.value.faults]
    assert places == [(str(env_file), 3, ""), (str(env_file), 4, "LOUDHAILER_LOG_LEVEL")]


def test_without_an_env_file_the_process_speaks_alone(tmp_path: Path):
    assert read_environment({"A": "b"}, tmp_path / ".env").values == {"A": "b"}
    assert read_environment({"A": "b"}, None).values == {"A": "b"}


def test_left_to_itself_it_reads_the_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOUDHAILER_HTTP_PORT", "8123")
    assert load_settings(read_environment(env_file=None)).http_port == 8123


def site_at(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "site.toml"
    path.write_text(text, "utf-8")
    return {"LOUDHAILER_SITE_FILE": str(path)}


def test_settings_and_site_file_are_loaded_together(tmp_path: Path):
    text = '[[chats]]\nchannel = "telegram"\nid = "env:GROUP"\n'
    environment = Environment({**site_at(tmp_path, text), "GROUP": "-1001"})
    found, site = load_configuration(environment)
    assert found.site_file == tmp_path / "site.toml"
    assert site.chats[0].key == "telegram:-1001"
    assert faults_of(environment) == []


def test_check_tells_the_faults_of_both_in_the_site_files_language(tmp_path: Path):
    values = site_at(tmp_path, 'language = "en"\n[[sites]]\nid = "A"\n')
    lines = faults_of(Environment({**values, "LANG": "zh_CN", "LOUDHAILER_HTTP_PORT": "x"}))
    assert [line.rpartition("/")[2] for line in lines] == [
        "site.toml:3: sites[0].id: an id is made of a-z, 0-9, _ and -, begins with a letter or "
        "digit and has at most 32 characters (A)",
        "environment: LOUDHAILER_HTTP_PORT: must be a whole number (x)",
    ]


def test_a_missing_site_file_is_a_fault_of_its_own(tmp_path: Path):
    (line,) = faults_of(Environment({"LOUDHAILER_SITE_FILE": str(tmp_path / "gone.toml")}))
    assert "gone.toml" in line


def test_reading_the_configuration_imports_nothing_heavy():
    """`--help` must be quick, so settings and site file import no library."""
    code = (
        "import sys, bot.configuration, bot.redact\n"
        "heavy = {'pydantic', 'aiohttp', 'aiogram', 'tortoise', 'numpy', 'cv2', 'yarl'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "."},
        cwd=Path(__file__).resolve().parents[3],
    )
    assert run.stdout.strip() == "[]"
