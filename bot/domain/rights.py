"""Who may do what: one table of roles, and the few rules that a table cannot hold.

Roles are given per site by the configuration; this module only asks what the role at the case's
site allows.  A refusal says who could do it instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.case import Case
from bot.domain.command import Verb
from bot.domain.error import Refused
from bot.domain.role import Role

_LOOK = frozenset(
    {
        Verb.CASES,
        Verb.CASE,
        Verb.STATUS,
        Verb.REPORT,
        Verb.CAMERAS,
        Verb.SNAPSHOT,
        Verb.DUTY,
        Verb.HANDOVER,
        Verb.WHOAMI,
        Verb.CHATID,
        Verb.HELP,
        Verb.LANGUAGE,
        Verb.LINK,
    }
)
_COMMUNITY = _LOOK | {
    Verb.ACKNOWLEDGE,
    Verb.ARRIVE,
    Verb.RECTIFIED,
    Verb.SAY,
    Verb.ESCALATE,
    Verb.DISPUTE,
    Verb.HAZARD,
    Verb.SOS,
    Verb.UNDO,
}
_LEAD = _COMMUNITY | {
    Verb.CLOSE,
    Verb.FALSE_ALARM,
    Verb.ASSIGN,
    Verb.VERIFY,
    Verb.MUTE,
    Verb.UNMUTE,
}
_SUPERVISOR = _LEAD | {Verb.REOPEN}

RIGHTS: Mapping[Role, frozenset[Verb]] = {
    Role.VIEWER: _LOOK,
    Role.AUDITOR: _LOOK,
    Role.COMMUNITY_WORKER: _COMMUNITY,
    Role.SITE_LEAD: _LEAD,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: _SUPERVISOR,
}
"""Role -> what it may do at its sites."""

PARTY = _LOOK | {Verb.ACKNOWLEDGE, Verb.RECTIFIED, Verb.DISPUTE}
"""What a responsible party's own people may do, on the party's own work orders."""

MUTE_AT_MOST_MINUTES: Mapping[Role, int] = {
    Role.SITE_LEAD: 120,
    Role.SUPERVISOR: 24 * 60,
    Role.ADMIN: 24 * 60,
}

_ENDS_EMERGENCY = frozenset({Verb.CLOSE, Verb.FALSE_ALARM})
_SENIOR = frozenset({Role.SUPERVISOR, Role.ADMIN})


def require(role: Role | None, verb: Verb, case: Case | None, member: str) -> None:
    """Raise `Refused` unless the role (None: none at this site) may do `verb` on `case`."""
    number = case.number if case else None
    if role is None:
        raise Refused("refused.other_site", case=number, site=case.site if case else None)
    if verb not in RIGHTS[role]:
        raise Refused("refused.role", role=role, verb=verb, case=number)
    if case is None:
        return
    if case.emergency and verb in _ENDS_EMERGENCY and role not in _SENIOR:
        raise Refused("refused.emergency_supervisor", case=number, verb=verb)
    if _judges_own_work(role, verb, case, member):
        raise Refused("refused.own_work", case=number)


def who_may(verb: Verb, emergency: bool = False) -> frozenset[Role]:
    """The roles that may do `verb` (to an emergency): who to turn to."""
    able = {role for role, verbs in RIGHTS.items() if verb in verbs}
    if emergency and verb in _ENDS_EMERGENCY:
        able &= _SENIOR
    return frozenset(able)


def _judges_own_work(role: Role, verb: Verb, case: Case, member: str) -> bool:
    """A site lead verifies others' work, not their own."""
    return verb is Verb.VERIFY and role is Role.SITE_LEAD and case.rectified_by == member
