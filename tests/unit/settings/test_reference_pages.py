"""The reference says what the code does: every setting, key and hazard has its place in it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from bot.domain.duration import format_duration
from bot.domain.hazard import SHIPPED, SeenRectified
from bot.domain.response import response_table
from bot.domain.site import SiteConfig
from bot.settings import VARIABLES, Environment, Settings, load_settings
from bot.sitefile import load_site
from bot.sitefile.schema import TABLES
from bot.texts.hazards import CONFIRMED, NAMES, SENTENCES

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference"
HEADINGS = {
    "": "The file itself",
    "retention": "`[retention]`",
    "parties.chat": "`chat` of a party",
    "responses": "`[responses.X]`",
    "responses.speak": "`speak` of a response",
    "hazards.name": "`name` of a hazard",
    "canary": "`[canary]`",
}
TABLE = response_table(SiteConfig())


def page(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def sections(text: str, level: int) -> dict[str, str]:
    """What stands under each heading of a level."""
    _, *parts = re.split(rf"^#{{{level}}} ", text, flags=re.MULTILINE)
    return {head: body for head, _, body in (part.partition("\n") for part in parts)}


SETTINGS = sections(page("settings.md"), 3)
SITE_FILE = sections(page("site-file.md"), 2)
HAZARDS = sections(page("hazards.md"), 3)


def test_the_pages_tell_of_nothing_that_does_not_exist():
    assert SETTINGS.keys() == VARIABLES.keys()
    assert HAZARDS.keys() == SHIPPED.keys()
    tables = {HEADINGS.get(name, f"`[[{name}]]`") for name in TABLES}
    assert SITE_FILE.keys() == tables | {"An example"}


@pytest.mark.parametrize("name", ["settings.md", "site-file.md", "hazards.md"])
def test_every_page_begins_with_a_summary_in_chinese(name: str):
    assert "**中文提要**" in "\n".join(page(name).splitlines()[:4])


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_every_setting_has_its_heading_with_meaning_and_default(variable: str):
    (item,) = [item for item in fields(Settings) if item.name == VARIABLES[variable]]
    body = SETTINGS[variable].replace("`", "")
    assert item.metadata["doc"].partition(";")[0].rstrip(".") in body
    default = getattr(load_settings(Environment({})), item.name)
    shown = "none" if default in (None, "") else str(default)
    assert f"Default: {shown or 'SQLite'}" in body
    assert ("*Secret.*" in body) is item.metadata["secret"]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_key_of_the_site_file_has_its_row(name: str):
    rows = [line for line in SITE_FILE[HEADINGS.get(name, f"`[[{name}]]`")].splitlines()
            if line.startswith("| `")]  # fmt: skip
    expected = [
        f"| `{key.name}`{' (must)' if key.required else ''} | {key.doc} |"
        for key in TABLES[name].keys
    ]
    assert rows == expected


def test_the_example_is_a_site_file(tmp_path: Path):
    example = re.search(r"```toml\n(.*?)```", page("site-file.md"), re.DOTALL)
    assert example is not None
    path = tmp_path / "site.toml"
    path.write_text(example.group(1), "utf-8")
    environ = {
        "GATE_CAMERA": "rtsp://u:p@10.0.0.5/1",
        "HOOK_SECRET": "0123456789",
        "SMS_URL": "https://sms.example/send",
    }
    config = load_site(path, environ)
    parts = (config.areas, config.sites, config.parties, config.cameras, config.speakers,
             config.chats, config.members, config.alerts, config.duty, config.own_hazards,
             config.responses, config.cameras[0].zones, config.sites[0].responses)  # fmt: skip
    assert all(parts)


@pytest.mark.parametrize("hazard", sorted(SHIPPED))
def test_every_hazard_has_its_heading_with_names_and_sentences(hazard: str):
    body = HAZARDS[hazard]
    words, kind = NAMES[hazard], SHIPPED[hazard]
    assert f"{words.zh} · {words.en} · {kind.severity.word}." in body
    assert f"Seen rectified: {kind.seen_rectified}." in body
    said = [table[hazard] for table in (SENTENCES, CONFIRMED) if hazard in table]
    lines = [line for words in said for line in (f"> {words.zh}", f"> {words.en}")]
    assert [line for line in body.splitlines() if line.startswith("> ")] == lines


def row(hazard: str) -> str:
    """The line of the response table as the page must show it."""
    response, show = TABLE.of(hazard), format_duration
    closes = f"after {show(response.self_close_after)}" if response.may_self_close else "never"
    speak = response.speak
    spoken = f"{speak.repeat} x every {show(speak.every)}, {speak.style}"
    cells = (
        f"`{hazard}`",
        show(response.acknowledge_within),
        show(response.rectify_within),
        closes,
        response.verify,
        response.work_order,
        ", ".join(response.escalate_to),
        show(response.cooldown),
        ", ".join(map(show, response.chase)) or "no",
        spoken if hazard in SENTENCES else "no",
    )
    return f"| {' | '.join(cells)} |"


def test_the_response_table_of_the_page_is_the_one_of_the_code():
    table = sections(page("hazards.md"), 2)["The table"]
    assert [line for line in table.splitlines() if line.startswith("| `")] == [
        row(hazard) for hazard in SHIPPED
    ]


def test_every_meaning_of_seen_rectified_is_explained():
    meanings = sections(page("hazards.md"), 2)['What "seen rectified" means']
    for meaning in SeenRectified:
        assert f"| `{meaning}` |" in meanings
