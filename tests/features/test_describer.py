"""Descriptors made step by step, and all at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ironcliw import kernels
from ironcliw.errors import SettingsError
from ironcliw.features import Describer, describe_pixels
from ironcliw.features.descriptor import PLANES, SIDE
from ironcliw.frame import Rect


def noise(seed: int, height: int, width: int, channels: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 200), st.integers(1, 200), st.sampled_from([3, 4]), st.integers(0, 2**32 - 1), st.booleans())
def test_step_by_step_is_bit_equal_to_all_at_once(
    height: int, width: int, channels: int, seed: int, told: bool
) -> None:
    random = np.random.default_rng(seed)
    pixels = noise(seed, height, width, channels)
    describer = Describer(height, width)
    describer.apply(pixels)
    for _ in range(4):
        y, x = random.integers(0, height), random.integers(0, width)
        pixels[y : y + random.integers(1, 40), x : x + random.integers(1, 40)] = random.integers(0, 256)
        changed = np.ones(kernels.grid_shape(height, width), np.bool_) if told else None
        assert describer.apply(pixels, changed) == describe_pixels(pixels)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_region_is_described_as_if_it_were_the_frame(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 150)), data.draw(st.integers(1, 150))
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    region = Rect(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    pixels = noise(7, height, width)
    describer = Describer(height, width, region)
    describer.apply(noise(8, height, width))
    # A tile of the frame that reaches into the region may touch two of the region's.
    changed = np.ones(kernels.grid_shape(height, width), np.bool_)
    cut = np.ascontiguousarray(pixels[y : y + region.height, x : x + region.width])
    assert describer.apply(pixels, changed) == describe_pixels(cut)


def test_only_what_is_said_to_have_changed_is_looked_at() -> None:
    before = noise(1, 128, 128)
    describer = Describer(128, 128)
    first = describer.apply(before)
    after = before.copy()
    after[70:90, 70:90] = 0
    nothing = np.zeros((2, 2), np.bool_)
    assert describer.apply(after, nothing) == first
    assert describer.apply(after) == describe_pixels(after) != first


def test_a_plain_frame_is_what_it_is() -> None:
    pixels = np.zeros((128, 192, 4), np.uint8)
    pixels[:, :, :3] = (200, 100, 50)
    found = describe_pixels(pixels)
    luma, gradient, blue, red = found.cells
    assert (found.width, found.height) == (192, 128)
    assert found.cells.shape == (len(PLANES), SIDE, SIDE)
    expected = (29 * 200 + 150 * 100 + 77 * 50) / 256
    assert np.abs(luma.astype(float) - expected).max() <= 1
    assert not gradient.any()
    assert np.abs(blue.astype(float) - (128 + (200 - expected) / 2)).max() <= 1
    assert np.abs(red.astype(float) - (128 + (50 - expected) / 2)).max() <= 1
    assert np.count_nonzero(found.histogram) == 1
    assert found.histogram.max() == 65_535


@pytest.mark.parametrize("region", [Rect(0, 0, 0, 5), Rect(90, 0, 20, 5), Rect(-1, 0, 5, 5), Rect(0, 46, 5, 5)])
def test_a_region_outside_is_refused(region: Rect) -> None:
    with pytest.raises(SettingsError, match="is not inside the frame of 100x50"):
        Describer(50, 100, region)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (70_000, 5)])
def test_a_size_that_cannot_be_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(SettingsError, match="each side must be"):
        Describer(*size)


def test_frames_of_another_shape_are_refused() -> None:
    describer = Describer(50, 100)
    with pytest.raises(ValueError, match="too small"):
        describer.apply(noise(1, 40, 100))
    describer.apply(noise(1, 50, 100))
    with pytest.raises(ValueError, match="changed"):
        describer.apply(noise(1, 50, 100), np.ones((3, 3), np.bool_))
