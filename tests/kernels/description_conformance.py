"""What every implementation of store_tiles, describe and perceptual_hash must do, as checks that raise AssertionError.

    check_all(reference.KERNELS)

Expected answers come from plain counting, from a cosine transform in floating point, and from vectors.json.
"""

from __future__ import annotations

from itertools import pairwise

import kernel_conformance as conformance
import make_vectors
import numpy as np
import xxhash
from kernel_conformance import VECTORS, laid_out, noise, tile_of
from numpy.typing import NDArray

from ironcliw.kernels import grid_shape
from ironcliw.kernels.protocol import BINS, FEATURES, Kernels, Mask, Pixels

JUNK = (-(2**31), -1, 2**31 - 1)
TOLERANCE = 20.0
"""In shades, summed over cells: coefficients nearer to the median may be rounded to the other side of it."""


def selected(tiles: Mask | None, shape: tuple[int, int]) -> list[tuple[int, int]]:
    return [(row, column) for row, column in np.ndindex(shape) if tiles is None or tiles[row, column]]


def check_store(kernels: Kernels, pixels: Pixels, tiles: Mask | None = None, spare: int = 2) -> None:
    """``spare``: how many blocks the pool has that no tile goes to."""
    shape = grid_shape(*pixels.shape[:2])
    places = selected(tiles, shape)
    capacity = len(places) + spare
    order = np.random.default_rng(capacity).permutation(capacity)
    pool = noise(64 * capacity, 64, 4, 9).reshape(capacity, 64, 64, 4)
    expected = pool.copy()
    slots = np.resize(np.array(JUNK, np.int32), shape)
    for slot, (row, column) in zip(order, places, strict=False):
        slots[row, column] = slot
        expected[slot] = tile_of(pixels, row, column)
    kept = slots.copy()
    written_bytes = kernels.store_tiles(pixels, tiles, pool, slots)
    assert np.array_equal(pool, expected)
    assert np.array_equal(slots, kept)
    assert written_bytes == len(places) * 16_384
    assert type(written_bytes) is int


