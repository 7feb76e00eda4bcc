"""Screens to measure on: any two frames differ in the tiles they say, and nowhere else."""

from itertools import combinations

import numpy as np
import pytest

from ironcliw import kernels
from ironcliw.bench.reels import ROTATING_BYTES, SCENES, SIZES, Reel
from ironcliw.frame import TILE

SMALL = (700, 1100)


def tiles_that_differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    rows, columns = kernels.grid_shape(*one.shape[:2])
    padded = np.zeros((rows * TILE, columns * TILE), np.bool_)
    padded[: one.shape[0], : one.shape[1]] = (one != other).any(axis=2)
    return padded.reshape(rows, TILE, columns, TILE).any(axis=(1, 3))


@pytest.mark.parametrize("scene", SCENES)
def test_any_two_frames_differ_in_the_same_tiles(scene):
    reel = Reel.of(scene, *SMALL, frames=5)
    for one, other in combinations(reel.frames, 2):
        assert np.array_equal(tiles_that_differ(one, other), reel.moving)


@pytest.mark.parametrize("scene", SCENES)
def test_the_truth_is_that_of_plain_comparison(scene):
    reel = Reel.of(scene, *SMALL, frames=3)
    truth = reel.truth()
    apart = (reel.frames[0] != reel.frames[1]).any(axis=2)
    assert truth.pixels == apart.sum()
    assert np.array_equal(truth.tiles, reel.moving)
    assert truth.counts.sum() == truth.pixels
    if truth.pixels:
        rows, columns = np.flatnonzero(apart.any(axis=1)), np.flatnonzero(apart.any(axis=0))
        boxes = truth.boxes[truth.tiles]
        assert boxes[:, 0].min() == columns[0]
        assert boxes[:, 3].max() == rows[-1] + 1


@pytest.mark.parametrize(("size", "typed", "scrolled"), [("1080p", 24, 0.41), ("4K", 24, 0.41)])
def test_shares_of_tiles_are_those_that_are_promised(size, typed, scrolled):
    shape = SIZES[size]
    moving = {scene: Reel.of(scene, *shape, frames=1).moving for scene in SCENES}
    assert moving["still"].sum() == 0
    assert moving["typing"].sum() == typed
    assert moving["scroll"].mean() == pytest.approx(scrolled, abs=0.02)
    assert moving["all new"].all()


def test_frames_take_turns_over_more_than_the_caches_hold():
    reel = Reel.of("still", 1080, 1920)
    assert len(reel.frames) * reel.size_bytes >= ROTATING_BYTES
    assert len({frame.ctypes.data for frame in reel.frames}) == len(reel.frames), "each in memory of its own"


def test_no_byte_is_the_one_that_the_read_looks_for():
    for scene in SCENES:
        assert max(frame.max() for frame in Reel.of(scene, *SMALL, frames=3).frames) < 255


def test_the_seed_repeats_the_pictures():
    one, same, other = (Reel.of("typing", *SMALL, frames=2, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.frames[1], same.frames[1])
    assert not np.array_equal(one.frames[1], other.frames[1])
