"""Which pixels differ between two frames, per tile: how many, and the tight box around them.

    differing = difference(before, after, 0, None, counts, boxes)

The tiles of one row of the grid are compared at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE
from ironcliw.kernels.protocol import Mask, Pixels
from ironcliw.kernels.reference import arrays


def difference(
    before: Pixels,
    after: Pixels,
    threshold: int,
    tiles: Mask | None,
    counts: NDArray[np.uint32],
    boxes: NDArray[np.int32],
    mask: Mask | None = None,
) -> int:
    """See ``ironcliw.kernels.protocol.Difference``."""
    a = arrays.pixels(before, "before")
    height, width = a.shape[:2]
    b = arrays.pixels(after, "after", (height, width))
    limit = arrays.distance(threshold)
    shape = (-(-height // TILE), -(-width // TILE))
    selected = arrays.mask(tiles, "tiles", shape)
    found = arrays.cells(counts, "counts", ("uint32",), shape, writable=True)
    bounds = arrays.cells(boxes, "boxes", ("int32",), (*shape, 4), writable=True)
    if mask is not None:
        mask = arrays.cells(mask, "mask", ("bool", "uint8"), (height, width), writable=True)
    arrays.disjoint({"counts", "boxes", "mask"}, before=a, after=b, tiles=tiles, counts=found, boxes=bounds, mask=mask)
    found[:] = 0
    bounds[:] = 0
    if mask is not None:
        mask[:] = 0
    for row in np.flatnonzero(selected.any(axis=1)):
        band = slice(row * TILE, (row + 1) * TILE)
        differing = tiled(distances(a[band], b[band]) > limit) & selected[row, :, np.newaxis, np.newaxis]
        found[row] = differing.sum(axis=(1, 2))
        bounds[row] = boxed(differing, row)
        if mask is not None:
            into = mask[band]
            into[:] = differing.transpose(1, 0, 2).reshape(TILE, -1)[: into.shape[0], : into.shape[1]]
    return int(found.sum(dtype=np.uint64))


def distances(a: Pixels, b: Pixels) -> NDArray[np.int32]:
    """dB² + dG² + dR² of each pixel."""
    apart = a[:, :, :3].astype(np.int32) - b[:, :, :3]
    return (apart * apart).sum(axis=2, dtype=np.int32)


def tiled(differing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """One band of pixels, at most 64 rows, as (columns, 64, 64); False beyond the frame's edges."""
    height, width = differing.shape
    columns = -(-width // TILE)
    whole = np.zeros((TILE, columns * TILE), np.bool_)
    whole[:height, :width] = differing
    return whole.reshape(TILE, columns, TILE).transpose(1, 0, 2)


def boxed(differing: NDArray[np.bool_], row: int | np.intp) -> NDArray[np.int64]:
    """The tight box (x0, y0, x1, y1) of each of (columns, 64, 64); zeros where nothing differs."""
    y0, y1 = ends(np.logical_or.reduce(differing, axis=2))
    x0, x1 = ends(np.logical_or.reduce(differing, axis=1))
    any_differs: NDArray[np.bool_] = np.logical_or.reduce(differing, axis=(1, 2))
    left = np.arange(len(differing)) * TILE
    top = row * TILE
    boxes = np.stack([left + x0, top + y0, left + x1, top + y1], axis=1)
    return np.where(any_differs[:, np.newaxis], boxes, 0)


def ends(hits: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each row of (count, 64): the first hit, and one beyond the last."""
    return hits.argmax(axis=1), TILE - hits[:, ::-1].argmax(axis=1)
