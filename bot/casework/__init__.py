"""Use cases: what is done with reports, commands and clocks, one transaction each."""

from bot.casework.answer import Answer, Reply, ReportAnswer
from bot.casework.core import Core
from bot.casework.executor import UNRESOLVED, Casework
from bot.casework.facts import Facts
from bot.casework.intake import Intake
from bot.casework.looking import Looking
from bot.casework.people import People
from bot.casework.readback import READ_BACK, Wish
from bot.casework.timers import Timers

__all__ = [
    "READ_BACK",
    "UNRESOLVED",
    "Answer",
    "Casework",
    "Core",
    "Facts",
    "Intake",
    "Looking",
    "People",
    "Reply",
    "ReportAnswer",
    "Timers",
    "Wish",
]
