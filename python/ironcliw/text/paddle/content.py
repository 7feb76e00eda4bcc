"""Which parts of a picture hold anything at all: most of a screen is blank, and blank pixels need no network.

for rect in content(pixels): ...      # rectangles that together hold everything but blank
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.text.paddle.picture import Pixels

CELL_PX = 16
"""Pictures are judged in cells of this side."""

STEP = 8
"""Neighbouring pixels that differ by no more than this in every channel are alike.

Gradients, dithering and the noise of compression stay below; antialiased text of the lowest contrast that people put on
screens (#888 on #777) is above.
"""

MARGIN_PX = 16
"""What the network is shown around a rectangle, on each side; its cost is weighed when splitting."""


def content(pixels: Pixels) -> list[Rect]:
    """Rectangles that do not overlap and hold every cell that is not blank; the fewer pixels the better."""
    occupied = occupied_cells(pixels)
    height, width = pixels.shape[:2]
    rects: list[Rect] = []
    for x, y, columns, rows in _split(occupied, 0, 0):
        rect = Rect(x * CELL_PX, y * CELL_PX, columns * CELL_PX, rows * CELL_PX).clipped(width, height)
        if rect is not None:
            rects.append(rect)
    return rects


def occupied_cells(pixels: Pixels) -> NDArray[np.bool_]:
    """(rows, columns) of cells; True where colour steps both along some row and along some column of the cell.

    The edge of a window or a ruled line steps in one direction only and holds no text: without it, blank rows and
    columns run through most desktops.
    """
    height, width = pixels.shape[:2]
    occupied = np.zeros((-(-height // CELL_PX), -(-width // CELL_PX)), np.bool_)
    if height < 2 or width < 2:
        return occupied
    starts = np.arange(0, width, CELL_PX, dtype=np.intp)
    for row in range(occupied.shape[0]):
        # One row of cells at a time stays in the cache. It shares a pixel with the next, so that no step is lost.
        band = pixels[row * CELL_PX : (row + 1) * CELL_PX + 1]
        across = np.zeros((width, 4), np.uint8)
        across[:-1] = _distance(band[:, 1:], band[:, :-1]).max(axis=0)
        if band.shape[0] < 2:
            continue
        down = _distance(band[1:], band[:-1]).max(axis=0)
        steps = np.maximum.reduceat(across[:, :3].max(axis=1), starts) > STEP
        occupied[row] = steps & (np.maximum.reduceat(down[:, :3].max(axis=1), starts) > STEP)
    return occupied


def steps_across(pixels: Pixels) -> NDArray[np.uint8]:
    """(height, width) how far each pixel's colour is from that of the next one in its row, at most, in any channel."""
    steps = np.zeros(pixels.shape[:2], np.uint8)
    steps[:, :-1] = most_of(_distance(pixels[:, 1:], pixels[:, :-1]))
    return steps


def _distance(a: Pixels, b: Pixels) -> Pixels:
    return np.maximum(a, b) - np.minimum(a, b)


def most_of(colours: Pixels) -> NDArray[np.uint8]:
    """(...) the greatest of three channels of (..., 3 or 4) colours; ``max(axis=-1)`` takes five times as long."""
    return np.maximum(np.maximum(colours[..., 0], colours[..., 1]), colours[..., 2])


def stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges of consecutive set flags."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _split(occupied: NDArray[np.bool_], x: int, y: int) -> list[Rect]:
    """Rectangles in cells, offset by (x, y): cut at blank rows and columns as long as that saves pixels."""
    filled_rows, filled_columns = np.flatnonzero(occupied.any(axis=1)), np.flatnonzero(occupied.any(axis=0))
    if filled_rows.size == 0:
        return []
    top, bottom = int(filled_rows[0]), int(filled_rows[-1]) + 1
    left, right = int(filled_columns[0]), int(filled_columns[-1]) + 1
    whole = Rect(x + left, y + top, right - left, bottom - top)
    parts: list[Rect] = []
    row_cuts = np.flatnonzero(np.diff(filled_rows) > 1)
    column_cuts = np.flatnonzero(np.diff(filled_columns) > 1)
    if row_cuts.size:
        for first, last in _runs(filled_rows):
            parts += _split(occupied[first:last, left:right], x + left, y + first)
    elif column_cuts.size:
        for first, last in _runs(filled_columns):
            parts += _split(occupied[top:bottom, first:last], x + first, y + top)
    return parts if parts and sum(map(_cells_cost_px, parts)) < _cells_cost_px(whole) else [whole]


def _runs(filled: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Half-open ranges of consecutive numbers."""
    pieces = np.split(filled, np.flatnonzero(np.diff(filled) > 1) + 1)
    return [(int(piece[0]), int(piece[-1]) + 1) for piece in pieces]


def _cells_cost_px(cells: Rect) -> int:
    return cost_px(Rect(0, 0, cells.width * CELL_PX, cells.height * CELL_PX))


def cost_px(part: Rect) -> int:
    """The pixels that the network is shown for ``part``."""
    return (part.width + 2 * MARGIN_PX) * (part.height + 2 * MARGIN_PX)
