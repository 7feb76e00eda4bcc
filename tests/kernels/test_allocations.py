"""What a call allocates: nothing in proportion to the frame by the native kernels, strips of it by the reference."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from kernel_conformance import implementations

from ironcliw.kernels import grid_shape
from ironcliw.kernels.protocol import BINS, FEATURES, Kernels

HEIGHT, WIDTH = 1080, 1920
FRAME_BYTES = HEIGHT * WIDTH * 4
SHAPE = grid_shape(HEIGHT, WIDTH)
IMPLEMENTATIONS = implementations()


def calls(kernels: Kernels) -> dict[str, Callable[[], Any]]:
    """A call of every kernel on a full HD frame of which everything changed."""
    before, after = np.zeros((HEIGHT, WIDTH, 4), np.uint8), np.full((HEIGHT, WIDTH, 4), 200, np.uint8)
    grid, changed = np.zeros(SHAPE, np.uint64), np.zeros(SHAPE, np.bool_)
    counts, boxes = np.zeros(SHAPE, np.uint32), np.zeros((*SHAPE, 4), np.int32)
    mask, target = np.zeros((HEIGHT, WIDTH), np.bool_), np.zeros_like(before)
    pool, slots = np.zeros((1, 64, 64, 4), np.uint8), np.zeros(SHAPE, np.int32)
    features, histograms = np.zeros((*SHAPE, FEATURES), np.uint32), np.zeros((*SHAPE, BINS), np.uint16)
    histogram = np.zeros(BINS, np.uint32)
    arrays = np.zeros_like(before), grid.copy(), changed.copy(), counts.copy(), boxes.copy()
    tracker = kernels.Tracker(*arrays, 0, 2)
    tracker.apply(before)
    return {
        "fingerprint": lambda: kernels.fingerprint(after, grid, changed),
        "difference": lambda: kernels.difference(before, after, 0, None, counts, boxes, mask),
        "copy_tiles": lambda: kernels.copy_tiles(after, target),
        "store_tiles": lambda: kernels.store_tiles(after, None, pool, slots),
        "describe": lambda: kernels.describe(after, None, features, histograms, histogram),
        "perceptual_hash": lambda: kernels.perceptual_hash(features, HEIGHT, WIDTH),
        "rectangles": lambda: kernels.rectangles(after, np.zeros((64, 9), np.int32)),
        "Tracker": lambda: tracker.apply(after),
    }


def peak_bytes(call: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_allocations_are_seen() -> None:
    assert peak_bytes(lambda: np.zeros((HEIGHT, WIDTH, 4), np.uint8)) >= FRAME_BYTES


NOT_HERE = ("BloomBits", "rectangles", "SegmentWriter", "SegmentReader")
"""These are no passes over frames, or keep what they allocate."""


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("name", [name for name in Kernels._fields if name not in NOT_HERE])
def test_no_call_allocates_a_frame(implementation: str, name: str) -> None:
    """NumPy's arrays are seen here; what Rust allocates is counted in crates/change/tests/allocations.rs."""
    allocated = peak_bytes(calls(IMPLEMENTATIONS[implementation])[name])
    assert allocated < (FRAME_BYTES if implementation == "reference" else 16 * 1024)
