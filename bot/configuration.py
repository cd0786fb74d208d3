"""Settings and site file together, and what is wrong with both."""

from __future__ import annotations

from pathlib import Path

from bot.domain.site import SiteConfig
from bot.fault import ConfigFaults, Fault
from bot.settings import PREFIX, Environment, Settings, load_settings, read_environment
from bot.sitefile.load import decode, language_of, load_site, read_bytes


def load_configuration(environment: Environment) -> tuple[Settings, SiteConfig]:
    """Settings and site file; raises ConfigFaults with the faults of both."""
    path = Path(environment.values.get(PREFIX + "SITE_FILE", "").strip() or "site.toml")
    faults: list[Fault] = []
    settings = site = None
    try:
        settings = load_settings(environment, _language_of_file(path))
    except ConfigFaults as error:
        faults += error.faults
    try:
        site = load_site(path.expanduser(), environment.values)
    except ConfigFaults as error:
        faults += error.faults
    if settings is None or site is None:
        raise ConfigFaults(faults)
    return settings, site


def site_language(path: Path) -> str:
    """The language of a site file that need not be sound; zh where it says none, en without one."""
    return _language_of_file(path.expanduser()) or "en"


def terminal_language() -> str:
    """The same for whoever types a command, before any settings were read."""
    try:
        values = read_environment().values
    except ConfigFaults:
        return "en"
    return site_language(Path(values.get(PREFIX + "SITE_FILE", "").strip() or "site.toml"))


def _language_of_file(path: Path) -> str | None:
    """The site file's language, so that all faults are told in one; None where it is unreadable."""
    try:
        return language_of(decode(path, read_bytes(path)))
    except ConfigFaults:
        return None
