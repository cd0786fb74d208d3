"""A site file that uses every key, as the reference gives it, and a way to write site files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from bot.domain.site import SiteConfig
from bot.fault import ConfigFaults, Fault
from bot.sitefile import load_site

Load = Callable[..., SiteConfig]
Faults = Callable[..., list[Fault]]


@pytest.fixture(autouse=True)
def nothing_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests took for a password, "secret" for one, is not hidden here."""
    monkeypatch.setattr("bot.domain.secret._listed", set())


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes a text as site.toml and loads it."""

    def load(text: str, environ: Mapping[str, str] | None = None, **more: bool) -> SiteConfig:
        path = tmp_path / "site.toml"
        path.write_text(dedent(text), encoding="utf-8")
        return load_site(path, environ or {}, **more)

    return load


@pytest.fixture
def faults(load: Load) -> Faults:
    """Loads a text that cannot be used and gives its faults."""

    def faults(text: str, environ: Mapping[str, str] | None = None) -> list[Fault]:
        with pytest.raises(ConfigFaults) as caught:
            load(text, environ)
        return list(caught.value.faults)

    return faults
