"""Connections: how often those kept open are tried, and how soon the network repeats."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from bot.channels.telegram import warmth
from bot.channels.telegram.sockets import REPEATED_WITHIN_MS, wary_socket
from bot.channels.telegram.warmth import Warmth
from bot.domain.error import DeliveryError, Rejected, RetryLater
from tests.support.patience import until

HOUR = 3600.0


class Line:
    """What a knock meets: so many seconds until the answer, or none."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds, self.is_cut = seconds, False
        self.answered = self.failed = 0

    async def knock(self) -> None:
        await asyncio.sleep(self.seconds)
        if self.is_cut:
            self.failed += 1
            raise RetryLater("cut")
        self.answered += 1


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of a second is slow here, and comes again as soon."""
    monkeypatch.setattr(warmth, "_SLOW_S", 0.01)
    monkeypatch.setattr(warmth, "_AGAIN_S", 0.01)


@pytest.mark.usefixtures("soon")
async def test_on_a_slow_line_the_network_learns_how_long_an_answer_takes() -> None:
    """Eight answers on each connection, one after the other; then it is quiet for an hour."""
    line = Line(0.02)
    async with Warmth([line.knock] * 3, HOUR).kept():
        await until(lambda: line.answered == 24)
        await asyncio.sleep(0.1)
    assert line.answered == 24


async def test_on_a_quick_line_one_answer_is_enough() -> None:
    """There is nothing to be learnt."""
    line = Line()
    async with Warmth([line.knock] * 3, HOUR).kept():
        await until(lambda: line.answered == 3)
        await asyncio.sleep(0.1)
    assert line.answered == 3


@pytest.mark.usefixtures("soon")
async def test_after_a_gap_it_is_learnt_anew() -> None:
    """The connections of before are gone."""
    line = Line(0.02)
    async with Warmth([line.knock], 0.05).kept():
        await until(lambda: line.answered == 8)
        line.is_cut = True
        await until(lambda: line.failed >= 2)
        line.is_cut, line.answered = False, 0
        await until(lambda: line.answered >= 8)


@pytest.mark.usefixtures("soon")
async def test_a_refusal_is_an_answer() -> None:
    """A wrong token, or too many questions: asking again at once helps nothing."""
    for refusal in (Rejected("Unauthorized"), RetryLater("too many", 30.0)):
        asked: list[float] = []

        async def knock(refusal: DeliveryError = refusal, asked: list[float] = asked) -> None:
            asked.append(0)
            raise refusal

        async with Warmth([knock], HOUR).kept():
            await until(lambda asked=asked: asked)
            await asyncio.sleep(0.1)
        assert len(asked) == 1


async def test_one_that_keeps_none_asks_nothing() -> None:
    """Nor does it keep the loop busy."""
    async with asyncio.timeout(5), Warmth([], HOUR).kept():
        await asyncio.sleep(0.05)


def test_the_network_repeats_lost_words_twice_within_three_seconds() -> None:
    """And a picture as it thinks best."""
    words, pictures = repeated_within(words=True), repeated_within(words=False)
    if words is None:
        pytest.skip("a kernel that cannot be told (Linux before 6.15)")
    assert words == REPEATED_WITHIN_MS
    assert 2 * words < 3_000
    assert pictures != words


def repeated_within(*, words: bool) -> int | None:
    """What the kernel says, in milliseconds; None where it does not know of it."""
    made = wary_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1)), words=words)
    with made, contextlib.suppress(OSError):
        return made.getsockopt(socket.IPPROTO_TCP, 44)
    return None
