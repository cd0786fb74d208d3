"""Every role against every verb, as the manual's table of rights has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.case import Case, State
from bot.domain.command import Verb
from bot.domain.error import Refused
from bot.domain.rights import MUTE_AT_MOST_MINUTES, PARTY, RIGHTS, require, who_may
from bot.domain.role import Role
from tests.support.cases import opened

LOOK = (
    "cases case card status report cameras snapshot duty handover link whoami chatid help language "
    "confirm cancel"  # what was read back; the right to do it is asked for then
)
ADDED: dict[Role, str] = {
    Role.VIEWER: LOOK,
    Role.AUDITOR: "",
    Role.COMMUNITY_WORKER: "hazard sos acknowledge arrive rectified say announcements "
    "escalate dispute undo",
    Role.SITE_LEAD: "close false_alarm assign verify mute unmute",
    Role.SUPERVISOR: "reopen",
    Role.ADMIN: "light",
}
"""What each role may beyond the one before it; written down anew, not read from the code."""


def may(role: Role) -> set[str]:
    roles = list(ADDED)
    return {verb for one in roles[: roles.index(role) + 1] for verb in ADDED[one].split()}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", Verb)
def test_a_general_case(role: Role, verb: Verb) -> None:
    """A role may do what stands in its row and in the rows above, and nothing else."""
    if verb.value in may(role):
        require(role, verb, opened(), "li")
    else:
        with pytest.raises(Refused) as refused:
            require(role, verb, opened(), "li")
        assert refused.value.key == "refused.role"
        assert refused.value.params["verb"] is verb


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", [Verb.CLOSE, Verb.FALSE_ALARM])
def test_ending_an_emergency_is_a_supervisors_matter(role: Role, verb: Verb) -> None:
    """A site lead ends general and serious cases, never an emergency."""
    if role in (Role.SUPERVISOR, Role.ADMIN):
        require(role, verb, opened("fall"), "li")
        return
    with pytest.raises(Refused) as refused:
        require(role, verb, opened("fall"), "li")
    lead = role is Role.SITE_LEAD
    assert refused.value.key == ("refused.emergency_supervisor" if lead else "refused.role")


def test_whoever_is_there_is_not_sent_there() -> None:
    """An emergency to which somebody has come wants its supervisor, and nothing else."""
    with pytest.raises(Refused) as refused:
        require(Role.SITE_LEAD, Verb.CLOSE, opened("fall", arrived_by="li"), "li")
    assert refused.value.key == "refused.emergency_supervisor_end"


@pytest.mark.parametrize("verb", [Verb.ACKNOWLEDGE, Verb.ARRIVE, Verb.ESCALATE, Verb.SAY])
def test_anybody_on_the_spot_may_answer_an_emergency(verb: Verb) -> None:
    """Seniority is asked for ending it, not for helping."""
    require(Role.COMMUNITY_WORKER, verb, opened("fall"), "li")


@pytest.mark.parametrize(
    "case",
    [
        opened(state=State.WORK_ORDER),
        opened(state=State.RECTIFIED, state_before=State.WORK_ORDER),
    ],
    ids=["work order", "said to be rectified"],
)
def test_a_work_order_is_closed_by_a_supervisor(case: Case) -> None:
    """The site lead whose party is to repair it does not close it for them."""
    with pytest.raises(Refused) as refused:
        require(Role.SITE_LEAD, Verb.CLOSE, case, "li")
    assert refused.value.key == "refused.work_order_supervisor"
    require(Role.SUPERVISOR, Verb.CLOSE, case, "wang")
    require(Role.SITE_LEAD, Verb.VERIFY, case, "li")


@pytest.mark.parametrize("role", [Role.SITE_LEAD, Role.SUPERVISOR, Role.ADMIN])
def test_nobody_verifies_their_own_work(role: Role) -> None:
    """复查 is for others' work, however senior one is."""
    case = opened(state=State.RECTIFIED, rectified_by="li")
    with pytest.raises(Refused) as refused:
        require(role, Verb.VERIFY, case, "li")
    assert refused.value.key == "refused.own_work"
    require(role, Verb.VERIFY, case, "zhao")


def test_a_community_workers_rectified_comes_with_a_photo() -> None:
    """整改 without a picture is a site lead's word."""
    with pytest.raises(Refused) as refused:
        require(Role.COMMUNITY_WORKER, Verb.RECTIFIED, opened(), "chen", photo=False)
    assert refused.value.key == "refused.photo"
    require(Role.COMMUNITY_WORKER, Verb.RECTIFIED, opened(), "chen", photo=True)
    require(Role.SITE_LEAD, Verb.RECTIFIED, opened(), "li", photo=False)


@pytest.mark.parametrize("verb", Verb)
def test_without_a_role_at_the_site_nothing_is_allowed(verb: Verb) -> None:
    """Somebody of another site is refused before the verb is even looked at."""
    with pytest.raises(Refused) as refused:
        require(None, verb, opened(), "li")
    assert refused.value.key == "refused.other_site"
    assert refused.value.params["site"] == "yard-7"


def test_an_auditor_acts_on_nothing() -> None:
    """The auditor looks at everything a viewer sees and changes nothing."""
    assert RIGHTS[Role.AUDITOR] == RIGHTS[Role.VIEWER]


@pytest.mark.parametrize("verb", Verb)
def test_a_party_takes_puts_right_and_disputes_its_own_work_orders(verb: Verb) -> None:
    """A responsible party's people look, and do these three things."""
    assert (verb in PARTY) == (verb.value in {*LOOK.split(), "acknowledge", "rectified", "dispute"})


def test_a_refusal_can_say_who_could_do_it() -> None:
    """The roles to turn to, for a case of each kind."""
    seniors = {Role.SUPERVISOR, Role.ADMIN}
    assert who_may(Verb.CLOSE) == seniors | {Role.SITE_LEAD}
    assert who_may(Verb.CLOSE, emergency=True) == seniors
    assert who_may(Verb.CLOSE, work_order=True) == seniors
    assert who_may(Verb.FALSE_ALARM, emergency=True) == seniors
    assert who_may(Verb.REOPEN) == seniors
    assert who_may(Verb.ESCALATE, emergency=True) == seniors | {
        Role.SITE_LEAD,
        Role.COMMUNITY_WORKER,
    }


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("hazard", ["no_helmet", "fall"])
def test_who_may_agrees_with_require(role: Role, verb: Verb, hazard: str) -> None:
    """Nobody is sent to a person who would be refused too."""
    case = replace(opened(hazard), state=State.OPEN)
    try:
        require(role, verb, case, "li")
    except Refused:
        assert role not in who_may(verb, emergency=case.emergency)
    else:
        assert role in who_may(verb, emergency=case.emergency)


def test_how_long_one_may_mute() -> None:
    """Two hours for a site lead, a day for a supervisor; who may not mute has no figure."""
    assert MUTE_AT_MOST_MINUTES[Role.SITE_LEAD] == 120
    assert MUTE_AT_MOST_MINUTES[Role.SUPERVISOR] == 1440
    assert set(MUTE_AT_MOST_MINUTES) == who_may(Verb.MUTE)
