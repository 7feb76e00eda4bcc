"""Where did it change? Tile fingerprints first, then only the changed tiles pixel by pixel.

    tracker = ChangeTracker(height=1080, width=1920)
    change = tracker.apply(pixels, damage=None)
    change.regions                        # tight rectangles of changed pixels

The tracker keeps the last state it saw (``tracker.shown``): what a reader crops from while the source already
captures the next frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.frame import TILE, Rect
from ironcliw.kernels.reference.regions import join_boxes
from ironcliw.memory import CHANNELS, blank_pixels

LOSSY_THRESHOLD = 40 * 40
"""Squared RGB distance that most codec noise stays below, and a changed word does not; see docs/reference/change.md."""

LARGEST_THRESHOLD = 3 * 255 * 255
"""The squared RGB distance of black and white."""

BLINKS_AFTER = 2
"""A tile that returned to its state before last this many times running is blinking."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one frame changed.

    regions: tight rectangles of changed pixels, neighbours joined; all of them, blinking ones too
    blinking: those of ``regions`` in which tiles only alternate between two known states (a caret)
    tiles: number of tiles with a changed pixel
    pixels: number of changed pixels
    first: True for the first frame: everything in it is there for the first time
    black: the whole frame is zero
    """

    regions: tuple[Rect, ...]
    blinking: tuple[Rect, ...]
    tiles: int
    pixels: int
    first: bool
    black: bool


class Tiles(NamedTuple):
    """What the last frame did to each tile of 64 x 64 pixels: views, which the next frame overwrites.

    changed: (rows, columns) bool, tiles with a changed pixel
    boxes: (rows, columns, 4) int32, x0, y0, x1, y1 (exclusive) around the changed pixels; zeros where there are none
    fingerprints: (rows, columns) uint64, of the tiles as they are now
    """

    changed: NDArray[np.bool_]
    boxes: NDArray[np.int32]
    fingerprints: NDArray[np.uint64]

    def regions(self, wanted: NDArray[np.bool_]) -> tuple[Rect, ...]:
        """The boxes of the ``wanted`` tiles, neighbours joined as in ``Change.regions``."""
        return tuple(join_boxes(self.boxes, wanted))


class ChangeTracker:
    """Compares every frame with the one before; threshold 0 is exact, for lossless sources.

    ``threshold`` is a squared RGB distance (0 to LARGEST_THRESHOLD): a pixel has changed where it is exceeded. On lossy
    video a tile keeps its old state until something in it exceeds the threshold, so that slow drift adds up and shows.
    """

    def __init__(self, height: int, width: int, threshold: int = 0) -> None:
        shape = kernels.grid_shape(height, width)
        self._shown = blank_pixels(height, width)
        self._tiles = Tiles(np.zeros(shape, np.bool_), np.zeros((*shape, 4), np.int32), np.zeros(shape, np.uint64))
        self._tracker = kernels.Tracker(
            self._shown,
            self._tiles.fingerprints,
            self._tiles.changed,
            np.zeros(shape, np.uint32),
            self._tiles.boxes,
            threshold,
            BLINKS_AFTER,
        )
        self._first = True

    @property
    def shown(self) -> NDArray[np.uint8]:
        """The (h, w, 4) uint8 BGR0 pixels of the last state that was applied."""
        return self._shown

    @property
    def tiles(self) -> Tiles:
        """What the last frame that was applied did to each tile; of the first one every tile is new, without boxes."""
        return self._tiles

    def stored_bytes(self, change: Change) -> int:
        """Bytes of the tiles that ``change``, the last one, stored anew in ``shown``."""
        rows, columns = self._tiles.changed.shape
        below, beside = rows * TILE - self._shown.shape[0], columns * TILE - self._shown.shape[1]
        pixels = change.tiles * TILE * TILE  # of which tiles at the lower and the right edge have less
        if below or beside:
            lower, right = self._tiles.changed[-1], self._tiles.changed[:, -1]
            pixels -= TILE * int(below * np.count_nonzero(lower) + beside * np.count_nonzero(right))
            pixels += below * beside * int(lower[-1])
        return pixels * CHANNELS

    def apply(self, pixels: NDArray[np.uint8], damage: Sequence[Rect] | None = None) -> Change:
        """Take a (h, w, 3|4) uint8 frame; ``damage`` names rectangles outside which nothing changed, if known.

        Raises ValueError for another dtype, shape or stride.
        """
        tiles, pixel_count, black, steady, blinking = self._tracker.apply(pixels, damage)
        first, self._first = self._first, False
        if not tiles:
            return Change((), (), 0, 0, False, black)
        alternating = tuple(map(Rect._make, blinking))
        return Change((*map(Rect._make, steady), *alternating), alternating, tiles, pixel_count, first, black)
