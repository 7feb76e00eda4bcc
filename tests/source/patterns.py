"""Pictures in which every pixel says for which size it was drawn and where it belongs, so that any mixture is seen.

pattern((640, 480))                      # (480, 640, 3) uint8 BGR
misplaced(shown, (640, 480), (200, 136), 0x202020)  # pixels that neither size's picture has in that place
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Size = tuple[int, int]

SIZES: tuple[Size, ...] = ((200, 136), (640, 480), (800, 600), (1024, 768))
"""What Xvnc lets a screen be; no side is longer than 1024."""
UNWRITTEN = 0x15
"""Memory is filled with this before it is attached: what was never captured is seen, too."""


@cache
def pattern(size: Size) -> Pixels:
    """The picture of a size: blue and green are the low bytes of x and y, red their high bits and the size's number."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    red = 0x80 | SIZES.index(size) << 4 | x >> 8 << 2 | y >> 8
    picture = np.stack([x & 255, y & 255, red], axis=2).astype(np.uint8)
    picture.flags.writeable = False
    return picture


def misplaced(shown: Pixels, size: Size, before: Size | None, background: int, at: Size = (0, 0)) -> int:
    """Pixels of a frame of ``size`` that are neither its picture's, nor what was there ``before`` it was painted.

    Before: the picture of the size before, with its corner ``at`` x, y, and the background. None: only its own picture
    may be seen.
    """
    wrong = (shown != pattern(size)).any(axis=2)
    if before is not None and wrong.any():
        (x, y), (width, height) = at, (min(size[0] - at[0], before[0]), min(size[1] - at[1], before[1]))
        there = slice(y, y + height), slice(x, x + width)
        wrong[there] &= (shown[there] != pattern(before)[:height, :width]).any(axis=2)
        wrong &= (shown != list(background.to_bytes(3, "little"))).any(axis=2)
    return int(wrong.sum())
