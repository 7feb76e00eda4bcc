"""The checks of store_tiles, describe and perceptual_hash are worth something: these broken ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import description_conformance as conformance
import numpy as np
import pytest
from kernel_conformance import tile_of

from ironcliw.kernels import grid_shape, reference
from ironcliw.kernels.protocol import Kernels

GOOD = reference.KERNELS
Fault = Callable[..., int]

PLACES = [(0, 0, 0, 0), (0, 63, 2, 7), (63, 64, 1, 3), (69, 65, 2, 2), (33, 17, 0, 5)]


def stuck(kernel: str, y: int, x: int, channel: int, bit: int, value: int) -> Fault:
    """One bit of one pixel is taken to be ``value``, whatever it is."""

    def fault(pixels: Any, *rest: Any) -> int:
        altered = pixels.copy()
        if y < pixels.shape[0] and x < pixels.shape[1]:
            altered[y, x, channel] &= 255 ^ 1 << bit
            altered[y, x, channel] |= value << bit
        return getattr(GOOD, kernel)(altered, *rest)

    return fault


def padded(kernel: str) -> Fault:
    """Repeats the last column and row instead of adding zeros."""

    def fault(pixels: Any, *rest: Any) -> int:
        rows, columns = grid_shape(*pixels.shape[:2])
        height, width = rows * 64 - pixels.shape[0], columns * 64 - pixels.shape[1]
        return getattr(GOOD, kernel)(np.pad(pixels, ((0, height), (0, width), (0, 0)), mode="edge"), *rest)

    return fault


def of_all(kernel: str) -> Fault:
    def fault(pixels: Any, tiles: Any, *rest: Any) -> int:
        if kernel == "store_tiles" and tiles is not None:
            pool, slots = rest
            return GOOD.store_tiles(pixels, None, pool, np.clip(slots, 0, len(pool) - 1)) * 0 + 16_384 * int(
                np.count_nonzero(tiles)
            )
        return getattr(GOOD, kernel)(pixels, None, *rest)

    return fault


def store_with(change: Callable[[Any, Any], None]) -> Fault:
    """Blocks that are changed after they were stored; ``change`` gets the pixels of the tile, as they are."""

    def fault(pixels: Any, tiles: Any, pool: Any, slots: Any) -> int:
        written_bytes = GOOD.store_tiles(pixels, tiles, pool, slots)
        for row, column in conformance.selected(tiles, slots.shape):
            part = pixels[64 * row : 64 * row + 64, 64 * column : 64 * column + 64]
            change(pool[slots[row, column]], part)
        return written_bytes

    return fault


def fourth_bytes_stored(block: Any, part: Any) -> None:
    if part.shape[2] == 4:
        block[: part.shape[0], : part.shape[1], 3] = part[:, :, 3]


def fourth_bytes_255(block: Any, part: Any) -> None:
    block[: part.shape[0], : part.shape[1], 3] = 255


def channels_swapped(block: Any, part: Any) -> None:
    block[:, :, :3] = block[:, :, 2::-1].copy()


def axes_swapped(block: Any, part: Any) -> None:
    block[:] = block.transpose(1, 0, 2).copy()


def store_that_leaves_what_lies_beyond_the_edges(pixels: Any, tiles: Any, pool: Any, slots: Any) -> int:
    before = pool.copy()
    written_bytes = GOOD.store_tiles(pixels, tiles, pool, slots)
    for row, column in conformance.selected(tiles, slots.shape):
        height, width = pixels.shape[0] - 64 * row, pixels.shape[1] - 64 * column
        pool[slots[row, column], height:] = before[slots[row, column], height:]
        pool[slots[row, column], :, width:] = before[slots[row, column], :, width:]
    return written_bytes


def store_that_fills_in_order(pixels: Any, tiles: Any, pool: Any, slots: Any) -> int:
    for slot, (row, column) in enumerate(conformance.selected(tiles, slots.shape)):
        pool[slot] = tile_of(pixels, row, column)
    return 16_384 * len(conformance.selected(tiles, slots.shape))


def store_that_counts_pixels(*arguments: Any) -> int:
    return GOOD.store_tiles(*arguments) // 4


def store_that_empties_the_rest(pixels: Any, tiles: Any, pool: Any, slots: Any) -> int:
    pool[:] = 0
    return GOOD.store_tiles(pixels, tiles, pool, slots)


def described_with(change: Callable[[Any, Any, Any, Any], Any]) -> Fault:
    """Features that are changed afterwards, of each described tile."""

    def fault(pixels: Any, tiles: Any, features: Any, *rest: Any) -> int:
        count = GOOD.describe(pixels, tiles, features, *rest)
        for row, column in conformance.selected(tiles, features.shape[:2]):
            colours = tile_of(pixels, row, column)[:, :, :3].astype(np.int64)
            luma = (colours * (29, 150, 77)).sum(axis=2) >> 8
            change(features, (row, column), colours, luma)
        return count

    return fault


def luma_rounded(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][3] = ((colours * (29, 150, 77)).sum(axis=2) + 128 >> 8).sum()


def luma_of_other_weights(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][3] = ((colours * (29, 151, 76)).sum(axis=2) >> 8).sum()


def luma_of_reversed_channels(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][3] = ((colours * (77, 150, 29)).sum(axis=2) >> 8).sum()


def squares_of_16_bits(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][4] = (luma**2 & 0x7FFF).sum()


def gradient_across_only(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][5] = np.abs(np.diff(luma, axis=1)).sum()


def gradient_without_the_middle(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][5] -= np.abs(luma[:, 31] - luma[:, 32]).sum().astype(np.uint32)


def gradient_without_the_last_row(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][5] -= np.abs(luma[62] - luma[63]).sum().astype(np.uint32)


def gradient_round_the_edge(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][5] += np.abs(luma[:, 0] - luma[:, 63]).sum().astype(np.uint32)


def gradient_to_the_next_tile(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][5] += np.abs(luma[0] - 0).sum().astype(np.uint32)


def sums_swapped(features: Any, place: Any, colours: Any, luma: Any) -> None:
    features[place][[0, 2]] = features[place][[2, 0]]


def histogram_of_what_is_there(change: str) -> Fault:
    """The frame's histogram is kept wrongly."""

    def fault(pixels: Any, tiles: Any, features: Any, histograms: Any, histogram: Any) -> int:
        was, was_by_tile = histogram.copy(), histograms.copy()
        count = GOOD.describe(pixels, tiles, features, histograms, histogram)
        if change == "not subtracted":
            on = conformance.selected(tiles, features.shape[:2])
            histogram += sum((was_by_tile[place] for place in on), np.zeros(64, np.uint16)).astype(np.uint32)
        elif change == "not added":
            histogram[:] = was
        elif change == "of the described only":
            histogram[:] = sum((histograms[each] for each in conformance.selected(tiles, features.shape[:2])), was * 0)
        elif change == "by tile not kept":
            histograms[:] = was_by_tile
        elif change == "bins off by one":
            moved = histograms[0, 0].copy()
            histograms[0, 0] = np.roll(moved, 1)
            histogram += np.roll(moved, 1).astype(np.uint32) - moved
        return count

    return fault


