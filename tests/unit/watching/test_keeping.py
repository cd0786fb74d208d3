"""What /readyz and /metrics tell of the disk, of pictures in memory and of the journal."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry

from bot.housekeeping import DiskState
from bot.watching.keeping import Keeping

GB = 10**9


def keeping(**parts: Any) -> Keeping:
    """Nothing is wrong but what a test says."""
    state = DiskState(60 * GB, 30 * GB, 2 * GB, 3 * GB, 24 * GB)
    disk = SimpleNamespace(state=parts.pop("state", state), stuck=parts.pop("stuck", False))
    pictures = SimpleNamespace(held=0, lost=0, fault="")
    resort = SimpleNamespace(pending=0, fault="")
    given = {"disk": disk, "resort": resort, "pictures": pictures, "erased": {}, "pruned": {}}
    return Keeping(**{**given, **parts})


def test_a_disk_in_danger_is_no_readiness() -> None:
    """Less than what is to be free is told, a quarter of it is a fault."""
    low = DiskState(60 * GB, 2 * GB, 2 * GB, 3 * GB, 24 * GB)
    full = DiskState(60 * GB, GB // 10, 2 * GB, 3 * GB, 24 * GB)
    for state, fine in ((None, True), (low, True), (full, False)):
        disk, *others = keeping(state=state).checks()
        assert (disk.name, disk.ok) == ("disk", fine)
        assert all(check.ok for check in others)
    assert "nothing may be erased" in keeping(state=low, stuck=True).checks()[0].detail
    assert "2.0 GB of 60.0 GB free" in keeping(state=low).checks()[0].detail


def test_what_waits_for_a_disk_is_told() -> None:
    """Pictures in memory and emergencies in the journal, with the reason."""
    pictures = SimpleNamespace(held=3, lost=1, fault="Read-only file system")
    resort = SimpleNamespace(pending=2, fault="No space left on device")
    told = keeping(pictures=pictures, resort=resort)
    _, held, journal = told.checks()
    assert held.detail == "3 in memory only, 1 lost: Read-only file system"
    assert journal.detail == "2 emergencies not recorded yet; no journal: No space left on device"
    registry = CollectorRegistry()
    registry.register(told)
    figures = {
        "loudhailer_pictures_held": 3,
        "loudhailer_pictures_lost_total": 1,
        "loudhailer_journal_pending": 2,
        "loudhailer_journal_failing": 1,
        "loudhailer_disk_free_bytes": 30 * GB,
        "loudhailer_disk_stuck": 0,
    }
    assert {name: registry.get_sample_value(name) for name in figures} == figures


def test_what_went_is_counted_by_rule() -> None:
    """And rows by their table."""
    registry = CollectorRegistry()
    registry.register(keeping(erased={"keep_free": 7}, pruned={"inbox": 40}))
    erased = registry.get_sample_value("loudhailer_erased_pictures_total", {"rule": "keep_free"})
    pruned = registry.get_sample_value("loudhailer_pruned_rows_total", {"table": "inbox"})
    assert (erased, pruned) == (7, 40)
