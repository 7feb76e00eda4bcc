"""What stands still inside of what moves: a toast on a video, words in a game. It changed, and will not change again.

    standing = Standing(width=1920, height=1080)
    for rect in standing.look(pixels, where, moving, time_ns):
        ...                               # came to stand 100 ms ago, or has just begun to move again

The tile it is in moves on, so nothing else tells it from the video around it. One pixel in 8 x 4 is looked at, no more
than 20 times a second, and only while something moves all over its tiles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.clock import MS, SECOND
from ironcliw.frame import TILE, Rect

CELL_WIDTH, CELL_HEIGHT = 16, 8
"""Cells of 16 x 8 pixels, of four looked-at pixels each, stand or move: the height of small letters."""

EVERY_NS = 50 * MS
STALE_NS = 1 * SECOND
"""Looks further apart than this are not compared."""

SETTLE_NS = 90 * MS
"""How long a cell has to stand: two looks at 50 ms, as they come."""

LONGEST_SETTLE_NS = 1_600 * MS
"""A cell that stood for nothing has to stand twice as long the next time, up to this."""

BUSY = 0.5
"""A cell moves that differed in at least this share of the last looks."""

LEAST_CELLS = 4
"""Fewer cells than this are no words, and no icon with a frame around it."""

_STEP_X, _STEP_Y = 8, 4
_LEARNING = 0.2
_DISTANCE = 23


class Standing:
    """Follows which cells of one screen move; 20 bytes a cell.

    exact: whether an unchanged pixel has an unchanged value; otherwise small differences do not count
    """

    def __init__(self, width: int, height: int, *, exact: bool = True) -> None:
        rows, columns = -(-height // CELL_HEIGHT), -(-width // CELL_WIDTH)
        self._shape = (rows, columns)
        self._size = (width, height)
        self._exact = exact
        self._busy = np.zeros((rows, columns), np.float32)
        self._moved_ns = np.zeros((rows, columns), np.int64)
        self._tries = np.zeros((rows, columns), np.int8)
        self._stands = np.zeros((rows, columns), np.bool_)
        self._last: NDArray[Any] | None = None
        self._looked_ns = 0

    def look(
        self, pixels: NDArray[np.uint8], where: NDArray[np.bool_], moving: NDArray[np.bool_], time_ns: int
    ) -> list[Rect]:
        """Take in (h, w, 4) uint8 BGR0 ``pixels`` as they are at ``time_ns``.

        where: (rows, columns) bool, tiles that move all over, or did a moment ago
        moving: those of them that move on; where none does, what came to stand is seen without this

        Returns the rectangles that want to be read.
        """
        if not where.any():
            self._last = None
            return []
        if self._last is not None and time_ns - self._looked_ns < EVERY_NS:
            return []
        sample = self._sample(pixels)
        if self._last is None or time_ns - self._looked_ns > STALE_NS:
            self._forget(time_ns)
        else:
            self._follow(self._differs(self._last, sample), time_ns)
        self._last, self._looked_ns = sample, time_ns
        return self._found(where, moving, time_ns)

    def _forget(self, time_ns: int) -> None:
        self._busy[:] = 0
        self._moved_ns[:] = time_ns
        self._tries[:] = 0
        self._stands[:] = False

    def _sample(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint32] | NDArray[np.uint8]:
        """The pixels that are looked at; whole ones at once where they only need to be equal."""
        if self._exact and pixels.shape[2] == 4 and pixels.flags.c_contiguous:
            return pixels.view(np.uint32)[::_STEP_Y, ::_STEP_X, 0].copy()
        return pixels[::_STEP_Y, ::_STEP_X, :3].copy()

    def _differs(self, before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
        """Which cells differ in a pixel that is looked at."""
        differs = before != after if self._exact else np.abs(before.astype(np.int16) - after) > _DISTANCE
        if differs.ndim > 2:
            differs = differs[:, :, 0] | differs[:, :, 1] | differs[:, :, 2]
        down, across = CELL_HEIGHT // _STEP_Y, CELL_WIDTH // _STEP_X
        whole = np.zeros((self._shape[0] * down, self._shape[1] * across), np.bool_)
        whole[: differs.shape[0], : differs.shape[1]] = differs
        parts = [whole[y::down, x::across] for y in range(down) for x in range(across)]
        return np.logical_or.reduce(parts)

    def _follow(self, moved: NDArray[np.bool_], time_ns: int) -> None:
        self._moved_ns[moved] = time_ns
        # A cell that stands keeps the share it had, so that it is known to have moved.
        going = time_ns - self._moved_ns < SETTLE_NS
        self._busy += np.where(going, _LEARNING, 0) * (moved - self._busy)

    def _found(self, where: NDArray[np.bool_], moving: NDArray[np.bool_], time_ns: int) -> list[Rect]:
        again = self._stands & (self._moved_ns == time_ns)
        self._stands &= ~again
        settle = np.minimum(SETTLE_NS << self._tries.astype(np.int64), LONGEST_SETTLE_NS)
        came = self._cells(where) & ~self._stands & (self._busy >= BUSY)
        came &= time_ns - self._moved_ns >= settle
        goes_on = self._cells(moving)
        found = [box for box in _joined(came) if np.count_nonzero(came[_slices(box)]) >= LEAST_CELLS]
        found = [box for box in found if goes_on[_slices(box.grown(1, 1).clipped(*self._shape[::-1]) or box)].any()]
        for box in found:
            self._stands[_slices(box)] |= came[_slices(box)]
            self._tries[_slices(box)] = np.minimum(self._tries[_slices(box)] + 1, 5)
        rects = (self._pixels(box) for box in (*found, *_joined(again)))
        return [rect for rect in rects if rect is not None]

    def _cells(self, tiles: NDArray[np.bool_]) -> NDArray[np.bool_]:
        wide = tiles.repeat(TILE // CELL_HEIGHT, axis=0).repeat(TILE // CELL_WIDTH, axis=1)
        return wide[: self._shape[0], : self._shape[1]]

    def _pixels(self, box: Rect) -> Rect | None:
        """A rectangle of cells in pixels, and a cell more all around: the edge of what stands cuts through some."""
        x, y, width, height = box.grown(1, 1)
        inside = Rect(x * CELL_WIDTH, y * CELL_HEIGHT, width * CELL_WIDTH, height * CELL_HEIGHT)
        return inside.clipped(*self._size)


def _slices(box: Rect) -> tuple[slice, slice]:
    return slice(box.y, box.bottom), slice(box.x, box.right)


def _joined(cells: NDArray[np.bool_]) -> list[Rect]:
    """Rectangles, in cells, around those that touch; runs of a row first, then rows that overlap."""
    boxes: list[Rect] = []
    for row in np.flatnonzero(cells.any(axis=1)).tolist():
        padded = np.concatenate([[False], cells[row], [False]])
        edges = np.flatnonzero(padded[1:] != padded[:-1])
        for start, end in edges.reshape(-1, 2).tolist():
            joined = Rect(start, row, end - start, 1)
            for box in [box for box in boxes if box.grown(1, 1).overlaps(joined)]:
                boxes.remove(box)
                joined = joined.union(box)
            boxes.append(joined)
    return boxes
