"""One fingerprint per tile: XXH3 64-bit of its pixels, row by row, as B, G, R, 0; zeros beyond the frame's edges.

    moved = fingerprint(pixels, grid, changed)

A tile is always 16,384 bytes, so only XXH3's path for long inputs is here: 16 blocks of 16 stripes of eight 64-bit
lanes. All tiles of one row of the grid are hashed at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE
from ironcliw.kernels.protocol import Mask, Pixels
from ironcliw.kernels.reference import arrays

SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)
BLOCKS, STRIPES, LANES = 16, 16, 8
TILE_BYTES = TILE * TILE * 4

ZERO_TILE = 0xB7CE04B81707A4D0
"""The fingerprint of a tile that is all zeros."""

PRIME32_1 = np.uint64(0x9E3779B1)
PRIME64_1 = 0x9E3779B185EBCA87
AVALANCHE = np.uint64(0x165667919E3779F9)
START = np.array(
    [
        0xC2B2AE3D,
        PRIME64_1,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x85EBCA77C2B2AE63,
        0x85EBCA77,
        0x27D4EB2F165667C5,
        0x9E3779B1,
    ],
    np.uint64,
)
MERGE_START = np.uint64(TILE_BYTES * PRIME64_1 % 2**64)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def _key(offset: int) -> NDArray[np.uint64]:
    return np.frombuffer(SECRET, "<u8", LANES, offset).astype(np.uint64)


def _keys() -> NDArray[np.uint64]:
    """(blocks, stripes, lanes): each stripe's key lies 8 bytes after the one before; the tile's last is apart."""
    keys = np.stack([[_key(8 * stripe) for stripe in range(STRIPES)]] * BLOCKS)
    keys[-1, -1] = _key(len(SECRET) - 64 - 7)
    return keys


KEYS = _keys()
SCRAMBLE_KEY = _key(len(SECRET) - 64)
MERGE_KEY = _key(11)


def fingerprint(pixels: Pixels, grid: NDArray[np.uint64], changed: Mask, among: Mask | None = None) -> int:
    """See ``ironcliw.kernels.protocol.Fingerprint``."""
    frame = arrays.pixels(pixels, "pixels")
    shape = (-(-frame.shape[0] // TILE), -(-frame.shape[1] // TILE))
    known = arrays.cells(grid, "grid", ("uint64",), shape, writable=True)
    moved = arrays.cells(changed, "changed", ("bool", "uint8"), shape, writable=True)
    selected = arrays.mask(among, "among", shape)
    arrays.disjoint({"grid", "changed"}, pixels=frame, grid=known, changed=moved, among=among)
    moved[:] = 0
    for row in np.flatnonzero(selected.any(axis=1)):
        chosen = np.flatnonzero(selected[row])
        found = hashes(lanes(frame, row)[chosen])
        moved[row, chosen] = found != known[row, chosen]
        known[row, chosen] = found
    return int(np.count_nonzero(moved))


def padded(frame: Pixels, row: int | np.intp) -> NDArray[np.uint8]:
    """The tiles in one row of the grid as (columns, 64, 64, 4): fourth bytes 0, zeros beyond the frame's edges."""
    band = frame[row * TILE : (row + 1) * TILE]
    columns = -(-frame.shape[1] // TILE)
    wide = np.zeros((TILE, columns * TILE, 4), np.uint8)
    wide[: band.shape[0], : band.shape[1], :3] = band[:, :, :3]
    return wide.reshape(TILE, columns, TILE, 4).transpose(1, 0, 2, 3)


def lanes(frame: Pixels, row: int | np.intp) -> NDArray[np.uint64]:
    """The tiles in one row of the grid as (columns, blocks, stripes, lanes)."""
    tiles = np.ascontiguousarray(padded(frame, row)).reshape(-1, BLOCKS, STRIPES, LANES * 8)
    return tiles.view("<u8").astype(np.uint64, copy=False)


def hashes(tiles: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """XXH3 of each of (count, blocks, stripes, lanes); all arithmetic is modulo 2**64."""
    keyed = tiles ^ KEYS
    products = (keyed & LOW) * (keyed >> HALF)
    neighbours = tiles.reshape(*tiles.shape[:-1], LANES // 2, 2)[..., ::-1].reshape(tiles.shape)
    blocks = (products + neighbours).sum(axis=2, dtype=np.uint64)
    sums = np.tile(START, (len(tiles), 1))
    for block in range(BLOCKS):
        sums += blocks[:, block]
        if block < BLOCKS - 1:
            sums = (sums ^ (sums >> np.uint64(47)) ^ SCRAMBLE_KEY) * PRIME32_1
    merged = sums ^ MERGE_KEY
    total = MERGE_START + folded(merged[:, 0::2], merged[:, 1::2]).sum(axis=1, dtype=np.uint64)
    total = (total ^ (total >> np.uint64(37))) * AVALANCHE
    return total ^ (total >> HALF)


def folded(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The upper and the lower half of the 128-bit product, one xor the other."""
    a_high, a_low, b_high, b_low = a >> HALF, a & LOW, b >> HALF, b & LOW
    middle = a_high * b_low + (a_low * b_low >> HALF)
    cross = a_low * b_high + (middle & LOW)
    high = a_high * b_high + (middle >> HALF) + (cross >> HALF)
    return high ^ (a * b)
