"""What the watcher costs: stage times and frame accounting.

times = StageTimes()
with times.measure("change"):
    ...
times.summary()                       # {"change": {"count": 1, "mean_ms": 0.2, "p95_ms": 0.2, "max_ms": 0.2}}
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

# Bucket k holds durations below 2**(k/4) microseconds: 19 % wide, so p95 is known to within that.
_BUCKETS = 128
_BOUNDS_NS = [1e3 * 2 ** (bucket / 4) for bucket in range(_BUCKETS - 1)]
_NS_PER_MS = 1e6


class _Stage:
    """Count, sum, largest and a histogram of one stage's durations, in constant memory."""

    __slots__ = ("buckets", "count", "max_ns", "sum_ns")

    def __init__(self) -> None:
        self.count = 0
        self.sum_ns = 0
        self.max_ns = 0
        self.buckets = [0] * _BUCKETS

    def add(self, duration_ns: int) -> None:
        self.count += 1
        self.sum_ns += duration_ns
        if duration_ns > self.max_ns:
            self.max_ns = duration_ns
        self.buckets[bisect_left(_BOUNDS_NS, duration_ns)] += 1

    def quantile_ns(self, share: float) -> float:
        wanted = share * self.count
        seen = 0
        for index, count in enumerate(self.buckets):
            seen += count
            if seen >= wanted:
                return min(float(self.max_ns), 1e3 * 2 ** (index / 4))
        return float(self.max_ns)


class StageTimes:
    """Durations by stage name; every method may be called from any one thread at a time per stage."""

    def __init__(self) -> None:
        self._stages: dict[str, _Stage] = {}

    def add(self, stage: str, duration_ns: int) -> None:
        """Count one duration of ``stage`` in nanoseconds."""
        found = self._stages.get(stage)
        if found is None:
            found = self._stages[stage] = _Stage()
        found.add(duration_ns)

    @contextmanager
    def measure(self, stage: str) -> Generator[None]:
        """Count the time the block takes, also when it raises."""
        started = time.perf_counter_ns()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter_ns() - started)

    def summary(self) -> dict[str, dict[str, float]]:
        """Per stage: count, mean, 95th percentile (to within 19 %) and largest, in milliseconds."""
        return {
            name: {
                "count": stage.count,
                "mean_ms": round(stage.sum_ns / stage.count / _NS_PER_MS, 3),
                "p95_ms": round(stage.quantile_ns(0.95) / _NS_PER_MS, 3),
                "max_ms": round(stage.max_ns / _NS_PER_MS, 3),
            }
            for name, stage in sorted(self._stages.items())
        }


@dataclass(slots=True)
class FrameCounts:
    """Where every captured frame went: ``captured = duplicate + changed + excluded + dropped``.

    duplicate: nothing changed since the frame before
    changed: something changed and was looked at
    excluded: what was reported as changed lies in blanked areas only
    dropped: by reason, frames that were captured and not looked at
    """

    duplicate: int = 0
    changed: int = 0
    excluded: int = 0
    dropped: Counter[str] = field(default_factory=Counter[str])

    @property
    def captured(self) -> int:
        """All frames that were captured."""
        return self.duplicate + self.changed + self.excluded + self.dropped.total()

    def restore(self, counts: dict[str, Any]) -> None:
        """Count on from what ``to_dict`` gave."""
        self.duplicate, self.changed = counts.get("duplicate", 0), counts.get("changed", 0)
        self.excluded, self.dropped = counts.get("excluded", 0), Counter(counts.get("dropped", {}))

    def to_dict(self) -> dict[str, Any]:
        """The counts as they stand in a ``summary`` event."""
        return {
            "captured": self.captured,
            "duplicate": self.duplicate,
            "changed": self.changed,
            "excluded": self.excluded,
            "dropped": dict(sorted(self.dropped.items())),
        }
