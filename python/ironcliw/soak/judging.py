"""Whether a soak was passed: nothing grew, nothing was left open, every frame is accounted for.

checks = judge(samples, source, summary["frames"], crash="", exact=True)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.soak.desktop import SoakSource
from ironcliw.soak.sampling import Samples
from ironcliw.soak.trend import Slope, theil_sen

MIB = 1 << 20
SLOPE_FRAMES = 100_000
SLOPE_MOST_MIB = 1.0
"""A day of watching may not be seen to grow by more than this each ``SLOPE_FRAMES`` frames ..."""
SHORT_RUN_MIB = 4.0
"""... nor a short run by more than this in all: less than that is how an allocator settles, and shows no trend."""
GROWTH_MOST_MIB = 8.0
WARM_UP = 0.1
"""Share of the samples that is left out: what is loaded, and caches until they are full."""

NOT_ALL = "frames not watched"
"""The check that a soak fails which was ended before its time."""

CONSTANT = ("descriptors", "memfds", "threads", "temporary_files")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: what was found, the most it may be, and whether it is good."""

    name: str
    found: float
    most: float
    unit: str

    @property
    def good(self) -> bool:
        """Whether no more was found than may be."""
        return self.found <= self.most


def judge(
    samples: Samples, source: SoakSource, frames: dict[str, Any], crash: str, *, exact: bool
) -> tuple[Check, ...]:
    """Everything a soak promises.

    frames: ``FrameCounts.to_dict`` as the watch told it in the end
    exact: whether the watch had to look at every frame, so that its counts must be the source's own
    """
    checks = [
        Check("crashes", float(bool(crash)), 0, ""),
        Check(NOT_ALL, source.frames - source.sequence, 0, ""),
        Check("frames unexplained", float(unexplained(source, frames, exact=exact)), 0, ""),
    ]
    if len(samples) * (1 - WARM_UP) < 3:
        return (*checks, Check("samples missing for a trend", 1, 0, ""))
    slope = memory_slope(samples)
    watched = warm(samples, "frame")
    most = max(SLOPE_MOST_MIB, SHORT_RUN_MIB * SLOPE_FRAMES / float(watched[-1] - watched[0]))
    checks.append(Check("resident memory, slope at most (upper 95 %)", slope.upper, most, "MiB per 100,000 frames"))
    checks.append(Check("resident memory, total growth", growth(samples), GROWTH_MOST_MIB, "MiB"))
    for name in CONSTANT:
        held = warm(samples, name)
        checks.append(Check(f"{name.replace('_', ' ')}, more at the end", float(held[-1] - held[0]), 0, ""))
    checks.append(Check("mappings, more at the end (medians)", _medians_apart(samples, "mappings"), 0, ""))
    return tuple(checks)


def unexplained(source: SoakSource, frames: dict[str, Any], *, exact: bool) -> int:
    """How many frames the watch counted otherwise than the source, which knows what it painted."""
    dropped = sum(frames.get("dropped", {}).values())
    duplicate, changed, excluded = (frames.get(name, 0) for name in ("duplicate", "changed", "excluded"))
    missing = abs(source.sequence - (duplicate + changed + excluded + dropped))
    if not exact:
        return missing
    return missing + abs(source.painted - changed) + abs(source.still - duplicate)


def warm(samples: Samples, name: str) -> NDArray[np.float64]:
    """One column without the samples of the warm-up."""
    column = samples.column(name)
    return column[int(len(column) * WARM_UP) :]


def memory_slope(samples: Samples) -> Slope:
    """Growth of resident memory in MiB each ``SLOPE_FRAMES`` frames."""
    return theil_sen(warm(samples, "frame") / SLOPE_FRAMES, warm(samples, "resident_bytes") / MIB)


def growth(samples: Samples) -> float:
    """By how many MiB resident memory is larger in the last tenth after the warm-up than in the first."""
    return _medians_apart(samples, "resident_bytes") / MIB


def _medians_apart(samples: Samples, name: str) -> float:
    column = warm(samples, name)
    tenth = max(len(column) // 10, 1)
    return float(np.median(column[-tenth:]) - np.median(column[:tenth]))
