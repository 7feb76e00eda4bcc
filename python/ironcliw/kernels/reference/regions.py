"""Joins the boxes of changed tiles into regions: what belongs together is read and told of together.

regions = join_boxes(boxes, changed)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect

_JOIN_PX = 24
_WASTE_TENTHS = 13
"""A common rectangle may hold this share of what its parts cover, in tenths, and a strip of ``_JOIN_PX`` besides."""

_Box = tuple[int, int, int, int]
"""x0, y0, x1, y1, the last two exclusive. Bare numbers: a new screen has hundreds of boxes, each joined to the next."""


def join_boxes(boxes: NDArray[np.int32], tiles: NDArray[np.bool_]) -> list[Rect]:
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
    regions = [Rect(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in done + open_regions]
    return sorted(regions, key=lambda region: (region.y, region.x))


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
    if 10 * (right - left) * (bottom - top) > _WASTE_TENTHS * covered + 10 * _JOIN_PX * (narrower + lower):
        return None
    return left, top, right, bottom
