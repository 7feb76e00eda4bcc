"""Keys of frames, regions and tiles: what is on them, and never when it was there.

    frame_key(grid)                   # bytes: the whole screen, exactly
    region_key(pixels[y0:y1, x0:x1])  # bytes: one piece of the screen, wherever it stands
    tile_keys(grid)                   # uint64 for each tile: its fingerprint

A key is the same in every process: sizes and fingerprints are little-endian, pixels are B, G, R.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

_PLACE_STEP = np.uint64(0x9E3779B97F4A7C15)
_SIZE = struct.Struct("<II")


def frame_key(grid: NDArray[np.uint64]) -> bytes:
    """The key of a whole frame: rows and columns of its grid of fingerprints, and the (rows, columns) uint64 of it.

    Raises ValueError for another dtype or number of axes.
    """
    _check(grid, "grid", np.uint64, "(rows, columns)", 2)
    return _SIZE.pack(*grid.shape) + grid.astype("<u8").tobytes()


def region_key(pixels: NDArray[np.uint8]) -> bytes:
    """The key of a piece of a frame: its height and width, and the B, G and R of its (height, width, 3 or 4) uint8.

    Where it was cut from does not matter, nor does a fourth byte. Raises ValueError for another dtype or shape.
    """
    _check(pixels, "pixels", np.uint8, "(height, width, 3 or 4)", 3)
    if pixels.shape[2] not in (3, 4):
        raise ValueError(f"pixels: expected a uint8 array of shape (height, width, 3 or 4), got {pixels.shape}")
    return _SIZE.pack(*pixels.shape[:2]) + pixels[:, :, :3].tobytes()


def tile_keys(grid: NDArray[np.uint64], *, by_place: bool = False) -> NDArray[np.uint64]:
    """The keys of all tiles of a (rows, columns) uint64 grid, in its shape: their fingerprints.

    With ``by_place`` a tile at another row or column has another key: "was it seen here?" Raises ValueError for another
    dtype or number of axes.
    """
    _check(grid, "grid", np.uint64, "(rows, columns)", 2)
    if not by_place:
        return grid
    row, column = np.ogrid[: grid.shape[0], : grid.shape[1]]
    place = row.astype(np.uint64) << np.uint64(32) | column.astype(np.uint64)
    return grid ^ place * _PLACE_STEP


def _check(array: NDArray[np.generic], name: str, dtype: type[np.generic], shape: str, axes: int) -> None:
    kind = np.dtype(dtype).name
    if not isinstance(array, np.ndarray):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may be untyped
        raise ValueError(f"{name}: expected a {kind} array of shape {shape}, got {type(array).__name__}")
    if array.dtype != dtype or array.ndim != axes:
        raise ValueError(f"{name}: expected a {kind} array of shape {shape}, got {array.dtype} {array.shape}")
