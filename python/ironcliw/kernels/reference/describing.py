"""What a tile and a frame look like, in a few whole numbers, and how alike two frames are.

    describe(pixels, changed, features, histograms, histogram)
    perceptual_hash(features, height, width)

Only integers: describing the changed tiles anew gives what describing the whole frame would.
"""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE
from ironcliw.kernels.protocol import BINS, FEATURES, Mask, Pixels
from ironcliw.kernels.reference import arrays
from ironcliw.kernels.reference.fingerprint import padded

WEIGHTS = (29, 150, 77)
"""Luma is (29 B + 150 G + 77 R) / 256, rounded down."""

BLOCK = 8
"""Side of the blocks whose mean luma the histogram counts."""

SIDE = 32
"""The perceptual hash sees a frame as 32 x 32 cells."""

LOWEST = 8
"""Of its frequencies, the 8 x 8 lowest become bits."""

SIDE_MAX = 65_536
"""Frames may have as many rows or columns at the most; then no sum exceeds 64 bits."""

QUARTER = [
    *(16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449, 14053, 13623, 13160, 12665, 12140),
    *(11585, 11003, 10394, 9760, 9102, 8423, 7723, 7005, 6270, 5520, 4756, 3981, 3196, 2404, 1606, 804, 0),
]
"""cos(pi * k / 64) * 2**14, rounded, for k = 0 to 32."""


def describe(
    pixels: Pixels,
    tiles: Mask | None,
    features: NDArray[np.uint32],
    histograms: NDArray[np.uint16],
    histogram: NDArray[np.uint32],
) -> int:
    """See ``ironcliw.kernels.protocol.Describe``."""
    frame = arrays.pixels(pixels, "pixels")
    shape = (-(-frame.shape[0] // TILE), -(-frame.shape[1] // TILE))
    selected = arrays.mask(tiles, "tiles", shape)
    of_tiles = arrays.cells(features, "features", ("uint32",), (*shape, FEATURES), writable=True)
    by_tile = arrays.cells(histograms, "histograms", ("uint16",), (*shape, BINS), writable=True)
    whole = arrays.cells(histogram, "histogram", ("uint32",), (BINS,), writable=True)
    arrays.disjoint(
        {"features", "histograms", "histogram"},
        pixels=frame,
        tiles=tiles,
        features=of_tiles,
        histograms=by_tile,
        histogram=whole,
    )
    for row in np.flatnonzero(selected.any(axis=1)):
        for column in np.flatnonzero(selected[row]):
            tile = padded(frame, row)[column].astype(np.int64)
            of_tiles[row, column] = described(tile)
            counts = np.bincount(blocks(tile), minlength=BINS)
            whole += (counts - by_tile[row, column]).astype(np.uint32)
            by_tile[row, column] = counts
    return int(np.count_nonzero(selected))


def luma(tile: NDArray[np.int64]) -> NDArray[np.int64]:
    """The luma of a (64, 64, 4) tile, 0 to 255."""
    return (tile[:, :, :3] * WEIGHTS).sum(axis=2) >> 8


def described(tile: NDArray[np.int64]) -> list[int]:
    """The features of a tile, in their order."""
    blue, green, red = (int(tile[:, :, channel].sum()) for channel in range(3))
    grey = luma(tile)
    gradient = np.abs(np.diff(grey, axis=0)).sum() + np.abs(np.diff(grey, axis=1)).sum()
    return [blue, green, red, int(grey.sum()), int((grey**2).sum()), int(gradient)]


def blocks(tile: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bin of each 8 x 8 pixels: their mean luma, four shades a bin."""
    side = TILE // BLOCK
    sums = luma(tile).reshape(side, BLOCK, side, BLOCK).sum(axis=(1, 3)).reshape(-1)
    return sums * BINS // (BLOCK**2 * 256)


def perceptual_hash(features: NDArray[np.uint32], height: int, width: int) -> int:
    """See ``ironcliw.kernels.protocol.PerceptualHash``."""
    height, width = _side(height, "height"), _side(width, "width")
    shape = (-(-height // TILE), -(-width // TILE))
    of_tiles = arrays.cells(features, "features", ("uint32",), (*shape, FEATURES), writable=False)
    down, across = overlaps(height), overlaps(width)
    areas = np.outer(down.sum(axis=0), across.sum(axis=0)) // SIDE**2
    # In sixteenths of a shade. Clipped, so that numbers that no frame has do not exceed 64 bits later on.
    means = np.minimum(of_tiles[:, :, 3].astype(np.int64) * 16 // areas, 255 * 16)
    cells = down @ means @ across.T // (height * width)
    centred = cells * SIDE**2 - cells.sum()
    waves = cosines()
    lowest = (waves @ centred @ waves.T).reshape(-1)
    middle = np.sort(lowest)[LOWEST**2 // 2 - 1 : LOWEST**2 // 2 + 1].sum()
    return sum(1 << bit for bit in np.flatnonzero(2 * lowest > middle).tolist())


def overlaps(length: int) -> NDArray[np.int64]:
    """(32, tiles): how much of each cell lies in each tile, in 32nds of a pixel; cells divide ``length`` evenly."""
    cells = np.arange(SIDE + 1)[:, np.newaxis] * length
    tiles = np.minimum(np.arange(-(-length // TILE) + 1) * TILE, length)[np.newaxis] * SIDE
    begin, end = np.maximum(cells[:-1], tiles[:, :-1]), np.minimum(cells[1:], tiles[:, 1:])
    return np.maximum(end - begin, 0)


def cosines() -> NDArray[np.int64]:
    """(8, 32): the lowest waves of the discrete cosine transform, times 2**14."""
    angles = np.outer(np.arange(LOWEST), 2 * np.arange(SIDE) + 1) % 128
    folded = np.minimum(angles, 128 - angles)
    quarter = np.array(QUARTER)
    return np.where(folded > SIDE, -quarter[2 * SIDE - np.maximum(folded, SIDE)], quarter[np.minimum(folded, SIDE)])


def _side(value: int, name: str) -> int:
    try:
        side = operator.index(value)
    except TypeError:
        side = 0
    if not 1 <= side <= SIDE_MAX:
        raise ValueError(f"{name}: expected an integer 1 to {SIDE_MAX}, got {value!r}")
    return side
