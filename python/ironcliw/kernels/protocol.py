"""What each kernel takes and gives, whichever implementation does the work.

A frame is a (height, width, 3 or 4) uint8 array: bytes B, G, R and perhaps a fourth, which is never looked at. Pixels
are 3 or 4 bytes apart (a ``[:, :, :3]`` view of 4-byte pixels is fine) and rows anything that does not overlap. It is
cut into tiles of 64 x 64 pixels; arrays "per tile" are C-contiguous, of shape (rows, columns) =
``grid_shape(height, width)``. Masks are bool or uint8, non-zero meaning selected.

Every kernel raises ValueError for a wrong dtype, shape, stride or number, for an array that should be writable and is
not, and for an output that overlaps another argument in memory; nothing is written then. While a kernel runs no other
thread may write to its arguments, and the native implementation lets other threads run meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw.kernels.segment_protocol import SegmentReader, SegmentWriter

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_] | NDArray[np.uint8]
Key = bytes | str | int
"""What a filter remembers: bytes, text (the same key as its UTF-8 bytes), or a number 0 to 2**64 - 1."""

Damage = tuple[int, int, int, int]
"""x, y, width and height of what may have been drawn to, in pixels of the frame; may lie beyond it."""

Found = tuple[int, int, bool, Sequence[Damage], Sequence[Damage]]
"""What a ``Tracker`` found: changed tiles, changed pixels, whether all is black, steady and blinking regions."""

FEATURES = 6
"""Of a tile: sums of B, of G, of R, of luma and of squared luma, and the gradient."""

BINS = 64
"""Bins of a luma histogram, four shades each."""


class Fingerprint(Protocol):
    """One 64-bit number per tile, and which of them moved."""

    def __call__(self, pixels: Pixels, grid: NDArray[np.uint64], changed: Mask, among: Mask | None = None) -> int:
        """Update ``grid`` (uint64 per tile) in place and say in ``changed`` (per tile) which tiles differ from it.

        With ``among`` (per tile) only selected tiles are read; the others are not changed and keep their fingerprint.
        A fingerprint is XXH3 64-bit (seed 0) of the tile's 64 rows of 64 pixels as bytes B, G, R, 0, zeros beyond the
        frame's edges: 16,384 bytes. Returns the number of changed tiles.
        """
        ...


class Difference(Protocol):
    """How many pixels differ between two frames, and where."""

    def __call__(
        self,
        before: Pixels,
        after: Pixels,
        threshold: int,
        tiles: Mask | None,
        counts: NDArray[np.uint32],
        boxes: NDArray[np.int32],
        mask: Mask | None = None,
    ) -> int:
        """Count and box the pixels with dB² + dG² + dR² > ``threshold`` (0 to 195075), in ``tiles`` (None: in all).

        ``before`` and ``after`` have the same height and width. ``counts`` (uint32 per tile) and ``boxes`` (int32,
        (rows, columns, 4): x0, y0, x1, y1 in pixels of the frame, the last two exclusive, tight) are zero where nothing
        differs or a tile is not selected. ``mask`` (C-contiguous (height, width), where it is given) becomes 1 at each
        pixel that is counted, else 0. Returns the number of differing pixels.
        """
        ...


class CopyTiles(Protocol):
    """Moves the pixels of chosen tiles."""

    def __call__(self, source: Pixels, target: Pixels, tiles: Mask | None = None) -> int:
        """Copy the selected tiles (None: all) to the same place in ``target``, fourth bytes becoming 0.

        ``target`` is a writable (height, width, 4) frame of the size of ``source``. Returns the bytes written.
        """
        ...


class StoreTiles(Protocol):
    """Puts tiles into a pool, each in one piece."""

    def __call__(self, pixels: Pixels, tiles: Mask | None, pool: NDArray[np.uint8], slots: NDArray[np.int32]) -> int:
        """Copy each selected tile (None: all) to ``pool[slots[row, column]]``, row by row.

        ``pool`` is (capacity, 64, 64, 4) uint8, C-contiguous; a tile has its colours, fourth bytes 0, and zeros beyond
        the frame's edges: the 16,384 bytes that its fingerprint is made of. ``slots`` is int32 per tile; those of tiles
        that are not selected may be anything. Returns the bytes written.
        """
        ...


class Describe(Protocol):
    """What tiles and a frame look like, in whole numbers."""

    def __call__(
        self,
        pixels: Pixels,
        tiles: Mask | None,
        features: NDArray[np.uint32],
        histograms: NDArray[np.uint16],
        histogram: NDArray[np.uint32],
    ) -> int:
        """Describe the selected tiles (None: all), zeros beyond the frame's edges; the others stay as they are.

        ``features`` is (rows, columns, 6) uint32: the sums of B, G and R, of luma (29 B + 150 G + 77 R) / 256 rounded
        down and of its square, and the gradient: the sum of the differences of luma between neighbours, side by side
        and one above the other, in the tile. ``histograms`` is (rows, columns, 64) uint16: a tile's blocks of 8 x 8
        pixels by their sum of luma / 256 rounded down. ``histogram``, (64,) uint32, is kept the sum of ``histograms``:
        what a tile had there is subtracted, what it has now is added. So describing what changed gives what describing
        everything would. Returns the number of tiles described.
        """
        ...


class PerceptualHash(Protocol):
    """A number of 64 bits that stays nearly the same while a frame looks nearly the same."""

    def __call__(self, features: NDArray[np.uint32], height: int, width: int) -> int:
        """Hash a frame of ``height`` x ``width`` pixels (65,536 at the most) by its tiles' ``features``.

        The tiles' mean luma is averaged over 32 x 32 cells and centred, and of its discrete cosine transform in fixed
        point bit 8 u + v says whether the coefficient (u down, v across; each 0 to 7) is above the median of the 64.
        The distance of two frames is the number of bits in which their hashes differ.
        """
        ...


class Rectangles(Protocol):
    """What is drawn as a rectangle: with a border, a fill or a shadow, round corners or none."""

    def __call__(self, pixels: Pixels, found: NDArray[np.int32]) -> int:
        """Write the best rectangles into the rows of ``found``, (capacity, 9) int32; return how many (1024 at most).

        A row is left, top, right and bottom in pixels (the last two exclusive), then how much of the top, left, bottom
        and right side is an edge, of 256, then bits: where the top (1, 2), left (4, 8), bottom (16, 32) and right side
        (64, 128) goes on before it and after it. The frame's borders are edges. Rows beyond the count stay as they are.
        Edges are steps of luma; the strongest rectangles come first, and no two are the same within 4 pixels. Frames
        of a side below 16 pixels have none, and of frames above 12 million pixels every second one is looked at, or
        every fourth, ... both ways. Time and memory do not depend on what is shown beyond fixed bounds.
        """
        ...


class Tracker(Protocol):
    """Follows one screen: fingerprints, difference and copy in one walk over the frame, joined to regions.

    shown: writable (height, width, 4) frame, the state that is kept; zeros at first
    grid, changed, counts, boxes: per tile, as for ``Fingerprint`` and ``Difference``; written by ``apply``
    threshold: as for ``Difference``
    blinks_after: a tile blinks that came back to its state before last this many times running, 1 to 255

    The arrays are held as long as the tracker lives, and nobody else may write to them meanwhile.
    """

    def __init__(
        self,
        shown: Pixels,
        grid: NDArray[np.uint64],
        changed: Mask,
        counts: NDArray[np.uint32],
        boxes: NDArray[np.int32],
        threshold: int,
        blinks_after: int,
    ) -> None: ...

    def apply(self, pixels: Pixels, damage: Sequence[Damage] | None = None) -> Found:
        """Take a frame of the size of ``shown``; only tiles that ``damage`` touches are looked at, where it is given.

        A tile whose fingerprint is not the one in ``grid`` is compared with ``shown``; where a pixel in it exceeds the
        threshold it is in ``changed`` and takes its place in ``shown``. The regions, x, y, width and height ordered by
        top and left edge, join the boxes of changed tiles that are near each other. The first frame is new as a whole:
        one region, every tile in ``changed``, no counts or boxes.
        """
        ...


class BloomBits(Protocol):
    """The bits of a Bloom filter: one or two generations of blocks of 512 bits, and which of them a key has.

    A number is its own 64-bit key; bytes, and text as UTF-8, have the XXH3 64-bit hash (seed 0) as key. It is hashed
    twice: h1 and h2 are the first two numbers of splitmix64 seeded with the key. Up to 7 bits of a key lie in one
    block; of more, there is a block for each 5. Blocks are drawn with h1 and with steps of odd strides on from there,
    number j being ``(h2 | 1) * 0x9E3779B97F4A7C15**j`` (all modulo 2**64): the upper half of the 128-bit product of the
    number drawn and the number of blocks. In each block, a key has up to four words of 64 bits: ``start + i * stride``
    modulo 8, with ``start = h2 >> 61`` and ``stride = h2 >> 58 | 1``. Its bits are dealt to its blocks in turn, and in
    each to its words in turn; the places of those in one block are the six bits of h2 from bit 52, 46, 40, 34, 28, 22
    and 16 on. This is the same in every process, version and architecture.

    What is added goes to the newest generation, what lies in any is found. Every method may be called from any thread
    at any time. Wrong arguments raise ValueError, and a filter for which there is no memory MemoryError.
    """

    def __new__(cls, blocks: int, hashes: int, generations: int) -> Self:
        """An empty filter of ``generations`` (1 or 2) times ``blocks`` times 64 bytes."""
        ...

    @property
    def blocks(self) -> int:
        """Blocks of 512 bits in each generation."""
        ...

    @property
    def hashes(self) -> int:
        """Bits of each key."""
        ...

    @property
    def generations(self) -> int:
        """How many generations there are, 1 or 2."""
        ...

    def add(self, key: Key, /) -> None:
        """Add one key."""
        ...

    def contains(self, key: Key, /) -> bool:
        """Whether the key was added, or (seldom) others that together have its bits. The same as ``key in bits``."""
        ...

    def __contains__(self, key: Key, /) -> bool: ...

    def check_and_add(self, key: Key, /) -> bool:
        """Add one key; whether it was found before. Of several threads with one new key, exactly one gets False."""
        ...

    def add_many(self, keys: NDArray[np.uint64]) -> None:
        """Add (count,) keys."""
        ...

    def contains_into(self, keys: NDArray[np.uint64], seen: Mask) -> None:
        """Say in ``seen`` (count,) which keys are found."""
        ...

    def check_and_add_into(self, keys: NDArray[np.uint64], seen: Mask) -> None:
        """Add (count,) keys, one after another; say in ``seen`` (count,) which were found before their turn."""
        ...

    def turn(self) -> None:
        """Empty the oldest generation and make it the newest. Of a single generation, everything is forgotten."""
        ...

    def bits_set(self, age: int) -> int:
        """How many of the ``blocks * 512`` bits of the generation of this age (0: the newest) are set."""
        ...

    def read(self, age: int, words: NDArray[np.uint64]) -> None:
        """Copy the generation of this age to ``words``, (blocks * 8,)."""
        ...

    def unite(self, age: int, words: NDArray[np.uint64]) -> None:
        """Add to the generation of this age what ``words`` read from a filter of the same blocks and hashes."""
        ...

    def merge(self, other: Any) -> None:
        """Add everything in ``other``, which has the same blocks, hashes and generations, generation by generation."""
        ...


class Kernels(NamedTuple):
    """One implementation of every kernel."""

    fingerprint: Fingerprint
    difference: Difference
    copy_tiles: CopyTiles
    store_tiles: StoreTiles
    describe: Describe
    perceptual_hash: PerceptualHash
    rectangles: Rectangles
    Tracker: type[Tracker]
    BloomBits: type[BloomBits]
    SegmentWriter: type[SegmentWriter]
    SegmentReader: type[SegmentReader]
