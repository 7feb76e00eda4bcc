"""Which rectangles may be a dialog or a toast at all, told by their measures alone.

numbers = candidates(found, height, width)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.objects.crops import sides_on

WIDTH_MIN, HEIGHT_MIN, SHARE_MAX = 100, 30, 0.7
"""Pixels; and of the frame's area."""

COVERED_MIN, ON_MAX, CANDIDATES_MAX = 200, 2, 192
"""How much of each side is an edge, of 256; sides that go on beyond a corner; the strongest that are asked about."""


def candidates(numbers: NDArray[np.int32], height: int, width: int) -> NDArray[np.int32]:
    """Those of (count, 9) rectangles, strongest first, that are as large as a dialog or toast of a frame, and free."""
    wide, tall = numbers[:, 2] - numbers[:, 0], numbers[:, 3] - numbers[:, 1]
    sized = (wide >= WIDTH_MIN) & (tall >= HEIGHT_MIN) & (wide * tall <= SHARE_MAX * height * width)
    free = (numbers[:, 4:8].min(axis=1, initial=256) >= COVERED_MIN) & (sides_on(numbers) <= ON_MAX)
    return numbers[sized & free][:CANDIDATES_MAX]