HISTOGRAMS = ("not subtracted", "not added", "of the described only", "by tile not kept", "bins off by one")


def describe_that_counts_all(pixels: Any, tiles: Any, *rest: Any) -> int:
    GOOD.describe(pixels, tiles, *rest)
    return rest[0].shape[0] * rest[0].shape[1]


def describe_that_counts_pixels(pixels: Any, tiles: Any, features: Any, histograms: Any, histogram: Any) -> int:
    """Bins of pixels instead of blocks."""
    before = histograms.copy()
    count = GOOD.describe(pixels, tiles, features, histograms, histogram)
    for place in conformance.selected(tiles, features.shape[:2]):
        luma = (tile_of(pixels, *place)[:, :, :3].astype(np.int64) * (29, 150, 77)).sum(axis=2) >> 8
        histogram += np.bincount(luma.reshape(-1) // 4, minlength=64).astype(np.uint32) // 64 - before[place]
    return count


def hash_with(change: Callable[[int], int]) -> Fault:
    def fault(features: Any, height: int, width: int) -> int:
        return change(GOOD.perceptual_hash(features, height, width))

    return fault


def hash_of_whole_tiles(features: Any, height: int, width: int) -> int:
    rows, columns = features.shape[:2]
    return GOOD.perceptual_hash(features, rows * 64, columns * 64)


def hash_of_blue(features: Any, height: int, width: int) -> int:
    other = features.copy()
    other[:, :, 3] = other[:, :, 0]
    return GOOD.perceptual_hash(other, height, width)


def hash_of_sums(features: Any, height: int, width: int) -> int:
    """A hash in the sense of a dictionary: no distance."""
    return hash(features.tobytes()) % 2**64


def hash_of_the_mean(features: Any, height: int, width: int) -> int:
    """Above the mean in place of the median."""
    waves = conformance.coefficients(features, height, width).reshape(-1)
    return sum(1 << bit for bit in np.flatnonzero(waves > waves.mean()).tolist())


def turned(value: int) -> int:
    return sum((value >> 8 * v + u & 1) << 8 * u + v for u in range(8) for v in range(8))


HASHES: dict[str, Fault] = {
    "inverted": hash_with(lambda value: value ^ 2**64 - 1),
    "turned": hash_with(turned),
    "from the other end": hash_with(lambda value: int(f"{value:064b}"[::-1], 2)),
    "of 32 bits": hash_with(lambda value: value % 2**32),
    "signed": hash_with(lambda value: value - 2**64 if value >= 2**63 else value),
    "a bit of it stuck": hash_with(lambda value: value | 1 << 9),
    **{fault.__name__: fault for fault in (hash_of_whole_tiles, hash_of_blue, hash_of_sums, hash_of_the_mean)},
}
STORES = (fourth_bytes_stored, fourth_bytes_255, channels_swapped, axes_swapped)
FEATURES = (
    luma_rounded,
    luma_of_other_weights,
    luma_of_reversed_channels,
    squares_of_16_bits,
    gradient_across_only,
    gradient_without_the_middle,
    gradient_without_the_last_row,
    gradient_round_the_edge,
    gradient_to_the_next_tile,
    sums_swapped,
)
FAULTS: dict[str, dict[str, Fault]] = {
    **{
        f"{kernel}, bit {place} stuck at {value}": {kernel: stuck(kernel, *place, value)}
        for kernel in ("store_tiles", "describe")
        for place in PLACES
        for value in (0, 1)
    },
    **{f"{kernel}, edges repeated": {kernel: padded(kernel)} for kernel in ("store_tiles", "describe")},
    **{f"{kernel}, everything": {kernel: of_all(kernel)} for kernel in ("store_tiles", "describe")},
    **{change.__name__: {"store_tiles": store_with(change)} for change in STORES},
    **{
        fault.__name__: {"store_tiles": fault}
        for fault in (
            store_that_leaves_what_lies_beyond_the_edges,
            store_that_fills_in_order,
            store_that_counts_pixels,
            store_that_empties_the_rest,
        )
    },
    **{change.__name__: {"describe": described_with(change)} for change in FEATURES},
    **{f"histogram, {change}": {"describe": histogram_of_what_is_there(change)} for change in HISTOGRAMS},
    **{fault.__name__: {"describe": fault} for fault in (describe_that_counts_all, describe_that_counts_pixels)},
    **{f"hash, {name}": {"perceptual_hash": fault} for name, fault in HASHES.items()},
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_found(name: str) -> None:
    broken: Kernels = GOOD._replace(**FAULTS[name])
    with pytest.raises(AssertionError):
        conformance.check_all(broken)
