"""What every implementation of the kernels must do, as checks that raise AssertionError.

    check_all(reference.KERNELS)

The same checks run over both implementations and over deliberately broken ones, which they must refuse. Expected
answers come from the package xxhash, from plain counting, and from vectors.json.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from ironcliw.kernels import grid_shape, reference
from ironcliw.kernels.protocol import Kernels, Mask, Pixels

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import make_vectors

VECTORS: dict[str, Any] = json.loads(make_vectors.TARGET.read_text())
TILE = 64


def implementations() -> dict[str, Kernels]:
    """Both; only the reference where the environment says that there is no other."""
    found = {"reference": reference.KERNELS}
    if os.environ.get("IRONCLIW_KERNELS") != "reference":
        from ironcliw import _native  # noqa: TID251 - what is to be tested, whatever the door chose

        found["native"] = Kernels(*(getattr(_native, name) for name in Kernels._fields))
        # What a graphics processor does of it, in the build of 'make test-gpu'.
        if os.environ.get("IRONCLIW_TEST_GPU"):
            from ironcliw.kernels import gpu

            card = gpu.opener(_native, software=True)()
            found["gpu"] = found["native"]._replace(difference=card.difference, describe=card.describe)
    return found


def noise(height: int, width: int, channels: int = 4, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def laid_out(pixels: Pixels, pixel_stride: int, gap: int, offset: int) -> Pixels:
    """The same pixels elsewhere: not a byte of memory follows the last pixel's last channel."""
    height, width, channels = pixels.shape
    row_stride = (width - 1) * pixel_stride + channels + gap
    size = (height - 1) * row_stride + (width - 1) * pixel_stride + channels
    memory = noise(1, offset + size, 1, 99).reshape(-1)
    view = np.ndarray(pixels.shape, np.uint8, memory, offset, (row_stride, pixel_stride, 1))
    view[:] = pixels
    return view


def tile_slices(row: int, column: int) -> tuple[slice, slice]:
    return slice(row * TILE, (row + 1) * TILE), slice(column * TILE, (column + 1) * TILE)


def tile_of(pixels: Pixels, row: int, column: int) -> Pixels:
    """A tile's (64, 64, 4) pixels: fourth bytes 0, zeros beyond the frame's edges."""
    part = pixels[tile_slices(row, column)][:, :, :3]
    tile = np.zeros((TILE, TILE, 4), np.uint8)
    tile[: part.shape[0], : part.shape[1], :3] = part
    return tile


def expected_fingerprint(pixels: Pixels, row: int, column: int) -> int:
    return xxhash.xxh3_64_intdigest(tile_of(pixels, row, column).tobytes())


def check_fingerprint(kernels: Kernels, pixels: Pixels, among: Mask | None = None, stale: int = 0) -> None:
    """``stale``: every how many tiles (0: none) the grid already holds another fingerprint than the right one."""
    shape = grid_shape(*pixels.shape[:2])
    grid, expected = np.zeros(shape, np.uint64), np.zeros(shape, np.uint64)
    moved = np.zeros(shape, np.bool_)
    for i, (row, column) in enumerate(np.ndindex(shape)):
        value = expected_fingerprint(pixels, row, column)
        wrong = bool(stale) and i % stale == 0
        grid[row, column] = value ^ wrong << 63
        on = among is None or bool(among[row, column])
        expected[row, column] = value if on else grid[row, column]
        moved[row, column] = on and wrong
    changed = np.ones(shape, np.uint8 if stale == 2 else np.bool_)
    count = kernels.fingerprint(pixels, grid, changed, among)
    assert grid.tolist() == expected.tolist()
    assert changed.tolist() == moved.astype(changed.dtype).tolist()
    assert count == int(moved.sum())
    assert type(count) is int


def check_difference(
    kernels: Kernels, before: Pixels, after: Pixels, threshold: int, tiles: Mask | None = None
) -> None:
    shape = grid_shape(*before.shape[:2])
    apart = (before[:, :, :3].astype(np.int64) - after[:, :, :3].astype(np.int64)) ** 2
    differing = apart.sum(axis=2) > threshold
    counts, boxes = np.zeros(shape, int), np.zeros((*shape, 4), int)
    for row, column in np.ndindex(shape):
        if tiles is not None and not tiles[row, column]:
            differing[tile_slices(row, column)] = False
        ys, xs = np.nonzero(differing[tile_slices(row, column)])
        if len(ys):
            counts[row, column] = len(ys)
            box = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
            boxes[row, column] = box + np.array([column, row, column, row]) * TILE
    for mask in (None, np.full(differing.shape, 77, np.uint8 if threshold else np.bool_)):
        got_counts = np.full(shape, 77, np.uint32)
        got_boxes = np.full((*shape, 4), 77, np.int32)
        total = kernels.difference(before, after, threshold, tiles, got_counts, got_boxes, mask)
        assert got_counts.tolist() == counts.tolist()
        assert got_boxes.tolist() == boxes.tolist()
        assert total == int(counts.sum())
        assert type(total) is int
        assert mask is None or mask.tobytes() == differing.tobytes()


