"""Whose text wants reading at once, whose can wait, and whose is known: reading again what never says anything new is
most of what watching costs.

    patience = Patience(volatility)
    patience.sort(change.regions, tiles, time_ns)  # the regions to be read as ever; the rest waits or is known
    patience.take(now_ns)                          # where what waited is due
    taken = patience.taking(region, (), now_ns)    # before its pixels are read
    patience.finish(taken, texts, news)            # afterwards

A state in which a tile was read without anything new is known to say what the tile says; when it comes back, as the two
states of a caret do, there is nothing to read, at any rate. What has been read ``FREE`` times running without news
waits longer each time, as long as it changes as it did: within the same box, and from known state to known state if
that is what it did. What stops changing is read as soon as that is clear. One reading that brings news begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ironcliw.change import Tiles
from ironcliw.clock import MS, SECOND
from ironcliw.frame import TILE, Rect
from ironcliw.kernels.reference.regions import join_boxes
from ironcliw.volatility.tiles import Volatility, around

FREE = 3
"""So many readings in a row may bring nothing new before a tile has to wait for the next one ..."""

WAIT_NS = 400 * MS
"""... this long at first, and twice as long each time ..."""

LONGEST_WAIT_NS = 2 * SECOND
"""... up to this, and for a screen that moves all over up to ...."""

LONGEST_WAIT_ALL_NS = 10 * SECOND
"""... this; in between by the share of the screen that waits: the larger, the dearer it is to read."""

SETTLE_NS = 100 * MS
SETTLE_GAPS = 2.5
LONGEST_SETTLE_NS = 1_500 * MS
"""What has not changed for 2.5 times as long as usual, 100 ms at least and 1.5 s at most, has come to rest."""

SPLIT = 4
"""A region is read as a whole where at least one in so many of its changed tiles does not have to wait."""

STATES = 16
"""So many states of a tile are known, the last ones."""

_RECURS_AFTER = 4
"""After so many known states in a row an unknown one is read at once; twice as many after each time. A film that comes
round again has unknown states where two of its pictures are caught at once."""

_STRANGE_MOST = 6
_HIGHEST = 16
_OUTSIDE_PX = 1
_EMPTY = (1 << 30, 1 << 30, -1, -1)


@dataclass(frozen=True, slots=True)
class Taken:
    """The tiles of a reading, as they were when it was taken.

    tiles: their indices
    states: their fingerprints
    whole: whether all that was not known of the tile is in this reading
    touched: whether it changed since the reading before
    """

    tiles: NDArray[np.intp]
    states: NDArray[np.uint64]
    whole: NDArray[np.bool_]
    touched: NDArray[np.bool_]


class Patience:
    """What is known of the text of each tile, and when it wants to be read again: some 200 bytes a tile.

    volatility: what has followed the same captures
    """

    def __init__(self, volatility: Volatility) -> None:
        self.volatility = volatility
        count = volatility.last_ns.size
        self._level = np.zeros(count, np.int64)
        self._read_ns = np.full(count, -1, np.int64)
        self._touched = np.zeros(count, np.bool_)
        self._usual = np.tile(np.array(_EMPTY, np.int32), (count, 1))
        self._known = np.zeros((count, STATES), np.uint64)
        self._next = np.zeros(count, np.int64)
        self._recurs = np.zeros(count, np.int64)
        self._strange = np.zeros(count, np.int64)
        self._states = np.zeros(count, np.uint64)
        self._waiting = np.zeros(count, np.bool_)
        self._under_way = np.zeros(count, np.int64)
        """Readings that were taken and have not been finished: what they will find, makes other states known."""
        self._waits_in = np.tile(np.array(_EMPTY, np.int32), (count, 1))
        self._longest_ns = LONGEST_WAIT_NS

    # -- what changed ------------------------------------------------------------------------------------------

    def begin(self, tiles: Tiles) -> None:
        """The first capture: the whole screen will be read."""
        self._states[:] = tiles.fingerprints.reshape(-1)

    def sort(self, regions: Sequence[Rect], tiles: Tiles, time_ns: int) -> list[Rect]:
        """Which of the changed regions want to be read as ever. ``volatility`` has followed this capture.

        Of a region in which most waits, only the rest and some of what is around it: words are not to be cut.
        """
        ordinary = self._ordinary(tiles, time_ns)
        if np.array_equal(ordinary, tiles.changed):
            return list(regions)
        answer: list[Rect] = []
        for region in regions if ordinary.any() else ():
            at = self.volatility.tiles_of(region)
            wanted, changed = ordinary.reshape(-1)[at], tiles.changed.reshape(-1)[at]
            if SPLIT * np.count_nonzero(wanted) >= np.count_nonzero(changed):
                self._release(region)
                answer.append(region)
            elif wanted.any():
                mask = np.zeros(ordinary.size, np.bool_)
                mask[at[wanted]] = True
                parts = tiles.regions(mask.reshape(ordinary.shape))
                around = (part.grown(TILE, TILE // 2).intersection(region) for part in parts)
                answer += [part for part in around if part is not None]
        return answer

    def _ordinary(self, tiles: Tiles, time_ns: int) -> NDArray[np.bool_]:
        """Which of the changed tiles neither wait nor are known."""
        at = np.flatnonzero(tiles.changed)
        states, boxes = tiles.fingerprints.reshape(-1)[at], tiles.boxes.reshape(-1, 4)[at]
        self._states[at], self._touched[at] = states, True
        fresh = self.volatility.count[at] == 1
        self._level[at[fresh]] = 0
        self._recurs[at[fresh]] = self._strange[at[fresh]] = 0
        self._usual[at[fresh]] = _EMPTY
        known = (self._known[at] == states[:, None]).any(axis=1) & (self._under_way[at] == 0)
        strange = ~known & (self._recurs[at] >= _RECURS_AFTER << self._strange[at])
        # A window that comes back is read whole, or what it covered would be news: only what recurs soon is left out.
        known &= ~fresh
        odd = strange | (~known & _outside(boxes, self._usual[at]))
        self._strange[at[strange]] = np.minimum(self._strange[at[strange]] + 1, _STRANGE_MOST)
        self._recurs[at] = np.where(known, self._recurs[at] + 1, 0)
        self._usual[at] = around(self._usual[at], boxes)
        self._level[at[odd]] = np.minimum(self._level[at[odd]], FREE - 1)
        patient = self._level[at] >= FREE
        self._wait(at[~known & patient], boxes[~known & patient])
        self._waiting[at[known]] = False
        ordinary = np.zeros(tiles.changed.size, np.bool_)
        ordinary[at[~known & ~patient]] = True
        return ordinary.reshape(tiles.changed.shape)

    def _wait(self, at: NDArray[np.intp], boxes: NDArray[np.int32]) -> None:
        waits = self._waiting[at]
        self._waits_in[at] = np.where(waits[:, None], around(self._waits_in[at], boxes), boxes)
        self._waiting[at] = True
        share = np.count_nonzero(self._level >= FREE) / self._level.size if at.size else 0.0
        self._longest_ns = round(LONGEST_WAIT_NS + share * (LONGEST_WAIT_ALL_NS - LONGEST_WAIT_NS))

    def covers(self, now_ns: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tiles that have to wait and most of which changes: a part of one may come to stand. And which still move.

        Both (rows, columns) bool.
        """
        patient = self._level >= FREE
        if not patient.any():
            none = patient.reshape(self.volatility.shape)
            return none, none
        areas = (self._usual[:, 2] - self._usual[:, 0]) * (self._usual[:, 3] - self._usual[:, 1])
        rests_ns = now_ns - self.volatility.last_ns
        where = patient & (rests_ns <= LONGEST_SETTLE_NS) & (areas >= TILE * TILE // 2)
        moving = where & (rests_ns < self._settle_ns(slice(None)))
        return where.reshape(self.volatility.shape), moving.reshape(self.volatility.shape)

    def _settle_ns(self, at: NDArray[np.intp] | slice) -> NDArray[np.int64]:
        """How long these tiles have to rest until they have come to rest."""
        gap_ns = self.volatility.gap_ns[at]
        return np.clip(SETTLE_GAPS * gap_ns, SETTLE_NS, LONGEST_SETTLE_NS).astype(np.int64)

    # -- what is due -------------------------------------------------------------------------------------------

    def _due_ns(self, at: NDArray[np.intp]) -> NDArray[np.int64]:
        """When these tiles, which wait, want to be read."""
        level = self._level[at]
        settles = self.volatility.last_ns[at] + np.where(level < FREE, SETTLE_NS, self._settle_ns(at))
        wait = np.minimum(WAIT_NS << np.clip(level - FREE, 0, _HIGHEST), self._longest_ns)
        return np.minimum(settles, self._read_ns[at] + np.where(level < FREE, WAIT_NS // 2, wait))

    @property
    def due_ns(self) -> int | None:
        """Source time at which the next of what waits wants to be read; None where nothing waits."""
        at = np.flatnonzero(self._waiting)
        return int(self._due_ns(at).min()) if at.size else None

    def take(self, now_ns: int) -> list[Rect]:
        """Regions in which something is due by ``now_ns``, with all that waits beside it; they wait no more."""
        at = np.flatnonzero(self._waiting)
        if not at.size:
            return []
        due = at[self._due_ns(at) <= now_ns]
        if not due.size:
            return []
        shape = self.volatility.shape
        regions = join_boxes(self._waits_in.reshape(*shape, 4), self._waiting.reshape(shape))
        dues = [Rect(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in self._waits_in[due].tolist()]
        taken = [region for region in regions if any(region.overlaps(box) for box in dues)]
        for region in taken:
            self._release(region)
        return taken

    def _release(self, region: Rect) -> None:
        """What waits inside ``region`` waits no more."""
        at = self.volatility.tiles_of(region)
        inside = ~_outside(self._waits_in[at], np.array((region.x, region.y, region.right, region.bottom)), 0)
        self._waiting[at[inside]] = False

    def hurry(self) -> list[Rect]:
        """Everything that waits; it waits no more."""
        shape = self.volatility.shape
        regions = join_boxes(self._waits_in.reshape(*shape, 4), self._waiting.reshape(shape))
        self._waiting[:] = False
        return regions

    # -- what was read -----------------------------------------------------------------------------------------

    def taking(self, region: Rect, pending: Iterable[Rect], now_ns: int) -> Taken:
        """``region`` is about to be read as it is at ``now_ns``, while ``pending`` still wants to be."""
        self._release(region)
        at = self.volatility.tiles_of(region)
        elsewhere = np.zeros(self._level.size, np.bool_)
        for other in pending:
            elsewhere[self.volatility.tiles_of(other)] = True
        whole = ~self._waiting[at] & ~elsewhere[at]
        taken = Taken(at, self._states[at].copy(), whole, self._touched[at].copy())
        self._touched[at] = False
        self._under_way[at] += 1
        self._read_ns[at] = now_ns
        return taken

    def put_back(self, taken: Taken) -> None:
        """What was taken will not be read now: it is as if it had not been taken."""
        self._under_way[taken.tiles] -= 1
        self._touched[taken.tiles] |= taken.touched

    def finish(self, taken: Taken, texts: Iterable[Rect], news: Iterable[Rect]) -> None:
        """What was taken has been read.

        texts: boxes of everything that reads differently now
        news: boxes of what of that is worth telling; a tick of a clock or a misreading is not
        """
        rewritten, told = self._marked(texts), self._marked(news)
        self._known[rewritten] = 0
        self._under_way[taken.tiles] -= 1
        at, blinks = taken.tiles, self.volatility.alternating
        self._know(at[taken.whole], taken.states[taken.whole])
        nothing_new = taken.touched & (~rewritten[at] | blinks[at])
        self._level[at[nothing_new]] = np.minimum(self._level[at[nothing_new]] + 1, FREE + _HIGHEST)
        fresh = told & ~blinks
        self._level[fresh] = self._strange[fresh] = 0
        self._usual[fresh] = _EMPTY

    def _know(self, at: NDArray[np.intp], states: NDArray[np.uint64]) -> None:
        new = ~(self._known[at] == states[:, None]).any(axis=1)
        at, states = at[new], states[new]
        self._known[at, self._next[at]] = states
        self._next[at] = (self._next[at] + 1) % STATES

    def _marked(self, boxes: Iterable[Rect]) -> NDArray[np.bool_]:
        marked = np.zeros(self._level.size, np.bool_)
        for box in boxes:
            marked[self.volatility.tiles_of(box)] = True
        return marked


def _outside(boxes: NDArray[np.int32], usual: NDArray[np.int32], by_px: int = _OUTSIDE_PX) -> NDArray[np.bool_]:
    """Whether a box reaches out of what is usual by more than so many pixels, pair by pair."""
    before = np.any(boxes[..., :2] < usual[..., :2] - by_px, axis=-1)
    beyond = np.any(boxes[..., 2:] > usual[..., 2:] + by_px, axis=-1)
    return np.logical_or(before, beyond)
