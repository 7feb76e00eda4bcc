"""Time: monotonic for intervals, wall time only for people.

started = clock.monotonic_ns()
print(clock.rfc3339(clock.wall_ns()))
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache

MS = 1_000_000
SECOND = 1_000_000_000


monotonic_ns = time.monotonic_ns
"""Nanoseconds on the clock that never jumps."""

wall_ns = time.time_ns
"""Nanoseconds since 1970 (UTC); may jump, so never used for intervals."""


def boottime_ns() -> int:
    """Nanoseconds on a clock that never jumps and goes on while the machine sleeps, where the system has one."""
    return time.clock_gettime_ns(_BOOTTIME)


_BOOTTIME: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def rfc3339(wall_ns: int) -> str:
    """``2026-11-23T12:00:00.123456Z`` for nanoseconds since 1970, rounded down."""
    seconds, fraction_ns = divmod(wall_ns, SECOND)
    return f"{_to_the_second(seconds)}.{fraction_ns // 1000:06d}Z"


@lru_cache(maxsize=4)
def _to_the_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()
