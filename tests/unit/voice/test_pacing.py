"""The clock of packets: it does not drift, and what goes late is counted."""

from __future__ import annotations

import pytest

from voice.pacing import Pacer


class Time:
    """A clock that only sleeping moves, each sleep by `over` seconds too much."""

    def __init__(self, over: float = 0.0) -> None:
        self.now = 100.0
        self.over = over

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + self.over


async def test_packets_go_at_the_beat_however_late_each_was():
    time = Time(over=0.009)
    pacer = Pacer(0.02, now=time, sleep=time.sleep)
    went = []
    for _ in range(1000):
        assert await pacer.turn() == 0
        went.append(time.now)
        time.now += 0.004  # what sending takes
    assert went[-1] - went[0] == pytest.approx(999 * 0.02)
    assert pacer.late_ms() == pytest.approx(9)


async def test_a_short_stall_is_caught_up():
    """A receiver's buffer bridges it."""
    time = Time()
    pacer = Pacer(0.02, now=time, sleep=time.sleep)
    await pacer.turn()
    time.now += 0.07
    assert [await pacer.turn() for _ in range(5)] == [0] * 5
    assert time.now == pytest.approx(100.1)
    assert pacer.late_ms(1.0) == pytest.approx(50)


async def test_a_long_stall_puts_the_rest_off_and_is_told():
    time = Time()
    pacer = Pacer(0.02, now=time, sleep=time.sleep)
    await pacer.turn()
    time.now += 3
    assert await pacer.turn() == pytest.approx(2.98)
    assert await pacer.turn() == 0
    assert time.now == pytest.approx(103.02)
    assert pacer.slipped == pytest.approx(2.98)


async def test_the_first_packet_goes_at_once():
    time = Time()
    await Pacer(0.02, now=time, sleep=time.sleep).turn()
    assert time.now == 100
    assert Pacer(0.02).late_ms() == 0
