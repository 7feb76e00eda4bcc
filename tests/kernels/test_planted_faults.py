"""The checks are worth something: each of these broken kernels is refused by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kernel_conformance as conformance
import numpy as np
import pytest
import xxhash

from ironcliw.kernels import grid_shape, known, reference
from ironcliw.kernels.protocol import Kernels

GOOD = reference.KERNELS
Fault = Callable[..., int]


def fingerprint_with(change: Callable[[Any], None]) -> Fault:
    """A fingerprint of pixels that were changed before."""

    def fault(pixels: Any, grid: Any, changed: Any, among: Any = None) -> int:
        altered = pixels.copy()
        change(altered)
        return GOOD.fingerprint(altered, grid, changed, among)

    return fault


def difference_with(change: Callable[[Any], None]) -> Fault:
    """A difference from pixels that were changed before."""

    def fault(before: Any, after: Any, *rest: Any) -> int:
        altered = [before.copy(), after.copy()]
        for pixels in altered:
            change(pixels)
        return GOOD.difference(*altered, *rest)

    return fault


def stuck(y: int, x: int, channel: int, bit: int, value: int) -> Callable[[Any], None]:
    """One bit of one pixel is taken to be ``value``, whatever it is."""

    def change(pixels: Any) -> None:
        if y < pixels.shape[0] and x < pixels.shape[1]:
            pixels[y, x, channel] &= 255 ^ 1 << bit
            pixels[y, x, channel] |= value << bit

    return change


def fingerprint_of_fourth_bytes(pixels: Any, grid: Any, changed: Any, among: Any = None) -> int:
    """Hashes the tiles' bytes as they are."""
    before = grid.copy()
    for row, column in np.ndindex(grid.shape):
        part = pixels[conformance.tile_slices(row, column)]
        tile = np.zeros((64, 64, 4), np.uint8)
        tile[: part.shape[0], : part.shape[1], : part.shape[2]] = part
        if among is None or among[row, column]:
            grid[row, column] = xxhash.xxh3_64_intdigest(tile.tobytes())
    changed[:] = grid != before
    return int(np.count_nonzero(changed))


def fingerprint_of_whole_tiles(pixels: Any, grid: Any, changed: Any, among: Any = None) -> int:
    """Repeats the last column and row instead of adding zeros."""
    rows, columns = grid_shape(*pixels.shape[:2])
    height, width = rows * 64 - pixels.shape[0], columns * 64 - pixels.shape[1]
    whole = np.pad(pixels, ((0, height), (0, width), (0, 0)), mode="edge")
    return GOOD.fingerprint(whole, grid, changed, among)


def fingerprint_of_all(pixels: Any, grid: Any, changed: Any, among: Any = None) -> int:
    return GOOD.fingerprint(pixels, grid, changed)


def fingerprint_that_keeps_changed(pixels: Any, grid: Any, changed: Any, among: Any = None) -> int:
    before = changed.copy()
    count = GOOD.fingerprint(pixels, grid, changed, among)
    if among is not None:
        changed[among == 0] = before[among == 0]
    return count


def fingerprint_that_keeps_the_grid(pixels: Any, grid: Any, changed: Any, among: Any = None) -> int:
    return GOOD.fingerprint(pixels, grid.copy(), changed, among)


def fingerprint_that_miscounts(pixels: Any, grid: Any, changed: Any, among: Any = None) -> int:
    return GOOD.fingerprint(pixels, grid, changed, among) + 1


def difference_at_the_threshold(*arguments: Any) -> int:
    before, after, threshold, *rest = arguments
    return GOOD.difference(before, after, max(threshold - 1, 0), *rest)


def difference_of_fourth_bytes(before: Any, after: Any, *rest: Any) -> int:
    if before.shape[2] == after.shape[2] == 4:
        return GOOD.difference(before[:, :, 1:], after[:, :, 1:], *rest)
    return GOOD.difference(before, after, *rest)


def difference_of_all(before: Any, after: Any, threshold: Any, tiles: Any, *rest: Any) -> int:
    return GOOD.difference(before, after, threshold, None, *rest)


def difference_that_keeps_counts(*arguments: Any) -> int:
    inputs, (counts, *rest) = arguments[:4], arguments[4:]
    fresh = np.zeros_like(counts)
    total = GOOD.difference(*inputs, fresh, *rest)
    np.copyto(counts, fresh, where=fresh > 0)
    return total


def difference_with_edges_moved(edge: int, by: int) -> Fault:
    def fault(*arguments: Any) -> int:
        total = GOOD.difference(*arguments)
        counts, boxes = arguments[4:6]
        boxes[counts > 0, edge] += by
        return total

    return fault


