"""The lock files: pinned, hashed, without any address, and in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = {
    name: (ROOT / name).read_text("utf-8")
    for name in ("requirements.lock", "requirements-dev.lock")
}
PINNED = re.compile(
    r"[a-z0-9-]+==[0-9][\w.+!]*( ; [\w .'<>=!()]+)?"
    r"( \\\n    --hash=sha256:[0-9a-f]{64})+"
)


def declared(extras: Iterable[str] = ()) -> dict[str, Requirement]:
    """The requirements of pyproject.toml by name; those on the project itself are followed."""
    optional = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in optional[extra])]
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one for one in found if one.name != PROJECT["name"]}


def locked(name: str) -> dict[str, str]:
    """Package to version."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCKS[name], re.MULTILINE))


DECLARED = {
    "requirements.lock": declared(),
    "requirements-dev.lock": declared(set(PROJECT["optional-dependencies"]) - {"whisper"}),
}


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_a_version_with_its_hashes_and_nothing_else(name: str):
    rest = PINNED.sub("", LOCKS[name])
    assert rest.strip() == ""


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_stands_in_a_lock_file(name: str):
    assert not re.search(r"://|\bindex\b|@|\.(?:org|com|net|io)\b", LOCKS[name])


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_declared_is_locked_at_a_version_that_fits(name: str):
    versions = locked(name)
    for package, requirement in DECLARED[name].items():
        assert package in versions, f"{package}: make the lock files anew, see docs/development.md"
        assert requirement.specifier.contains(versions[package]), package


def test_the_default_install_is_part_of_the_other_one():
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


@pytest.mark.parametrize("package", ["torch", "ultralytics", "openai-whisper", "opencv-python"])
def test_the_default_install_stays_light(package: str):
    assert package not in locked("requirements.lock")
