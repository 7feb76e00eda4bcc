"""What store_tiles, describe, perceptual_hash and difference's mask refuse: one clear line, and nothing written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from kernel_arguments import BAD_FRAMES, bad_cells, frame, read_only, refusal
from kernel_conformance import implementations

from ironcliw.kernels.protocol import BINS, FEATURES, Kernels

IMPLEMENTATIONS = implementations()
each_implementation = pytest.mark.parametrize("kernels", IMPLEMENTATIONS.values(), ids=IMPLEMENTATIONS)

HEIGHT, WIDTH, GRID = 65, 130, (2, 3)
MARK = 77
MASK = "a bool or uint8 array of shape (2, 3)"


def arguments_of(kernel: str) -> list[Any]:
    """Good ones, what is written marked."""
    pixels = frame(HEIGHT, WIDTH, 4)
    return {
        "store_tiles": [
            pixels,
            None,
            np.full((6, 64, 64, 4), MARK, np.uint8),
            np.arange(6, dtype=np.int32).reshape(GRID),
        ],
        "describe": [
            pixels,
            None,
            np.full((*GRID, FEATURES), MARK, np.uint32),
            np.full((*GRID, BINS), MARK, np.uint16),
            np.full(BINS, MARK, np.uint32),
        ],
        "perceptual_hash": [np.zeros((*GRID, FEATURES), np.uint32), HEIGHT, WIDTH],
        "difference": [
            pixels,
            pixels.copy(),
            0,
            None,
            np.full(GRID, MARK, np.uint32),
            np.full((*GRID, 4), MARK, np.int32),
            np.full((HEIGHT, WIDTH), MARK, np.uint8),
        ],
    }[kernel]


WRITTEN = {"store_tiles": (2,), "describe": (2, 3, 4), "perceptual_hash": (), "difference": (4, 5, 6)}


def refused(kernels: Kernels, kernel: str, **bad: Any) -> str:
    """What is said of good arguments with bad ones in some places (``_2=...``); nothing may have been written."""
    arguments = arguments_of(kernel)
    for place, value in bad.items():
        arguments[int(place[1:])] = value
    text = refusal(getattr(kernels, kernel), *arguments)
    for place in WRITTEN[kernel]:
        if f"_{place}" not in bad:
            assert (arguments[place] == MARK).all()
    return text


@each_implementation
@pytest.mark.parametrize("bad", BAD_FRAMES)
@pytest.mark.parametrize("kernel", ["store_tiles", "describe"])
def test_frames(kernels: Kernels, kernel: str, bad: str) -> None:
    make, text = BAD_FRAMES[bad]
    assert refused(kernels, kernel, _0=make()) == f"pixels: {text}"


CELLS = [
    # kernel, argument, its place, dtype, shape, what is expected
    ("store_tiles", "tiles", 1, np.bool_, GRID, MASK),
    ("store_tiles", "slots", 3, np.int32, GRID, "an int32 array of shape (2, 3)"),
    ("describe", "tiles", 1, np.uint8, GRID, MASK),
    ("describe", "features", 2, np.uint32, (*GRID, 6), "a uint32 array of shape (2, 3, 6)"),
    ("describe", "histograms", 3, np.uint16, (*GRID, 64), "a uint16 array of shape (2, 3, 64)"),
    ("describe", "histogram", 4, np.uint32, (64,), "a uint32 array of shape (64,)"),
    ("perceptual_hash", "features", 0, np.uint32, (*GRID, 6), "a uint32 array of shape (2, 3, 6)"),
    ("difference", "mask", 6, np.bool_, (HEIGHT, WIDTH), "a bool or uint8 array of shape (65, 130)"),
]


@each_implementation
@pytest.mark.parametrize(
    ("kernel", "name", "place", "dtype", "shape", "expected"), CELLS, ids=[f"{c[0]}-{c[1]}" for c in CELLS]
)
def test_cells(
    kernels: Kernels, kernel: str, name: str, place: int, dtype: Any, shape: tuple[int, ...], expected: str
) -> None:
    for value, text in bad_cells(dtype, shape, expected, place in WRITTEN[kernel] and name != "mask"):
        assert refused(kernels, kernel, **{f"_{place}": value}).startswith(f"{name}: expected {text}")
        assert not isinstance(value, np.ndarray) or not value.any()
    if name == "mask":
        locked = read_only(np.zeros(shape, dtype))
        assert refused(kernels, kernel, _6=locked) == "mask: expected a writable array, got a read-only one"
    if name in ("slots", "features") and place not in WRITTEN[kernel]:
        assert refused(kernels, kernel, **{f"_{place}": None}) == f"{name}: expected {expected}, got NoneType"


@each_implementation
def test_signed_and_unsigned_numbers_are_not_the_same(kernels: Kernels) -> None:
    text = "slots: expected an int32 array of shape (2, 3), got uint32 (2, 3)"
    assert refused(kernels, "store_tiles", _3=np.zeros(GRID, np.uint32)) == text
    text = "histograms: expected a uint16 array of shape (2, 3, 64), got int16 (2, 3, 64)"
    assert refused(kernels, "describe", _3=np.zeros((*GRID, BINS), np.int16)) == text


@each_implementation
def test_pools(kernels: Kernels) -> None:
    expected = "pool: expected a uint8 array of shape (capacity, 64, 64, 4), got "
    whole = (6, 64, 64, 4)
    wide = np.zeros((6, 64, 64, 8), np.uint8)
    for bad, text in (
        ([1], expected + "list"),
        (None, expected + "NoneType"),
        (frame(64, 64, 4), expected + "uint8 (64, 64, 4)"),
        (frame(1, *whole), expected + "uint8 (1, 6, 64, 64, 4)"),
        (frame(6, 64, 64, 3), expected + "uint8 (6, 64, 64, 3)"),
        (frame(6, 64, 63, 4), expected + "uint8 (6, 64, 63, 4)"),
        (frame(6, 16_384), expected + "uint8 (6, 16384)"),
        (frame(*whole, dtype=np.int8), expected + "int8 (6, 64, 64, 4)"),
        (frame(*whole, dtype=np.bool_), expected + "bool (6, 64, 64, 4)"),
        (frame(0, 64, 64, 4), "pool: expected at least one tile, got uint8 (0, 64, 64, 4)"),
        (frame(12, 64, 64, 4)[::2], "pool: expected C-contiguous memory, got strides (32768, 256, 4, 1)"),
        (wide[:, :, :, :4], "pool: expected C-contiguous memory, got strides (32768, 512, 8, 1)"),
        (frame(*whole)[::-1], "pool: expected C-contiguous memory, got strides (-16384, 256, 4, 1)"),
        (read_only(frame(*whole)), "pool: expected a writable array, got a read-only one"),
    ):
        assert refused(kernels, "store_tiles", _2=bad) == text
        assert not isinstance(bad, np.ndarray) or not bad.any()


@each_implementation
def test_slots_out_of_range(kernels: Kernels) -> None:
    for cell, slot in (((0, 0), -1), ((1, 2), 6), ((0, 1), 2**31 - 1), ((1, 0), -(2**31))):
        slots = np.arange(6, dtype=np.int32).reshape(GRID)
        slots[cell] = slot
        text = f"slots: expected 0 to 5, got {slot} for the tile {cell}"
        assert refused(kernels, "store_tiles", _3=slots) == text
        tiles = np.zeros(GRID, np.bool_)
        tiles[cell] = True
        assert refused(kernels, "store_tiles", _3=slots, _1=tiles) == text
        assert kernels.store_tiles(frame(HEIGHT, WIDTH, 4), ~tiles, arguments_of("store_tiles")[2], slots) == 5 * 16_384
    both = np.array([[0, 6, 0], [-1, 0, 0]], np.int32)
    assert refused(kernels, "store_tiles", _3=both) == "slots: expected 0 to 5, got 6 for the tile (0, 1)"
    one = np.full((1, 64, 64, 4), MARK, np.uint8)
    assert refused(kernels, "store_tiles", _2=one) == "slots: expected 0 to 0, got 1 for the tile (0, 1)"
    assert (one == MARK).all()


@each_implementation
@pytest.mark.parametrize("place", [1, 2])
def test_sides(kernels: Kernels, place: int) -> None:
    name = ("height", "width")[place - 1]
    for value, got in (
        (0, "0"),
        (-1, "-1"),
        (65_537, "65537"),
        (10**30, str(10**30)),
        (-(10**30), str(-(10**30))),
        (1.5, "1.5"),
        (65.0, "65.0"),
        (float("nan"), "nan"),
        ("x", "'x'"),
        (None, "None"),
        ((65,), "(65,)"),
        (np.float64(2), "np.float64(2.0)"),
        (np.int64(0), "np.int64(0)"),
        (False, "False"),
    ):
        text = f"{name}: expected an integer 1 to 65536, got {got}"
        assert refused(kernels, "perceptual_hash", **{f"_{place}": value}) == text
    features = np.zeros((1, 1024, FEATURES), np.uint32)
    assert kernels.perceptual_hash(features, np.uint8(1), np.int64(65_536)) == 0
    assert kernels.perceptual_hash(features, True, 65_536) == 0
    assert kernels.perceptual_hash(features.reshape(1024, 1, FEATURES), 65_536, True) == 0


@each_implementation
def test_features_of_another_size(kernels: Kernels) -> None:
    text = "features: expected a uint32 array of shape (2, 4, 6), got uint32 (2, 3, 6)"
    assert refused(kernels, "perceptual_hash", _2=193) == text


@each_implementation
def test_arguments_that_overlap(kernels: Kernels) -> None:
    pool = np.full((6, 64, 64, 4), MARK, np.uint8)
    inside = pool.reshape(-1)[: HEIGHT * WIDTH * 4].reshape(HEIGHT, WIDTH, 4)
    assert refused(kernels, "store_tiles", _0=inside, _2=pool) == "pixels and pool overlap in memory"
    tiles = pool.reshape(-1)[-6:].reshape(GRID)
    assert refused(kernels, "store_tiles", _1=tiles, _2=pool) == "tiles and pool overlap in memory"
    slots = pool.reshape(-1)[16_384 : 16_384 + 24].view(np.int32).reshape(GRID)
    assert refused(kernels, "store_tiles", _2=pool, _3=slots) == "pool and slots overlap in memory"
    assert (pool == MARK).all()
    memory = np.full(4096, MARK, np.uint8)
    features = memory[: 36 * 4].view(np.uint32).reshape(*GRID, FEATURES)
    histograms = memory[128 : 128 + 384 * 2].view(np.uint16).reshape(*GRID, BINS)
    histogram = memory[640 : 640 + 256].view(np.uint32)
    tiles = memory[140:146].reshape(GRID)
    for bad, text in (
        ({"_2": features, "_3": histograms}, "features and histograms"),
        ({"_3": histograms, "_4": histogram}, "histograms and histogram"),
        ({"_1": tiles, "_2": features}, "tiles and features"),
        ({"_1": tiles, "_3": histograms}, "tiles and histograms"),
    ):
        assert refused(kernels, "describe", **bad) == f"{text} overlap in memory"
    assert (memory == MARK).all()
    shared = frame(HEIGHT, WIDTH, 4)
    mask = shared.reshape(-1)[: HEIGHT * WIDTH].reshape(HEIGHT, WIDTH)
    assert refused(kernels, "difference", _0=shared, _6=mask) == "before and mask overlap in memory"
    assert refused(kernels, "difference", _1=shared, _6=mask) == "after and mask overlap in memory"
    mask = np.full((HEIGHT, WIDTH), MARK, np.uint8)
    tiles = mask.reshape(-1)[-6:].reshape(GRID)
    assert refused(kernels, "difference", _3=tiles, _6=mask) == "tiles and mask overlap in memory"
    counts = mask.reshape(-1)[8:32].view(np.uint32).reshape(GRID)
    assert refused(kernels, "difference", _4=counts, _6=mask) == "counts and mask overlap in memory"
    assert (mask == MARK).all()


@each_implementation
def test_inputs_may_be_one_and_the_same(kernels: Kernels) -> None:
    """Only what is written must lie apart: slots may be read where the frame lies."""
    memory = frame(HEIGHT, WIDTH, 4)
    slots = memory.reshape(-1)[:24].view(np.int32).reshape(GRID)
    assert kernels.store_tiles(memory, None, np.zeros((1, 64, 64, 4), np.uint8), slots) == 6 * 16_384
