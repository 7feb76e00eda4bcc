"""The screen at a quarter of its scale, in shades of gray: enough to tell whether it looks as it did before.

thumbnail = thumbnail_of(pixels, region)
thumbnail.luma                        # (h, w) uint8, one value for 4 x 4 pixels
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect

BLOCK_PX = 4
_WEIGHTS = (29, 150, 77)  # blue, green and red, in 256ths
_SHIFT = 12  # 256ths of the sum of 16 pixels


class Thumbnail(NamedTuple):
    """``luma``: (h, w) uint8 means of blocks of 4 x 4 pixels; ``box``: where they stand, counted in blocks."""

    box: Rect
    luma: NDArray[np.uint8]


def thumbnail_of(pixels: NDArray[np.uint8], region: Rect) -> Thumbnail:
    """Of the whole blocks that ``region`` of a (h, w, 4) uint8 BGRX frame touches."""
    box = blocks_of(region).clipped(pixels.shape[1] // BLOCK_PX, pixels.shape[0] // BLOCK_PX)
    if box is None:
        return Thumbnail(Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8))
    top, left = box.y * BLOCK_PX, box.x * BLOCK_PX
    area = pixels[top : box.bottom * BLOCK_PX, left : box.right * BLOCK_PX]
    rows = area[0::BLOCK_PX].astype(np.uint16)
    for row in range(1, BLOCK_PX):
        rows += area[row::BLOCK_PX]
    sums = rows[:, 0::BLOCK_PX] + rows[:, 1::BLOCK_PX] + rows[:, 2::BLOCK_PX] + rows[:, 3::BLOCK_PX]
    luma = sums[:, :, 0].astype(np.uint32) * _WEIGHTS[0]
    for channel in (1, 2):
        luma += sums[:, :, channel].astype(np.uint32) * _WEIGHTS[channel]
    return Thumbnail(box, (luma >> _SHIFT).astype(np.uint8))


def blocks_of(region: Rect) -> Rect:
    """The blocks that a rectangle of pixels touches."""
    left, top = region.x // BLOCK_PX, region.y // BLOCK_PX
    return Rect(left, top, -(-region.right // BLOCK_PX) - left, -(-region.bottom // BLOCK_PX) - top)
