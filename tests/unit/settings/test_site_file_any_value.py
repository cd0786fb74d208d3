"""Whatever value stands anywhere: the site file is taken, or its faults are told; never a crash."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.fault import ConfigFaults, Fault
from bot.sitefile import load_site

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "site-file.md"
ENVIRON = {
    "GATE_CAMERA": "rtsp://u:p@10.0.0.5/1",
    "HOOK_SECRET": "0123456789",
    "SMS_URL": "https://sms.example/send",
    "ODD": "odd value",
}


def example() -> dict[str, Any]:
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return tomllib.loads(found.group(1))


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    items: Any = ()
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in items:
        yield from paths(item, (*path, step))


def put(document: Any, path: tuple[str | int, ...], value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


def written(value: Any) -> str:
    """The value as TOML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "inf", -math.inf: "-inf"}.get(value, "nan")
    return json.dumps(value)


PATHS = list(paths(example()))
words = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=12)
scalars = (
    words
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.booleans()
    | st.sampled_from(["env:ODD", "env:NONE", "env:", "0s", "yard-7", "://", "rtp://[", "a:b@c"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=100)
@given(st.sampled_from(PATHS), values)
def test_any_value_anywhere_is_taken_or_told(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[str | int, ...], value: Any
):
    document = example()
    put(document, path, value)
    file = tmp_path_factory.getbasetemp() / "any-value.toml"
    lines = [f"{json.dumps(key)} = {written(item)}" for key, item in document.items()]
    file.write_text("\n".join(lines), "utf-8")
    for fault in faults_of(file):
        assert fault.line is not None
        assert "\n" not in str(fault)


def faults_of(file: Path) -> tuple[Fault, ...]:
    try:
        load_site(file, ENVIRON)
    except ConfigFaults as error:
        return error.faults
    return ()
