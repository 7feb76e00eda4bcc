"""How long events are kept: so many bytes, and so much time that really passed.

    kept = KeptClock(read_clocks)
    kept.resume(saved, newest_ns=0)
    delete_oldest(database, Limits(keep_bytes=256 << 20, keep_ns=30 * DAY_NS), kept.now_ns())

A wall clock may jump by years, and what it says must delete nothing. The age of an event is therefore counted on a
clock of the log's own, which goes with the time since the machine was started; while the machine was off, the wall
clock is believed for a day at the most.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ironcliw import clock
from ironcliw.store.database import PAGE_BYTES, Database

DAY_NS = 86_400 * clock.SECOND
MOST_OFF_NS = DAY_NS
"""How much of the time between two starts of the machine is believed."""
JOURNAL_BYTES = 4 << 20
"""What the journal beside the file usually takes; part of ``keep_bytes``."""
LEAST_BYTES = 8 << 20
_AT_ONCE = 500
_VACUUM_PAGES = 256
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Limits(NamedTuple):
    """What is kept: ``keep_bytes`` of file and journal together, events not older than ``keep_ns``."""

    keep_bytes: int
    keep_ns: int


class Clocks(NamedTuple):
    """One look at the clocks. ``boot``: which start of the machine ``boot_ns`` counts from; empty where unknown."""

    boot: str
    boot_ns: int
    wall_ns: int


def read_clocks() -> Clocks:
    """The machine's clocks now."""
    try:
        boot = _BOOT_ID.read_text().strip()
    except OSError:
        boot = ""
    return Clocks(boot, clock.boottime_ns(), clock.wall_ns())


class KeptClock:
    """The log's own time in nanoseconds: never goes back, never jumps by more than a day."""

    def __init__(self, clocks: Callable[[], Clocks] = read_clocks) -> None:
        self._clocks = clocks
        self._boot_ns = clocks().boot_ns
        self._base_ns = 0

    def resume(self, saved: str | None, newest_ns: int) -> None:
        """Go on from what ``save`` gave, and from the newest event's time at the least."""
        now = self._clocks()
        kept_ns = 0
        try:
            last: dict[str, Any] = json.loads(saved or "{}")
            if last:
                same_boot = bool(now.boot) and last["boot"] == now.boot and now.boot_ns >= last["boot_ns"]
                off_ns = min(max(0, now.wall_ns - last["wall_ns"]), MOST_OFF_NS)
                kept_ns = last["kept_ns"] + (now.boot_ns - last["boot_ns"] if same_boot else off_ns)
        except (ValueError, KeyError, TypeError):
            kept_ns = 0  # damaged: nothing gets older than the newest event says
        self._boot_ns, self._base_ns = now.boot_ns, max(kept_ns, newest_ns, self._base_ns)

    def now_ns(self) -> int:
        """The log's time now."""
        return self._base_ns + max(0, self._clocks().boot_ns - self._boot_ns)

    def save(self) -> str:
        """What ``resume`` needs, as JSON."""
        now = self._clocks()
        fields = {**now._asdict(), "kept_ns": self._base_ns + max(0, now.boot_ns - self._boot_ns)}
        return json.dumps(fields, separators=(",", ":"))


def delete_oldest(database: Database, limits: Limits, now_ns: int) -> bool:
    """Delete some of what is beyond the limits, and give pages back; whether there may be more. Raises SqliteError.

    In small steps, so that events that come meanwhile do not wait for it.
    """
    pages = int(database.value("PRAGMA page_count"))
    free = int(database.value("PRAGMA freelist_count"))
    most = (limits.keep_bytes - JOURNAL_BYTES) // PAGE_BYTES
    too_old_ns = now_ns - limits.keep_ns
    if pages - free > most:
        too_old_ns = now_ns + 1
    deleted = 0
    oldest = database.value("SELECT kept_ns FROM events ORDER BY sequence LIMIT 1")
    if oldest is not None and oldest < too_old_ns:
        with database.transaction():
            database.execute(
                "DELETE FROM events WHERE sequence IN (SELECT sequence FROM"
                " (SELECT sequence, kept_ns FROM events ORDER BY sequence LIMIT ?) WHERE kept_ns < ?)",
                (_AT_ONCE, too_old_ns),
            )
            deleted = int(database.value("SELECT changes()"))
    vacuum = free > (_VACUUM_PAGES if pages <= most else 0)
    if vacuum:
        database.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
    return deleted > 0 or vacuum
