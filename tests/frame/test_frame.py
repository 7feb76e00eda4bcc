"""Rectangles, geometry and frame memory."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironcliw.errors import SettingsError
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory

rects = st.builds(Rect, st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 60), st.integers(1, 60))


def mask(rect: Rect) -> np.ndarray:
    picture = np.zeros((200, 200), bool)
    picture[rect.y + 60 : rect.bottom + 60, rect.x + 60 : rect.right + 60] = True
    return picture


@given(rects, rects)
def test_intersection_and_overlap_agree_with_pixels(a, b):
    shared = mask(a) & mask(b)
    assert a.overlaps(b) == shared.any()
    found = a.intersection(b)
    assert (found is None) == (not shared.any())
    if found:
        assert (mask(found) == shared).all()


@given(rects, rects)
def test_union_is_the_smallest_that_holds_both(a, b):
    union = a.union(b)
    assert union.intersection(a) == a
    assert union.intersection(b) == b
    assert union == b.union(a)
    assert union.area <= (abs(a.x - b.x) + max(a.width, b.width)) * (abs(a.y - b.y) + max(a.height, b.height))


def test_growing_moving_and_clipping():
    assert Rect(5, 5, 10, 10).grown(2, 1) == Rect(3, 4, 14, 12)
    assert Rect(5, 5, 10, 10).moved(-5, 3) == Rect(0, 8, 10, 10)
    assert Rect(-5, -5, 20, 20).clipped(10, 8) == Rect(0, 0, 10, 8)
    assert Rect(20, 20, 5, 5).clipped(10, 10) is None


@pytest.mark.parametrize(("width", "height", "grid"), [(1, 1, (1, 1)), (64, 64, (1, 1)), (1920, 1080, (17, 30))])
def test_the_grid_covers_the_frame(width, height, grid):
    assert Geometry(width, height).grid == grid


def test_frame_memory_is_zero_writable_and_shared_by_its_descriptor():
    memory = FrameMemory(20, 10)
    assert memory.pixels.shape == (10, 20, 4)
    assert not memory.pixels.any()
    memory.pixels[3, 4] = 7
    if memory.fd is not None:
        assert os.pread(memory.fd, 4, (3 * 20 + 4) * 4) == bytes([7] * 4)
    memory.close()


def test_closing_zeroes_what_somebody_still_holds():
    memory = FrameMemory(20, 10)
    view = memory.pixels
    view[:] = 9
    memory.close()
    memory.close()
    assert not view.any()
    with pytest.raises(ValueError, match="closed"):
        _ = memory.pixels


def test_closing_gives_the_descriptor_back():
    memory = FrameMemory(20, 10)
    descriptor = memory.fd
    memory.close()
    if descriptor is not None:
        with pytest.raises(OSError, match="descriptor"):
            os.fstat(descriptor)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, 5), (40_000, 5)])
def test_absurd_sizes_are_refused(size):
    with pytest.raises(SettingsError, match="pixels"):
        FrameMemory(*size)
