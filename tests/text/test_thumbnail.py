"""The screen at a quarter of its scale."""

import numpy as np
import pytest

from ironcliw.frame import Rect
from ironcliw.text.thumbnail import blocks_of, thumbnail_of


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, 4), np.uint8)


def expected(pixels: np.ndarray, box: Rect) -> np.ndarray:
    area = pixels[4 * box.y : 4 * box.bottom, 4 * box.x : 4 * box.right].astype(np.int64)
    sums = area.reshape(box.height, 4, box.width, 4, 4).sum(axis=(1, 3))
    return (sums[..., 0] * 29 + sums[..., 1] * 150 + sums[..., 2] * 77) >> 12


@pytest.mark.parametrize("size", [(8, 8), (33, 47), (4, 4), (64, 130)])
def test_a_block_is_the_mean_luma_of_its_pixels(size: tuple[int, int]) -> None:
    pixels = noise(*size)
    found = thumbnail_of(pixels, Rect(0, 0, size[1], size[0]))
    assert found.box == Rect(0, 0, size[1] // 4, size[0] // 4)
    assert (found.luma == expected(pixels, found.box)).all()


def test_a_region_is_widened_to_whole_blocks() -> None:
    pixels = noise(40, 80)
    found = thumbnail_of(pixels, Rect(5, 7, 6, 2))
    assert found.box == Rect(1, 1, 2, 2)
    assert (found.luma == expected(pixels, found.box)).all()


@pytest.mark.parametrize("region", [Rect(0, 0, 3, 3), Rect(79, 0, 1, 40)])
def test_what_is_in_no_whole_block_is_left_out(region: Rect) -> None:
    found = thumbnail_of(noise(40, 81)[:, :3] if region.width == 3 else noise(40, 79), region)
    assert found.luma.size == 0


def test_white_is_white_and_black_is_black() -> None:
    white = np.full((8, 8, 4), 255, np.uint8)
    assert (thumbnail_of(white, Rect(0, 0, 8, 8)).luma == 255).all()
    assert (thumbnail_of(np.zeros_like(white), Rect(0, 0, 8, 8)).luma == 0).all()


def test_blocks_of_a_rectangle() -> None:
    assert blocks_of(Rect(0, 0, 4, 4)) == Rect(0, 0, 1, 1)
    assert blocks_of(Rect(3, 3, 2, 2)) == Rect(0, 0, 2, 2)
