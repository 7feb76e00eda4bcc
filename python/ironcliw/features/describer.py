"""Describing frames one after another: only what changed is looked at again.

    describer = Describer(1080, 1920)
    first = describer.apply(pixels)       # looks at all of it
    later = describer.apply(pixels)       # finds the tiles that changed, and describes those

What comes is what describing the whole frame anew would give, bit for bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.errors import SettingsError
from ironcliw.features.descriptor import PLANES, SHARES, SIDE, Descriptor
from ironcliw.frame import TILE, Rect
from ironcliw.kernels.protocol import Mask, Pixels

LARGEST_SIDE = 65_535
_FINE = 16
"""Means are 16ths of a shade until they are rounded."""
_NEUTRAL = 128
_BLOCK = 8
"""Side of the blocks that the histogram counts."""


class Describer:
    """Keeps the ``Descriptor`` of frames of ``height`` x ``width`` pixels, or of one ``region`` of them, up to date.

    SettingsError for a size or region that cannot be. Not to be shared between threads.
    """

    def __init__(self, height: int, width: int, region: Rect | None = None) -> None:
        if not (1 <= height <= LARGEST_SIDE and 1 <= width <= LARGEST_SIDE):
            raise SettingsError(f"a frame of {width}x{height} pixels: each side must be 1 to {LARGEST_SIDE}")
        self._shape = kernels.grid_shape(height, width)
        self._region = region or Rect(0, 0, width, height)
        check_region(self._region, width, height)
        shape = kernels.grid_shape(self._region.height, self._region.width)
        self._grid = np.zeros(shape, np.uint64)
        self._changed = np.zeros(shape, np.bool_)
        self._features = np.zeros((*shape, kernels.FEATURES), np.uint32)
        self._histograms = np.zeros((*shape, kernels.BINS), np.uint16)
        self._histogram = np.zeros(kernels.BINS, np.uint32)
        self._down, self._across = _overlaps(self._region.height), _overlaps(self._region.width)
        self._areas = np.outer(self._down.sum(axis=0), self._across.sum(axis=0)) // SIDE**2
        # Of tiles at the edges, blocks wholly beyond it are counted as black.
        inside = -(-self._region.height // _BLOCK) * -(-self._region.width // _BLOCK)
        self._blocks_outside = self._grid.size * (TILE // _BLOCK) ** 2 - inside
        self._descriptor: Descriptor | None = None

    def apply(self, pixels: Pixels, changed: Mask | None = None) -> Descriptor:
        """The descriptor of a (height, width, 3|4) uint8 BGR or BGRX frame.

        ``changed``: per tile of the frame, outside which nothing changed since the last ``apply``; None where that is
        not known, and then fingerprints tell. ValueError for another shape or dtype.
        """
        x, y, width, height = self._region
        seen = pixels[y : y + height, x : x + width]
        if seen.shape[:2] != (height, width):
            raise ValueError(f"pixels: too small for the region {width}x{height}+{x}+{y}: shape {pixels.shape}")
        among = None if changed is None or self._descriptor is None else self._touched(changed)
        # Tiles that the caller names are fingerprinted, too: the next call may leave the finding to us.
        moved = kernels.fingerprint(seen, self._grid, self._changed, among)
        if self._descriptor is None:
            kernels.describe(seen, None, self._features, self._histograms, self._histogram)
        elif not moved:
            return self._descriptor
        else:
            kernels.describe(seen, self._changed, self._features, self._histograms, self._histogram)
        self._descriptor = self._described()
        return self._descriptor

    def _touched(self, changed: Mask) -> NDArray[np.bool_]:
        """The region's tiles that share a pixel with tiles of the frame."""
        if changed.shape != self._shape:
            raise ValueError(f"changed: expected the shape {self._shape}, got {changed.shape}")
        x, y, width, height = self._region
        rows, columns = _tiles_under(y, height), _tiles_under(x, width)
        mask = changed.astype(np.bool_)
        by_row = mask[rows[0]] | mask[rows[1]]
        return np.ascontiguousarray(by_row[:, columns[0]] | by_row[:, columns[1]])

    def _described(self) -> Descriptor:
        _, _, width, height = self._region
        means = self._features.astype(np.int64) * _FINE // self._areas[:, :, np.newaxis]
        # (row, column, feature) to (feature, cell row, cell column): each cell by what it shares with each tile.
        cells = self._down @ means.transpose(2, 0, 1) @ self._across.T // (height * width)
        blue, _, red, luma, _, gradient = cells
        neutral = _NEUTRAL * _FINE
        planes = np.stack([luma, gradient, (blue - luma) // 2 + neutral, (red - luma) // 2 + neutral])
        assert len(planes) == len(PLANES)
        rounded = np.minimum((planes + _FINE // 2) // _FINE, 255).astype(np.uint8)
        counts = self._histogram.astype(np.int64)
        counts[0] -= self._blocks_outside
        shares = (counts * SHARES // counts.sum()).astype(np.uint16)
        hashed = kernels.perceptual_hash(self._features, height, width)
        return Descriptor.of(width, height, hashed, shares, rounded)


def describe_pixels(pixels: Pixels, region: Rect | None = None) -> Descriptor:
    """The descriptor of one (height, width, 3|4) uint8 BGR or BGRX frame, or of a region of it."""
    height, width = pixels.shape[:2]
    return Describer(height, width, region).apply(pixels)


def check_region(region: Rect, width: int, height: int) -> None:
    """SettingsError where ``region`` holds no pixels or leaves a frame of ``width`` x ``height``."""
    if region.width < 1 or region.height < 1 or region.clipped(width, height) != region:
        raise SettingsError(f"the region {','.join(map(str, region))} is not inside the frame of {width}x{height}")


def _overlaps(length: int) -> NDArray[np.int64]:
    """(16, tiles): how much of each cell lies in each tile, in 16ths of a pixel; cells divide ``length`` evenly."""
    cells = np.arange(SIDE + 1)[:, np.newaxis] * length
    tiles = np.minimum(np.arange(-(-length // TILE) + 1) * TILE, length)[np.newaxis] * SIDE
    begin, end = np.maximum(cells[:-1], tiles[:, :-1]), np.minimum(cells[1:], tiles[:, 1:])
    return np.maximum(end - begin, 0)


def _tiles_under(start: int, length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each tile of a region that begins at ``start``: the frame's first and last tile under it."""
    first = np.arange(start, start + length, TILE)
    last = np.minimum(first + TILE, start + length) - 1
    return first // TILE, last // TILE
