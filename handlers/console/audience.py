"""Who sees what on the console: pure questions to the configuration."""

from __future__ import annotations

from bot.domain.role import Role
from bot.domain.site import Camera, Chat, Member, Purpose, Site, SiteConfig, Speaker

CONSOLE = "console"


def sites_of(config: SiteConfig, member: Member) -> tuple[Site, ...]:
    """The sites on which a member has a role."""
    return tuple(site for site in config.sites if config.role_of(member.id, site.id))


def may_see(config: SiteConfig, member: Member, chat: Chat) -> bool:
    """Cases: a role on one of the chat's sites.  Admin chats: admins.  A party's: its people."""
    if chat.purpose is Purpose.PARTY:
        return any(party.chat == chat and party.id == member.party for party in config.parties)
    roles = {
        config.role_of(member.id, site.id) for site in config.sites if config.covers(chat, site.id)
    } - {None}
    return Role.ADMIN in roles if chat.purpose is Purpose.ADMIN else bool(roles)


def chats_of(config: SiteConfig, member: Member) -> tuple[Chat, ...]:
    """The console chats that a member may see, cases before the rest."""
    of_parties = (party.chat for party in config.parties if party.chat)
    every = {chat.key: chat for chat in (*config.chats, *of_parties) if chat.channel == CONSOLE}
    seen = [chat for chat in every.values() if may_see(config, member, chat)]
    return tuple(sorted(seen, key=lambda chat: chat.purpose is not Purpose.CASES))


def own_chat(member: Member) -> str:
    """The id of a member's private chat with the program."""
    return f"@{member.id}"


def chat_ids_of(config: SiteConfig, member: Member) -> tuple[str, ...]:
    """Every chat id that a member may read and write, their private one last."""
    return (*(chat.id for chat in chats_of(config, member)), own_chat(member))


def cameras_of(config: SiteConfig, member: Member) -> tuple[Camera, ...]:
    """The cameras of a member's sites, site by site."""
    return tuple(
        camera for site in sites_of(config, member) for camera in config.cameras_of(site.id)
    )


def speakers_of(config: SiteConfig, member: Member) -> tuple[Speaker, ...]:
    """The loudspeakers of a member's sites."""
    ids = {site.id for site in sites_of(config, member)}
    return tuple(speaker for speaker in config.speakers if speaker.site in ids)


def timezone_of(config: SiteConfig, chat: Chat | None) -> str:
    """Where a chat's times are told: at its first site."""
    for site in config.sites:
        if chat is None or config.covers(chat, site.id):
            return site.timezone.key
    return "Asia/Shanghai"
