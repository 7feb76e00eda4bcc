"""Time: monotonic for intervals, wall time only for people.

    started = clock.monotonic_ns()
    print(clock.rfc3339(clock.wall_ns()))
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

MS = 1_000_000
SECOND = 1_000_000_000


def monotonic_ns() -> int:
    """Nanoseconds on the clock that never jumps."""
    return time.monotonic_ns()


def wall_ns() -> int:
    """Nanoseconds since 1970 (UTC); may jump, so never used for intervals."""
    return time.time_ns()


def rfc3339(wall_ns: int) -> str:
    """``2026-11-23T12:00:00.123456Z`` for nanoseconds since 1970."""
    moment = datetime.fromtimestamp(wall_ns / SECOND, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
