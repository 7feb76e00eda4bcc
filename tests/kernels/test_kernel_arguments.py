"""Arguments that cannot be worked on: one clear line, the same from both implementations, and nothing written."""

from __future__ import annotations

from typing import Any

import kernel_conformance as conformance
import numpy as np
import pytest
from kernel_arguments import BAD_FRAMES, ROWS, bad_cells, frame, read_only, refusal

from ironcliw.kernels.protocol import Kernels

IMPLEMENTATIONS = conformance.implementations()
each_implementation = pytest.mark.parametrize("kernels", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)

HEIGHT, WIDTH, GRID = 65, 130, (2, 3)
MARK = 77


def outputs() -> tuple[Any, Any, Any, Any]:
    """grid, changed, counts and boxes, marked."""
    return (
        np.full(GRID, MARK, np.uint64),
        np.full(GRID, True),
        np.full(GRID, MARK, np.uint32),
        np.full((*GRID, 4), MARK, np.int32),
    )


@each_implementation
@pytest.mark.parametrize("bad", BAD_FRAMES)
def test_frames(kernels: Kernels, bad: str) -> None:
    make, text = BAD_FRAMES[bad]
    good = frame(HEIGHT, WIDTH, 4)
    grid, changed, counts, boxes = outputs()
    assert refusal(kernels.fingerprint, make(), grid, changed) == f"pixels: {text}"
    assert refusal(kernels.difference, make(), good, 0, None, counts, boxes) == f"before: {text}"
    assert refusal(kernels.copy_tiles, make(), good) == f"source: {text}"
    assert (grid == MARK).all()
    assert changed.all()
    assert (counts == MARK).all()
    assert (boxes == MARK).all()


@each_implementation
def test_second_frames(kernels: Kernels) -> None:
    good, counts, boxes = frame(HEIGHT, WIDTH, 4), *outputs()[2:]
    after = "after: expected a uint8 array of shape (65, 130, 3 or 4), got "
    for bad, got in (
        (frame(HEIGHT + 1, WIDTH, 4), "uint8 (66, 130, 4)"),
        (frame(WIDTH, HEIGHT, 4), "uint8 (130, 65, 4)"),
        (frame(HEIGHT, WIDTH, 1), "uint8 (65, 130, 1)"),
        ("text", "str"),
    ):
        assert refusal(kernels.difference, good, bad, 0, None, counts, boxes) == after + got
    turned = frame(HEIGHT, WIDTH, 4)[::-1]
    text = f"after: {ROWS}strides (-520, 4, 1)"
    assert refusal(kernels.difference, good, turned, 0, None, counts, boxes) == text


@each_implementation
def test_targets(kernels: Kernels) -> None:
    good = frame(HEIGHT, WIDTH, 3)
    expected = "target: expected a uint8 array of shape (65, 130, 4), got "
    assert refusal(kernels.copy_tiles, good, frame(HEIGHT, WIDTH, 3)) == expected + "uint8 (65, 130, 3)"
    assert refusal(kernels.copy_tiles, good, frame(HEIGHT, WIDTH - 1, 4)) == expected + "uint8 (65, 129, 4)"
    assert refusal(kernels.copy_tiles, good, None) == expected + "NoneType"
    locked = read_only(frame(HEIGHT, WIDTH, 4))
    assert refusal(kernels.copy_tiles, good, locked) == "target: expected a writable array, got a read-only one"


CELLS = [
    # kernel, argument, its place, dtype, what is expected
    ("fingerprint", "grid", 1, np.uint64, "a uint64 array of shape (2, 3)"),
    ("fingerprint", "changed", 2, np.bool_, "a bool or uint8 array of shape (2, 3)"),
    ("fingerprint", "among", 3, np.bool_, "a bool or uint8 array of shape (2, 3)"),
    ("difference", "tiles", 3, np.uint8, "a bool or uint8 array of shape (2, 3)"),
    ("difference", "counts", 4, np.uint32, "a uint32 array of shape (2, 3)"),
    ("difference", "boxes", 5, np.int32, "an int32 array of shape (2, 3, 4)"),
    ("copy_tiles", "tiles", 2, np.bool_, "a bool or uint8 array of shape (2, 3)"),
]


