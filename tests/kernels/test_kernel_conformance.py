"""Both implementations do what every implementation must, and the same as each other, bit for bit."""

from __future__ import annotations

from collections.abc import Callable

import kernel_conformance as conformance
import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_strategies import frames, masks, sizes

from ironcliw.kernels import ZERO_TILE, grid_shape, known
from ironcliw.kernels.protocol import Kernels

IMPLEMENTATIONS = conformance.implementations()
each_implementation = pytest.mark.parametrize("kernels", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
both = pytest.mark.skipif("native" not in IMPLEMENTATIONS, reason="IRONCLIW_KERNELS=reference: nothing to compare with")


@each_implementation
@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_conformance(kernels: Kernels, check: Callable[[Kernels], None]) -> None:
    check(kernels)


@each_implementation
def test_frames_wider_than_one_strip_of_64_tiles(kernels: Kernels) -> None:
    pixels, after = conformance.noise(2, 4300), conformance.noise(2, 4300, seed=1)
    for mask in conformance.masks((1, 68)):
        conformance.check_fingerprint(kernels, pixels, mask, 3)
        conformance.check_difference(kernels, pixels, after, 50_000, mask)
        conformance.check_copy(kernels, pixels, mask)


@each_implementation
@pytest.mark.parametrize("threshold", [0, 1, 126**2, 127**2, 128**2, 2 * 255**2, 3 * 255**2 - 1, 3 * 255**2])
def test_thresholds_up_to_black_against_white(kernels: Kernels, threshold: int) -> None:
    black, white = np.zeros((65, 65, 4), np.uint8), np.full((65, 65, 3), 255, np.uint8)
    conformance.check_difference(kernels, black, white, threshold)
    conformance.check_difference(kernels, white, conformance.noise(65, 65), threshold)


@each_implementation
def test_unselected_tiles_may_hold_anything(kernels: Kernels) -> None:
    pixels, grid = conformance.noise(64, 128), np.array([[7, 7]], np.uint64)
    changed = np.ones((1, 2), np.bool_)
    assert kernels.fingerprint(pixels, grid, changed, np.array([[False, True]])) == 1
    assert grid[0, 0] == 7
    assert changed.tolist() == [[False, True]]


@each_implementation
def test_arguments_without_numpy(kernels: Kernels) -> None:
    pixels = memoryview(bytes(range(48))).cast("B", (4, 3, 4))
    grid = memoryview(bytearray(8)).cast("Q", (1, 1))
    changed = memoryview(bytearray(1)).cast("?", (1, 1))
    count = kernels.fingerprint(pixels, grid, changed)  # pyright: ignore[reportArgumentType]
    assert (count, changed.tolist()) == (1, [[True]])
    assert grid.tolist() == [[conformance.expected_fingerprint(np.asarray(pixels), 0, 0)]]


@each_implementation
def test_frames_may_be_one_and_the_same(kernels: Kernels) -> None:
    pixels = conformance.noise(65, 65)
    conformance.check_difference(kernels, pixels, pixels, 0)


@each_implementation
def test_read_only_inputs(kernels: Kernels) -> None:
    pixels, mask = conformance.noise(65, 65), np.ones((2, 2), np.bool_)
    pixels.flags.writeable = mask.flags.writeable = False
    conformance.check_fingerprint(kernels, pixels, mask, 1)
    conformance.check_difference(kernels, pixels, pixels, 5, mask)
    conformance.check_copy(kernels, pixels, mask)


def test_stored_constants() -> None:
    assert xxhash.xxh3_64_intdigest(bytes(16_384)) == ZERO_TILE == int(conformance.VECTORS["zero_tile"], 16)
    assert grid_shape(1080, 1920) == (17, 30)
    expected = [[conformance.expected_fingerprint(known.frame(), row, column) for column in range(3)] for row in (0, 1)]
    assert expected == known.FINGERPRINTS


@both
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_fingerprints_are_equal(data: st.DataObject) -> None:
    height, width = data.draw(sizes)
    pixels, among = data.draw(frames(height, width)), data.draw(masks(height, width))
    start = np.random.default_rng(1).integers(0, 2**64, grid_shape(height, width), np.uint64)
    answers = []
    for kernels in IMPLEMENTATIONS.values():
        grid, changed = start.copy(), np.ones(start.shape, np.bool_)
        count = kernels.fingerprint(pixels, grid, changed, among)
        again = kernels.fingerprint(pixels, grid, changed.copy(), among)
        answers.append((count, again, grid.tolist(), changed.tolist()))
    assert answers[0] == answers[1]
    assert answers[0][1] == 0


@both
@settings(max_examples=150, deadline=None)
@given(st.data(), st.one_of(st.just(0), st.integers(1, 100), st.integers(0, 195_075)))
def test_differences_are_equal(data: st.DataObject, threshold: int) -> None:
    height, width = data.draw(sizes)
    before, after = data.draw(frames(height, width)), data.draw(frames(height, width))
    if data.draw(st.booleans()):
        after[:, :, :3] = before[:, :, :3]
        for _ in range(data.draw(st.integers(0, 5))):
            y, x = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
            after[y, x, data.draw(st.integers(0, 2))] = data.draw(st.integers(0, 255))
    tiles = data.draw(masks(height, width))
    shape = grid_shape(height, width)
    answers = []
    for kernels in IMPLEMENTATIONS.values():
        counts, boxes = np.full(shape, 5, np.uint32), np.full((*shape, 4), 5, np.int32)
        mask = np.full((height, width), 7, np.uint8)
        total = kernels.difference(before, after, threshold, tiles, counts, boxes, mask)
        answers.append((total, counts.tolist(), boxes.tolist(), mask.tobytes()))
    assert answers[0] == answers[1]


@both
@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(0, 40), st.integers(0, 40))
def test_copies_are_equal(data: st.DataObject, gap: int, offset: int) -> None:
    height, width = data.draw(sizes)
    source, tiles = data.draw(frames(height, width)), data.draw(masks(height, width))
    answers = []
    for kernels in IMPLEMENTATIONS.values():
        target = conformance.laid_out(conformance.noise(height, width), 4, gap, offset)
        written_bytes = kernels.copy_tiles(source, target, tiles)
        assert isinstance(target.base, np.ndarray)
        answers.append((written_bytes, target.base.tobytes()))
    assert answers[0] == answers[1]
