"""A site whose names the sentences say."""

from __future__ import annotations

import pytest

from bot.domain.secret import Secret
from bot.domain.site import Camera, Site, SiteConfig, Speaker, Zone
from handlers.spoken.lexicon import Lexicon, lexicon_of

PIT = Zone("pit", "基坑", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), aliases=("坑里",))
CONFIG = SiteConfig(
    sites=(Site("yard-7", "七号工地", aliases=("老工地",)), Site("yard-8", "八号工地")),
    cameras=(
        Camera("gate", "yard-7", "大门", ("门口",), zones=(PIT,)),
        Camera("cam-4", "yard-7", "四号摄像头"),
        Camera("hall", "yard-8", "大厅"),
    ),
    speakers=(Speaker("gate-horn", "yard-7", "大门喇叭", Secret("browser:"), aliases=("老喇叭",)),),
)


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The names of yard-7."""
    return lexicon_of(CONFIG, ["yard-7"])
