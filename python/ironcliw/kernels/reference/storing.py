"""Stores chosen tiles of a frame in a pool of blocks, each tile's 16,384 bytes in one piece.

written_bytes = store_tiles(pixels, changed, pool, slots)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE
from ironcliw.kernels.protocol import Mask, Pixels
from ironcliw.kernels.reference import arrays
from ironcliw.kernels.reference.fingerprint import padded


def store_tiles(pixels: Pixels, tiles: Mask | None, pool: NDArray[np.uint8], slots: NDArray[np.int32]) -> int:
    """See ``ironcliw.kernels.protocol.StoreTiles``."""
    frame = arrays.pixels(pixels, "pixels")
    shape = (-(-frame.shape[0] // TILE), -(-frame.shape[1] // TILE))
    selected = arrays.mask(tiles, "tiles", shape)
    blocks = arrays.blocks(pool, "pool")
    places = arrays.cells(slots, "slots", ("int32",), shape, writable=False)
    arrays.disjoint({"pool"}, pixels=frame, tiles=tiles, pool=blocks, slots=places)
    for row, column in np.argwhere(selected):
        if not 0 <= places[row, column] < len(blocks):
            last = len(blocks) - 1
            raise ValueError(f"slots: expected 0 to {last}, got {places[row, column]} for the tile ({row}, {column})")
    for row in np.flatnonzero(selected.any(axis=1)):
        columns = np.flatnonzero(selected[row])
        # One after another: where two tiles have one slot, the later one stays.
        for slot, block in zip(places[row, columns], padded(frame, row)[columns], strict=True):
            blocks[slot] = block
    return int(np.count_nonzero(selected)) * blocks[0].nbytes
