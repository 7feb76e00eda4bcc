"""Does it grow? The slope of noisy samples, and how large it may be at most.

slope = theil_sen(at, values)
slope.per_step, slope.upper           # the median of all pairs' slopes; with 95 % confidence no larger than this
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Z_95 = 1.959963984540054
"""Two-sided 95 %: the upper bound alone holds with 97.5 %."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth a step: its estimate, and the bounds of a two-sided confidence interval of 95 %."""

    per_step: float
    lower: float
    upper: float


def theil_sen(at: NDArray[np.float64], values: NDArray[np.float64]) -> Slope:
    """The Theil-Sen slope of (n,) ``values`` over (n,) ``at``, with Sen's bounds by Kendall's variance, ties counted.

    A jump that did not last, or a garbage collection that was late, does not move a median. Samples that hang together
    make the bounds narrower than they should be. ValueError for fewer than three samples or for times that repeat.
    """
    count = len(at)
    if count < 3 or len(values) != count:
        raise ValueError(f"a slope wants three samples or more, not {count} and {len(values)}")
    first, second = np.triu_indices(count, 1)
    apart = at[second] - at[first]
    if not (apart > 0).all():
        raise ValueError("samples must be in the order of their times, each at another one")
    slopes = np.sort((values[second] - values[first]) / apart)
    _, ties = np.unique(values, return_counts=True)
    variance = count * (count - 1) * (2 * count + 5) - int((ties * (ties - 1) * (2 * ties + 5)).sum())
    reach = _Z_95 * math.sqrt(variance / 18)
    low = max(round((len(slopes) - reach) / 2), 0)
    high = min(round((len(slopes) + reach) / 2), len(slopes) - 1)
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))
