"""How scarce memory is: Low, Medium, High or Critical, from our own use, container limits, stalls and available RAM.

    pressure = Pressure()
    pressure.follow(machine.read(), total_bytes, clock.monotonic_ns())

It rises at once, to whatever level the worst reading asks for. It falls one level at a time, each only after ten
seconds in which every reading was well below; where it then rises again soon, the next fall waits twice as long. What
is not known, or makes no sense, presses nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

from ironcliw.clock import SECOND
from ironcliw.memory.machine import MemoryReading

DWELL_NS = 10 * SECOND
"""A level is left for the one below after this long without a reason for it ..."""

LONGEST_DWELL_NS = 160 * SECOND
"""... or up to this long, where that did not last before."""

LASTED_NS = 60 * SECOND
"""A fall that is not followed by a rise within this long has lasted."""

CALMER = 0.05
"""A level is only left where every reading is below its threshold by so much of it."""


class Level(IntEnum):
    """How scarce memory is."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which value on a level is reached."""

    medium: float
    high: float
    critical: float

    def level(self, value: float | None, scale: float = 1.0) -> Level:
        """The level of ``value``; LOW where it is unknown or no number."""
        if value is None or not math.isfinite(value):
            return Level.LOW
        for level, least in ((Level.CRITICAL, self.critical), (Level.HIGH, self.high), (Level.MEDIUM, self.medium)):
            if value >= least * scale:
                return level
        return Level.LOW


OWN = Thresholds(0.93, 0.97, 1.0)
"""What the process holds, of the total budget. All rooms full are 0.9, for a tenth stays free."""

GROUP = Thresholds(0.85, 0.92, 0.96)
"""What is used of the container's limit, at the end of which the kernel kills."""

GONE = Thresholds(0.90, 0.95, 0.98)
"""What is not available of the machine's RAM."""

SOME = Thresholds(0.10, 0.30, 0.60)
"""Share of the last ten seconds in which some task waited for memory ..."""

FULL = Thresholds(0.05, 0.15, 0.40)
"""... and in which none could run."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What presses most: ``level``, and ``reason`` in words."""

    level: Level
    reason: str


def judge(reading: MemoryReading, total_bytes: int, scale: float = 1.0) -> Cause:
    """The worst of what a reading says, against thresholds times ``scale``."""
    own = _share(reading.resident_bytes, total_bytes)
    available = _share(reading.available_bytes, reading.total_bytes)
    gone = None if available is None else 1 - available
    found = (
        Cause(OWN.level(own, scale), f"{own or 0:.0%} of the memory budget is held"),
        Cause(GROUP.level(reading.group_share, scale), f"{reading.group_share or 0:.0%} of the container's limit used"),
        Cause(GONE.level(gone, scale), f"{available or 0:.1%} of the machine's memory is available"),
        Cause(
            SOME.level(reading.stalled_some, scale), f"tasks wait for memory {reading.stalled_some or 0:.0%} of time"
        ),
        Cause(FULL.level(reading.stalled_full, scale), f"nothing runs {reading.stalled_full or 0:.0%} of the time"),
    )
    return max(found, key=lambda cause: cause.level)


def _share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else part / whole


class Pressure:
    """The level over time. ``level``: now; ``reason``: why; ``transitions``: how often it changed."""

    def __init__(self) -> None:
        self.level = Level.LOW
        self.reason = ""
        self.transitions = 0
        self._calm_since_ns: int | None = None
        self._changed_ns: int | None = None
        self._fell_ns: int | None = None
        self._dwell_ns = DWELL_NS

    def follow(self, reading: MemoryReading, total_bytes: int, now_ns: int) -> Level:
        """Take a reading; the level from now on. ``now_ns`` goes by a monotonic clock."""
        cause = judge(reading, total_bytes)
        if cause.level > self.level:
            self._rise(cause, now_ns)
        elif self.level > Level.LOW:
            self._wait(judge(reading, total_bytes, 1 - CALMER), now_ns)
        return self.level

    def _rise(self, cause: Cause, now_ns: int) -> None:
        if self._fell_ns is not None:
            lasted = now_ns - self._fell_ns >= LASTED_NS
            self._dwell_ns = DWELL_NS if lasted else min(2 * self._dwell_ns, LONGEST_DWELL_NS)
            self._fell_ns = None
        self._change(cause, now_ns)

    def _wait(self, calmest: Cause, now_ns: int) -> None:
        """Fall by one level where there has been no reason for this one for long enough."""
        if calmest.level >= self.level:
            self._calm_since_ns = None
            self.reason = calmest.reason
            return
        if self._calm_since_ns is None:
            self._calm_since_ns = now_ns
        since_ns = max(self._calm_since_ns, self._changed_ns or 0)
        if now_ns - since_ns >= self._dwell_ns:
            below = Level(self.level - 1)
            self._fell_ns = now_ns
            self._change(Cause(below, calmest.reason if calmest.level == below else ""), now_ns)

    def _change(self, cause: Cause, now_ns: int) -> None:
        self.level, self.reason = cause.level, cause.reason
        self._changed_ns, self._calm_since_ns = now_ns, None
        self.transitions += 1
