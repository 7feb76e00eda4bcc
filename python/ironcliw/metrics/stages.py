"""How long each stage of the work takes.

times = StageTimes()
with times.measure("change"):
    ...
times.summary()                       # {"change": {"count": 1, "mean_ms": 0.2, "p95_ms": 0.2, ...}}
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from ironcliw.metrics.histogram import Histogram


class StageTimes:
    """Durations by stage name. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._stages: dict[str, Histogram] = {}

    def add(self, stage: str, duration_ns: int) -> None:
        """Count one duration of ``stage`` in nanoseconds."""
        found = self._stages.get(stage)
        if found is None:
            found = self._stages.setdefault(stage, Histogram())
        found.add(duration_ns)

    @contextmanager
    def measure(self, stage: str) -> Generator[None]:
        """Count the time the block takes, also when it raises."""
        started = time.perf_counter_ns()
        try:
            yield
        finally:
            self.add(stage, time.perf_counter_ns() - started)

    def __contains__(self, stage: object) -> bool:
        return stage in self._stages

    def __len__(self) -> int:
        return len(self._stages)

    @property
    def histograms(self) -> dict[str, Histogram]:
        """Each stage's histogram by its name, in the order of names."""
        return dict(sorted(self._stages.copy().items()))

    def summary(self) -> dict[str, dict[str, int | float]]:
        """Per stage: count, mean, 95th and 99th percentile (at most 6.25 % too large) and largest, in milliseconds."""
        return {name: histogram.summary().to_dict() for name, histogram in self.histograms.items()}
