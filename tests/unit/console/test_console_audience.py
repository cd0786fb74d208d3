"""Who sees which chat, camera and speaker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.secret import Secret
from bot.domain.site import (
    Area,
    Camera,
    Chat,
    Member,
    Party,
    Purpose,
    Role,
    Site,
    SiteConfig,
    Speaker,
)
from handlers.console import audience

SEVEN = Chat("console:seven", "console", "seven", sites=("yard-7",))
ALL = Chat("console:all", "console", "all")
AREA = Chat("console:area", "console", "area", area="guanlan")
ADMIN = Chat("console:admin", "console", "admin", purpose=Purpose.ADMIN)
OURS = Chat("console:acme", "console", "acme", purpose=Purpose.PARTY)
GROUP = Chat("telegram:-1", "telegram", "-1")
LI = Member("li", "李工", Role.SITE_LEAD, sites=("yard-7",))
ZHAO = Member("zhao", "赵工", Role.SITE_LEAD, sites=("yard-9",))
BOSS = Member("boss", "老板", Role.ADMIN)
FITTER = Member("fitter", "小陈", Role.VIEWER, sites=("nowhere",), party="acme")
HERE = Secret("browser:", listed=False)
CONFIG = SiteConfig(
    areas=(Area("guanlan", "观澜街道"),),
    sites=(Site("yard-7", "七号", area="guanlan"), Site("yard-9", "九号")),
    parties=(Party("acme", "顶峰建设", OURS),),
    cameras=(Camera("gate", "yard-7", "大门"), Camera("door", "yard-9", "门")),
    speakers=(Speaker("horn-7", "yard-7", "喇叭", HERE), Speaker("horn-9", "yard-9", "喇叭", HERE)),
    chats=(ADMIN, SEVEN, ALL, AREA, GROUP),
    members=(LI, ZHAO, BOSS, FITTER),
)


@pytest.mark.parametrize(
    ("member", "seen"),
    [
        (LI, ["seven", "all", "area"]),
        (ZHAO, ["all"]),
        (BOSS, ["seven", "all", "area", "admin"]),
        (FITTER, ["acme"]),
        (Member("stranger", "?"), []),
    ],
)
def test_chats_are_seen_by_those_with_a_role_on_a_site_of_theirs(
    member: Member, seen: list[str]
) -> None:
    """Cases by the sites' people, admin chats by admins, a party's chat by the party."""
    assert [chat.id for chat in audience.chats_of(CONFIG, member)] == seen


def test_a_private_chat_belongs_to_one_person() -> None:
    """Everybody may read and write their own, and nobody another's."""
    assert audience.chat_ids_of(CONFIG, ZHAO) == ("all", "@zhao")


def test_a_role_of_its_own_opens_a_site() -> None:
    """`roles` reaches beyond the member's sites."""
    guest = replace(ZHAO, roles={"yard-7": Role.VIEWER})
    config = replace(CONFIG, members=(guest,))
    assert "seven" in audience.chat_ids_of(config, guest)
    assert [camera.id for camera in audience.cameras_of(config, guest)] == ["gate", "door"]


def test_cameras_and_speakers_are_those_of_ones_sites() -> None:
    """Another yard's pictures are nobody's business."""
    assert [camera.id for camera in audience.cameras_of(CONFIG, LI)] == ["gate"]
    assert [speaker.id for speaker in audience.speakers_of(CONFIG, ZHAO)] == ["horn-9"]
