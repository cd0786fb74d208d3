"""Typed settings: the only reader of the environment and of `.env`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bot.domain.secret import MASK, Secret
from bot.envfile import parse_env
from bot.fault import ConfigFaults, Fault, sentence, shown, suggestion
from bot.settingvalues import (
    Wrong,
    database,
    one_of,
    path,
    port,
    public_url,
    readable_file,
    secret_url,
    time_of_day,
    token,
    url,
)
from bot.sitefile.load import decode, read_bytes

PREFIX = "LOUDHAILER_"
PROCESS = "environment"
"""What stands for a file name where a variable came from the process itself."""


def _is(read: Callable[[str], Any], doc: str, *, secret: bool = False) -> dict[str, Any]:
    return {"read": read, "doc": doc, "secret": secret}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; the variable is the name in capitals after LOUDHAILER_. An empty variable
    is the same as none. Its meaning stands in the field's metadata under `doc`."""

    site_file: Path = field(
        default=Path("site.toml"),
        metadata=_is(path, "The site file: sites, cameras, chats, people."),
    )
    data_dir: Path = field(
        default=Path("data"),
        metadata=_is(path, "Folder of database, pictures and sounds; models lie in its `models`."),
    )
    database_url: Secret = field(
        default=Secret(""),
        metadata=_is(
            database,
            "sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME; by default SQLite in DATA_DIR.",
            secret=True,
        ),
    )
    redis_url: Secret | None = field(
        default=None,
        metadata=_is(
            secret_url("redis", "rediss", "unix", host=False),
            "Redis for wake-ups between processes; without it they look once a second.",
            secret=True,
        ),
    )
    http_host: str = field(
        default="127.0.0.1", metadata=_is(str, "Address that the HTTP server listens on.")
    )
    http_port: int = field(default=8080, metadata=_is(port, "Its port; 0: any free one."))
    public_url: str = field(
        default="",
        metadata=_is(public_url, "How browsers and other systems reach the server."),
    )
    tls_cert: Path | None = field(
        default=None,
        metadata=_is(readable_file, "Certificate chain (PEM); the server then speaks TLS."),
    )
    tls_key: Path | None = field(
        default=None, metadata=_is(readable_file, "Private key of the certificate (PEM).")
    )
    telegram_token: Secret | None = field(
        default=None, metadata=_is(token, "The bot's token from BotFather.", secret=True)
    )
    telegram_api: str = field(
        default="https://api.telegram.org",
        metadata=_is(url("http", "https"), "Base URL of the Bot API server."),
    )
    telegram_webhook_url: str = field(
        default="",
        metadata=_is(url("http", "https"), "Where Telegram posts updates; empty: polling."),
    )
    proxy: Secret | None = field(
        default=None,
        metadata=_is(
            secret_url("http", "https", "socks4", "socks5"),
            "Proxy of outgoing calls.",
            secret=True,
        ),
    )
    heartbeat_url: Secret | None = field(
        default=None,
        metadata=_is(
            secret_url("http", "https", always=True),
            "Called once a minute while all is well, for a monitor outside.",
            secret=True,
        ),
    )
    checkpoint_at: str = field(
        default="20:00",
        metadata=_is(
            time_of_day,
            "When the evening's witness of all evidence is told to the admins, by the first site's "
            "clock.",
        ),
    )
    hearing: str = field(
        default="light",
        metadata=_is(
            one_of("light", "whisper", "off"),
            "What understands voice notes: light, whisper (openai-whisper, the extra whisper) or "
            "off.",
        ),
    )
    log_format: str = field(
        default="console", metadata=_is(one_of("console", "json"), "console or json.")
    )
    log_level: str = field(
        default="info",
        metadata=_is(one_of("debug", "info", "warning", "error"), "debug, info, warning or error."),
    )

    @property
    def models_dir(self) -> Path:
        """Where the model store keeps its files."""
        return self.data_dir / "models"

    @property
    def database(self) -> Secret:
        """The database's URL; SQLite in the data dir where none was set."""
        if self.database_url:
            return self.database_url
        return Secret(f"sqlite://{self.data_dir / 'loudhailer.sqlite3'}", listed=False)


