"""Whether one picture is turning into another: what is read of the mixture in between, nobody ever wrote.

dissolve = Dissolve()
dissolve.look(pixels, time_ns)        # whenever a large part of the screen changes
dissolve.until_ns                     # better not to read large parts before this
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from ironcliw.clock import MS

STEP_PX = 8
"""One pixel in so many, in both directions, is looked at."""

APART_NS = 60 * MS
"""Frames nearer than this in time are too alike for a direction."""

STALE_NS = 400 * MS
"""Frames further apart than this are not one movement."""

HOLD_NS = 150 * MS
"""How long a movement that was seen to go on is trusted to go on."""

NOISE = 3
LEAST_SHARE = 0.004
SAME_WAY = 0.75
STEEPEST = 5
"""Neighbouring steps of a dissolve differ by no more than this factor; a glyph that comes or goes does so at once."""


class Dissolve:
    """Looks at three frames in a row: in a dissolve every pixel goes on in its own direction, at about its pace."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, NDArray[np.int16]]] = deque(maxlen=3)
        self.until_ns = -1

    def look(self, pixels: NDArray[np.uint8], time_ns: int) -> None:
        """Take a (h, w, 3|4) uint8 frame in. Frames come in the order of their source time ``time_ns``."""
        if self._samples and time_ns - self._samples[-1][0] < APART_NS:
            return
        if self._samples and time_ns - self._samples[-1][0] > STALE_NS:
            self._samples.clear()
        sample = pixels[::STEP_PX, ::STEP_PX, :3].astype(np.int16)
        if self._samples and self._samples[-1][1].shape != sample.shape:
            self._samples.clear()
        self._samples.append((time_ns, sample))
        if len(self._samples) == 3 and _goes_on(*(sample for _, sample in self._samples)):
            self.until_ns = time_ns + HOLD_NS


def _goes_on(first: NDArray[np.int16], second: NDArray[np.int16], third: NDArray[np.int16]) -> bool:
    """Whether most of what changes from the first to the third frame is on its way, half done in the second."""
    before, after = second - first, third - second
    moving = np.abs(third - first) > 2 * NOISE
    count = np.count_nonzero(moving)
    if count < LEAST_SHARE * moving.size:
        return False
    one, other = np.abs(before[moving]), np.abs(after[moving])
    same_way = (before[moving] > 0) == (after[moving] > 0)
    alike = (one <= STEEPEST * other + NOISE) & (other <= STEEPEST * one + NOISE) & (np.minimum(one, other) > 0)
    return bool(np.count_nonzero(same_way & alike) >= SAME_WAY * count)
