"""One step of watching: which tiles moved, where in them, and the new state kept.

tracker = Tracker(shown, grid, changed, counts, boxes, 0, 2)
tiles, pixels, black, steady, blinking = tracker.apply(pixels, [(10, 20, 300, 40)])
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import TILE, Rect
from ironcliw.kernels.protocol import Damage, Found, Mask, Pixels
from ironcliw.kernels.reference import arrays
from ironcliw.kernels.reference.copying import copy_tiles
from ironcliw.kernels.reference.difference import difference
from ironcliw.kernels.reference.fingerprint import ZERO_TILE, fingerprint
from ironcliw.kernels.reference.regions import join_boxes

RETURNS_MAX = 255


class Tracker:
    """See ``ironcliw.kernels.protocol.Tracker``."""

    def __init__(
        self,
        shown: Pixels,
        grid: NDArray[np.uint64],
        changed: Mask,
        counts: NDArray[np.uint32],
        boxes: NDArray[np.int32],
        threshold: int,
        blinks_after: int,
    ) -> None:
        self._shown = arrays.pixels(shown, "shown", writable=True)
        shape = (-(-self._shown.shape[0] // TILE), -(-self._shown.shape[1] // TILE))
        self._grid = arrays.cells(grid, "grid", ("uint64",), shape, writable=True)
        self._changed = arrays.cells(changed, "changed", ("bool", "uint8"), shape, writable=True)
        self._counts = arrays.cells(counts, "counts", ("uint32",), shape, writable=True)
        self._boxes = arrays.cells(boxes, "boxes", ("int32",), (*shape, 4), writable=True)
        arrays.disjoint(set(self._arrays), **self._arrays)
        self._threshold = arrays.distance(threshold)
        self._blinks_after = _blinks(blinks_after)
        self._started = False
        self._before = np.zeros(shape, np.uint64)
        self._returns = np.zeros(shape, np.uint8)

    @property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "shown": self._shown,
            "grid": self._grid,
            "changed": self._changed,
            "counts": self._counts,
            "boxes": self._boxes,
        }

    def apply(self, pixels: Pixels, damage: Sequence[Damage] | None = None) -> Found:
        """See ``ironcliw.kernels.protocol.Tracker``."""
        height, width = self._shown.shape[:2]
        frame = arrays.pixels(pixels, "pixels", (height, width))
        arrays.disjoint(set(self._arrays), **self._arrays, pixels=frame)
        among = None if damage is None else self._touched(damage)
        self._counts[:] = 0
        self._boxes[:] = 0
        if not self._started:
            return self._begin(frame)
        old = self._grid.copy()
        fingerprint(frame, self._grid, self._changed, among)
        total = difference(self._shown, frame, self._threshold, self._changed, self._counts, self._boxes)
        changed = self._counts > 0
        self._changed[:] = changed
        copy_tiles(frame, self._shown, self._changed)
        blinking = self._follow_returns(changed, old)
        steady, alternating = (join_boxes(self._boxes, changed & on) for on in (~blinking, blinking))
        return int(changed.sum()), total, self._is_black(), list(steady), list(alternating)

    def _begin(self, frame: Pixels) -> Found:
        height, width = frame.shape[:2]
        fingerprint(frame, self._grid, self._changed)
        copy_tiles(frame, self._shown)
        self._changed[:] = 1
        self._before[:] = self._grid
        self._started = True
        return self._grid.size, height * width, self._is_black(), [Rect(0, 0, width, height)], []

    def _is_black(self) -> bool:
        return bool((self._grid == ZERO_TILE).all())

    def _touched(self, damage: Sequence[Damage]) -> NDArray[np.bool_]:
        among = np.zeros(self._grid.shape, np.bool_)
        for x, y, width, height in _rectangles(damage):
            rows = slice(max(y // TILE, 0), max(-(-(y + height) // TILE), 0))
            columns = slice(max(x // TILE, 0), max(-(-(x + width) // TILE), 0))
            among[rows, columns] = True
        return among

    def _follow_returns(self, changed: NDArray[np.bool_], old: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Update, for the changed tiles, how often running each came back to its state before last."""
        returned = changed & (self._grid == self._before)
        self._returns[changed & ~returned] = 0
        self._returns[returned] = np.minimum(self._returns[returned], RETURNS_MAX - 1) + 1
        self._before[changed] = old[changed]
        return changed & (self._returns >= self._blinks_after)


def _rectangles(damage: Any) -> list[tuple[int, int, int, int]]:
    wrong = ValueError("damage: expected a sequence of (x, y, width, height), integers of 64 bits")
    if _is(damage, str) or not _is(damage, Sequence) or not all(_is(rectangle, tuple) for rectangle in damage):
        raise wrong
    try:
        found = [tuple(map(operator.index, rectangle)) for rectangle in damage]
    except TypeError:
        raise wrong from None
    if any(len(each) != 4 or not all(-(2**63) <= number < 2**63 for number in each) for each in found):
        raise wrong
    return [(x, y, width, height) for x, y, width, height in found]


def _is(value: object, kind: type[Any]) -> bool:
    """Whoever calls may not keep to the types that are written, which a checker takes for granted."""
    return isinstance(value, kind)


def _blinks(value: int) -> int:
    try:
        count = operator.index(value)
    except TypeError:
        count = 0
    if not 1 <= count <= RETURNS_MAX:
        raise ValueError(f"blinks_after: expected an integer 1 to {RETURNS_MAX}, got {value!r}")
    return count