VARIABLES: Mapping[str, str] = {PREFIX + item.name.upper(): item.name for item in fields(Settings)}
"""Every variable, and the field it fills."""


@dataclass(frozen=True)
class Environment:
    """Variables of the process over those of `.env`, and where each stands."""

    values: Mapping[str, str]
    places: Mapping[str, tuple[str, int | None]] = field(
        default_factory=dict[str, tuple[str, int | None]]
    )
    faults: tuple[Fault, ...] = ()


def read_environment(
    environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")
) -> Environment:
    """The process's variables (or those given), completed by a `.env` file where there is one."""
    given = os.environ if environ is None else environ
    values: dict[str, str] = {}
    places: dict[str, tuple[str, int | None]] = {}
    faults: list[Fault] = []
    if env_file is not None and env_file.is_file():
        for line in parse_env(decode(env_file, read_bytes(env_file))):
            if line.value is None:
                message = sentence("env_line", _language(given))
                faults.append(Fault(str(env_file), line.line, "", None, message))
            else:
                values[line.name] = line.value
                places[line.name] = (str(env_file), line.line)
    for name, value in given.items():
        values[name] = value
        places[name] = (PROCESS, None)
    return Environment(values, places, tuple(faults))


def load_settings(environment: Environment, language: str | None = None) -> Settings:
    """The settings of an environment; raises ConfigFaults with all that is wrong."""
    language = language or _language(environment.values)
    values: dict[str, Any] = {}
    faults = [*environment.faults, *_unknown(environment, language)]
    by_name = {item.name: item for item in fields(Settings)}
    for variable, name in VARIABLES.items():
        text = environment.values.get(variable, "").strip()
        if not text:
            continue
        try:
            values[name] = by_name[name].metadata["read"](text)
        except Wrong as wrong:
            value = MASK if by_name[name].metadata["secret"] else text
            message = sentence(wrong.key, language, **wrong.params)
            faults.append(_fault(environment, variable, message, value))
    faults += _halves(environment, language)
    if faults:
        raise ConfigFaults(faults)
    return Settings(**values)


def _language(environ: Mapping[str, str]) -> str:
    """The language of the person at the terminal."""
    spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "zh" if spoken.startswith("zh") else "en"


def _fault(environment: Environment, variable: str, message: str, value: str | None) -> Fault:
    file, line = environment.places.get(variable, (PROCESS, None))
    return Fault(file, line, variable, None if value is None else shown(value), message)


def _unknown(environment: Environment, language: str) -> Iterator[Fault]:
    for variable in environment.values:
        if variable.startswith(PREFIX) and variable not in VARIABLES:
            near = suggestion(variable, VARIABLES, language)
            message = sentence("unknown_setting", language, near=near)
            yield _fault(environment, variable, message, None)


def _halves(environment: Environment, language: str) -> Iterator[Fault]:
    """A certificate without its key, or the other way round."""
    pair = (PREFIX + "TLS_CERT", PREFIX + "TLS_KEY")
    given = [name for name in pair if environment.values.get(name, "").strip()]
    if len(given) == 1:
        other = next(name for name in pair if name not in given)
        yield _fault(environment, given[0], sentence("together", language, key=other), None)


def has_screen() -> bool:
    """Whether there is a desktop to open a browser on."""
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform != "linux" or bool(shown)


def service_manager() -> tuple[str, float]:
    """Where systemd wants to hear of us, "" where it does not run us; and how often, in seconds.

    0: it does not watch. Source: https://www.freedesktop.org/software/systemd/man/sd_notify.html
    """
    watched = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    every = os.environ.get("WATCHDOG_USEC", "") if watched else ""
    seconds = int(every) / 1_000_000 if every.isdecimal() else 0.0
    return os.environ.get("NOTIFY_SOCKET", ""), seconds
