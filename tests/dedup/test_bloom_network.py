"""Frame, region and tile level: filters that save work and never decide whether something happened."""

import numpy as np
import pytest

from ironcliw.dedup import BloomNetwork, frame_key, region_key, tile_keys


def grid(seed: int, rows: int = 4, columns: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 2**64, (rows, columns), np.uint64)


def test_a_frame_is_known_when_it_comes_back():
    network = BloomNetwork()
    a, b = grid(1), grid(2)
    assert [network.check_frame(frame) for frame in (a, b, a, b)] == [False, False, True, True]


def test_a_tile_is_known_wherever_it_stands():
    network = BloomNetwork()
    first = grid(3)
    assert not network.check_tiles(first).any()
    assert network.check_tiles(np.roll(first, 2, axis=0)).all()


def test_only_the_tiles_asked_about_are_looked_at():
    network = BloomNetwork()
    first = grid(4)
    among = np.zeros(first.shape, bool)
    among[1, 2] = True
    network.check_tiles(first, among)
    seen = network.check_tiles(first)
    assert seen[1, 2]
    assert seen.sum() == 1


def test_a_region_is_known_by_its_pixels_not_by_the_fourth_byte():
    network = BloomNetwork()
    pixels = np.random.default_rng(5).integers(0, 256, (20, 30, 4), np.uint8)
    assert not network.check_region(pixels)
    assert network.check_region(pixels)
    again = pixels.copy()
    again[:, :, 3] ^= 255
    assert region_key(again) == region_key(pixels)
    again[0, 0, 0] ^= 1
    assert not network.check_region(again)


def test_keys_are_the_same_in_every_run():
    small = np.arange(6, dtype=np.uint64).reshape(2, 3)
    assert frame_key(small) == frame_key(small.copy())
    assert frame_key(small) != frame_key(small.reshape(3, 2))
    assert tile_keys(small).tolist() == tile_keys(small).tolist()
    placed = tile_keys(np.zeros((2, 2), np.uint64), by_place=True)
    assert len(set(placed.ravel().tolist())) == 4


def test_a_network_is_saved_and_merged(tmp_path):
    one, other = BloomNetwork(), BloomNetwork()
    one.check_frame(grid(6))
    other.check_frame(grid(7))
    one.merge(other)
    one.save(tmp_path)
    again = BloomNetwork.load(tmp_path)
    assert again.check_frame(grid(6))
    assert again.check_frame(grid(7))
    assert set(again.stats()) == {"frame", "region", "tile"}


@pytest.mark.parametrize("bad", [np.zeros((2, 2), np.int64), np.zeros(4, np.uint64), "grid"])
def test_what_is_no_grid_is_refused(bad):
    with pytest.raises((TypeError, ValueError)):
        BloomNetwork().check_frame(bad)
