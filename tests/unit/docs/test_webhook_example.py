"""The manual's own example verifies what the program signs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot.channels.webhook.signing import signed
from bot.domain.secret import Secret
from tests.support.pages import read

SECRET, BODY = "a-secret-of-the-webhook", '{"text": "大门"}'.encode()


@pytest.fixture
def genuine() -> Callable[[Mapping[str, str], bytes, str], bool]:
    """What the reader is told to write."""
    (example,) = re.findall(
        r"```python\n(import hashlib.*?)```", read("docs/reference/http.md"), re.S
    )
    names: dict[str, Any] = {}
    exec(example, names)
    return names["genuine"]


def headers(now: float) -> dict[str, str]:
    return signed(Secret(SECRET, listed=False), BODY, "12-3-0", int(now * 1000))


def test_it_takes_what_is_ours(genuine: Callable[..., bool]) -> None:
    assert genuine(headers(time.time()), BODY, SECRET)


def test_it_refuses_another_body_secret_time_or_none(genuine: Callable[..., bool]) -> None:
    given = headers(time.time())
    later = {**given, "X-Loudhailer-Time": str(int(given["X-Loudhailer-Time"]) + 1)}
    assert not genuine(given, BODY + b" ", SECRET)
    assert not genuine(given, BODY, "another-secret")
    assert not genuine(later, BODY, SECRET)
    assert not genuine({}, BODY, SECRET)
    assert not genuine({**given, "X-Loudhailer-Time": "soon"}, BODY, SECRET)


def test_it_refuses_what_is_replayed_later(genuine: Callable[..., bool]) -> None:
    assert not genuine(headers(time.time() - 400), BODY, SECRET)
