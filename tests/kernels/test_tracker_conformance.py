"""Both implementations track a screen as they must, and the same as each other, whatever frames they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tracker_conformance as conformance
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_conformance import implementations, laid_out, noise
from kernel_strategies import frames, sizes

from ironcliw.kernels import grid_shape
from ironcliw.kernels.protocol import Kernels, Pixels

IMPLEMENTATIONS = implementations()
each_implementation = pytest.mark.parametrize("kernels", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
both = pytest.mark.skipif("native" not in IMPLEMENTATIONS, reason="IRONCLIW_KERNELS=reference: nothing to compare with")


@each_implementation
@pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
def test_conformance(kernels: Kernels, check: Callable[[Kernels], None]) -> None:
    check(kernels)


@each_implementation
def test_the_arrays_are_held_not_copied(kernels: Kernels) -> None:
    """The tracker outlives the caller's names for them, and a second one over the same arrays starts anew."""
    shown, grid = np.zeros((9, 9, 4), np.uint8), np.zeros((1, 1), np.uint64)
    rest: Any = np.zeros((1, 1), np.bool_), np.zeros((1, 1), np.uint32), np.zeros((1, 1, 4), np.int32), 0, 1
    pixels = noise(9, 9)
    tracker = kernels.Tracker(shown, grid, *rest)
    assert tracker.apply(pixels)[3]
    assert np.array_equal(shown[:, :, :3], pixels[:, :, :3])
    assert tracker.apply(pixels)[:2] == (0, 0)
    again = kernels.Tracker(shown, grid, *rest)
    assert again.apply(pixels)[:2] == (1, 81)


@each_implementation
def test_damage_may_be_any_sequence_of_tuples(kernels: Kernels) -> None:
    numbers: Any = tuple(np.array([3, 3, 1, 1]))
    for damage in ([(3, 3, 1, 1)], ((3, 3, 1, 1),), [numbers], [conformance.Rect(3, 3, 1, 1)]):
        tracker = kernels.Tracker(
            np.zeros((9, 9, 4), np.uint8),
            np.zeros((1, 1), np.uint64),
            np.zeros((1, 1), np.bool_),
            np.zeros((1, 1), np.uint32),
            np.zeros((1, 1, 4), np.int32),
            0,
            1,
        )
        assert tracker.apply(np.zeros((9, 9, 3), np.uint8), damage)[:2] == (1, 81)
        assert tracker.apply(noise(9, 9, 3) | np.uint8(1), damage)[:2] == (1, 81)


numbers = st.one_of(st.integers(-300, 500), st.integers(-(2**63), 2**63 - 1))
lists = st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=4)


@st.composite
def successors(draw: st.DrawFn, pixels: Pixels, earlier: list[Pixels]) -> Pixels:
    """What may follow a frame: the same, another, one of before, or itself with some pixels or tiles changed."""
    height, width = pixels.shape[:2]
    kind = draw(st.sampled_from(["same", "other", "before", "few", "few", "tiles", "tiles", "black"]))
    if kind == "other":
        return draw(frames(height, width))
    after = (draw(st.sampled_from(earlier)) if kind == "before" else pixels).copy()
    if kind == "black":
        after[:] = 0
    for _ in range(draw(st.integers(1, 5)) if kind == "few" else 0):
        y, x = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        after[y, x, draw(st.integers(0, 2))] = draw(st.integers(0, 255))
    if kind == "tiles":
        rows, columns = grid_shape(height, width)
        seed, share = draw(st.integers(0, 99)), draw(st.sampled_from([0.1, 0.5, 0.65, 0.9]))
        on = np.random.default_rng(seed).random((rows, columns)) < share
        whole = np.kron(on, np.ones((64, 64), np.bool_))[:height, :width]
        after[whole] ^= noise(height, width, after.shape[2], seed)[whole] & 129
    layout = draw(st.sampled_from([(3, 0, 0), (3, 4, 1), (4, 0, 0), (4, 3, 2)]))
    return laid_out(after[:, :, :3] if layout[0] == 3 else after, *layout)


@st.composite
def recordings(draw: st.DrawFn) -> list[tuple[Pixels, Any]]:
    height, width = draw(st.one_of(sizes, st.tuples(st.integers(1, 140), st.sampled_from([640, 4200]))))
    found = [draw(frames(height, width))]
    for _ in range(draw(st.integers(1, 6))):
        found.append(draw(successors(found[-1], found)))
    return [(pixels, draw(st.none() | st.none() | lists)) for pixels in found]


@both
@settings(max_examples=60, deadline=None)
@given(recordings(), st.one_of(st.just(0), st.integers(1, 40_000), st.integers(0, 195_075)), st.integers(1, 4))
def test_trackers_are_equal(recording: list[tuple[Pixels, Any]], threshold: int, blinks_after: int) -> None:
    height, width = recording[0][0].shape[:2]
    shape = grid_shape(height, width)
    steps: list[list[Any]] = [[] for _ in recording]
    for kernels in IMPLEMENTATIONS.values():
        shown = laid_out(np.zeros((height, width, 4), np.uint8), 4, 3, 1)
        arrays: Any = (
            np.zeros(shape, np.uint64),
            np.zeros(shape, np.bool_),
            np.zeros(shape, np.uint32),
            np.zeros((*shape, 4), np.int32),
        )
        tracker = kernels.Tracker(shown, *arrays, threshold, blinks_after)
        for step, (pixels, damage) in zip(steps, recording, strict=True):
            *numbers, steady, blinking = tracker.apply(pixels, damage)
            regions = [[tuple(each) for each in part] for part in (steady, blinking)]
            assert isinstance(shown.base, np.ndarray)
            step.append((numbers, regions, shown.base.tobytes(), *(each.tolist() for each in arrays)))
    for first, second in steps:
        assert first == second