def difference_that_miscounts(*arguments: Any) -> int:
    total = GOOD.difference(*arguments)
    return min(total, 4096)


def difference_with_mask(change: Callable[..., None]) -> Fault:
    """A mask that is changed afterwards."""

    def fault(*arguments: Any) -> int:
        tiles, mask = arguments[3], arguments[6] if len(arguments) > 6 else None
        was = None if mask is None else mask.copy()
        total = GOOD.difference(*arguments)
        if mask is not None:
            change(mask, was, tiles)
        return total

    return fault


def mask_kept_where_nothing_is_selected(mask: Any, was: Any, tiles: Any) -> None:
    if tiles is not None:
        whole = np.kron(tiles != 0, np.ones((64, 64), np.bool_))[: mask.shape[0], : mask.shape[1]]
        mask[~whole] = was[~whole]


def mask_kept_where_nothing_differs(mask: Any, was: Any, tiles: Any) -> None:
    mask |= was


def mask_of_255(mask: Any, was: Any, tiles: Any) -> None:
    if mask.dtype == np.uint8:
        mask *= 255


def mask_without_the_last_column(mask: Any, was: Any, tiles: Any) -> None:
    mask[:, -1] = 0


def mask_mirrored_by_eights(mask: Any, was: Any, tiles: Any) -> None:
    eight = mask[:, :8].copy()
    mask[:, : eight.shape[1]] = eight[:, ::-1]


def copy_of_fourth_bytes(source: Any, target: Any, tiles: Any = None) -> int:
    before = target[:, :, 3].copy()
    written_bytes = GOOD.copy_tiles(source, target, tiles)
    target[:, :, 3] = source[:, :, 3] if source.shape[2] == 4 else before
    return written_bytes


def copy_of_all(source: Any, target: Any, tiles: Any = None) -> int:
    return GOOD.copy_tiles(source, target)


def copy_that_counts_pixels(source: Any, target: Any, tiles: Any = None) -> int:
    return GOOD.copy_tiles(source, target, tiles) // 4


PLACES = [(0, 0, 0, 0), (0, 63, 2, 7), (63, 64, 1, 3), (69, 65, 2, 0), (33, 17, 0, 5)]
FAULTS: dict[str, Kernels] = {
    **{
        f"fingerprint, bit {place} stuck at {value}": GOOD._replace(fingerprint=fingerprint_with(stuck(*place, value)))
        for place in PLACES
        for value in (0, 1)
    },
    **{
        f"difference, bit {place} stuck at {value}": GOOD._replace(difference=difference_with(stuck(*place, value)))
        for place in PLACES
        for value in (0, 1)
    },
    **{
        f"difference, edge {edge} moved by {by}": GOOD._replace(difference=difference_with_edges_moved(edge, by))
        for edge in range(4)
        for by in (-1, 1)
    },
    **{
        fault.__name__: GOOD._replace(**{fault.__name__.split("_")[0]: fault})
        for fault in (
            fingerprint_of_fourth_bytes,
            fingerprint_of_whole_tiles,
            fingerprint_of_all,
            fingerprint_that_keeps_changed,
            fingerprint_that_keeps_the_grid,
            fingerprint_that_miscounts,
            difference_at_the_threshold,
            difference_of_fourth_bytes,
            difference_of_all,
            difference_that_keeps_counts,
            difference_that_miscounts,
        )
    },
    **{
        change.__name__: GOOD._replace(difference=difference_with_mask(change))
        for change in (
            mask_kept_where_nothing_is_selected,
            mask_kept_where_nothing_differs,
            mask_of_255,
            mask_without_the_last_column,
            mask_mirrored_by_eights,
        )
    },
    **{
        fault.__name__: GOOD._replace(copy_tiles=fault)
        for fault in (copy_of_fourth_bytes, copy_of_all, copy_that_counts_pixels)
    },
}


@pytest.mark.parametrize("kernels", FAULTS.values(), ids=FAULTS)
def test_faults_are_found(kernels: Kernels) -> None:
    with pytest.raises(AssertionError):
        conformance.check_all(kernels)


@pytest.mark.parametrize("name", GOOD._fields)
def test_the_known_frame_finds_a_kernel_that_fails(name: str) -> None:
    def fails(*_: Any) -> int:
        raise OverflowError("too much")

    def idle(*_: Any) -> int:
        return 0

    for broken in (fails, idle):
        outcome = {check: ok for check, ok, _ in known.check(GOOD._replace(**{name: broken}))}
        assert outcome == {field: field != name for field in GOOD._fields}
    details = [detail for _, ok, detail in known.check(GOOD._replace(**{name: fails})) if not ok]
    assert details == ["raised OverflowError: too much"]
