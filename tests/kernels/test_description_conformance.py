"""Both implementations store, describe and hash tiles as they must, and the same as each other."""

from __future__ import annotations

from collections.abc import Callable

import description_conformance as conformance
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_conformance import implementations, noise
from kernel_strategies import frames, masks, sizes

from ironcliw.kernels import grid_shape, known
from ironcliw.kernels.protocol import BINS, FEATURES, Kernels

IMPLEMENTATIONS = implementations()
each_implementation = pytest.mark.parametrize("kernels", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
both = pytest.mark.skipif("native" not in IMPLEMENTATIONS, reason="IRONCLIW_KERNELS=reference: nothing to compare with")


@each_implementation
@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_conformance(kernels: Kernels, check: Callable[[Kernels], None]) -> None:
    check(kernels)


@each_implementation
def test_read_only_inputs(kernels: Kernels) -> None:
    pixels, mask = noise(65, 65), np.ones((2, 2), np.bool_)
    pixels.flags.writeable = mask.flags.writeable = False
    conformance.check_store(kernels, pixels, mask)
    conformance.check_describe(kernels, pixels, mask)
    slots = np.arange(4, dtype=np.int32).reshape(2, 2)
    slots.flags.writeable = False
    assert kernels.store_tiles(pixels, mask, np.zeros((4, 64, 64, 4), np.uint8), slots) == 4 * 16_384
    features = np.ones((2, 2, FEATURES), np.uint32)
    features.flags.writeable = False
    conformance.check_hash(kernels, features, 65, 65)


@each_implementation
def test_tiles_described_one_after_another_are_the_frame_described_at_once(kernels: Kernels) -> None:
    pixels, shape = noise(130, 200, 3, 5), grid_shape(130, 200)
    answers = []
    for at_once in (False, True):
        features, histograms = np.zeros((*shape, FEATURES), np.uint32), np.zeros((*shape, BINS), np.uint16)
        histogram = np.zeros(BINS, np.uint32)
        for row, column in np.ndindex(shape):
            one = np.zeros(shape, np.bool_)
            one[row, column] = True
            for frame in () if at_once else (noise(130, 200, 4, row + column), pixels):
                assert kernels.describe(frame, one, features, histograms, histogram) == 1
        if at_once:
            kernels.describe(pixels, None, features, histograms, histogram)
        answers.append((features.tolist(), histograms.tolist(), histogram.tolist()))
    assert answers[0] == answers[1]


def test_stored_constants() -> None:
    tiles = [conformance.described(conformance.tile_of(known.frame(), *place)) for place in np.ndindex(known.GRID)]
    assert [features for features, _ in tiles] == [each for row in known.TILE_FEATURES for each in row]
    assert np.sum([bins for _, bins in tiles], axis=0).tolist() == known.HISTOGRAM


@both
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_stored_tiles_are_equal(data: st.DataObject) -> None:
    height, width = data.draw(sizes)
    pixels, tiles = data.draw(frames(height, width)), data.draw(masks(height, width))
    shape = grid_shape(height, width)
    capacity = data.draw(st.integers(1, 12))
    # Sometimes two tiles go to one block, and some slots are out of range.
    within = st.integers(-1 if data.draw(st.booleans()) else 0, capacity - 1)
    cells = data.draw(st.lists(within, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    slots = np.array(cells, np.int32).reshape(shape)
    answers = []
    for kernels in IMPLEMENTATIONS.values():
        pool = noise(capacity * 64, 64).reshape(capacity, 64, 64, 4)
        try:
            answer = kernels.store_tiles(pixels, tiles, pool, slots)
        except ValueError as error:
            answer = str(error)
        answers.append((answer, pool.tobytes()))
    assert answers[0] == answers[1]


@both
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_descriptions_are_equal(data: st.DataObject) -> None:
    height, width = data.draw(sizes)
    steps = [(data.draw(frames(height, width)), data.draw(masks(height, width))) for _ in range(2)]
    shape = grid_shape(height, width)
    # What the arrays hold at first may be anything, sums that fit 32 bits only as remainders too.
    random = np.random.default_rng(data.draw(st.integers(0, 9)))
    start = [
        random.integers(0, 2**bits, size, dtype)
        for bits, size, dtype in (
            (32, (*shape, FEATURES), np.uint32),
            (16, (*shape, BINS), np.uint16),
            (32, (BINS,), np.uint32),
        )
    ]
    answers = []
    for kernels in IMPLEMENTATIONS.values():
        features, histograms, histogram = (each.copy() for each in start)
        counts = [kernels.describe(pixels, tiles, features, histograms, histogram) for pixels, tiles in steps]
        hashed = kernels.perceptual_hash(features, height, width)
        answers.append((counts, hashed, features.tolist(), histograms.tolist(), histogram.tolist()))
    assert answers[0] == answers[1]


lengths = st.one_of(st.integers(1, 300), st.integers(1, 4000), st.sampled_from([1, 63, 64, 65, 65_535, 65_536]))


@both
@settings(max_examples=150, deadline=None)
@given(lengths, lengths, st.integers(0, 2**32), st.sampled_from([0, 1, 255 * 4096, 2**32 - 1]))
def test_hashes_are_equal(height: int, width: int, seed: int, most: int) -> None:
    if height * width > 2**24:
        width = 1 + width % 300
    features = np.random.default_rng(seed).integers(0, most, (*grid_shape(height, width), FEATURES), np.uint32, True)
    hashes = [kernels.perceptual_hash(features, height, width) for kernels in IMPLEMENTATIONS.values()]
    assert hashes[0] == hashes[1]
