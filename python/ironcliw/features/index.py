"""Which screens looked most like this one? Everything seen, in memory of a fixed size.

    index = ScreenIndex(64 << 20)                      # 54,000 screens
    index.add(descriptor, time_ns, "screen", frame)    # kept where it looks different from the one before
    index.nearest(descriptor, 5)                       # the five nearest, with their distances
    index.last(descriptor)                             # when did it last look like this?

Answers are exact: perceptual hashes only say where to look first, and what is passed over is proved to be farther.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ironcliw.errors import SettingsError
from ironcliw.features.descriptor import (
    CELLS,
    CELLS_AT,
    LUMA_FLOOR,
    SAME,
    SIDE,
    SIZE_BYTES,
    Descriptor,
    distances,
)
from ironcliw.memory import Account

_POOL = 4
"""Cells of luma are pooled by 4 x 4."""
_POOLS = (SIDE // _POOL) ** 2
SCREEN_BYTES = SIZE_BYTES + 8 + 2 * _POOLS + 3 * 8 + 8
"""What a screen takes: descriptor, hash, pools, two times and a frame number, a reference to its source's name."""

_FIRST_LOOK = 256
_NOBODY = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen that was kept.

    time_ns, until_ns: when it was first and last seen, before something else was seen of that source
    source, frame: where it was seen, and the number of the frame that was kept
    distance: from what was asked for
    """

    descriptor: Descriptor
    time_ns: int
    until_ns: int
    source: str
    frame: int
    distance: int


class ScreenIndex:
    """Screens in the order they were added, the oldest dropped where there is no room for another.

    capacity_bytes: memory for screens at the most, taken as it fills; room for one at least, else SettingsError
    account: whose budget bounds ``capacity_bytes``, which are claimed at once; BudgetError beyond it
    least_distance: a screen nearer than this, or as near, to the last one kept of its source is not kept again

    Not to be shared between threads.
    """

    def __init__(self, capacity_bytes: int, least_distance: int = SAME, account: Account | None = None) -> None:
        self.capacity = capacity_bytes // SCREEN_BYTES
        if self.capacity < 1:
            raise SettingsError(f"capacity_bytes: {capacity_bytes} is too little for a screen of {SCREEN_BYTES} bytes")
        if least_distance < 0:
            raise SettingsError(f"least_distance must be 0 or more, not {least_distance}")
        self._claim = None if account is None else account.take(self.capacity * SCREEN_BYTES)
        self.least_distance = least_distance
        self.dropped = 0
        # Zeros that nobody wrote to take no memory.
        self._rows = np.zeros((self.capacity, SIZE_BYTES), np.uint8)
        self._hashes = np.zeros(self.capacity, np.uint64)
        self._pools = np.zeros((self.capacity, _POOLS), np.uint16)
        self._times = np.zeros((self.capacity, 3), np.int64)
        self._sources = np.empty(self.capacity, np.object_)
        self._added = 0
        self._latest: dict[str, int] = {}

    def __len__(self) -> int:
        return min(self._added, self.capacity)

    def add(self, descriptor: Descriptor, time_ns: int, source: str, frame: int) -> bool:
        """Take what ``source`` shows from ``time_ns`` on. True where it differs from the last one kept, and is kept.

        Times of one source do not go back.
        """
        slot = self._latest.get(source)
        if slot is not None and descriptor.distance(self._descriptor(slot)) <= self.least_distance:
            self._times[slot, 1] = time_ns
            return False
        slot = self._added % self.capacity
        if self._added >= self.capacity:
            self._drop(slot)
        self._rows[slot] = descriptor.row
        self._hashes[slot] = descriptor.perceptual_hash
        self._pools[slot] = _pooled(descriptor)
        self._times[slot] = time_ns, time_ns, frame
        self._sources[slot] = source
        self._latest[source] = slot
        self._added += 1
        return True

    def nearest(self, descriptor: Descriptor, count: int) -> list[Screen]:
        """The ``count`` screens of the least distance, nearest first, of equal ones the one added last.

        SettingsError where ``count`` is below 1.
        """
        if count < 1:
            raise SettingsError(f"count must be 1 or more, not {count}")
        held = len(self)
        count = min(count, held)
        if not held:
            return []
        bits = np.bitwise_count(self._hashes[:held] ^ np.uint64(descriptor.perceptual_hash))
        look = min(max(_FIRST_LOOK, 4 * count), held)
        found = np.full(held, _NOBODY)
        first = np.argpartition(bits, look - 1)[:look]
        found[first] = distances(descriptor, self._rows[first])
        # The true answer is no farther than the best of those; whoever is proved to be is not looked at.
        limit = np.partition(found[first], count - 1)[count - 1]
        rest = np.flatnonzero((self._least(descriptor) <= limit) & (found == _NOBODY))
        found[rest] = distances(descriptor, self._rows[rest])
        near = np.flatnonzero(found <= np.partition(found, count - 1)[count - 1])
        order = np.lexsort((self._ages()[near], found[near]))[:count]
        return [self._screen(int(slot), int(found[slot])) for slot in near[order]]

    def last(self, descriptor: Descriptor, within: int = SAME) -> Screen | None:
        """The screen added last that is at most ``within`` away, or None: when did it last look like this?"""
        alike = np.flatnonzero(self._least(descriptor) <= within)
        newest_first = alike[np.argsort(self._ages()[alike])]
        for start in range(0, len(newest_first), _FIRST_LOOK):
            part = newest_first[start : start + _FIRST_LOOK]
            apart = distances(descriptor, self._rows[part])
            near = np.flatnonzero(apart <= within)
            if len(near):
                return self._screen(int(part[near[0]]), int(apart[near[0]]))
        return None

    def _least(self, descriptor: Descriptor) -> NDArray[np.int32]:
        """(held,) int32: what each screen is away at least.

        Of 16 cells together, luma differs by no more than the sum of what it differs by in each.
        """
        apart = np.abs(self._pools[: len(self)].astype(np.int32) - _pooled(descriptor).astype(np.int32))
        return np.maximum(apart - _POOL**2 * LUMA_FLOOR, 0).sum(axis=1, dtype=np.int32)

    def _ages(self) -> NDArray[np.int64]:
        """(held,): how many were added after each."""
        return (self._added - 1 - np.arange(len(self))) % self.capacity

    def _drop(self, slot: int) -> None:
        self.dropped += 1
        source = self._sources[slot]
        if self._latest[source] == slot:
            del self._latest[source]

    def _descriptor(self, slot: int) -> Descriptor:
        return Descriptor.from_bytes(self._rows[slot].tobytes())

    def _screen(self, slot: int, distance: int) -> Screen:
        time_ns, until_ns, frame = self._times[slot].tolist()
        return Screen(self._descriptor(slot), time_ns, until_ns, self._sources[slot], frame, distance)


def _pooled(descriptor: Descriptor) -> NDArray[np.uint16]:
    """(16,) uint16: the sums of luma over 4 x 4 cells."""
    luma = descriptor.row[CELLS_AT : CELLS_AT + CELLS].reshape(SIDE // _POOL, _POOL, SIDE // _POOL, _POOL)
    return luma.sum(axis=(1, 3), dtype=np.uint16).reshape(-1)
