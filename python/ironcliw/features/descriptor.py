"""What a screen looks like in 1,168 bytes, and how far two of them are apart.

    a.distance(b)                         # 0 where equal; at most SAME where both look the same
    Descriptor.from_bytes(a.to_bytes()) == a

Layout of version 1, little-endian: the bytes ``ICD`` and the version; width and height in pixels, 16 bits each; the
64-bit perceptual hash; the histogram, 64 times 16 bits: the share, in 65,535ths, of the blocks of 8 x 8 pixels whose
mean luma is in each bin of four shades; and four planes of 16 x 16 cells of one byte, row by row, in the order of
``PLANES``. docs/reference/features.md says what each number is, and how SAME was chosen.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import SettingsError
from ironcliw.kernels import BINS

VERSION = 1
SIDE = 16
"""A frame is seen as 16 x 16 cells, whatever its size."""

PLANES = ("luma", "gradient", "blue", "red")
"""Means of a cell: luma, gradient a pixel, and half of what blue and red exceed luma by, plus 128."""

SAME = 15
"""Two screens that are no further apart look the same: a caret, a clock, a pointer, the noise of one codec."""

SHARES = 65_535
LUMA_FLOOR, GRADIENT_FLOOR, COLOUR_FLOOR = 2, 1, 3
"""Differences that noise makes: a cell counts only by what exceeds them."""
GRADIENT_SHIFT = 3
"""Of the gradient, an eighth of the lower of both is noise as well: coding softens what is sharp."""
HISTOGRAM_FLOOR, HISTOGRAM_WEIGHT = 4, 16
"""In shades: one bin, as a flat ground on its edge falls to either side."""

_HEAD = struct.Struct("<3sBHHQ")
_MAGIC = b"ICD"
HISTOGRAM_AT = _HEAD.size
CELLS_AT = HISTOGRAM_AT + 2 * BINS
CELLS = SIDE * SIDE
SIZE_BYTES = CELLS_AT + len(PLANES) * CELLS
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a frame, or a region of one, looks like. Equal where every number in it is; made by ``Describer``."""

    _data: bytes

    @classmethod
    def of(
        cls, width: int, height: int, perceptual_hash: int, histogram: NDArray[np.uint16], cells: NDArray[np.uint8]
    ) -> Self:
        """From its parts: ``histogram`` (64,) uint16, ``cells`` (4, 16, 16) uint8."""
        head = _HEAD.pack(_MAGIC, VERSION, width, height, perceptual_hash)
        return cls(head + histogram.astype("<u2").tobytes() + cells.tobytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What ``to_bytes`` gave. SettingsError where it is not that, or of another version."""
        if len(data) < _HEAD.size or data[:3] != _MAGIC:
            raise SettingsError(f"not a descriptor: {len(data)} bytes that do not begin with {_MAGIC.decode()}")
        if data[3] != VERSION:
            raise SettingsError(f"a descriptor of version {data[3]}; this ironcliw has {VERSION}: describe anew")
        if len(data) != SIZE_BYTES:
            raise SettingsError(f"a descriptor of {len(data)} bytes: expected {SIZE_BYTES}, so it was cut or joined")
        return cls(bytes(data))

    def to_bytes(self) -> bytes:
        """The ``SIZE_BYTES`` bytes of the layout above."""
        return self._data

    @property
    def width(self) -> int:
        """Of what was described, in pixels."""
        return _HEAD.unpack_from(self._data)[2]

    @property
    def height(self) -> int:
        """Of what was described, in pixels."""
        return _HEAD.unpack_from(self._data)[3]

    @property
    def perceptual_hash(self) -> int:
        """64 bits; see ``ironcliw.kernels.protocol.PerceptualHash``."""
        return _HEAD.unpack_from(self._data)[4]

    @property
    def histogram(self) -> NDArray[np.uint16]:
        """(64,) uint16, read-only: the share of blocks in each bin of luma, in 65,535ths."""
        return np.frombuffer(self._data, "<u2", BINS, HISTOGRAM_AT)

    @property
    def cells(self) -> NDArray[np.uint8]:
        """(4, 16, 16) uint8, read-only: the planes of ``PLANES``."""
        return np.frombuffer(self._data, np.uint8, offset=CELLS_AT).reshape(len(PLANES), SIDE, SIDE)

    @property
    def row(self) -> NDArray[np.uint8]:
        """(``SIZE_BYTES``,) uint8, read-only: all of it, as ``distances`` takes many."""
        return np.frombuffer(self._data, np.uint8)

    def distance(self, other: Descriptor) -> int:
        """How different the two look: 0 where they are equal, the same either way; sizes in pixels do not count.

        The sum over all cells and planes of what differs beyond noise, and 16 for each shade by which the histogram
        moved, beyond four.
        """
        return int(distances(self, other.row[np.newaxis])[0])


def distances(descriptor: Descriptor, rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(count,) int64: how far each of (count, ``SIZE_BYTES``) uint8 ``rows`` is from ``descriptor``."""
    found = np.empty(len(rows), np.int64)
    # A part at a time: what is made on the way stays in the processor's cache.
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        found[part] = _distances(descriptor.row, rows[part])
    return found


def _distances(one: NDArray[np.uint8], rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    mine, theirs = one[CELLS_AT:], rows[:, CELLS_AT:]
    lower = np.minimum(theirs, mine)
    apart = np.maximum(theirs, mine) - lower
    floors = np.full(len(PLANES) * CELLS, COLOUR_FLOOR, np.uint8)
    floors[:CELLS] = LUMA_FLOOR
    gradient = slice(CELLS, 2 * CELLS)
    noise = (lower[:, gradient] >> GRADIENT_SHIFT) + np.uint8(GRADIENT_FLOOR)
    # In place, and all in bytes: nothing here goes below 0 or above 255.
    apart[:, gradient] = np.maximum(apart[:, gradient], noise) - noise
    floors[gradient] = 0
    np.maximum(apart, floors, out=apart)
    apart -= floors
    return apart.sum(axis=1, dtype=np.int64) + _histogram_distances(one, rows)


def _histogram_distances(one: NDArray[np.uint8], rows: NDArray[np.uint8]) -> NDArray[np.int64]:
    """From the shades by which the blocks of one must be moved, on average, to have the histogram of the other."""
    mine = one[HISTOGRAM_AT:CELLS_AT].view("<u2").astype(np.int32)
    theirs = np.ascontiguousarray(rows[:, HISTOGRAM_AT:CELLS_AT]).view("<u2").astype(np.int32)
    moved = np.abs(np.cumsum(theirs - mine, axis=1, dtype=np.int32)).sum(axis=1, dtype=np.int64)
    shades = moved * (256 // BINS) // SHARES
    return HISTOGRAM_WEIGHT * np.maximum(shades - HISTOGRAM_FLOOR, 0)
