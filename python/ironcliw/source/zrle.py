"""ZRLE, the packed encoding of RFB (RFC 6143, 7.7.6), after it was inflated: tiles of 64 x 64, pixels of three bytes.

decode(data, pixels[0:128, 0:200])    # paints (h, w, 4) uint8 BGRX; the fourth byte stays what it was
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TILE = 64
_PLAIN_RUNS = 128


def decode(data: bytes, target: NDArray[np.uint8]) -> None:
    """Paint what ``data`` says into ``target``. ValueError or IndexError where it is too short or no ZRLE."""
    height, width = target.shape[:2]
    at = 0
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            tile = target[top : top + TILE, left : left + TILE, :3]
            at = _tile(data, at, tile)


def _tile(data: bytes, at: int, tile: NDArray[np.uint8]) -> int:
    """Paint one tile from ``data[at:]``; returns where the next one begins."""
    kind, at = data[at], at + 1
    height, width = tile.shape[:2]
    if kind == 0:
        tile[:] = _colours(data, at, height * width).reshape(height, width, 3)
        return at + 3 * height * width
    if kind == _PLAIN_RUNS:
        return _runs(data, at, tile, None)
    if 17 <= kind <= 127 or kind == _PLAIN_RUNS + 1:
        raise ValueError(f"no such kind of tile: {kind}")
    count = kind if kind < _PLAIN_RUNS else kind - _PLAIN_RUNS
    palette = _colours(data, at, count)
    at += 3 * count
    if kind == 1:
        tile[:] = palette[0]
        return at
    if kind > _PLAIN_RUNS:
        return _runs(data, at, tile, palette)
    return _packed(data, at, tile, palette)


def _colours(data: bytes, at: int, count: int) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8, 3 * count, at).reshape(count, 3)


def _packed(data: bytes, at: int, tile: NDArray[np.uint8], palette: NDArray[np.uint8]) -> int:
    """Indices of 1, 2 or 4 bits, each row from a byte of its own."""
    height, width = tile.shape[:2]
    bits = 1 if len(palette) == 2 else 2 if len(palette) <= 4 else 4
    row_bytes = -(-width * bits // 8)
    rows = np.frombuffer(data, np.uint8, row_bytes * height, at).reshape(height, row_bytes)
    shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    indices = (rows[:, :, None] >> shifts) & ((1 << bits) - 1)
    tile[:] = palette[indices.reshape(height, -1)[:, :width]]
    return at + row_bytes * height


def _runs(data: bytes, at: int, tile: NDArray[np.uint8], palette: NDArray[np.uint8] | None) -> int:
    """Runs of one colour, by its three bytes or its number in the palette."""
    height, width = tile.shape[:2]
    left = height * width
    colours: list[bytes | int] = []
    lengths: list[int] = []
    while left:
        if palette is None:
            colours.append(data[at : at + 3])
            at += 3
            length, at = _length(data, at)
        else:
            number, at = data[at], at + 1
            colours.append(number & 127)
            length, at = _length(data, at) if number & 128 else (1, at)
        if length > left:
            raise ValueError("a run goes beyond its tile")
        lengths.append(length)
        left -= length
    if palette is None:
        values = np.frombuffer(b"".join(bytes(each) for each in colours if isinstance(each, bytes)), np.uint8)
        chosen = values.reshape(-1, 3)
    else:
        chosen = palette[np.array(colours)]
    tile[:] = np.repeat(chosen, lengths, axis=0).reshape(height, width, 3)
    return at


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A run's length, one more than the sum of its bytes, all but the last of which are 255; and where it ends."""
    length = 1
    while (byte := data[at]) == 255:
        length, at = length + 255, at + 1
    return length + byte, at + 1
