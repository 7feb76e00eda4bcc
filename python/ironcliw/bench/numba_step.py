"""The best we could make of numba for a change step: compare with the kept frame, leave a tile at its first difference.

    step = NumbaStep(reel, numba)
    changed, counts, boxes, kept = step(3)

Both frames are read, because there is no fingerprint. Rows are taken in memory order, a band of tiles at a time; row
slices and unsigned indices let the compiler use vector instructions (a tenth of the time that plain indices take).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.bench.reels import Reel
from ironcliw.frame import TILE

_COLOUR = np.uint32(0x00FF_FFFF)


class NumbaStep:
    """A change step compiled by numba, on one thread. The answer is that of ``TrackerStep``."""

    def __init__(self, reel: Reel, numba: Any) -> None:
        self._frames = [frame.view(np.uint32)[:, :, 0] for frame in reel.frames]
        self._kept = reel.blank()
        self._changed = np.zeros(reel.moving.shape, np.bool_)
        self._counts = np.zeros(reel.moving.shape, np.uint32)
        self._boxes = np.zeros((*reel.moving.shape, 4), np.int32)
        self._step = _compiled(numba)

    def __call__(self, i: int) -> tuple[NDArray[Any], ...]:
        """Take frame ``i`` after whatever came before."""
        kept = self._kept.view(np.uint32)[:, :, 0]
        self._step(kept, self._frames[i], self._changed, self._counts, self._boxes)
        return self._changed, self._counts, self._boxes, self._kept


def _compiled(numba: Any) -> Callable[..., None]:
    """Both passes over each row of tiles, in one compiled call."""
    find, take = numba.njit(_find), numba.njit(_take)

    def step(
        kept: NDArray[np.uint32],
        frame: NDArray[np.uint32],
        changed: NDArray[np.bool_],
        counts: NDArray[np.uint32],
        boxes: NDArray[np.int32],
    ) -> None:
        for row in range(changed.shape[0]):
            find(kept, frame, row, changed[row])
            take(kept, frame, row, changed[row], counts[row], boxes[row])

    return numba.njit(step)


def _find(kept: NDArray[np.uint32], frame: NDArray[np.uint32], row: int, changed: NDArray[np.bool_]) -> None:
    """Which tiles of one row of tiles differ; a tile is left alone from its first difference on."""
    height, width = frame.shape
    changed[:] = False
    for y in range(row * TILE, min(height, row * TILE + TILE)):
        before, after = kept[y], frame[y]
        for column in range(changed.size):
            if changed[column]:
                continue
            apart = np.uint32(0)
            for x in range(np.uint32(column * TILE), np.uint32(min(width, column * TILE + TILE))):
                apart |= before[x] ^ after[x]
            changed[column] = (apart & _COLOUR) != 0


def _take(
    kept: NDArray[np.uint32],
    frame: NDArray[np.uint32],
    row: int,
    changed: NDArray[np.bool_],
    counts: NDArray[np.uint32],
    boxes: NDArray[np.int32],
) -> None:
    """Count, box and keep the changed tiles of one row of tiles."""
    height, width = frame.shape
    counts[:] = 0
    boxes[:] = 0
    for column in range(changed.size):
        if not changed[column]:
            continue
        left, right = column * TILE, min(width, column * TILE + TILE)
        first, last, top, bottom = right - left, 0, -1, 0
        for y in range(row * TILE, min(height, row * TILE + TILE)):
            before, after = kept[y, left:right], frame[y, left:right]
            count = np.uint32(0)
            for x in range(np.uint32(before.size)):
                count += np.uint32((before[x] ^ after[x]) & _COLOUR != 0)
            if count > 0:
                counts[column] += count
                x = 0
                while x < first and (before[x] ^ after[x]) & _COLOUR == 0:
                    x += 1
                first = min(first, x)
                x = before.size
                while x > last and (before[x - 1] ^ after[x - 1]) & _COLOUR == 0:
                    x -= 1
                last = max(last, x)
                top, bottom = y if top < 0 else top, y + 1
                before[:] = after
        boxes[column, 0], boxes[column, 1] = left + first, top
        boxes[column, 2], boxes[column, 3] = left + last, bottom
