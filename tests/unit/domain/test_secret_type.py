"""A secret shows itself to nobody but the one who asks it to."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass

import pytest

from bot.domain.secret import Secret, has_credentials, listed_secrets, sensitive_parts
from bot.redact import json_text

VALUE = "rtsp://admin:planted-word@10.0.0.9/stream?auth=planted-query"


@dataclass
class Holder:
    url: Secret


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        "{}".format,
        "{!r:>30}".format,
        "{:>20}".format,
        lambda secret: f"{secret}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
        lambda secret: repr(Holder(secret)),
        lambda secret: repr(asdict(Holder(secret))),
        lambda secret: repr([secret, {"a": secret}, copy.deepcopy(secret)]),
        lambda secret: json.dumps({"url": secret}, default=json_text),
        lambda secret: json.dumps({"url": secret}, default=str),
        lambda secret: repr(vars(type("Box", (), {"url": secret}))["url"]),
    ],
)
def test_no_way_of_showing_it_shows_it(show):
    shown = show(Secret(VALUE))
    assert "***" in shown
    assert "planted" not in shown
    assert "10.0.0.9" not in shown


def test_json_does_not_take_it_by_accident():
    with pytest.raises(TypeError):
        json.dumps({"url": Secret(VALUE)})
    with pytest.raises(TypeError):
        json.dumps({"other": object()}, default=json_text)


def test_reveal_gives_the_value_and_equality_compares_it():
    assert Secret(VALUE).reveal() == VALUE
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE
    assert len({Secret(VALUE), Secret(VALUE)}) == 1


def test_an_empty_secret_is_false_and_shows_that_it_is_empty():
    assert not Secret("")
    assert str(Secret("")) == ""
    assert repr(Secret("")) == "Secret('')"


def test_the_parts_of_a_url_that_open_doors_are_secret_by_themselves():
    parts = sensitive_parts("https://u:p%40ssw0rd@host/path?sign=longvalue&n=1")
    assert {"p%40ssw0rd", "p@ssw0rd", "longvalue"} <= parts


def test_what_is_short_or_unlisted_hides_no_other_text():
    Secret("0")
    Secret("a-plain-clip.mp4", listed=False)
    assert not {"0", "a-plain-clip.mp4"} & listed_secrets()


@pytest.mark.parametrize(
    ("url", "has"),
    [
        ("rtsp://10.0.0.9/stream", False),
        ("clip.mp4", False),
        ("push", False),
        ("rtsp://u:p@10.0.0.9/stream", True),
        ("rtsp://token@10.0.0.9/stream", True),
        ("https://host/hook?key=1", True),
        ("http://[broken", True),
    ],
)
def test_credentials_are_seen(url: str, has: bool):
    assert has_credentials(url) is has
