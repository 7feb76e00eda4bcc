"""That a source cannot be watched, told once, and that it can again.

failures = Failures("desk", tell, failing=False)
failures.failed("connection refused"); failures.failed("connection refused"); failures.back()   # two gaps
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ironcliw import clock
from ironcliw.event import Event


class Failures:
    """Of one source by its name. ``failing``: whether it was told already."""

    def __init__(self, name: str, tell: Callable[[Event], None], *, failing: bool) -> None:
        self._name, self._tell_event = name, tell
        self._run = f"{name}-failed-{clock.wall_ns():x}"
        self._started_ns = clock.monotonic_ns()
        self._told = 0
        self._failing = failing

    def failed(self, detail: str) -> None:
        """Once, until it is back."""
        if not self._failing:
            self._failing = True
            self._tell({"reason": "failed", "state": "begin", "detail": detail.splitlines()[0][:500]})

    def back(self) -> None:
        """It is watched again."""
        if self._failing:
            self._failing = False
            self._tell({"reason": "failed", "state": "end", "detail": "the source is watched again"})

    def _tell(self, data: dict[str, Any]) -> None:
        self._told += 1
        passed_s = round((clock.monotonic_ns() - self._started_ns) / clock.SECOND, 3)
        wall = clock.rfc3339(clock.wall_ns())
        self._tell_event(Event(f"{self._run}-{self._told}", "gap", passed_s, wall, self._name, data=data))
