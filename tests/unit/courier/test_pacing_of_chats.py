"""The sliding log of a chat: never more than its limit in any minute, and a reserve kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import WINDOW_MS, Pacing

LIMIT = 20
LANES = ["emergency", "answer", "serious", "general", "reminder"]

attempts = st.lists(
    st.tuples(
        st.integers(0, 9_000),  # ms after the attempt before
        st.sampled_from(LANES),
        st.integers(0, 6_000),  # ms until its outcome is known
        st.booleans(),  # whether the platform may have taken it
    ),
    max_size=150,
)


class Chat:
    """Tries to send; remembers between which moments the platform may have taken each message."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.pacing, self.limit = Pacing(), limit
        self.taken: list[tuple[int, int, str]] = []
        self._under_way: list[tuple[int, bool]] = []

    def attempt(self, now: int, lane: str, lasts: int, counts: bool) -> bool:
        """False where it has to wait."""
        self.settle(now)
        if self.pacing.wait("chat", lane, self.limit, now) > 0:
            return False
        self.pacing.starts("chat")
        self._under_way.append((now + lasts, counts))
        if counts:
            self.taken.append((now, now + lasts, lane))
        return True

    def settle(self, now: int) -> None:
        """Outcomes that are known by now."""
        for end, counts in sorted(one for one in self._under_way if one[0] <= now):
            self.pacing.ends("chat", end, counts=counts)
        self._under_way = [one for one in self._under_way if one[0] > now]


@given(attempts)
def test_no_minute_holds_more_than_the_limit(sequence: list[tuple[int, str, int, bool]]) -> None:
    """Whenever in its flight the platform took each message: even if the one that opens a minute
    was taken as late as can be, and all others as early."""
    chat, now = Chat(), 0
    for pause, lane, lasts, counts in sequence:
        now += pause
        chat.attempt(now, lane, lasts, counts)
    for start, latest, _ in chat.taken:
        others = [s for s, _, _ in chat.taken if s >= start]
        within = [s for s in others if max(s, latest) < latest + WINDOW_MS]
        assert len(within) <= LIMIT


@given(attempts)
def test_a_fifth_is_left_for_emergencies_and_answers(
    sequence: list[tuple[int, str, int, bool]],
) -> None:
    """Other lanes never take more than four fifths of a minute by themselves."""
    chat, now = Chat(), 0
    for pause, lane, lasts, counts in sequence:
        now += pause
        chat.attempt(now, lane if lane not in ("emergency", "answer") else "general", lasts, counts)
    for start, latest, _ in chat.taken:
        within = [s for s, _, _ in chat.taken if start <= s < latest + WINDOW_MS]
        assert len(within) <= LIMIT * 4 // 5


@given(attempts)
def test_who_waits_as_told_may_go_unless_others_went(
    sequence: list[tuple[int, str, int, bool]],
) -> None:
    """The wait is never too long: after it, with nothing else sent, it is over (or short)."""
    chat, now = Chat(), 0
    for pause, lane, _, counts in sequence:
        now += pause
        chat.attempt(now, lane, 0, counts)
    chat.settle(now)
    wait = chat.pacing.wait("chat", "general", LIMIT, now)
    assert 0 <= wait <= WINDOW_MS
    assert chat.pacing.wait("chat", "general", LIMIT, now + wait) == 0


def test_an_emergency_passes_a_chat_full_of_general_cards() -> None:
    """16 of 20 places are taken; the other four are not for the seventeenth card."""
    chat = Chat()
    assert [chat.attempt(n, "general", 0, True) for n in range(17)] == [True] * 16 + [False]
    assert [chat.attempt(20 + n, "emergency", 0, True) for n in range(5)] == [True] * 4 + [False]
    assert chat.pacing.wait("chat", "general", LIMIT, WINDOW_MS - 1) > 0


def test_without_a_limit_nothing_waits() -> None:
    """Unless the platform asks for silence."""
    pacing = Pacing()
    for _ in range(100):
        assert pacing.wait("chat", "reminder", 0, 5) == 0
        pacing.starts("chat")
        pacing.ends("chat", 5, counts=True)
    pacing.hold("chat", 2_000)
    pacing.hold("chat", 1_000)
    assert pacing.wait("chat", "emergency", 0, 500) == 1_500
    assert pacing.wait("other", "reminder", 0, 500) == 0
    assert pacing.wait("chat", "reminder", 0, 2_000) == 0


def test_what_was_sent_before_a_restart_still_counts() -> None:
    """Out of order, too."""
    pacing = Pacing()
    pacing.seed([("chat", 30_000), ("chat", 10_000), ("other", 1)])
    assert pacing.wait("chat", "general", 3, 40_000) == 30_000
    assert pacing.wait("chat", "emergency", 3, 40_000) == 0
    assert pacing.wait("other", "general", 3, 40_000) == 0


def test_a_small_limit_still_lets_something_through() -> None:
    """One a minute is one a minute, in any lane."""
    chat = Chat(limit=1)
    assert chat.attempt(0, "general", 0, True)
    assert not chat.attempt(WINDOW_MS - 1, "emergency", 0, True)
    assert chat.attempt(WINDOW_MS, "general", 0, True)
