"""The time on the wall at a source time: of a screen by this machine's clock, of a recording from when it was made.

wall = WallTime(parse_start("2026-03-29T01:00"))
wall(30 * SECOND)                     # 01:00:30 of that day, in this machine's zone
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ironcliw import clock
from ironcliw.errors import SettingsError


def parse_start(text: str) -> datetime:
    """An aware time from ISO 8601; without a zone, in this machine's. SettingsError for all else."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):
        raise SettingsError(
            f"a time such as 2026-11-27T12:00 or 2026-11-27T12:00+01:00 is meant, not {text!r:.60}"
        ) from None


class WallTime:
    """From source time to an aware datetime in this machine's zone.

    start: of a recording, when its first frame was on the screen; None takes it for shown now
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime.now(UTC)
        self._opened_at_ns: int | None = None

    def is_live(self, opened_at_ns: int) -> None:
        """Source time 0 was at this time of the monotonic clock, and passes with it."""
        self._opened_at_ns = opened_at_ns

    def __call__(self, time_ns: int) -> datetime:
        """The time on the wall at ``time_ns``."""
        if self._opened_at_ns is None:
            return (self._start + timedelta(microseconds=time_ns // 1_000)).astimezone()
        passed_ns = clock.monotonic_ns() - self._opened_at_ns - time_ns
        # Clock and zone are asked each time: both may be set, and this is seldom asked.
        return datetime.fromtimestamp((clock.wall_ns() - passed_ns) / clock.SECOND, UTC).astimezone()
