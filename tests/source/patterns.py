"""Pictures in which every pixel says for which size it was drawn and where it belongs, so that any mixture is seen.

pattern((640, 480))                      # (480, 640, 3) uint8 BGR
misplaced(shown, (640, 480), (200, 136), 0x202020)  # where neither size's picture has what is shown
told(shown, wrong)                       # whose pixels those are, and how far from their place: lines for a person
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Places = NDArray[np.bool_]
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


def misplaced(shown: Pixels, size: Size, before: Size | None, background: int, at: Size = (0, 0)) -> Places:
    """(h, w) bool: pixels of a frame of ``size`` that are neither its picture's, nor what was there ``before`` it.

    Before: the picture of the size before, with its corner ``at`` x, y, and the background. None: only its own picture
    may be seen.
    """
    wrong = (shown != pattern(size)).any(axis=2)
    if before is not None and wrong.any():
        (x, y), (width, height) = at, (min(size[0] - at[0], before[0]), min(size[1] - at[1], before[1]))
        there = slice(y, y + height), slice(x, x + width)
        wrong[there] &= (shown[there] != pattern(before)[:height, :width]).any(axis=2)
        wrong &= (shown != list(background.to_bytes(3, "little"))).any(axis=2)
    return wrong


def told(shown: Pixels, wrong: Places) -> list[str]:
    """Where pixels are ``wrong`` and what they are: whose picture's and moved how far, or their values."""
    y, x = np.nonzero(wrong)
    if not len(x):
        return ["no pixel is wrong"]
    lines = [f"{len(x)} pixels wrong, in x {x.min()}..{x.max()} and y {y.min()}..{y.max()}"]
    values = shown[wrong].astype(int)
    number, high = values[:, 2] >> 4 & 7, values[:, 2] & 15
    drawn = (values[:, 2] >= 0x80) & (number < len(SIZES))
    moved = np.stack([number, x - (values[:, 0] | high >> 2 << 8), y - (values[:, 1] | (high & 3) << 8)], axis=1)
    for which, count in _commonest(moved[drawn]):
        width, height = SIZES[which[0]]
        lines.append(f"{count} of the picture of {width}x{height}, moved by {which[1]}, {which[2]}")
    for which, count in _commonest(values[~drawn]):
        lines.append(f"{count} of blue, green, red {which}")
    lines.append(f"the first at {x[0]}, {y[0]}: {values[0].tolist()}")
    return lines


def _commonest(rows: NDArray[np.int_]) -> list[tuple[list[int], int]]:
    found, counts = np.unique(rows, axis=0, return_counts=True)
    return [(found[at].tolist(), int(counts[at])) for at in np.argsort(-counts)[:4]]
