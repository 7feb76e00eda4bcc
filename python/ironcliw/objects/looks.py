"""What is inside of a rectangle, in a few numbers.

look = Look.of(plane, Rect(40, 30, 300, 120))
look.rows          # [(12, 26), (80, 96)]: where ink is, from the rectangle's top
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect

Plane = NDArray[np.uint8]

INSET, INK, FILL, SAMPLES = 3, 36, 10, 65_536
"""Pixels of border; how far ink is from the fill, and the fill from itself, in luma; pixels that are looked at."""


@dataclass(frozen=True, slots=True)
class Look:
    """The fill and its share, rows of ink (top, bottom) and its left and right end, all in pixels of the rectangle."""

    fill: int
    flat: float
    rows: list[tuple[int, int]]
    left: int
    right: int

    @classmethod
    def of(cls, plane: Plane, box: Rect) -> Look:
        """Look at the part of ``plane``, (height, width) luma, that is in ``box``."""
        part = plane[box.y + INSET : box.bottom - INSET, box.x + INSET : box.right - INSET]
        step = 1
        while part.size // (step * step) > SAMPLES:
            step += 1
        part = part[::step, ::step]
        if not part.size:
            return cls(0, 0.0, [], 0, 0)
        fill = int(np.bincount((part >> 2).reshape(-1), minlength=64).argmax()) * 4 + 2
        apart = np.abs(part.astype(np.int16) - fill)
        ink = apart > INK
        columns = np.flatnonzero(ink.any(axis=0))
        left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)
        rows = [(top * step + INSET, bottom * step + INSET) for top, bottom in _runs(ink.any(axis=1))]
        flat = float(np.count_nonzero(apart <= FILL)) / part.size
        return cls(fill, flat, rows, left * step + INSET, right * step + INSET)


def _runs(marked: Any) -> list[tuple[int, int]]:
    """Stretches of (count,) bool of at least five that are marked, single ones that are not between them closed."""
    padded = np.concatenate([[False], marked, [False]])
    padded[1:-1] |= padded[:-2] & padded[2:]
    ends = np.flatnonzero(padded[1:] != padded[:-1])
    return [(int(top), int(bottom)) for top, bottom in zip(ends[::2], ends[1::2], strict=True) if bottom - top >= 5]


def luma(pixels: NDArray[np.uint8]) -> Plane:
    """(height, width) luma of (height, width, 3 or 4) pixels B, G, R."""
    blue, green, red = (pixels[:, :, channel].astype(np.uint16) for channel in range(3))
    return ((29 * blue + 150 * green + 77 * red) >> 8).astype(np.uint8)
