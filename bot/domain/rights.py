"""Who may do what: one table of roles, and the few rules that a table cannot hold.

Roles are given per site by the configuration; this module only asks what the role at the case's
site allows.  A refusal says who could do it instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.case import Case, State
from bot.domain.command import Verb
from bot.domain.error import Refused
from bot.domain.role import Role

_LOOK = frozenset(
    {
        Verb.CASES,
        Verb.CASE,
        Verb.CARD,
        Verb.CONFIRM,
        Verb.CANCEL,
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
    Verb.ANNOUNCEMENTS,
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
    Role.ADMIN: _SUPERVISOR | {Verb.LIGHT},
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
SENIOR = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Who ends emergencies, closes work orders and may use a horn by night."""


def require(
    role: Role | None, verb: Verb, case: Case | None, member: str, *, photo: bool = True
) -> None:
    """Raise `Refused` unless the role (None: none at this site) may do `verb` on `case`.

    `photo`: whether a picture comes with it, which a community worker's 整改 needs as its proof.
    """
    number = case.number if case else None
    if role is None:
        raise Refused("refused.other_site", case=number, site=case.site if case else None)
    if verb not in RIGHTS[role]:
        raise Refused("refused.role", role=role, verb=verb, case=number)
    if verb is Verb.RECTIFIED and role is Role.COMMUNITY_WORKER and not photo:
        raise Refused("refused.photo", case=number)
    if case is not None:
        _require_on(case, role, verb, member)


def who_may(verb: Verb, emergency: bool = False, work_order: bool = False) -> frozenset[Role]:
    """The roles that may do `verb` (to an emergency, a work order): who to turn to."""
    able = {role for role, verbs in RIGHTS.items() if verb in verbs}
    ends_emergency = emergency and verb in _ENDS_EMERGENCY
    if ends_emergency or (work_order and verb is Verb.CLOSE):
        able &= SENIOR
    return frozenset(able)


def _require_on(case: Case, role: Role, verb: Verb, member: str) -> None:
    if case.emergency and verb in _ENDS_EMERGENCY and role not in SENIOR:
        there = "_end" if case.arrived_by else ""
        raise Refused(f"refused.emergency_supervisor{there}", case=case.number, verb=verb)
    if verb is Verb.CLOSE and _is_work_order(case) and role not in SENIOR:
        raise Refused("refused.work_order_supervisor", case=case.number)
    if verb is Verb.VERIFY and case.rectified_by == member:
        raise Refused("refused.own_work", case=case.number)


def _is_work_order(case: Case) -> bool:
    """Whether it is one, or is one that is said to be rectified."""
    return State.WORK_ORDER in (case.state, case.state_before)
