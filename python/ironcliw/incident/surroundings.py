"""Whether only a part of the screen changed: what is drawn over a page leaves what is around it as it was, or dims it.

surroundings = Surroundings(width=1920, height=1080)
surroundings.stayed(box, thumbnail)   # before ``follow``: what is around ``box`` looks as it did
surroundings.follow(thumbnail)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.text.thumbnail import BLOCK_PX, Thumbnail, blocks_of

SHADOW = 3
"""Blocks around a box that its shadow may darken ..."""

WIDTH = 16
"""... and blocks beyond that are compared."""

LIKENESS = 0.8
"""Correlation from which on they look alike; dimming keeps it."""

EVEN = 6.0
"""Shades of gray: a ground without drawing is alike where the standard deviation of its change is below this."""

CHANGED = 10
"""Shades of gray from which on a block is not the ground ..."""

INK = 0.02
"""... and the share of such blocks from which on there is something that can be covered."""


class Surroundings:
    """How one screen looked when it was last read, at a quarter of its scale. ``width``, ``height``: pixels."""

    def __init__(self, width: int, height: int) -> None:
        self._luma = np.zeros((height // BLOCK_PX, width // BLOCK_PX), np.uint8)
        self._seen = np.zeros(self._luma.shape, np.bool_)

    def follow(self, thumbnail: Thumbnail) -> None:
        """A part of the screen was read."""
        if thumbnail.luma.size:
            self._luma[_slices(thumbnail.box)] = thumbnail.luma
            self._seen[_slices(thumbnail.box)] = True

    def covered(self, box: Rect) -> bool:
        """Whether something was drawn in ``box`` when it was last read: more than even ground; True where unknown."""
        part = blocks_of(box).clipped(self._luma.shape[1], self._luma.shape[0])
        if part is None:
            return False
        if not self._seen[_slices(part)].all():
            return True
        then = self._luma[_slices(part)]
        ground = int(np.bincount(then.reshape(-1), minlength=256).argmax())
        return int(np.count_nonzero(np.abs(then.astype(np.int16) - ground) > CHANGED)) > INK * then.size

    def stayed(self, box: Rect, thumbnail: Thumbnail) -> bool:
        """Whether what is around ``box`` looks as it did when it was last read, dimmed or not."""
        height, width = self._luma.shape
        inner = blocks_of(box).grown(SHADOW, SHADOW)
        ring = inner.grown(WIDTH, WIDTH).clipped(width, height)
        both = None if ring is None else ring.intersection(thumbnail.box)
        if ring is None or both is None:
            return True
        now = self._luma[_slices(ring)].copy()
        inside = both.moved(-ring.x, -ring.y)
        now[_slices(inside)] = _of(thumbnail, both)
        around = self._seen[_slices(ring)].copy()
        hole = inner.moved(-ring.x, -ring.y).clipped(ring.width, ring.height)
        if hole is not None:
            around[_slices(hole)] = False
        return _alike(self._luma[_slices(ring)][around], now[around])


def _alike(then: NDArray[np.uint8], now: NDArray[np.uint8]) -> bool:
    if then.size < 2:
        return True
    before, after = then.astype(np.float32), now.astype(np.float32)
    if float((after - before).std()) <= EVEN:
        return True
    spread = float(before.std() * after.std())
    return spread > 0 and float(((before - before.mean()) * (after - after.mean())).mean()) / spread >= LIKENESS


def _of(thumbnail: Thumbnail, part: Rect) -> NDArray[np.uint8]:
    return thumbnail.luma[_slices(part.moved(-thumbnail.box.x, -thumbnail.box.y))]


def _slices(box: Rect) -> tuple[slice, slice]:
    return slice(box.y, box.bottom), slice(box.x, box.right)
