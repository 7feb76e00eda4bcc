"""Copies the pixels of chosen tiles from one frame to another.

    written_bytes = copy_tiles(source, target, changed)

A mask of changed tiles brings a kept frame up to date.
"""

from __future__ import annotations

import numpy as np

from ironcliw.frame import TILE
from ironcliw.kernels.protocol import Mask, Pixels
from ironcliw.kernels.reference import arrays


def copy_tiles(source: Pixels, target: Pixels, tiles: Mask | None = None) -> int:
    """See ``ironcliw.kernels.protocol.CopyTiles``."""
    pixels = arrays.pixels(source, "source")
    height, width = pixels.shape[:2]
    into = arrays.pixels(target, "target", (height, width), writable=True)
    selected = arrays.mask(tiles, "tiles", (-(-height // TILE), -(-width // TILE)))
    arrays.disjoint({"target"}, source=pixels, target=into, tiles=tiles)
    written_bytes = 0
    for row, column in np.argwhere(selected):
        place = np.s_[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        into[place][:, :, :3] = pixels[place][:, :, :3]
        into[place][:, :, 3] = 0
        written_bytes += into[place].size
    return written_bytes
