"""The change gates, against their formulas written out the long way, and at their thresholds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ironcliw.quality import gates
from ironcliw.quality.gates import GATES, OURS, Pair


def picture(height: int, width: int, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), np.uint8)
    colours = np.repeat(np.repeat(coarse, 8, axis=0), 8, axis=1)[:height, :width]
    return np.dstack([colours, np.zeros((height, width), np.uint8)])


def test_luma_is_that_of_bt_601_and_never_looks_at_the_fourth_byte():
    pixels = np.array([[[255, 0, 0, 9], [0, 255, 0, 0], [0, 0, 255, 0], [255, 255, 255, 7]]], np.uint8)
    assert gates.luma(pixels).tolist() == [[29, 150, 76, 255]]
    assert gates.luma(pixels[:, :, :3]).tolist() == [[29, 150, 76, 255]]


def test_hellinger_of_known_histograms():
    black, white = np.zeros((4, 4), np.uint8), np.full((4, 4), 255, np.uint8)
    half = np.concatenate([black, white])
    assert gates.hellinger(black, black) == 0.0
    assert gates.hellinger(black, white) == 1.0
    assert gates.hellinger(black, half) == pytest.approx(math.sqrt(1 - math.sqrt(0.5)))


def test_hellinger_does_not_see_what_only_moves():
    pixels = gates.luma(picture(60, 80))
    assert gates.hellinger(pixels, pixels[::-1]) == 0.0


def test_the_dct_is_the_one_of_the_formula():
    side = 32
    values = np.random.default_rng(3).uniform(0, 255, side)
    expected = [
        sum(value * math.cos(math.pi * (2 * place + 1) * k / (2 * side)) for place, value in enumerate(values))
        for k in range(side)
    ]
    assert gates._dct_basis(side) @ values == pytest.approx(expected)


def test_phash_has_half_its_bits_set_and_survives_scaling():
    image = gates.luma(picture(256, 256))
    large = np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)
    assert gates.phash(image).bit_count() == 32
    assert gates.bits_apart(gates.phash(image), gates.phash(large)) <= 2
    assert gates.bits_apart(gates.phash(image), gates.phash(image[:, ::-1])) > 10


def ripples(height: int, width: int) -> np.ndarray:
    """A luma image that a formula gives, so that its hashes by other programs can be written down."""
    y, x = np.mgrid[:height, :width]
    return ((x * y // 7 + 3 * x) % 256).astype(np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "phash", "dhash"),
    [
        (48, 64, "841bb6ac4b7a5a55", "fffefcf9f3e7e6ec"),
        (97, 61, "801f38b3b6adaa59", "fef8f3e6ccdbd295"),
        (144, 256, "8000a0c1f9f9fdfd", "b2a89480a0a28da4"),
    ],
)
def test_hashes_are_those_that_imagehash_gives(height, width, phash, dhash):
    image = ripples(height, width)
    assert (f"{gates.phash(image):016x}", f"{gates.dhash(image):016x}") == (phash, dhash)


@settings(max_examples=60, deadline=None)
@given(st.integers(16, 200), st.integers(16, 200), st.integers(0, 99))
def test_hashes_of_anything_are_those_that_imagehash_gives(height, width, seed):
    imagehash = pytest.importorskip("imagehash", reason="imagehash comes with what the bench compares with")
    # Noise: on flat ground coefficients are zero, and which side of it they come to is rounding.
    image = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    assert f"{gates.phash(image):016x}" == str(imagehash.phash(Image.fromarray(image)))
    assert f"{gates.dhash(image):016x}" == str(imagehash.dhash(Image.fromarray(image)))


def test_dhash_of_a_ramp_and_of_its_mirror():
    ramp = np.tile(np.arange(0, 180, dtype=np.uint8), (80, 1))
    assert gates.dhash(ramp) == 2**64 - 1
    assert gates.dhash(ramp[:, ::-1]) == 0
    assert gates.dhash(np.full((80, 180), 7, np.uint8)) == 0


def test_ssim_is_the_one_of_the_formula():
    a, b = (gates.luma(picture(19, 23, seed)) for seed in (4, 5))
    offsets = np.arange(11) - 5
    window = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for top in range(19 - 10):
        for left in range(23 - 10):
            x, y = (image[top : top + 11, left : left + 11].astype(float) for image in (a, b))
            mean_x, mean_y = (window * x).sum(), (window * y).sum()
            variance_x, variance_y = (window * (x - mean_x) ** 2).sum(), (window * (y - mean_y) ** 2).sum()
            covariance = (window * (x - mean_x) * (y - mean_y)).sum()
            c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
            top_part = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
            values.append(top_part / ((mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)))
    assert gates.ssim(a, b) == pytest.approx(np.mean(values))


def test_ssim_of_the_same_and_of_the_opposite():
    image = gates.luma(picture(300, 400))
    assert gates.ssim(image, image) == pytest.approx(1.0)
    assert gates.ssim(image, 255 - image) < 0.2


def test_large_screens_are_averaged_down_before_ssim():
    assert gates._averaged(np.zeros((1080, 1920), np.uint8)).shape == (270, 480)
    assert gates._averaged(np.zeros((720, 1280), np.uint8)).shape == (240, 426)
    assert gates._averaged(np.zeros((200, 90), np.uint8)).shape == (200, 90)
    blocks = np.arange(4 * 512 * 512, dtype=np.uint32).reshape(1024, 1024) % 251
    assert gates._averaged(blocks.astype(np.uint8))[0, 0] == blocks[:4, :4].mean()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.booleans())
def test_no_gate_notices_anything_between_a_frame_and_itself(height, width, lossless):
    pixels = picture(height, width)
    assert [gate.name for gate in GATES if gate.notices(Pair(pixels, pixels.copy(), lossless))] == []


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_gate_notices_another_screen(gate):
    assert gate.notices(Pair(picture(360, 640, 1), picture(360, 640, 2), True))


def test_only_ours_notices_one_pixel_and_only_on_lossless_sources_a_faint_one():
    before = picture(360, 640)
    after = before.copy()
    after[100, 200, :3] ^= 8
    assert [gate.name for gate in GATES if gate.notices(Pair(before, after, True))] == [OURS]
    assert [gate.name for gate in GATES if gate.notices(Pair(before, after, False))] == []


@pytest.mark.parametrize(("flipped", "noticed"), [(6, False), (7, True)])
def test_dhash_is_the_same_at_nine_tenths(flipped, noticed, monkeypatch):
    hashes = iter([0, 2**flipped - 1])
    monkeypatch.setattr(gates, "dhash", lambda image: next(hashes))
    image = np.zeros((9, 9), np.uint8)
    assert gates.dhash_notices(image, image) is noticed


@pytest.mark.parametrize(("flipped", "noticed"), [(3, False), (4, True)])
def test_phash_notices_from_four_bits_on(flipped, noticed, monkeypatch):
    hashes = iter([0, 2**flipped - 1])
    monkeypatch.setattr(gates, "phash", lambda image: next(hashes))
    image = np.zeros((9, 9), np.uint8)
    assert gates.phash_notices(image, image) is noticed


@pytest.mark.parametrize(("value", "noticed"), [(0.9, False), (0.89, True)])
def test_ssim_notices_below_nine_tenths(value, noticed, monkeypatch):
    monkeypatch.setattr(gates, "ssim", lambda a, b: value)
    assert gates.ssim_notices(np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8)) is noticed


@pytest.mark.parametrize(("value", "noticed"), [(0.05, False), (0.051, True)])
def test_the_histogram_notices_above_a_twentieth(value, noticed, monkeypatch):
    monkeypatch.setattr(gates, "hellinger", lambda a, b: value)
    assert gates.histogram_notices(np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8)) is noticed
