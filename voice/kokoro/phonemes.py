"""Text to phonemes: each script by its own rules, so that a sentence may hold both."""

from __future__ import annotations

import re
from collections.abc import Callable

from voice.kokoro.mandarin import mandarin_phonemes

LONGEST = 400
"""Phonemes at a time; the network takes 510 and reads long ones ever faster."""

RUNS = re.compile(r"([\u3400-\u9fff]+)|([A-Za-z0-9](?:[A-Za-z0-9' -]*[A-Za-z0-9])?)|([^\s])")
MARKS = str.maketrans("，、。．！？；：（）“”《》「」【】", ",,..!?;:()“”“”“”“”")
KNOWN_MARKS = ",.!?;:()“”"
ENDS = re.compile(r"(?<=[.!?])\s+")
PAUSES = re.compile(r"(?<=[,;:])\s+")


def phonemes_of(text: str, latin: Callable[[str], str]) -> str:
    """The whole text; `latin` reads what is written in Latin letters. Other signs are not read."""
    said = ""
    for chinese, letters, mark in RUNS.findall(text):
        if mark:
            known = mark.translate(MARKS)
            said += f"{known} " if known in KNOWN_MARKS else ""
        else:
            gap = "" if not said or said[-1] in " (“" else " "
            said += gap + (mandarin_phonemes(chinese) if chinese else latin(letters))
    return " ".join(said.split())


def breaths(phonemes: str) -> list[str]:
    """What is said in one go: whole sentences where they fit, else what stands between pauses."""
    said: list[str] = []
    for sentence in ENDS.split(phonemes):
        pieces = [sentence] if len(sentence) <= LONGEST else PAUSES.split(sentence)
        for piece in (part for long in pieces for part in _cut(long)):
            if said and len(said[-1]) + len(piece) < LONGEST:
                said[-1] = f"{said[-1]} {piece}"
            else:
                said.append(piece)
    return [piece for piece in said if piece]


def _cut(piece: str) -> list[str]:
    """A piece without any pause, cut between words where there is one."""
    cut = []
    while len(piece) > LONGEST:
        at = piece.rfind(" ", 1, LONGEST)
        at = at if at > 0 else LONGEST
        cut.append(piece[:at])
        piece = piece[at:].lstrip()
    return [*cut, piece]