@each_implementation
@pytest.mark.parametrize(("kernel", "name", "place", "dtype", "expected"), CELLS, ids=[f"{c[0]}-{c[1]}" for c in CELLS])
def test_cells(kernels: Kernels, kernel: str, name: str, place: int, dtype: Any, expected: str) -> None:
    grid, changed, counts, boxes = outputs()
    arguments: list[Any] = {
        "fingerprint": [frame(HEIGHT, WIDTH, 4), grid, changed, None],
        "difference": [frame(HEIGHT, WIDTH, 4), frame(HEIGHT, WIDTH, 4), 0, None, counts, boxes],
        "copy_tiles": [frame(HEIGHT, WIDTH, 4), frame(HEIGHT, WIDTH, 4), None],
    }[kernel]
    shape = (*GRID, 4) if name == "boxes" else GRID
    written = name not in ("among", "tiles")
    for value, text in bad_cells(dtype, shape, expected, written):
        arguments[place] = value
        assert refusal(getattr(kernels, kernel), *arguments).startswith(f"{name}: expected {text}")


@each_implementation
def test_thresholds(kernels: Kernels) -> None:
    good, counts, boxes = frame(HEIGHT, WIDTH, 4), *outputs()[2:]

    class Far:
        def __index__(self) -> int:
            return 10**30

        def __str__(self) -> str:
            return "far"

    for value, got in (
        (-1, "-1"),
        (195_076, "195076"),
        (np.int64(-3), "-3"),
        (10**30, str(10**30)),
        (1.0, "float"),
        (float("nan"), "float"),
        (np.float64(2), "float64"),
        ("1", "str"),
        (None, "NoneType"),
    ):
        text = f"threshold: expected an integer 0 to 195075, got {got}"
        assert refusal(kernels.difference, good, good, value, None, counts, boxes) == text
    for value in (True, np.uint8(0), np.int64(195_075)):
        assert kernels.difference(good, good, value, None, counts, boxes) == 0
    assert refusal(kernels.difference, good, good, Far(), None, counts, boxes).startswith("threshold: expected")


@each_implementation
def test_outputs_that_overlap(kernels: Kernels) -> None:
    grid, changed, counts, boxes = outputs()
    good = frame(HEIGHT, WIDTH, 4)
    memory = np.zeros(64, np.uint64)
    overlap = memory[:6].reshape(GRID), memory.view(np.bool_)[40:46].reshape(GRID)
    assert refusal(kernels.fingerprint, good, *overlap) == "grid and changed overlap in memory"
    assert refusal(kernels.fingerprint, good, grid, changed, changed) == "changed and among overlap in memory"
    inside = good.reshape(-1)[-6:].reshape(GRID)
    assert refusal(kernels.fingerprint, good, grid, inside) == "pixels and changed overlap in memory"
    assert refusal(kernels.copy_tiles, good, good) == "source and target overlap in memory"
    shared = boxes.reshape(-1)[:6].view(np.uint32).reshape(GRID)
    assert refusal(kernels.difference, good, good, 0, None, shared, boxes) == "counts and boxes overlap in memory"
    mask = counts.reshape(-1).view(np.uint8)[:6].reshape(GRID)
    assert refusal(kernels.difference, good, good, 0, mask, counts, boxes) == "tiles and counts overlap in memory"


@each_implementation
def test_neighbours_do_not_overlap(kernels: Kernels) -> None:
    memory = np.zeros(64, np.uint64)
    neighbours = memory[:6].reshape(GRID), memory[6:7].view(np.bool_)[:6].reshape(GRID)
    assert kernels.fingerprint(frame(HEIGHT, WIDTH, 4), *neighbours) == 6
    both = frame(2 * HEIGHT, WIDTH, 4)
    assert kernels.copy_tiles(both[:HEIGHT], both[HEIGHT:]) == HEIGHT * WIDTH * 4


@each_implementation
def test_strides_of_axes_of_length_one_are_free(kernels: Kernels) -> None:
    pixel = np.lib.stride_tricks.as_strided(frame(1, 1, 4), (1, 1, 4), (-1000, 77, 1))
    row = frame(9, 5, 4)[::-1][:1]
    column = frame(9, 5, 4)[:, ::3][:, :1]
    for pixels in (pixel, row, column):
        assert kernels.fingerprint(pixels, np.zeros((1, 1), np.uint64), np.zeros((1, 1), np.bool_)) == 1
