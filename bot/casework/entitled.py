"""Whether somebody may do what they want to do, as far as it takes the people to tell."""

from __future__ import annotations

from bot.casework.core import Core
from bot.casework.people import DEACTIVATED
from bot.domain import rights
from bot.domain.case import Case
from bot.domain.command import Command
from bot.domain.error import Refused
from bot.ports import Tx


async def require_active(core: Core, tx: Tx, command: Command) -> None:
    """Nobody acts who was shut out, however lately and by whichever process."""
    member = command.actor.member
    if member is not None and await tx.learned(DEACTIVATED, member) is not None:
        core.people.deactivate(member)
        raise Refused("refused.stranger_press" if command.seq is not None else "refused.stranger")


def require_right(core: Core, command: Command, case: Case) -> None:
    """By the role on the case's site, or as the party that the work order is for."""
    people = core.people
    member = people.active(command.actor.id)
    if member is None:
        raise Refused("refused.stranger")
    if people.is_party_act(member, command.verb, case):
        return
    role = people.config.role_of(member.id, case.site)
    if role is None:
        own = people.member_sites(member)
        raise Refused("refused.other_site", case=case.number, site=case.site, own=own)
    photo = bool(command.args.get("pictures"))
    rights.require(role, command.verb, case, member.id, photo=photo)


def require_assignable(core: Core, command: Command, case: Case) -> None:
    """A case is given only to somebody who has a role on its site."""
    people = core.people
    wanted = str(command.args.get("member") or "")
    here = [m for m in people.config.members_for(case.site) if people.active(m.id)]
    if wanted and wanted not in [member.id for member in here]:
        names = [member.name for member in here]
        raise Refused("refused.no_such_member", case=case.number, text=wanted, names=names)
