"""Machines whose clocks are ours: ``BudgetLedger(path, budget, Machine())``."""

from __future__ import annotations

import mmap
import struct
from dataclasses import replace
from pathlib import Path

from ironcliw.vision_model.spent_time import Now

BEGUN = Now("boot-1", 1_000.0, 1_800_000_000.0)


class Machine:
    """Time passes, the wall clock is set, and the machine starts again, as we like."""

    def __init__(self) -> None:
        self.now = BEGUN

    def __call__(self) -> Now:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now = replace(self.now, since_boot_s=self.now.since_boot_s + seconds, wall_s=self.now.wall_s + seconds)

    def jumps(self, seconds: float) -> None:
        self.now = replace(self.now, wall_s=self.now.wall_s + seconds)

    def boots(self) -> None:
        self.now = replace(self.now, boot=self.now.boot + "x", since_boot_s=1.0)


class SharedMachine:
    """One whose clocks stand in a file, for several processes: who is killed leaves them as they were."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(16))
        with path.open("r+b") as file:
            self._held = mmap.mmap(file.fileno(), 16)

    def __call__(self) -> Now:
        passed_s = self.passed_s
        (set_s,) = struct.unpack_from("d", self._held, 8)
        return Now(BEGUN.boot, BEGUN.since_boot_s + passed_s, BEGUN.wall_s + passed_s + set_s)

    @property
    def passed_s(self) -> float:
        """Since it began."""
        return struct.unpack_from("d", self._held, 0)[0]

    def passes(self, until_s: float) -> None:
        struct.pack_into("d", self._held, 0, until_s)

    def set_wall(self, by_s: float) -> None:
        """By how much the clock on the wall is wrong from now on."""
        struct.pack_into("d", self._held, 8, by_s)

    def close(self) -> None:
        self._held.close()
