"""A machine whose clocks are ours: ``BudgetLedger(path, budget, Machine())``."""

from __future__ import annotations

from dataclasses import replace

from ironcliw.vision_model.spent_time import Now


class Machine:
    """Time passes, the wall clock is set, and the machine starts again, as we like."""

    def __init__(self) -> None:
        self.now = Now("boot-1", 1_000.0, 1_800_000_000.0)

    def __call__(self) -> Now:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now = replace(self.now, since_boot_s=self.now.since_boot_s + seconds, wall_s=self.now.wall_s + seconds)

    def jumps(self, seconds: float) -> None:
        self.now = replace(self.now, wall_s=self.now.wall_s + seconds)

    def boots(self) -> None:
        self.now = replace(self.now, boot=self.now.boot + "x", since_boot_s=1.0)
