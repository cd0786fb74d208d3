"""README and docs: what they show is sound, what they link to is there."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.settings import read_environment
from tests.support.configured import faults_of
from tests.support.pages import PAGES, ROOT, Block, anchors, blocks, links, read, without_blocks

SITE_FILES = [block for page in PAGES for block in blocks(page, "toml")]
SETTINGS = [
    block for page in PAGES for block in blocks(page, "ini") if block.text.startswith("LOUDHAILER_")
]
VALUES = "\n".join(
    [
        "GATE_CAMERA=rtsp://user:password@192.0.2.5/stream",
        "HOOK_SECRET=0123456789abcdef",
        "SMS_URL=https://sms.example/send",
    ]
)


def checked(folder: Path, site_file: str, environment: str, monkeypatch) -> list[str]:
    """The faults that `check` finds in a folder with these two files."""
    (folder / "site.toml").write_text(site_file, "utf-8")
    (folder / ".env").write_text(environment, "utf-8")
    monkeypatch.chdir(folder)
    return faults_of(read_environment())


@pytest.mark.parametrize("block", SITE_FILES, ids=str)
def test_every_site_file_shown_passes_check(block: Block, tmp_path: Path, monkeypatch):
    assert checked(tmp_path, block.text, VALUES, monkeypatch) == []


def test_a_fault_in_a_shown_site_file_would_be_found(tmp_path: Path, monkeypatch):
    broken = SITE_FILES[0].text.replace('hazard = "zone_intrusion"', 'hazard = "zone_intrusions"')
    assert len(checked(tmp_path, broken, VALUES, monkeypatch)) == 1


@pytest.mark.parametrize("block", SETTINGS, ids=str)
def test_settings_shown_go_with_the_site_file_beside_them(
    block: Block, tmp_path: Path, monkeypatch
):
    (site_file,) = blocks(block.page, "toml")
    assert checked(tmp_path, site_file.text, block.text, monkeypatch) == []


def test_the_example_environment_can_be_copied(tmp_path: Path, monkeypatch):
    example = read(".env.example")
    assert checked(tmp_path, SITE_FILES[0].text, f"{example}\n{VALUES}", monkeypatch) == []
    uncommented = example.replace("\n#LOUDHAILER", "\nLOUDHAILER").replace("\n#GATE", "\nGATE")
    assert checked(tmp_path, SITE_FILES[0].text, uncommented, monkeypatch) == []


@pytest.mark.parametrize("block", [b for p in PAGES for b in blocks(p, "json")], ids=str)
def test_every_json_shown_is_json(block: Block):
    assert json.loads(block.text)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_project_leads_somewhere(page: str):
    here = (ROOT / page).parent
    for link in links(page):
        split = urlsplit(link)
        if split.scheme:
            continue
        target = (here / split.path).resolve() if split.path else ROOT / page
        assert target.exists(), link
        if split.fragment:
            assert split.fragment in anchors(target.relative_to(ROOT).as_posix()), link


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/")])
def test_every_page_begins_with_a_summary_in_chinese(page: str):
    assert "**中文提要**" in "\n".join(read(page).splitlines()[:4])


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page: str):
    words = without_blocks(page).split("`")[1::2]
    named = [word for word in words if word.startswith(("bot/", "handlers/", "vision/", "voice/",
                                                        "storage/", "tests/", ".ci/"))]  # fmt: skip
    missing = [word for word in named if "NAME" not in word and not (ROOT / word).exists()]
    assert missing == []


def test_the_readme_can_be_read_in_two_minutes():
    """Some 230 words a minute of English prose, and blocks that are looked at, not read."""
    prose = without_blocks("README.md")
    assert len(prose.split()) < 650
    assert "**中文**" in prose


@pytest.mark.parametrize(
    ("ending", "lock"),
    [("bot.py demo", "requirements.lock"), (".venv/bin/pytest -n auto", "requirements-dev.lock")],
)
def test_one_line_of_the_readme_sets_everything_up(ending: str, lock: str):
    """CI takes the two lines out of the README and runs them; they must be there to be taken."""
    lines = [line for block in blocks("README.md", "sh") for line in block.text.splitlines()]
    (line,) = [line for line in lines if line.startswith("python3 -m venv") and lock in line]
    assert line.endswith(ending)


def test_every_top_level_folder_is_in_the_wheel():
    project = tomllib.loads(read("pyproject.toml"))
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert packages == {folder.parent.name for folder in ROOT.glob("*/__init__.py")}


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_left_to_be_filled_in(page: str):
    words = set(without_blocks(page).replace("`", " ").split())
    assert not {word for word in words if word.startswith(("TODO", "TBD", "FIXME", "SETUP_"))}
