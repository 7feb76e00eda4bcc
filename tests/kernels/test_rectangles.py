"""Rectangles: what both implementations must find, and that they find the same, number for number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_arguments import BAD_FRAMES, read_only, refusal
from kernel_conformance import implementations, laid_out, noise

from ironcliw.kernels.protocol import Kernels, Pixels

IMPLEMENTATIONS = implementations()
each_implementation = pytest.mark.parametrize("kernels", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)
both = pytest.mark.skipif("native" not in IMPLEMENTATIONS, reason="IRONCLIW_KERNELS=reference: nothing to compare with")


def drawn(height: int, width: int, seed: int, channels: int = 4) -> Pixels:
    """Boxes upon boxes, filled or only bordered, under some noise."""
    random = np.random.default_rng(seed)
    frame = np.full((height, width, channels), random.integers(0, 256), np.uint8)
    for _ in range(int(random.integers(0, 20))):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        right, bottom = x + int(random.integers(1, width + 1)), y + int(random.integers(1, height + 1))
        frame[y:bottom, x:right] = random.integers(0, 256, 3 if channels == 3 else 4)
        if random.integers(0, 2):
            frame[y + 1 : bottom - 1, x + 1 : right - 1] = random.integers(0, 256)
    return frame + random.integers(0, int(random.integers(1, 6)), frame.shape, np.uint8)


def found(kernels: Kernels, pixels: Pixels, capacity: int = 1024) -> list[list[int]]:
    numbers = np.full((capacity, 9), 77, np.int32)
    count = kernels.rectangles(pixels, numbers)
    assert type(count) is int
    assert (numbers[count:] == 77).all()
    return numbers[:count].tolist()


@each_implementation
@pytest.mark.parametrize("step", [3, 40, 120])
def test_a_box_is_found_to_the_pixel(kernels: Kernels, step: int) -> None:
    pixels = np.full((200, 300, 4), 100, np.uint8)
    pixels[51:118, 33:257] += np.uint8(step)
    assert [33, 51, 257, 118] in [each[:4] for each in found(kernels, pixels)]


@each_implementation
def test_half_a_box_is_none(kernels: Kernels) -> None:
    pixels = np.full((200, 300, 4), 100, np.uint8)
    pixels[50, 30:250] = pixels[50:120, 30] = 0
    assert [each[:4] for each in found(kernels, pixels)] == [[0, 0, 300, 200]]


@each_implementation
def test_sides_that_go_on(kernels: Kernels) -> None:
    pixels = np.full((200, 300, 4), 100, np.uint8)
    pixels[50:120, 100:] = 0
    box = next(each for each in found(kernels, pixels) if each[:4] == [100, 50, 300, 120])
    assert box[4:8] == [256] * 4
    assert box[8] == (4 | 8) << 4
    pixels[:, 100] = 0
    box = next(each for each in found(kernels, pixels) if each[:4] == [100, 50, 300, 120])
    assert box[8] == (4 | 8) << 4 | 4 | 8


@each_implementation
@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15), (16, 16), (17, 19)])
def test_tiny_frames(kernels: Kernels, size: tuple[int, int]) -> None:
    boxes = found(kernels, noise(*size))
    assert all(each[2] <= size[1] and each[3] <= size[0] for each in boxes)
    assert not boxes or min(size) >= 16


@each_implementation
def test_no_more_than_there_is_room_for(kernels: Kernels) -> None:
    pixels = drawn(300, 400, 3)
    every = found(kernels, pixels)
    assert len(every) > 2
    assert found(kernels, pixels, 2) == every[:2]


@pytest.mark.skipif("native" not in IMPLEMENTATIONS, reason="minutes in NumPy")
def test_frames_of_8k_are_found_every_second_pixel() -> None:
    pixels = np.full((4320, 7680, 4), 100, np.uint8)
    pixels[1000:2000, 2000:4000] = 0
    assert [2000, 1000, 4000, 2000] in [each[:4] for each in found(IMPLEMENTATIONS["native"], pixels)]


@each_implementation
@pytest.mark.parametrize("bad", BAD_FRAMES)
def test_bad_frames(kernels: Kernels, bad: str) -> None:
    make, text = BAD_FRAMES[bad]
    assert refusal(kernels.rectangles, make(), np.zeros((1, 9), np.int32)).startswith(f"pixels: {text}")


@each_implementation
def test_bad_places(kernels: Kernels) -> None:
    expected = "found: expected a int32 array of shape (capacity, 9), got "
    bad: list[tuple[Any, str]] = [
        (None, expected + "NoneType"),
        (np.zeros((3, 8), np.int32), expected + "int32 (3, 8)"),
        (np.zeros((3, 9), np.uint32), expected + "uint32 (3, 9)"),
        (np.zeros((0, 9), np.int32), "found: expected at least one row, got int32 (0, 9)"),
        (read_only(np.zeros((3, 9), np.int32)), "found: expected a writable array, got a read-only one"),
    ]
    for value, text in bad:
        assert refusal(kernels.rectangles, np.zeros((20, 20, 4), np.uint8), value) == text
    memory = np.zeros(36 * 40, np.uint8)
    pixels, numbers = memory.reshape(18, 20, 4), memory[:360].view(np.int32).reshape(10, 9)
    assert refusal(kernels.rectangles, pixels, numbers) == "pixels and found overlap in memory"


@both
@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.integers(1, 260), st.integers(0, 2**32), st.sampled_from([(3, 3), (3, 4), (4, 4)]))
def test_rectangles_are_equal(height: int, width: int, seed: int, layout: tuple[int, int]) -> None:
    pixels = laid_out(drawn(height, width, seed, layout[0]), layout[1], seed % 7, seed % 3)
    assert found(IMPLEMENTATIONS["native"], pixels) == found(IMPLEMENTATIONS["reference"], pixels)
