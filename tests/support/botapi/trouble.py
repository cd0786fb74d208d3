"""Trouble on demand: what a network and a service do to a client, scripted or at random."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "500",
    "502",
    "429",
    "reset_before",
    "reset_after",
    "timeout_before",
    "timeout_after",
    "truncated",
    "slow",
]
"""500: JSON error. 502: a gateway's HTML page. 429: with retry_after. reset, timeout: the
connection is torn down or hangs, before or after the call took effect. truncated: took effect, the
answer is cut. slow: works, late."""

BEFORE: frozenset[Kind] = frozenset(["500", "502", "429", "reset_before", "timeout_before"])
AFTER: frozenset[Kind] = frozenset(["reset_after", "timeout_after", "truncated"])


@dataclass(frozen=True)
class Trouble:
    """One failure; `seconds` is the retry_after, the length of the hang or the delay."""

    kind: Kind
    seconds: float = 1


@dataclass
class _Scripted:
    method: str
    chat_id: int | None
    trouble: Trouble
    left: int
    skip: int


class TroubleMaker:
    """Decides per call what goes wrong; scripted failures come before random ones."""

    def __init__(self) -> None:
        self._script: list[_Scripted] = []
        self._random = random.Random()
        self._shares: Mapping[Kind, float] = {}
        self._methods: frozenset[str] | None = None
        self._seconds: float = 1
        self._hang_s: float = 1

    def fail_next(
        self,
        method: str,
        kind: Kind,
        times: int = 1,
        *,
        chat_id: int | None = None,
        seconds: float = 1,
        skip: int = 0,
    ) -> None:
        """Let the next `times` calls of `method` ("*": any) fail, after `skip` that succeed."""
        self._script.append(_Scripted(method, chat_id, Trouble(kind, seconds), times, skip))

    def fail_randomly(
        self,
        seed: int,
        shares: Mapping[Kind, float],
        *,
        methods: frozenset[str] | None = None,
        seconds: float = 1,
        hang_s: float = 1,
    ) -> None:
        """Let shares (0..1 each) of all calls, or of `methods`, fail; repeatable by its seed.

        Those that time out hang for `hang_s`.
        """
        self._random = random.Random(seed)
        self._shares, self._methods = shares, methods
        self._seconds, self._hang_s = seconds, hang_s

    def stop_failing(self) -> None:
        """From now on all goes well."""
        self._script.clear()
        self._shares = {}

    def next(self, method: str, chat_id: int | str | None) -> Trouble | None:
        """What happens to this call."""
        for plan in self._script:
            if plan.method not in ("*", method) or plan.chat_id not in (None, chat_id):
                continue
            if plan.skip:
                plan.skip -= 1
                continue
            plan.left -= 1
            if plan.left <= 0:
                self._script.remove(plan)
            return plan.trouble
        return self._by_chance(method)

    def _by_chance(self, method: str) -> Trouble | None:
        if not self._shares or (self._methods is not None and method not in self._methods):
            return None
        dice = self._random.random()
        for kind, share in self._shares.items():
            if dice < share:
                hangs = kind in ("timeout_before", "timeout_after")
                return Trouble(kind, self._hang_s if hangs else self._seconds)
            dice -= share
        return None
