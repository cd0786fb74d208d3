"""Who is who: members by their accounts, and what the program has learned about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.canary import CanaryChats
from bot.domain.case import Case, State
from bot.domain.command import Verb
from bot.domain.message import INTERCOM, ChatRef
from bot.domain.rights import PARTY, who_may
from bot.domain.role import Role
from bot.domain.site import Chat, Member, Purpose, Site, SiteConfig
from bot.ports import Learning, Store

IDENTITY = "identity"
DEACTIVATED = "deactivated"
LANGUAGE = "language"
MUTE = "mute"
MOVED = "moved_chat"
USERNAME = "username"
CLOSED = "closed_chat"
UNKNOWN = "unknown_chat"
"""Groups in which we were spoken to although the site file does not name them."""

KINDS = (IDENTITY, DEACTIVATED, LANGUAGE, MOVED, USERNAME, CLOSED)
"""What `People` holds of what is learned."""


class People:
    """The configured members together with the accounts linked to them by invite codes.

    Holds in memory what was learned and is committed: `know` all of it, `hear` one thing more.
    """

    def __init__(self, config: SiteConfig) -> None:
        self.config = config
        self._linked: dict[str, str] = {}
        self._accounts: dict[tuple[str, str], str] = {}
        self._deactivated: set[str] = set()
        self._languages: dict[str, str] = {}
        self._moved: dict[str, str] = {}
        self._usernames: dict[str, str] = {}
        self.closed: set[str] = set()
        """Marks of chats, or of parts of them, that take nothing from us: `bot.casework.reach`."""
        self._marks = {DEACTIVATED: self._deactivated, CLOSED: self.closed}
        self._values = {
            LANGUAGE: (self._languages, "language"),
            USERNAME: (self._usernames, "member"),
            MOVED: (self._moved, "id"),
        }

    def know(self, learned: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Kind -> key -> value of all `KINDS`; what is not in it is forgotten."""
        for known in (*self._marks.values(), *(known for known, _ in self._values.values())):
            known.clear()
        for kind, values in learned.items():
            for key, value in values.items():
                self.hear(Learning(kind, key, value))

    def hear(self, learning: Learning) -> None:
        """One thing that was learned or forgotten."""
        kind, key, value = learning.kind, learning.key, learning.value
        if (marks := self._marks.get(kind)) is not None:
            marks.discard(key) if value is None else marks.add(key)
        elif kind in self._values:
            known, field = self._values[kind]
            known.pop(key, None)
            if value is not None:
                known[key] = value[field]
        elif kind == IDENTITY and value is not None:
            self.link(key, value["member"])

    def canary_chats(self) -> list[ChatRef]:
        """Where a test of delivery is sent; other systems must not take it for a case."""
        chats = list(self.config.chats_for(None, Purpose.ADMIN))
        if self.config.canary.chats is CanaryChats.ALL:
            chats += self.config.every_chat
        by_key = {chat.key: chat for chat in chats if chat.channel != "webhook"}
        return [self.ref_of(chat) for chat in by_key.values()]

    def link(self, account: str, member: str) -> None:
        """`account` is `channel:user id`."""
        channel, _, user = account.partition(":")
        self._linked[account] = member
        self._accounts[channel, member] = user

    def deactivate(self, member: str) -> None:
        """The member may do nothing any more."""
        self._deactivated.add(member)

    def called(self, username: str) -> str | None:
        """The member behind `channel:user name`, in small letters."""
        return self._usernames.get(username)

    def active(self, member: str) -> Member | None:
        """The configured member, unless deactivated."""
        return None if member in self._deactivated else self.config.member(member)

    def member_of(self, channel: str, user: str) -> Member | None:
        """Whose account that is; where people sign in with us it is the member's own id."""
        if channel in ("console", INTERCOM):
            return self.active(user)
        if linked := self._linked.get(f"{channel}:{user}"):
            return self.active(linked)
        if channel != "telegram":
            return None
        found = next((m for m in self.config.members if m.telegram == user), None)
        return self.active(found.id) if found else None

    def user_of(self, member: str, channel: str) -> str | None:
        """A member's user id on a channel, None where they are not linked."""
        if channel == "console":
            return member
        if linked := self._accounts.get((channel, member)):
            return linked
        found = self.config.member(member)
        return found.telegram if found and channel == "telegram" else None

    def language_of(self, channel: str, user: str, fallback: str) -> str:
        """The language an account has chosen."""
        return self._languages.get(f"{channel}:{user}", fallback)

    def chat_config(self, chat: ChatRef) -> Chat | None:
        """The configured chat, by its own or its former id; the very topic before any other."""
        found = self._configured(chat)
        return found[0] if found else None

    def _configured(self, chat: ChatRef) -> list[Chat]:
        """Every configured chat that a place may be: its topic, or where none is said, all."""
        ids = {chat.id, *(old for old, new in self._former_ids(chat.channel) if new == chat.id)}
        here = [c for c in self._chats() if c.channel == chat.channel and c.id in ids]
        exact = [c for c in here if (str(c.topic) if c.topic is not None else None) == chat.topic]
        return exact or here

    def _chats(self) -> list[Chat]:
        config = self.config
        return [*config.chats, *(party.chat for party in config.parties if party.chat)]

    def _former_ids(self, channel: str) -> list[tuple[str, str]]:
        """(old id, new id) of every chat of a channel that has moved."""
        moved = ((old.partition(":"), new) for old, new in self._moved.items())
        return [(rest.partition("/")[0], new) for (name, _, rest), new in moved if name == channel]

    def ref_of(self, chat: Chat) -> ChatRef:
        """Where a configured chat is to be found now."""
        topic = str(chat.topic) if chat.topic is not None else None
        former = dict(self._former_ids(chat.channel))
        return ChatRef(chat.channel, former.get(chat.id, chat.id), topic)

    def sites_of(self, chat: ChatRef, member: Member | None) -> tuple[str, ...]:
        """The sites a chat is about; a private chat is about the member's own."""
        if chat.private:
            own = self.member_sites(member) if member else ()
            return tuple(site for site in own if site in chat.sites) if chat.sites else own
        configured = self._configured(chat)
        return tuple(s.id for s in self.config.sites if any(self._about(c, s) for c in configured))

    def _about(self, chat: Chat, site: Site) -> bool:
        """Whether a chat is about a site; a party's own chat is about the party's sites."""
        if chat.purpose is not Purpose.PARTY:
            return self.config.covers(chat, site.id)
        party = self.config.party(site.responsible_party or "")
        return party is not None and party.chat is not None and party.chat.key == chat.key

    def shows(self, chat: ChatRef, member: Member | None, case: Case) -> bool:
        """Whether a case is one of this chat; a party's own chat has its work orders alone."""
        configured = None if chat.private else self.chat_config(chat)
        for_party = configured is not None and configured.purpose is Purpose.PARTY
        ordered = case.work_order is not None
        return case.site in self.sites_of(chat, member) and (ordered or not for_party)

    def member_sites(self, member: Member) -> tuple[str, ...]:
        """The sites where a member has a role."""
        role_of = self.config.role_of
        return tuple(site.id for site in self.config.sites if role_of(member.id, site.id))

    def holding(self, site: str, roles: Iterable[Role]) -> tuple[Member, ...]:
        """The active members with one of these roles on a site."""
        wanted = frozenset(roles)
        found = self.config.members_for(site)
        return tuple(
            m for m in found if self.config.role_of(m.id, site) in wanted and self.active(m.id)
        )

    def able(self, verb: Verb, case: Case, besides: str = "") -> tuple[str, ...]:
        """Ids of who could do `verb` on this case, the least senior first, `besides` left out."""
        is_order = State.WORK_ORDER in (case.state, case.state_before)
        return self.able_at(case.site, who_may(verb, case.emergency, is_order), besides)

    def able_at(self, site: str, roles: Iterable[Role], besides: str = "") -> tuple[str, ...]:
        """Ids of who has the least of these roles that anybody else has on a site."""
        wanted = frozenset(roles)
        for role in (role for role in Role if role in wanted and role is not Role.ADMIN):
            if found := [m.id for m in self.holding(site, [role]) if m.id != besides]:
                return tuple(found[:3])
        return ()

    def is_party_act(self, member: Member, verb: Verb, case: Case) -> bool:
        """Whether a responsible party's own people act on the party's own work order."""
        site = self.config.site(case.site)
        own = site is not None and member.party and member.party == site.responsible_party
        return bool(own) and verb in PARTY and case.state is State.WORK_ORDER


async def what_was_learned(
    store: Store, kinds: Iterable[str] = KINDS
) -> dict[str, Mapping[str, Mapping[str, Any]]]:
    """All of these kinds, by kind and key."""
    return {kind: await store.all_learned(kind) for kind in kinds}
