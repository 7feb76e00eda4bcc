"""Where did it change? Tile fingerprints first, then only the changed tiles pixel by pixel.

    tracker = ChangeTracker(height=1080, width=1920)
    change = tracker.apply(pixels, damage=None)
    change.regions                        # tight rectangles of changed pixels

The tracker keeps the last state it saw (``tracker.shown``): what a reader crops from while the source already
captures the next frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.frame import TILE, Rect

LOSSY_THRESHOLD = 40 * 40
"""Squared RGB distance that most codec noise stays below, and a changed word does not; see docs/reference/change.md."""

LARGEST_THRESHOLD = 3 * 255 * 255
"""The squared RGB distance of black and white."""

BLINKS_AFTER = 2
"""A tile that returned to its state before last this many times running is blinking."""

_JOIN_PX = 24
_WASTE = 1.3

_Box = tuple[int, int, int, int]
"""x0, y0, x1, y1, the last two exclusive. Bare numbers: a new screen has hundreds of boxes, each joined to the next."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one frame changed.

    regions: tight rectangles of changed pixels, neighbours joined; all of them, blinking ones too
    blinking: those of ``regions`` in which tiles only alternate between two known states (a caret)
    tiles: number of tiles with a changed pixel
    pixels: number of changed pixels
    first: True for the first frame: everything in it is there for the first time
    black: the whole frame is zero
    """

    regions: tuple[Rect, ...]
    blinking: tuple[Rect, ...]
    tiles: int
    pixels: int
    first: bool
    black: bool


class ChangeTracker:
    """Compares every frame with the one before; threshold 0 is exact, for lossless sources.

    ``threshold`` is a squared RGB distance (0 to LARGEST_THRESHOLD): a pixel has changed where it is exceeded. On lossy
    video a tile keeps its old state until something in it exceeds the threshold, so that slow drift adds up and shows.
    """

    def __init__(self, height: int, width: int, threshold: int = 0) -> None:
        shape = kernels.grid_shape(height, width)
        self._threshold = threshold
        self._grid = np.zeros(shape, np.uint64)
        self._before = np.zeros(shape, np.uint64)
        self._before_last = np.zeros(shape, np.uint64)
        self._returns = np.zeros(shape, np.uint8)
        self._changed = np.zeros(shape, np.bool_)
        self._among = np.zeros(shape, np.bool_)
        self._counts = np.zeros(shape, np.uint32)
        self._boxes = np.zeros((*shape, 4), np.int32)
        self._shown = np.zeros((height, width, 4), np.uint8)
        self._first = True

    @property
    def shown(self) -> NDArray[np.uint8]:
        """The (h, w, 4) uint8 BGR0 pixels of the last state that was applied."""
        return self._shown

    def apply(self, pixels: NDArray[np.uint8], damage: Sequence[Rect] | None = None) -> Change:
        """Take a (h, w, 3|4) uint8 frame; ``damage`` names rectangles outside which nothing changed, if known.

        Raises ValueError for another dtype, shape or stride.
        """
        np.copyto(self._before, self._grid)
        tiles = kernels.fingerprint(pixels, self._grid, self._changed, self._touched(damage))
        black = bool((self._grid == kernels.ZERO_TILE).all())
        if self._first:
            return self._begin(pixels, black)
        if tiles == 0:
            return Change((), (), 0, 0, False, black)
        pixel_count = kernels.difference(self._shown, pixels, self._threshold, self._changed, self._counts, self._boxes)
        np.greater(self._counts, 0, out=self._changed)
        kernels.copy_tiles(pixels, self._shown, self._changed)
        blinking = self._follow_returns()
        steady = join_boxes(self._boxes, self._changed & ~blinking)
        alternating = join_boxes(self._boxes, self._changed & blinking)
        return Change(steady + alternating, alternating, int(self._changed.sum()), pixel_count, False, black)

    def _begin(self, pixels: NDArray[np.uint8], black: bool) -> Change:
        height, width = self._shown.shape[:2]
        self._first = False
        self._changed.fill(True)
        kernels.copy_tiles(pixels, self._shown, self._changed)
        self._before_last[:] = self._grid
        return Change((Rect(0, 0, width, height),), (), self._changed.size, height * width, True, black)

    def _touched(self, damage: Sequence[Rect] | None) -> NDArray[np.bool_] | None:
        if damage is None or self._first:
            return None
        self._among.fill(False)
        for x, y, width, height in damage:
            rows = slice(max(y, 0) // TILE, max(-(-(y + height) // TILE), 0))
            columns = slice(max(x, 0) // TILE, max(-(-(x + width) // TILE), 0))
            self._among[rows, columns] = True
        return self._among

    def _follow_returns(self) -> NDArray[np.bool_]:
        """Update, for the changed tiles, how often running each came back to its state before last."""
        changed = self._changed
        returned = changed & (self._grid == self._before_last)
        self._returns[changed & ~returned] = 0
        self._returns[returned] = np.minimum(self._returns[returned], 250) + 1
        self._before_last[changed] = self._before[changed]
        return changed & (self._returns >= BLINKS_AFTER)


def join_boxes(boxes: NDArray[np.int32], tiles: NDArray[np.bool_]) -> tuple[Rect, ...]:
    """Join the selected tiles' boxes into regions, top to bottom.

    boxes: (rows, columns, 4) int32, x0, y0, x1, y1 (exclusive) per tile
    tiles: (rows, columns) bool, the tiles that count

    Neighbours closer than a letter or two belong together, unless their common rectangle would be mostly unchanged
    pixels (a status line and a scroll bar are two regions, not the whole screen).
    """
    open_regions: list[_Box] = []
    done: list[_Box] = []
    for row in np.flatnonzero(tiles.any(axis=1)):
        runs = _runs(boxes[row, np.flatnonzero(tiles[row])])
        top = min(run[1] for run in runs)
        done += [region for region in open_regions if region[3] + _JOIN_PX < top]
        open_regions = [region for region in open_regions if region[3] + _JOIN_PX >= top]
        for run in runs:
            joined = run
            for region in list(open_regions):
                if (both := _joined(region, joined)) is not None:
                    open_regions.remove(region)
                    joined = both
            open_regions.append(joined)
    regions = (Rect(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in done + open_regions)
    return tuple(sorted(regions, key=lambda region: (region.y, region.x)))


def _runs(row: NDArray[np.int32]) -> list[_Box]:
    """Join the boxes of one tile row, left to right."""
    runs: list[_Box] = []
    for x0, y0, x1, y1 in row.tolist():
        box = (x0, y0, x1, y1)
        if runs and (both := _joined(runs[-1], box)) is not None:
            runs[-1] = both
        else:
            runs.append(box)
    return runs


def _joined(a: _Box, b: _Box) -> _Box | None:
    """The rectangle around both where they belong together."""
    ax0, ay0, ax1, ay1 = a
    bx0, by0, bx1, by1 = b
    if ax0 - _JOIN_PX >= bx1 or bx0 >= ax1 + _JOIN_PX or ay0 - _JOIN_PX >= by1 or by0 >= ay1 + _JOIN_PX:
        return None
    # Comparisons in place of min and max, whose calls were most of the time that a new screen took.
    left, inner_left = (ax0, bx0) if ax0 < bx0 else (bx0, ax0)
    top, inner_top = (ay0, by0) if ay0 < by0 else (by0, ay0)
    right, inner_right = (ax1, bx1) if ax1 > bx1 else (bx1, ax1)
    bottom, inner_bottom = (ay1, by1) if ay1 > by1 else (by1, ay1)
    width_a, height_a, width_b, height_b = ax1 - ax0, ay1 - ay0, bx1 - bx0, by1 - by0
    covered = width_a * height_a + width_b * height_b
    if inner_right > inner_left and inner_bottom > inner_top:
        covered -= (inner_right - inner_left) * (inner_bottom - inner_top)
    narrower = width_a if width_a < width_b else width_b
    lower = height_a if height_a < height_b else height_b
    if (right - left) * (bottom - top) > _WASTE * covered + _JOIN_PX * (narrower + lower):
        return None
    return left, top, right, bottom
