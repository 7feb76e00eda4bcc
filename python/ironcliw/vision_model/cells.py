"""What changed between two states of a region, coarsely: mean colours of cells of 16 x 16 pixels.

    before, now = cell_means(then), cell_means(pixels)
    changed_boxes(before, now)                     # where, as rectangles of whole cells

A dot of 6 x 6 pixels that turns from red to green moves its cell by 28 levels; a caret does, too, which is why what is
restless is left out by whoever asks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect

CELL_PX = 16
_LEVELS = 3
"""A cell whose mean moved by more than this in any channel has changed."""


def cell_means(pixels: NDArray[np.uint8]) -> NDArray[np.int16]:
    """(h, w, 4) uint8 BGRX as (rows, columns, 3) means; the last row and column may stand for less than a cell."""
    height, width = pixels.shape[:2]
    rows: NDArray[np.int64] = np.array(range(0, height, CELL_PX), np.int64)
    columns: NDArray[np.int64] = np.array(range(0, width, CELL_PX), np.int64)
    across: NDArray[np.uint32] = np.add.reduceat(pixels[:, :, :3], columns, axis=1, dtype=np.uint32)
    sums: NDArray[np.uint32] = np.add.reduceat(across, rows, axis=0)
    high = np.minimum(rows + CELL_PX, height) - rows
    wide = np.minimum(columns + CELL_PX, width) - columns
    return (sums // (high[:, None, None] * wide[None, :, None])).astype(np.int16)


def cells_of(cells: NDArray[np.int16], region: Rect) -> NDArray[np.int16]:
    """The cells of a frame that a region of it touches."""
    return cells[region.y // CELL_PX : -(-region.bottom // CELL_PX), region.x // CELL_PX : -(-region.right // CELL_PX)]


def same_cells(before: NDArray[np.int16], now: NDArray[np.int16], place: Rect) -> bool:
    """Whether a place looks alike in two states of one size."""
    then, there = cells_of(before, place), cells_of(now, place)
    return not then.size or bool(np.abs(there - then).max() <= _LEVELS)


def changed_boxes(before: NDArray[np.int16], now: NDArray[np.int16]) -> list[Rect]:
    """Rectangles in pixels around groups of changed cells; all of it where the sizes differ."""
    if before.shape != now.shape:
        return [Rect(0, 0, now.shape[1] * CELL_PX, now.shape[0] * CELL_PX)]
    moved: NDArray[np.bool_] = np.abs(now - before).max(axis=2) > _LEVELS
    boxes: list[Rect] = []
    for row in np.unique(np.nonzero(moved)[0]):
        for column in np.flatnonzero(moved[row]):
            _join(boxes, Rect(int(column) * CELL_PX, int(row) * CELL_PX, CELL_PX, CELL_PX))
        if len(boxes) > _MOST:
            ys, xs = np.nonzero(moved)
            x, y = int(xs.min()) * CELL_PX, int(ys.min()) * CELL_PX
            return [Rect(x, y, (int(xs.max()) + 1) * CELL_PX - x, (int(ys.max()) + 1) * CELL_PX - y)]
    return boxes


_MOST = 40


def _join(boxes: list[Rect], cell: Rect) -> None:
    """Add a cell to the group it touches; groups that it joins become one."""
    around = cell.grown(1, 1)
    touching = [box for box in boxes if box.overlaps(around)]
    for box in touching:
        boxes.remove(box)
        cell = cell.union(box)
    boxes.append(cell)
