"""Letting go by rule, so that no disk fills up and nothing is kept longer than it may be.

rounds.py   rows and pictures whose term is over
letting.py  pictures: first the entry, then the file
sweep.py    how much there is on the disk, and files that nobody has
disk.py     a disk that is getting full: who is told, and what goes early
"""

from bot.housekeeping.disk import DiskState, DiskWatch
from bot.housekeeping.letting import LettingGo
from bot.housekeeping.rounds import Rounds
from bot.housekeeping.sweep import Sweep

__all__ = ["DiskState", "DiskWatch", "LettingGo", "Rounds", "Sweep"]
