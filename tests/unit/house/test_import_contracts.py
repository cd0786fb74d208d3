"""What import-linter cannot say: who reads the environment, and that no part escapes the layers."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.pages import ROOT, read

PACKAGES = ("bot", "handlers", "vision", "voice", "storage")
MAY_TOUCH_IT = {
    "bot/settings.py": "the only reader",
    "vision/pictures.py": "hands PATH to the worker that decodes, and nothing else",
    "voice/recordings.py": "hands PATH to the worker that decodes, and nothing else",
    "voice/espeak_worker.py": "tells the eSpeak library where its data lie; it reads nothing",
    "storage/registries.py": "hands pip's and npm's own settings on to them",
}
OUTSIDE_THE_LAYERS = {
    "bot.clock",
    "bot.envfile",
    "bot.fault",
    "bot.faultwords",
    "bot.heartbeat",
    "bot.program",
    "bot.redact",
    "bot.settings",
    "bot.settingvalues",
    "bot.sitefile",
}
"""Configuration and its faults; contracts of their own keep the parts from reading it."""


def files() -> Iterator[Path]:
    for folder in PACKAGES:
        yield from sorted((ROOT / folder).rglob("*.py"))


def touches_environment(tree: ast.AST) -> bool:
    """Whether `os.environ` or `os.getenv` occurs, also when imported by name."""
    words = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in words:
            if isinstance(node.value, ast.Name) and node.value.id == "os":
                return True
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            named = {alias.name for alias in node.names}
            if named & words:
                return True
    return False


def test_only_settings_reads_the_environment():
    found = {
        file.relative_to(ROOT).as_posix()
        for file in files()
        if touches_environment(ast.parse(file.read_text("utf-8")))
    }
    assert found == MAY_TOUCH_IT.keys()


@pytest.mark.parametrize(
    "code", ["import os\nos.environ['A']", "import os\nos.getenv('A')", "from os import environ"]
)
def test_a_reader_of_the_environment_would_be_found(code: str):
    assert touches_environment(ast.parse(code))


def test_every_module_of_the_core_has_its_layer():
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = {part.strip() for layer in contracts[0]["layers"] for part in layer.split("|")}
    modules = {
        f"bot.{path.stem}"
        for path in (ROOT / "bot").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"bot.__init__"}
    assert modules == {layer for layer in layers if layer.startswith("bot.")} | OUTSIDE_THE_LAYERS


def test_nothing_from_outside_is_loaded_for_help():
    """`--help` answers at once: only the standard library and our own few lines are imported."""
    code = "import sys; from bot.app import build_parser; build_parser(); print(*sys.modules)"
    ran = subprocess.run(  # no input from outside
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    foreign = {package.partition(".")[0] for package in packages_distributions()} - {"bot"}
    preloaded = {"_virtualenv", "_distutils_hack", "sitecustomize", "usercustomize"}
    assert loaded & foreign <= preloaded
    assert not {"asyncio", "sqlite3", "ssl"} & loaded