def check_copy(kernels: Kernels, source: Pixels, tiles: Mask | None = None, gap: int = 0, offset: int = 0) -> None:
    height, width = source.shape[:2]
    target = laid_out(noise(height, width, 4, 5), 4, gap, offset)
    around = target.base
    assert isinstance(around, np.ndarray)
    expected = around.copy()
    view = np.ndarray(target.shape, np.uint8, expected, offset, target.strides)
    written_bytes = 0
    for row, column in np.ndindex(grid_shape(height, width)):
        if tiles is None or tiles[row, column]:
            place = tile_slices(row, column)
            view[place][:, :, :3] = source[place][:, :, :3]
            view[place][:, :, 3] = 0
            written_bytes += view[place].size
    got = kernels.copy_tiles(source, target, tiles)
    assert np.array_equal(around, expected)
    assert got == written_bytes
    assert type(got) is int


def masks(shape: tuple[int, int]) -> Iterator[Mask | None]:
    yield None
    every_other = np.indices(shape).sum(axis=0) % 2
    yield every_other.astype(np.bool_)
    yield every_other.astype(np.uint8) * 200
    yield np.zeros(shape, np.bool_)


def check_vectors(kernels: Kernels) -> None:
    """The stored answers."""
    assert len(VECTORS["fingerprint"]) >= 10
    assert len(VECTORS["difference"]) >= 10
    for vector in VECTORS["fingerprint"]:
        pixels = make_vectors.frame(vector["frame"])
        shape = grid_shape(*pixels.shape[:2])
        grid = np.zeros(shape, np.uint64)
        kernels.fingerprint(pixels, grid, np.zeros(shape, np.bool_))
        assert [f"{value:016x}" for value in grid.reshape(-1).tolist()] == vector["grid"], vector["frame"]
    for vector in VECTORS["difference"]:
        before, after = make_vectors.frame(vector["before"]), make_vectors.frame(vector["after"])
        shape = grid_shape(*before.shape[:2])
        counts, boxes = np.zeros(shape, np.uint32), np.zeros((*shape, 4), np.int32)
        total = kernels.difference(before, after, vector["threshold"], None, counts, boxes)
        assert counts.reshape(-1).tolist() == vector["counts"], vector
        assert boxes.reshape(-1, 4).tolist() == vector["boxes"], vector
        assert total == sum(vector["counts"])


def check_every_bit(kernels: Kernels) -> None:
    """Every bit of every pixel counts, and none of the fourth bytes."""
    pixels = noise(70, 66)
    inverse: NDArray[np.uint8] = ~pixels
    # Between the two, every bit has been a zero and a one: one that is stuck shows.
    check_fingerprint(kernels, pixels)
    check_fingerprint(kernels, inverse)
    for channel in range(4):
        for bit in range(8):
            after = pixels.copy()
            after[:, :, channel] ^= np.uint8(1 << bit)
            check_difference(kernels, pixels, after, 0)


def check_masks(kernels: Kernels) -> None:
    pixels = noise(130, 200)
    after = noise(130, 200, seed=1)
    for mask in masks(grid_shape(130, 200)):
        for stale in (0, 1, 2, 3):
            check_fingerprint(kernels, pixels, mask, stale)
        check_difference(kernels, pixels, after, 0, mask)
        check_difference(kernels, pixels, after, 20_000, mask)
        check_copy(kernels, pixels, mask)


def check_boxes(kernels: Kernels) -> None:
    """One pixel, at every corner of tiles and frame, is counted and boxed, and is at its threshold not beyond it."""
    plain = noise(130, 140)
    for y in (0, 1, 63, 64, 127, 128, 129):
        for x in (0, 1, 63, 64, 127, 128, 139):
            after = plain.copy()
            after[y, x, y % 3] ^= 128
            check_difference(kernels, plain, after, 0)
            check_difference(kernels, plain, after, 128**2 - 1)
            check_difference(kernels, plain, after, 128**2)


def check_layouts(kernels: Kernels) -> None:
    for height, width in ((1, 1), (1, 200), (63, 65), (64, 64), (65, 63), (130, 129)):
        before, after = noise(height, width, 3, 2), noise(height, width, 3, 3)
        fourth = noise(height, width, 1, 4)
        plain = np.concatenate([before, fourth], axis=2)
        for layout in ((3, 0, 0), (3, 5, 1), (4, 0, 0), (4, 7, 3)):
            check_fingerprint(kernels, laid_out(before, *layout), stale=2)
            check_difference(kernels, laid_out(before, *layout), after, 9_000)
            check_difference(kernels, plain, laid_out(after, *layout), 0)
            check_copy(kernels, laid_out(before, *layout), gap=layout[1], offset=layout[2])
        check_fingerprint(kernels, laid_out(plain, 4, 3, 1))
        check_fingerprint(kernels, plain[:, :, :3])


CHECKS = (check_vectors, check_every_bit, check_masks, check_boxes, check_layouts)


def check_all(kernels: Kernels) -> None:
    for check in CHECKS:
        check(kernels)