def described(tile: Pixels) -> tuple[list[int], list[int]]:
    """The features and the histogram of one tile."""
    blue, green, red = (tile[:, :, channel].astype(np.int64) for channel in range(3))
    luma = (29 * blue + 150 * green + 77 * red) // 256
    gradient = 0
    for line in (*luma, *luma.T):
        gradient += sum(abs(b - a) for a, b in pairwise(line.tolist()))
    bins = [0] * BINS
    for y in range(0, 64, 8):
        for x in range(0, 64, 8):
            bins[int(luma[y : y + 8, x : x + 8].sum()) // 256] += 1
    sums = [int(part.sum()) for part in (blue, green, red, luma, luma * luma)]
    return [*sums, gradient], bins


def check_describe(kernels: Kernels, pixels: Pixels, tiles: Mask | None = None, before: Pixels | None = None) -> None:
    """``before``: another frame that was described as a whole earlier; None: nothing was."""
    shape = grid_shape(*pixels.shape[:2])
    features, histograms = np.zeros((*shape, FEATURES), np.uint32), np.zeros((*shape, BINS), np.uint16)
    if before is not None:
        for row, column in np.ndindex(shape):
            features[row, column], histograms[row, column] = described(tile_of(before, row, column))
    histogram = histograms.sum(axis=(0, 1)).astype(np.uint32)
    expected_features, expected_histograms = features.copy(), histograms.copy()
    for row, column in selected(tiles, shape):
        expected = described(tile_of(pixels, row, column))
        expected_features[row, column], expected_histograms[row, column] = expected
    count = kernels.describe(pixels, tiles, features, histograms, histogram)
    assert features.tolist() == expected_features.tolist()
    assert histograms.tolist() == expected_histograms.tolist()
    assert histogram.tolist() == expected_histograms.sum(axis=(0, 1)).tolist()
    assert count == len(selected(tiles, shape))
    assert type(count) is int


def features_of(kernels: Kernels, pixels: Pixels) -> NDArray[np.uint32]:
    shape = grid_shape(*pixels.shape[:2])
    features = np.zeros((*shape, FEATURES), np.uint32)
    kernels.describe(pixels, None, features, np.zeros((*shape, BINS), np.uint16), np.zeros(BINS, np.uint32))
    return features


def coefficients(features: NDArray[np.uint32], height: int, width: int) -> NDArray[np.float64]:
    """The 8 x 8 lowest frequencies of a frame's 32 x 32 mean shades, in floating point."""

    def shares(length: int) -> NDArray[np.float64]:
        """How much of each cell lies in each tile."""
        cells, edges = np.linspace(0, length, 33), np.append(np.arange(0, length, 64), length)
        below = np.clip(edges[np.newaxis, :], cells[:-1, np.newaxis], cells[1:, np.newaxis])
        return np.diff(below, axis=1) * 32 / length

    heights = np.minimum(height - 64 * np.arange(features.shape[0]), 64)
    widths = np.minimum(width - 64 * np.arange(features.shape[1]), 64)
    shades = features[:, :, 3] / (heights[:, np.newaxis] * widths)
    cells = shares(height) @ shades @ shares(width).T
    waves = np.cos(np.pi * np.outer(np.arange(8), 2 * np.arange(32) + 1) / 64)
    return waves @ (cells - cells.mean()) @ waves.T


def check_hash(kernels: Kernels, features: NDArray[np.uint32], height: int, width: int, unsure: int = 64) -> None:
    """``unsure``: how many coefficients at the most may lie too near to the median to say."""
    waves = coefficients(features, height, width).reshape(-1)
    beyond = waves - np.median(waves)
    got = kernels.perceptual_hash(features, height, width)
    assert type(got) is int
    assert 0 <= got < 2**64
    sure = np.flatnonzero(np.abs(beyond) > TOLERANCE).tolist()
    assert len(sure) >= 64 - unsure
    assert [got >> bit & 1 for bit in sure] == [int(beyond[bit] > 0) for bit in sure]


def check_vectors(kernels: Kernels) -> None:
    """The stored answers."""
    for name in ("store", "describe", "hash"):
        assert len(VECTORS[name]) >= 6
    for vector in VECTORS["store"]:
        pixels = make_vectors.frame(vector["frame"])
        pool = np.full((vector["capacity"], 64, 64, 4), 255, np.uint8)
        slots = np.array(vector["slots"], np.int32).reshape(grid_shape(*pixels.shape[:2]))
        kernels.store_tiles(pixels, slots >= 0, pool, slots)
        assert xxhash.xxh3_64_hexdigest(pool.tobytes()) == vector["pool"], vector["frame"]
    for vector in VECTORS["describe"]:
        pixels = make_vectors.frame(vector["frame"])
        shape = grid_shape(*pixels.shape[:2])
        features, histograms = np.zeros((*shape, FEATURES), np.uint32), np.zeros((*shape, BINS), np.uint16)
        histogram = np.zeros(BINS, np.uint32)
        kernels.describe(pixels, None, features, histograms, histogram)
        assert features.reshape(-1, FEATURES).tolist() == vector["features"], vector["frame"]
        assert histogram.tolist() == vector["histogram"], vector["frame"]
    for vector in VECTORS["hash"]:
        height, width = vector["height"], vector["width"]
        features = make_vectors.features(vector)
        assert f"{kernels.perceptual_hash(features, height, width):016x}" == vector["hash"], vector


def check_tiles_in_every_layout(kernels: Kernels) -> None:
    for height, width in ((1, 1), (1, 200), (63, 65), (64, 64), (65, 63), (130, 129)):
        pixels, fourth = noise(height, width, 3, 2), noise(height, width, 1, 4)
        for layout in ((3, 0, 0), (3, 5, 1), (4, 0, 0), (4, 7, 3)):
            check_store(kernels, laid_out(pixels, *layout))
            check_describe(kernels, laid_out(pixels, *layout))
        plain = np.concatenate([pixels, fourth], axis=2)
        for frame in (laid_out(plain, 4, 3, 1), plain[:, :, :3]):
            check_store(kernels, frame, spare=0)
            check_describe(kernels, frame)


def check_selections(kernels: Kernels) -> None:
    """Only what is selected is stored or described, and what was described before is subtracted."""
    for height, width in ((65, 200), (2, 4200)):
        pixels, before = noise(height, width), noise(height, width, 3, seed=1)
        for mask in conformance.masks(grid_shape(height, width)):
            check_store(kernels, pixels, mask)
            check_describe(kernels, pixels, mask)
            check_describe(kernels, pixels, mask, before)
    check_describe(kernels, np.zeros((70, 70, 4), np.uint8), None, np.full((70, 70, 3), 255, np.uint8))


def check_every_shade(kernels: Kernels) -> None:
    """Every bin's both ends, each weight, and the largest sums."""
    shades = np.repeat(np.arange(256, dtype=np.uint8), 8)
    for channels in ((0,), (1,), (2,), (0, 1, 2)):
        bands = np.zeros((64, 2048, 4), np.uint8)
        bands[:, :, channels] = shades[np.newaxis, :, np.newaxis]
        check_describe(kernels, bands)
    for pixel in (0, 7, 56, 63):
        short = np.zeros((64, 2048, 3), np.uint8)
        short[:] = shades[np.newaxis, :, np.newaxis]
        short[pixel // 8 :: 8, pixel % 8 :: 8] -= 1
        check_describe(kernels, short)
    board = (np.indices((128, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    check_describe(kernels, np.repeat(board[:, :, np.newaxis], 3, axis=2))
    check_describe(kernels, np.full((65, 129, 4), 255, np.uint8))
    for bit in range(8):
        check_describe(kernels, noise(64, 64, 3, bit) & np.uint8(1 << bit))


def check_neighbours(kernels: Kernels) -> None:
    """One pixel, at every edge of blocks and tiles, has its share in the gradient and the sums."""
    for y in (0, 7, 8, 31, 32, 62, 63, 64):
        for x in (0, 7, 8, 31, 32, 62, 63, 64):
            pixels = np.full((65, 65, 4), 100, np.uint8)
            pixels[y, x] = 201
            check_describe(kernels, pixels)


def check_hashes(kernels: Kernels) -> None:
    for height, width in ((64, 64), (65, 130), (300, 350), (720, 1280), (1, 65_536), (65_536, 1), (2048, 2048)):
        shape = grid_shape(height, width)
        heights = np.minimum(height - 64 * np.arange(shape[0]), 64)
        widths = np.minimum(width - 64 * np.arange(shape[1]), 64)
        shades = np.random.default_rng(height).integers(0, 256, shape)
        features = noise(*shape, FEATURES, seed=3).astype(np.uint32)
        features[:, :, 3] = shades * (heights[:, np.newaxis] * widths)
        check_hash(kernels, features, height, width, unsure=8 if min(shape) > 4 else 64)
    for height, width in ((1, 1), (1, 200), (33, 7), (64, 64), (130, 129)):
        for pixels in (np.full((height, width, 3), 200, np.uint8), np.zeros((height, width, 4), np.uint8)):
            assert kernels.perceptual_hash(features_of(kernels, pixels), height, width) == 0
    check_hash(kernels, features_of(kernels, scene(1)), 360, 640, unsure=8)


def scene(seed: int) -> Pixels:
    """(360, 640, 4): windows of some colours on a background."""
    random = np.random.default_rng(seed)
    pixels = np.full((360, 640, 4), random.integers(0, 256), np.uint8)
    for _ in range(12):
        y, x, height, width = (int(value) for value in random.integers((0, 0, 30, 40), (330, 600, 200, 350)))
        pixels[y : y + height, x : x + width] = random.integers(0, 256)
    return pixels


def check_distances(kernels: Kernels) -> None:
    """Nearly the same frames have nearly the same hash, others have not."""

    def hashed(pixels: Pixels) -> int:
        return kernels.perceptual_hash(features_of(kernels, pixels), *pixels.shape[:2])

    hashes = []
    for seed in range(4):
        pixels = scene(seed)
        plain = hashed(pixels)
        lossy = (pixels.astype(int) + np.random.default_rng(seed).integers(-3, 4, pixels.shape)).clip(0, 255)
        pixels[150:158, 200:201] ^= 255
        for near in (pixels, lossy.astype(np.uint8)):
            assert (hashed(near) ^ plain).bit_count() <= 4
        hashes.append(plain)
    for i, first in enumerate(hashes):
        assert all((first ^ second).bit_count() >= 16 for second in hashes[:i])


CHECKS = (
    check_vectors,
    check_tiles_in_every_layout,
    check_hashes,
    check_neighbours,
    check_selections,
    check_every_shade,
    check_distances,
)


def check_all(kernels: Kernels) -> None:
    for check in CHECKS:
        check(kernels)
