"""Does it run for days? Frames of days in minutes, and what the watcher held meanwhile.

    result = run_soak(Plan(frames=864_000))
    result.good

What is watched, sampled and promised is described in ``docs/reference/soak.md``.
"""

from ironcliw.soak.judging import Check
from ironcliw.soak.running import Plan, Result, run_soak

__all__ = ["Check", "Plan", "Result", "run_soak"]
