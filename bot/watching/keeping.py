"""How keeping goes: the disk, pictures that wait in memory, and emergencies that wait in a journal.

None of them keeps an alarm from people, but for a disk that will soon take nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.retention import gigabytes
from bot.housekeeping import DiskState
from handlers.http.context import Check


class Disk(Protocol):
    """`bot.housekeeping.DiskWatch` is one."""

    state: DiskState | None
    stuck: bool


class Journalled(Protocol):
    """`bot.lastresort.LastResort` is one."""

    @property
    def pending(self) -> int: ...
    @property
    def fault(self) -> str: ...


class Held(Protocol):
    """`storage.keeping.KeptPictures` is one."""

    @property
    def held(self) -> int: ...

    fault: str
    lost: int


@dataclass(frozen=True, eq=False)
class Keeping(Collector):
    """Checks for /readyz, figures for /metrics; `erased` counts by rule, `pruned` by table."""

    disk: Disk
    resort: Journalled
    pictures: Held
    erased: Mapping[str, int]
    pruned: Mapping[str, int]

    def checks(self) -> Sequence[Check]:
        """One line each for the disk, the pictures and the last resort."""
        state = self.disk.state
        safe = state is None or not state.dangerous
        return (
            Check("disk", safe, _disk(state, stuck=self.disk.stuck) if state else "not seen yet"),
            Check("pictures", True, _pictures(self.pictures)),
            Check("journal", True, _journal(self.resort)),
        )

    def collect(self) -> Iterable[Metric]:
        """The figures of this moment; those of the disk are missing before the first look."""
        if (state := self.disk.state) is not None:
            yield _gauge("disk_bytes", "Size of the disk of the data folder.", state.total)
            yield _gauge("disk_free_bytes", "Free of it.", state.free)
            yield _gauge("pictures_bytes", "What pictures and clips take.", state.pictures)
        yield _gauge("disk_stuck", "1 while room is wanted and nothing may go.", self.disk.stuck)
        yield _gauge("pictures_held", "Pictures in memory that no disk has.", self.pictures.held)
        yield _counter(
            "pictures_lost", "Pictures for which memory was too small.", self.pictures.lost
        )
        yield _gauge("journal_pending", "Emergencies not in the database yet.", self.resort.pending)
        told = "1 while the journal of emergencies cannot be written."
        yield _gauge("journal_failing", told, bool(self.resort.fault))
        yield _counted("erased_pictures", "Pictures that went.", "rule", self.erased)
        yield _counted("pruned_rows", "Rows that went, being old.", "table", self.pruned)


def _disk(state: DiskState, *, stuck: bool) -> str:
    free = f"{gigabytes(state.free)} of {gigabytes(state.total)} free"
    pictures = f"pictures take {gigabytes(state.pictures)} of {gigabytes(state.quota)}"
    return f"{free}, {pictures}" + (", and nothing may be erased" if stuck else "")


def _pictures(pictures: Held) -> str:
    told = f"{pictures.held} in memory only, {pictures.lost} lost"
    return f"{told}: {pictures.fault}" if pictures.fault else told


def _journal(resort: Journalled) -> str:
    told = f"{resort.pending} emergencies not recorded yet"
    return f"{told}; no journal: {resort.fault}" if resort.fault else told


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"loudhailer_{name}", told, float(value))


def _counter(name: str, told: str, value: float) -> Metric:
    return CounterMetricFamily(f"loudhailer_{name}", told, value)


def _counted(name: str, told: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"loudhailer_{name}", told, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
