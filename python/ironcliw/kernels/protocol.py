"""What each kernel takes and gives, whichever implementation does the work.

A frame is a (height, width, 3 or 4) uint8 array: bytes B, G, R and perhaps a fourth, which is never looked at. Pixels
are 3 or 4 bytes apart (a ``[:, :, :3]`` view of 4-byte pixels is fine) and rows anything that does not overlap. It is
cut into tiles of 64 x 64 pixels; arrays "per tile" are C-contiguous, of shape (rows, columns) =
``grid_shape(height, width)``. Masks are bool or uint8, non-zero meaning selected.

Every kernel raises ValueError for a wrong dtype, shape, stride or number, for an array that should be writable and is
not, and for an output that overlaps another argument in memory; nothing is written then. While a kernel runs no other
thread may write to its arguments, and the native implementation lets other threads run meanwhile.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_] | NDArray[np.uint8]


class Fingerprint(Protocol):
    """One 64-bit number per tile, and which of them moved."""

    def __call__(self, pixels: Pixels, grid: NDArray[np.uint64], changed: Mask, among: Mask | None = None) -> int:
        """Update ``grid`` (uint64 per tile) in place and say in ``changed`` (per tile) which tiles differ from it.

        With ``among`` (per tile) only selected tiles are read; the others are not changed and keep their fingerprint.
        A fingerprint is XXH3 64-bit (seed 0) of the tile's 64 rows of 64 pixels as bytes B, G, R, 0, zeros beyond the
        frame's edges: 16,384 bytes. Returns the number of changed tiles.
        """
        ...


class Difference(Protocol):
    """How many pixels differ between two frames, and where."""

    def __call__(
        self,
        before: Pixels,
        after: Pixels,
        threshold: int,
        tiles: Mask | None,
        counts: NDArray[np.uint32],
        boxes: NDArray[np.int32],
    ) -> int:
        """Count and box the pixels with dB² + dG² + dR² > ``threshold`` (0 to 195075), in ``tiles`` (None: in all).

        ``before`` and ``after`` have the same height and width. ``counts`` (uint32 per tile) and ``boxes`` (int32,
        (rows, columns, 4): x0, y0, x1, y1 in pixels of the frame, the last two exclusive, tight) are zero where nothing
        differs or a tile is not selected. Returns the number of differing pixels.
        """
        ...


class CopyTiles(Protocol):
    """Moves the pixels of chosen tiles."""

    def __call__(self, source: Pixels, target: Pixels, tiles: Mask | None = None) -> int:
        """Copy the selected tiles (None: all) to the same place in ``target``, fourth bytes becoming 0.

        ``target`` is a writable (height, width, 4) frame of the size of ``source``. Returns the bytes written.
        """
        ...


class Kernels(NamedTuple):
    """One implementation of every kernel."""

    fingerprint: Fingerprint
    difference: Difference
    copy_tiles: CopyTiles
