"""The ledger's own time: it goes on as the machine does, whatever the clock on the wall is set to.

    later = advanced(moment, machine_now())

While a machine runs, its time since boot says how much has passed; a wall clock that is set, forward or back, moves no
window. Over a restart only the wall clock knows: it counts from where it was, for a day at the most, and never back.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DAY_S = 86_400.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Now:
    """What the machine says: which boot this is, seconds since it (sleep included), and the wall clock in seconds."""

    boot: str
    since_boot_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the ledger's time, in seconds, and what the machine said at it."""

    at: float
    now: Now

    @classmethod
    def first(cls, now: Now) -> Moment:
        """Where a ledger begins."""
        return cls(0.0, now)

    def to_list(self) -> list[Any]:
        """As JSON values."""
        return [self.at, self.now.boot, self.now.since_boot_s, self.now.wall_s]

    @classmethod
    def of_list(cls, values: list[Any]) -> Moment:
        """From JSON values; ValueError where they are none."""
        at, boot, since_boot_s, wall_s = values
        if not all(isinstance(each, int | float) and math.isfinite(each) for each in (at, since_boot_s, wall_s)):
            raise ValueError("no moment")
        return cls(float(at), Now(str(boot), float(since_boot_s), float(wall_s)))


def machine_now() -> Now:
    """What this machine says."""
    try:
        boot = _BOOT_ID.read_text("ascii").strip()
    except OSError:
        boot = ""
    counting = getattr(time, "CLOCK_BOOTTIME", None)
    since_boot_s = time.monotonic() if counting is None else time.clock_gettime(counting)
    return Now(boot, since_boot_s, time.time())


def advanced(moment: Moment, now: Now) -> Moment:
    """The moment that ``now`` is, never before ``moment``."""
    before = moment.now
    if now.boot and now.boot == before.boot and now.since_boot_s >= before.since_boot_s:
        passed = now.since_boot_s - before.since_boot_s
    else:
        passed = min(max(now.wall_s - before.wall_s, 0.0), _DAY_S)
    return Moment(moment.at + passed, now)
