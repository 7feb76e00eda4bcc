"""How each tile of the screen changes: how often, since when, and what kind of restlessness that is.

volatility = Volatility(width=1920, height=1080)
volatility.follow(tracker.tiles, time_ns)
volatility.kinds(now_ns)              # (rows, columns) uint8, values of Kind
volatility.heat(now_ns)               # (rows, columns) float32, changes a second

A tile is restless that keeps changing without ever saying anything new. Both halves are needed: a log scrolls and a
person types for minutes, but each reading of it brings news (``note_news``). Everything goes by source time.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.change import Tiles
from ironcliw.clock import MS, SECOND
from ironcliw.frame import TILE, Rect
from ironcliw.kernels.reference.regions import join_boxes

CHANGES = 6
"""A tile is restless that changed at least so often ..."""

SPREAD_NS = 2 * SECOND
"""... over at least this long ..."""

QUIET_NS = 3 * SECOND
"""... never resting for longer than this, after which it has come to rest. Slower changes are each one of their own."""

NEWS_NS = 5 * SECOND
"""What said something new is not restless for this long."""

HALF_LIFE_NS = 5 * SECOND
"""The rate forgets half of what it counted in this long."""

RETURNS = 4
"""A tile that came back to its state before last so many times running only alternates: a caret."""

SLOWEST_CARET_NS = 750 * MS
"""States that each last longer than this are a status that changes, not a blinking."""

TICK_NS = 500 * MS
"""What changes less often, regularly and within half its tile, ticks: a clock, a counter."""

_REGULAR = 0.3
_LEARNING = 0.25
_NEVER = -(1 << 60)


class Kind(IntEnum):
    """What a tile does. ``MOVING`` is what is restless and neither alternates nor ticks: spinner, video, pointer."""

    STILL = 0
    CARET = 1
    TICKING = 2
    MOVING = 3


class RestlessPart(NamedTuple):
    """Neighbouring restless tiles of one kind: ``box`` around what changed in them, changes a second of the fastest."""

    kind: Kind
    box: Rect
    rate: float


class Volatility:
    """What is known of the tiles of one screen: some 100 bytes each, however long it is watched."""

    def __init__(self, width: int, height: int) -> None:
        self.shape = kernels.grid_shape(height, width)
        count = self.shape[0] * self.shape[1]
        self.last_ns = np.full(count, _NEVER, np.int64)
        """Source time of each tile's last change."""
        self.gap_ns = np.zeros(count)
        """How long its changes usually are apart, in this run; 0 where that is not known yet."""
        self.count = np.zeros(count, np.int64)
        """Changes in this run, which a rest of ``QUIET_NS`` ends."""
        self.returns = np.zeros(count, np.int64)
        """How often running it came back to its state before last."""
        self._jitter_ns = np.zeros(count)
        self._since_ns = np.zeros(count, np.int64)
        self._news_ns = np.full(count, _NEVER, np.int64)
        self._weight = np.zeros(count)
        self._boxes = np.zeros((count, 4), np.int32)
        self._area = np.zeros(count)
        self._now = np.zeros(count, np.uint64)
        self._before = np.zeros(count, np.uint64)
        self._began_ns: int | None = None

    def follow(self, tiles: Tiles, time_ns: int) -> None:
        """Take in what a capture at ``time_ns`` did to the tiles; the first one is how the screen was found."""
        fingerprints = tiles.fingerprints.reshape(-1)
        if self._began_ns is None:
            self._began_ns = time_ns
            self._now[:] = self._before[:] = fingerprints
            return
        at = np.flatnonzero(tiles.changed)
        if not at.size:
            return
        gap = time_ns - self.last_ns[at]
        fresh = gap > QUIET_NS
        self._weight[at] = self._weight[at] * np.exp2(-gap / HALF_LIFE_NS) + 1
        self._learn_gap(at, np.where(fresh, 0, gap))
        self.count[at] = np.where(fresh, 1, self.count[at] + 1)
        self._since_ns[at] = np.where(fresh, time_ns, self._since_ns[at])
        self.last_ns[at] = time_ns
        boxes = tiles.boxes.reshape(-1, 4)[at]
        self._area[at] += np.where(fresh, 1, _LEARNING) * (_areas(boxes) - self._area[at])
        self._boxes[at] = np.where(fresh[:, None], boxes, around(self._boxes[at], boxes))
        came = fingerprints[at]
        self.returns[at] = np.where((came == self._before[at]) & ~fresh, self.returns[at] + 1, 0)
        self._before[at], self._now[at] = self._now[at], came

    def _learn_gap(self, at: NDArray[np.intp], gap: NDArray[np.int64]) -> None:
        """Move the usual gap and how much it varies towards this one; 0 begins anew."""
        known = self.gap_ns[at]
        off = np.where(known > 0, np.abs(gap - known), 0.0)
        self._jitter_ns[at] = np.where(gap == 0, 0.0, self._jitter_ns[at] + _LEARNING * (off - self._jitter_ns[at]))
        self.gap_ns[at] = np.where((known == 0) | (gap == 0), gap, known + _LEARNING * (gap - known))

    def note_news(self, boxes: Iterable[Rect], time_ns: int) -> None:
        """Something new was said here at ``time_ns``; ticks of a clock are none."""
        for box in boxes:
            self._news_ns[self.tiles_of(box)] = time_ns

    def tiles_of(self, box: Rect) -> NDArray[np.intp]:
        """Indices of the tiles that ``box`` touches, into arrays with one entry for each tile."""
        rows = np.arange(max(box.y // TILE, 0), min(-(-box.bottom // TILE), self.shape[0]))
        columns = np.arange(max(box.x // TILE, 0), min(-(-box.right // TILE), self.shape[1]))
        return (rows[:, None] * self.shape[1] + columns).reshape(-1)

    # -- what it comes to --------------------------------------------------------------------------------------

    @property
    def alternating(self) -> NDArray[np.bool_]:
        """Tiles that blink: two states, neither for long."""
        return (self.returns >= RETURNS) & (self.gap_ns < SLOWEST_CARET_NS)

    def _restless(self, now_ns: int) -> NDArray[np.bool_]:
        lasting = (self.count >= CHANGES) & (self.last_ns - self._since_ns >= SPREAD_NS)
        return lasting & (now_ns - self.last_ns <= QUIET_NS) & (now_ns - self._news_ns >= NEWS_NS)

    def restless(self, rect: Rect, now_ns: int) -> bool:
        """Whether all that changes under ``rect`` is restless; False where nothing has changed for ``QUIET_NS``."""
        at = self.tiles_of(rect)
        moving = now_ns - self.last_ns[at] <= QUIET_NS
        return bool(moving.any() and self._restless(now_ns)[at][moving].all())

    def kinds(self, now_ns: int) -> NDArray[np.uint8]:
        """The (rows, columns) uint8 ``Kind`` of each tile."""
        regular = (self._jitter_ns <= _REGULAR * self.gap_ns) & (self.gap_ns >= TICK_NS)
        ticking = regular & (self._area <= TILE * TILE / 2)
        kinds = np.where(self.alternating, Kind.CARET, np.where(ticking, Kind.TICKING, Kind.MOVING))
        return np.where(self._restless(now_ns), kinds, Kind.STILL).astype(np.uint8).reshape(self.shape)

    def heat(self, now_ns: int) -> NDArray[np.float32]:
        """The (rows, columns) float32 changes a second of each tile, recent ones counting most."""
        age = np.maximum(now_ns - self.last_ns, 0)
        # A watch that has just begun has not filled its memory.
        filled = 1 - np.exp2(-max(now_ns - (self._began_ns or 0), SECOND) / HALF_LIFE_NS)
        rate = self._weight * np.exp2(-age / HALF_LIFE_NS) * (np.log(2) * SECOND / HALF_LIFE_NS / filled)
        return rate.astype(np.float32).reshape(self.shape)

    def parts(self, now_ns: int) -> list[RestlessPart]:
        """What is restless, from top to bottom."""
        kinds, heat = self.kinds(now_ns).reshape(-1), self.heat(now_ns).reshape(-1)
        found: list[RestlessPart] = []
        for kind in (Kind.CARET, Kind.TICKING, Kind.MOVING):
            for box in join_boxes(self._boxes.reshape(*self.shape, 4), (kinds == kind).reshape(self.shape)):
                at = self.tiles_of(box)
                rate = heat[at][kinds[at] == kind].max()
                found.append(RestlessPart(kind, box, float(rate)))
        return sorted(found, key=lambda part: (part.box.y, part.box.x))


def _areas(boxes: NDArray[np.int32]) -> NDArray[np.int32]:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def around(a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int32]:
    """The boxes around both, pair by pair."""
    return np.concatenate([np.minimum(a[:, :2], b[:, :2]), np.maximum(a[:, 2:], b[:, 2:])], axis=1)
