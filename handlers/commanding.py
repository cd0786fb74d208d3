"""What a message turns into: a command with its actor, or the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.casework.replying import SAID
from bot.domain.command import Actor, Command, Verb
from bot.domain.error import NotFound, Refused
from bot.domain.message import Incoming
from bot.domain.site import Member
from handlers.intercom import content_of

CONSOLE = "console"
"""The channel on which whoever types is at our own page."""

ON_QUESTIONS = frozenset({Verb.CONFIRM, Verb.CANCEL})


@dataclass(frozen=True, slots=True)
class Meant:
    """A message understood: the command, or why it cannot be one.  `adopt`: see `Reply`."""

    command: Command
    refused: Refused | NotFound | None = None
    adopt: str | None = None

    def about(self, case: int | None) -> bool:
        """Whether it concerns just this case."""
        return case is not None and self.command.cases == (case,)


def command_of(
    incoming: Incoming,
    member: Member | None,
    verb: Verb,
    received_at: int,
    cases: tuple[int, ...],
    *,
    args: dict[str, Any],
    reason: str = "",
    seq: int | None = None,
    passed: bool = True,
) -> Command:
    """The command that a message or a press asks for; adds what it is known by to `args`."""
    sender = incoming.sender
    account = f"{incoming.channel}:{sender.id}"
    actor = Actor(
        member=member.id if member else f"?{account}"[:32],
        name=member.name if member else sender.name,
        via=incoming.channel,
    )
    args["account"] = account
    if incoming.spoken:
        args[SAID] = incoming.text
    return Command(
        id=incoming.command_id,
        actor=actor,
        verb=verb,
        sent_at=incoming.sent_at or received_at,
        cases=cases,
        reason=reason,
        seq=seq,
        passed=passed,
        chat=incoming.chat,
        media=incoming.media,
        args=args,
        content=content_of(incoming),
    )


def unknown_sender(
    incoming: Incoming, member: Member | None, *, press: bool = False
) -> Refused | None:
    """Why somebody is not served whom we do not know."""
    if incoming.sender.anonymous:
        return Refused("refused.anonymous")
    if member is None:
        return Refused("refused.stranger_press" if press else "refused.stranger")
    return None
