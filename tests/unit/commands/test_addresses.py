"""Every printed link leads to where people can open it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.address import only_here, url_at
from bot.app import main
from bot.doctor.devices import speaker
from bot.domain.secret import Secret
from bot.domain.site import Speaker
from bot.settings import Environment, Settings, load_settings

SETTINGS = load_settings(Environment({}))
SECURED = replace(SETTINGS, tls_cert=Path("cert.pem"), tls_key=Path("key.pem"))


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (SETTINGS, "http://localhost:8080"),
        (replace(SETTINGS, http_host="0.0.0.0"), "http://localhost:8080"),
        (replace(SETTINGS, http_host="192.168.1.20"), "http://192.168.1.20:8080"),
        (replace(SETTINGS, http_host="fd00::20"), "http://[fd00::20]:8080"),
        (SECURED, "https://localhost:8080"),
        (replace(SECURED, public_url="https://yard.example"), "https://yard.example"),
    ],
)
def test_the_address_is_the_one_that_answers(settings: Settings, url: str) -> None:
    """By host, certificate and public address."""
    assert url_at(settings, 8080) == url


@pytest.mark.parametrize(
    ("host", "public", "alone"),
    [
        ("127.0.0.1", "", True),
        ("localhost", "", True),
        ("::1", "", True),
        ("0.0.0.0", "", False),
        ("yard.example", "", False),
        ("127.0.0.1", "https://yard.example", False),
    ],
)
async def test_doctor_says_who_can_open_a_speaker_page(host: str, public: str, alone: bool) -> None:
    """A tablet cannot open a page of a service that listens to its own machine alone."""
    settings = replace(SETTINGS, http_host=host, public_url=public)
    assert only_here(settings) is alone
    found = await speaker(Speaker("horn", "yard-7", "Horn", Secret("browser:")), settings)
    assert found.ok
    assert found.mark == ("note" if alone else "ok")
    assert ("LOUDHAILER_HTTP_HOST" in found.line("zh")) is alone


def test_a_console_link_is_made_for_the_host_that_is_listened_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`link create --console`, beside a service on one address of the network."""
    (tmp_path / "site.toml").write_text('[[members]]\nid = "li"\n[[sites]]\nid = "yard-7"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOUDHAILER_HTTP_HOST", "192.168.1.20")
    monkeypatch.delenv("LOUDHAILER_HTTP_PORT", raising=False)
    assert main(["link", "create", "--member", "li", "--console"]) == 0
    assert capsys.readouterr().out.startswith("http://192.168.1.20:8080/login?token=")
