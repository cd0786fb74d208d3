"""What the page is told of what there is."""

from __future__ import annotations

import pytest

from bot.domain.secret import Secret
from bot.domain.site import Speaker
from handlers.console import wire
from tests.support.console_house import CONFIG


@pytest.mark.parametrize(
    ("url", "one_way"), [("rtp://239.255.12.42:5004", True), ("sip:100@10.0.0.9", False)]
)
def test_a_page_by_rtp_is_known_to_go_one_way(url: str, one_way: bool) -> None:
    """It must not be shown as a device that answers."""
    horn = Speaker("road", "yard-7", "道路广播", Secret(url, listed=False))
    assert wire.speaker(horn, CONFIG, sounds_here=False)["one_way"] is one_way
