"""Which capture last changed what on the screen, and what of it was read since.

stamps = Stamps(1920, 1080)
stamps.set(change.regions, stamp)
stamps.latest(line.box)               # the capture that shows this line as it is now
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ironcliw.frame import Rect

_CELL_WIDTH = 16
_CELL_HEIGHT = 8


class Stamp(NamedTuple):
    """The capture that shows a state: its sequence number, source time and monotonic time in nanoseconds."""

    sequence: int
    time_ns: int
    captured_at_ns: int


class Stamps:
    """Which capture last changed each 16 x 8 pixel cell of the screen, and which was last read there."""

    def __init__(self, width: int, height: int) -> None:
        shape = (-(-height // _CELL_HEIGHT), -(-width // _CELL_WIDTH))
        self._sequence = np.full(shape, -1, np.int64)
        self._time_ns = np.zeros(shape, np.int64)
        self._captured_at_ns = np.zeros(shape, np.int64)
        self._read = np.full(shape, -1, np.int64)

    @property
    def bytes(self) -> int:
        """What the stamps take."""
        return 4 * self._sequence.nbytes

    def set(self, regions: Iterable[Rect], stamp: Stamp) -> None:
        """Note that ``stamp`` changed these regions."""
        for region in regions:
            cells = _cells(region)
            self._sequence[cells] = stamp.sequence
            self._time_ns[cells] = stamp.time_ns
            self._captured_at_ns[cells] = stamp.captured_at_ns

    def latest(self, region: Rect) -> Stamp | None:
        """The newest capture that changed a cell under ``region``; None where none did."""
        cells = _cells(region)
        sequences = self._sequence[cells]
        if sequences.size == 0 or sequences.max() < 0:
            return None
        at = int(sequences.argmax())
        return Stamp(
            int(sequences.flat[at]), int(self._time_ns[cells].flat[at]), int(self._captured_at_ns[cells].flat[at])
        )

    def unread(self, region: Rect) -> bool:
        """Whether a cell under ``region`` changed since it was last read."""
        cells = _cells(region)
        return bool((self._sequence[cells] > self._read[cells]).any())

    def reading(self, region: Rect) -> Stamps:
        """The stamps as a reading of ``region`` that starts now finds them; afterwards the region counts as read."""
        twin = Stamps.__new__(Stamps)
        twin._sequence = self._sequence.copy()
        twin._time_ns = self._time_ns.copy()
        twin._captured_at_ns = self._captured_at_ns.copy()
        twin._read = self._read.copy()
        cells = _cells(region)
        self._read[cells] = self._sequence[cells]
        return twin

    def put_back(self, region: Rect, before: Stamps) -> None:
        """A reading of ``region`` that found the stamps as ``before`` did not take place."""
        cells = _cells(region)
        np.minimum(self._read[cells], before._read[cells], out=self._read[cells])


def _cells(region: Rect) -> tuple[slice, slice]:
    rows = slice(max(region.y, 0) // _CELL_HEIGHT, max(-(-region.bottom // _CELL_HEIGHT), 0))
    columns = slice(max(region.x, 0) // _CELL_WIDTH, max(-(-region.right // _CELL_WIDTH), 0))
    return rows, columns
