"""Keeps what a watch holds within its budget: looks every second, drops what the pressure asks for, climbs back.

keeper = Keeper(ledger)
keeper.ladder.on("archive", archive.shrink, archive.grow)
keeper.check(clock.monotonic_ns())    # from whoever comes by often; all but once a second it returns at once

One thread at a time calls ``check``; rooms are called in that thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from ironcliw.clock import SECOND
from ironcliw.memory.ladder import DEPTH, Ladder
from ironcliw.memory.ledger import Ledger
from ironcliw.memory.machine import Machine, MemoryReading
from ironcliw.memory.pressure import GONE, GROUP, OWN, Level, Pressure, judge

log = logging.getLogger("ironcliw.memory")

EVERY_NS = 1 * SECOND


class Keeper:
    """The pressure on one watch, and what is done about it.

    ledger: whose total is kept
    machine: where readings come from; None for one of its own at the ledger's place
    trim: gives memory that was freed back to the system
    """

    def __init__(self, ledger: Ledger, machine: Machine | None = None, trim: Callable[[], None] = lambda: None) -> None:
        self.ledger = ledger
        self.ladder = Ladder()
        self.pressure = Pressure()
        self._machine = machine or Machine(ledger.machine.proc)
        self._trim = trim
        self._checked_ns: int | None = None
        self._total_bytes = ledger.total_bytes
        self._said_at: Level | None = None

    def check(self, now_ns: int) -> None:
        """Look, where the last time is a second ago or the total has changed, and do what is to be done."""
        last_ns, total = self._checked_ns, self.ledger.total_bytes
        if last_ns is not None and now_ns - last_ns < EVERY_NS and total == self._total_bytes:
            return
        self._checked_ns, self._total_bytes = now_ns, total
        before = self.pressure.level
        level = self.pressure.follow(self._machine.read(), total, now_ns)
        dropped = self._shed(total)
        back = self._climb(level, total)
        if level != before or dropped or back:
            self._say(before, dropped, back)

    def _shed(self, total: int) -> list[str]:
        """Drop rung by rung, while what is read after each still asks for more."""
        dropped: list[str] = []
        while self.ladder.engaged < DEPTH[judge(self._machine.read(), total).level]:
            dropped.append(self.ladder.shed_next())
            self._trim()
        return dropped

    def _climb(self, level: Level, total: int) -> str | None:
        """Take up one rung that the level does not drop, where what it needs is free; the next look shows the rest."""
        if self.ladder.engaged <= DEPTH[level]:
            return None
        return self.ladder.restore_next(free_bytes(self._machine.read(), total))

    def _say(self, before: Level, dropped: list[str], back: str | None) -> None:
        level = self.pressure.level
        done = f"; dropped {', '.join(dropped)}" if dropped else f"; taken up again: {back}" if back else ""
        reason = f" ({self.pressure.reason})" if self.pressure.reason else ""
        tell = log.warning if level > before or dropped else log.info
        tell("memory: %s%s%s", level.name.lower(), reason, done)

    def close(self) -> None:
        """Give back what looking holds."""
        self._machine.close()


def free_bytes(reading: MemoryReading, total_bytes: int) -> int:
    """What could be held more without raising the pressure."""
    bounds = [int(OWN.medium * total_bytes) - (reading.resident_bytes or 0)]
    if reading.available_bytes is not None and reading.total_bytes:
        bounds.append(reading.available_bytes - int((1 - GONE.medium) * reading.total_bytes))
    if reading.group_bytes is not None and reading.group_share is not None:
        bounds.append(int((GROUP.medium - reading.group_share) * reading.group_bytes))
    return max(0, min(bounds))
