"""What a watch costs, and when its screen was last seen. Neither knows the watch, which its threads outlive."""

from __future__ import annotations

import resource
from typing import Any

from ironcliw.memory import Keeper
from ironcliw.monitor.holding import memory_told
from ironcliw.monitor.live import LiveRun
from ironcliw.monitor.queue import EventQueue
from ironcliw.text import TextEngine, lines_unread


class Cost:
    """What a watch has cost up to now, for its summary."""

    def __init__(self, queue: EventQueue, keeper: Keeper, engine: TextEngine | None) -> None:
        self._queue, self._keeper, self._engine = queue, keeper, engine
        self._unread_before = lines_unread(engine)  # an engine may have served another watch
        self._cpu_started_s = used_cpu_s()

    @property
    def cpu_s(self) -> float:
        """CPU seconds this process has used since the watch began."""
        return used_cpu_s() - self._cpu_started_s

    def __call__(self) -> dict[str, Any]:
        """The summary's fields about it."""
        cost: dict[str, Any] = {"cpu_s": round(self.cpu_s, 3)}
        if self._queue.dropped:
            cost["events_dropped"] = dict(self._queue.dropped)
        unread = lines_unread(self._engine) - self._unread_before
        if unread:
            cost["lines_unread"] = unread
        cost["memory"] = memory_told(self._keeper)
        return cost


class Verified:
    """Seconds since a live screen was last seen; None before the first time, and of recordings."""

    live: LiveRun | None = None

    def __call__(self) -> float | None:
        """As of now."""
        return self.live.seconds_since_verified if self.live else None


def used_cpu_s() -> float:
    """CPU seconds that this process has used, the system's for it too."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
