"""What a sound site file asks for and will not come about, and how commands are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import main
from bot.domain.response import response_table
from bot.domain.site import SiteConfig
from bot.program import command_of
from bot.seeing import camera_spec
from bot.sitefile import load_site
from bot.texts.doctor import said
from bot.texts.reasons import reason_in
from vision.errors import SourceError
from vision.rules import hazards, rules_for
from vision.sources import open_source

PEOPLE = """
[[members]]
id = "li"
role = "site_lead"
[[members]]
id = "wang"
role = "supervisor"
"""
SITE = """
language = "{language}"
[[sites]]
id = "yard-7"
[sites.responses.fall]
chase = ["1m"]
[[cameras]]
id = "gate"
site = "yard-7"
source = "{source}"
[[speakers]]
id = "horn"
site = "yard-7"
url = "{url}"
"""
NOT_OPENED = ["rtsp://u:geheim@h/s", "rtsps://h/s", "http://h/s", "https://h/s", "0", "12"]


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """`check` in a folder with that site file: its exit code and lines."""

    def check(**given: str) -> tuple[int, list[str]]:
        values = {"language": "en", "source": "push", "url": "browser:", **given}
        (tmp_path / "site.toml").write_text(SITE.format(**values) + PEOPLE, "utf-8")
        monkeypatch.chdir(tmp_path)
        code = main(["check"])
        return code, capsys.readouterr().out.splitlines()

    return check


@pytest.mark.parametrize("source", NOT_OPENED)
def test_a_source_that_is_not_opened_is_warned_of(checked, source: str) -> None:
    """The keys are valid, so the exit code is 0; and no password shows."""
    code, lines = checked(source=source)
    assert (code, lines[-1]) == (0, "OK")
    (line,) = [line for line in lines if "cameras.gate.source" in line]
    assert line.startswith("warning: ")
    assert "not yet in this version" in line
    assert "geheim" not in line
    with pytest.raises(SourceError, match="cannot be opened here"):
        open_source(source, "gate")


def test_what_works_is_not_warned_of(checked, tmp_path: Path) -> None:
    """In Chinese, only the times of the chase are left over."""
    (tmp_path / "clips").mkdir()
    for source, url in (
        ("push", "browser:"),
        ("clips", "file:out"),
        ("push", "rtp://h:5004"),
        ("push", "local:"),
    ):
        code, lines = checked(language="zh", source=source, url=url)
        assert code == 0
        assert lines[-1] == "OK"
        (warning,) = lines[:-1]
        assert warning.startswith("警告：sites.yard-7.responses.fall.chase：这个版本还不支持：")


def test_a_work_order_at_once_is_warned_of(tmp_path: Path, monkeypatch, capsys) -> None:
    """It comes when it is overdue, and nobody is left to believe otherwise."""
    site = '[[sites]]\nid = "yard-7"\n[responses.no_vest]\nwork_order = "at_once"\n'
    (tmp_path / "site.toml").write_text(f'language = "en"\n{site}{PEOPLE}', "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 0
    warning, _ = capsys.readouterr().out.splitlines()
    assert warning.startswith("warning: responses.no_vest.work_order: not yet in this version: ")
    assert "rectify_within" in warning


ELSEWHERE = """
[[members]]
id = "li"
roles = { yard-8 = "viewer", yard-7 = "site_lead" }
"""


@pytest.mark.parametrize(
    ("language", "people", "told"),
    [
        ("zh", "", "警告：sites.yard-8：没有人是 site_lead、supervisor，"),
        ("en", "", "warning: sites.yard-8: nobody is site_lead, supervisor, so nobody is called"),
        ("en", ELSEWHERE, "warning: sites.yard-8: nobody is site_lead, supervisor, so nobody"),
        (
            "en",
            "[responses.no_vest]\nescalate_to = ['community_worker']\n" + PEOPLE,
            "warning: sites.yard-8: nobody is community_worker, so nobody is called",
        ),
    ],
)
def test_a_site_where_nobody_can_be_called_is_warned_of(
    tmp_path: Path, monkeypatch, capsys, language: str, people: str, told: str
) -> None:
    """Known before the first alarm, and not from the notice that nobody holds that role."""
    sites = '[[sites]]\nid = "yard-7"\n[[sites]]\nid = "yard-8"\n'
    (tmp_path / "site.toml").write_text(f'language = "{language}"\n{sites}{people}', "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert last == "OK"
    assert lines[-1].startswith(told)
    assert len(lines) == (1 if people == ELSEWHERE else 2)


def test_one_who_can_be_called_is_enough(tmp_path: Path, monkeypatch, capsys) -> None:
    """A small site has a supervisor and no lead."""
    people = '[[members]]\nid = "li"\nrole = "supervisor"\n'
    (tmp_path / "site.toml").write_text(f'[[sites]]\nid = "yard-7"\n{people}', "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "OK\n"


ZONED = """
language = "{language}"
[[sites]]
id = "yard-7"
[[cameras]]
id = "roof"
site = "yard-7"
source = "push"
{models}
[[cameras.zones]]
id = "edge"
hazard = "{hazard}"
polygon = [[0, 0], [1, 0], [1, 1], [0, 1]]
"""


def zoned(folder: Path, hazard: str, language: str = "en", models: str = "") -> SiteConfig:
    """A site file with that camera, in that folder."""
    text = ZONED.format(hazard=hazard, language=language, models=models)
    (folder / "site.toml").write_text(text + PEOPLE, "utf-8")
    return load_site(folder / "site.toml", {})


@pytest.mark.parametrize("hazard", ["zone_intrusion", "roof_intrusion", "fall", "no_helmet"])
def test_whatever_hazard_a_zone_has_its_camera_can_be_watched(tmp_path: Path, hazard: str) -> None:
    """What vision cannot judge is a place that others report on, and no reason not to start."""
    config = zoned(tmp_path, hazard)
    spec = camera_spec(config.cameras[0], config, response_table(config))
    watched = {rule.hazard for rule in rules_for(spec) if rule.zone_id == "edge"}
    assert watched == ({hazard} if hazard in hazards() else set())


@pytest.mark.parametrize(("language", "warns"), [("en", "warning: "), ("zh", "警告：")])
def test_a_zone_whose_hazard_is_not_seen_is_warned_of(
    tmp_path: Path, monkeypatch, capsys, language: str, warns: str
) -> None:
    """It is good for reports; nobody is left to believe that the picture is searched for it."""
    monkeypatch.chdir(tmp_path)
    zoned(tmp_path, "no_helmet", language)
    assert main(["check"]) == 0
    warning, _ = capsys.readouterr().out.splitlines()
    assert warning.startswith(f"{warns}cameras.roof.zones.edge.hazard")
    assert all(seen in warning for seen in ("no_helmet", *hazards()))
    zoned(tmp_path, "roof_intrusion", language)
    assert main(["check"]) == 0
    assert capsys.readouterr().out.splitlines() == ["OK"]


@pytest.mark.parametrize(("language", "words"), [("en", "unknown"), ("zh", "没有模型 helmt")])
def test_a_model_that_does_not_exist_is_a_fault(
    tmp_path: Path, monkeypatch, capsys, language: str, words: str
) -> None:
    """`run` could not bring it; one that was added by hand is there."""
    monkeypatch.chdir(tmp_path)
    zoned(tmp_path, "fall", language, 'models = ["helmt"]')
    lines = (tmp_path / "site.toml").read_text("utf-8").splitlines()
    at = lines.index('models = ["helmt"]') + 1
    place = f"site.toml:{at}: cameras[0].models[0]: "
    for command, where in (("check", place), ("run", "cameras.roof.models: ")):
        assert main([command]) == 2
        (told,) = capsys.readouterr().err.splitlines()[-1:]
        assert told.startswith(where)
        assert command == "run" or told.endswith(" (helmt)")
        assert words in told
        assert "models add" in told
    own = tmp_path / "data" / "models" / "helmt"
    own.mkdir(parents=True)
    (own / "any.onnx").write_bytes(b"onnx")
    assert main(["check"]) == 0


@pytest.mark.parametrize(
    ("started", "python", "typed"),
    [
        ("bot.py", "/yard/.venv/bin/python", ".venv/bin/python bot.py"),
        ("/yard/bot.py", "/usr/bin/python3", "/usr/bin/python3 bot.py"),
        ("/yard/.venv/bin/loudhailer", "/yard/.venv/bin/python", ".venv/bin/loudhailer"),
        ("/opt/bin/loudhailer", "/opt/bin/python", "/opt/bin/loudhailer"),
        ("/opt/bin/pytest", "/opt/bin/python", "loudhailer"),
    ],
)
def test_hints_name_the_command_as_it_was_started(started: str, python: str, typed: str) -> None:
    """Typed as it stands in the same folder it starts the same program."""
    assert command_of(Path(started), Path(python), Path("/yard")) == typed


def test_a_chinese_line_gives_its_reason_in_chinese() -> None:
    """The known ones; another is told as it is, and an English line in English."""
    reason = "cannot be read: Permission denied"
    assert reason_in(reason, "zh") == "读不了：没有权限"
    assert reason_in(reason, "en") == reason
    assert reason_in("something else", "zh") == "something else"
    assert "this kind" not in said(
        "camera.fault", "zh", reason="this kind of source cannot be opened here"
    )
