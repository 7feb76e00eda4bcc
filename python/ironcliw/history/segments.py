"""One segment as the archive keeps it: bytes, and when its frames were shown.

segment = Segment(data, first=0, times=[(0, wall_ns)], held_ns=5)
segment.before(time_ns)               # the number of the frame that was shown then
segment.wipe()                        # zeroed: pixels never outlive their owner
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import NamedTuple

ENTRY_BYTES = 400
"""What a segment takes beside its bytes and times: objects and their headers, about."""


class Segment:
    """A segment of ``frames`` frames of one size; it grows while it is written and never changes what it has.

    first: number of its first frame, counted from the archive's first
    """

    def __init__(self, height: int, width: int, first: int) -> None:
        self.height, self.width, self.first = height, width, first
        self.data = bytearray()
        self.ended = self.gone = False
        self.held_ns = 0
        self.held_wall_ns = 0
        self._times = array("q")
        self._walls = array("q")

    @property
    def frames(self) -> int:
        """Frames in it."""
        return len(self._times)

    @property
    def oldest(self) -> tuple[int, int]:
        """``time_ns`` and ``wall_ns`` of its first frame."""
        return self._times[0], self._walls[0]

    def times(self, frame: int) -> tuple[int, int]:
        """``time_ns`` and ``wall_ns`` of a frame, counted from its first."""
        return self._times[frame], self._walls[frame]

    def note(self, time_ns: int, wall_ns: int) -> None:
        """A frame was added."""
        self._times.append(time_ns)
        self._walls.append(wall_ns)
        self.hold(time_ns, wall_ns)

    def hold(self, time_ns: int, wall_ns: int) -> None:
        """The last frame is still shown."""
        self.held_ns, self.held_wall_ns = time_ns, wall_ns

    def at(self, time_ns: int) -> int:
        """The frame that was shown at ``time_ns``; -1 before its first."""
        return bisect_right(self._times, time_ns) - 1

    def at_wall(self, wall_ns: int) -> int:
        """The last frame that came at ``wall_ns`` or before, else -1. Wall time may jump, so all are asked."""
        came = [frame for frame, wall in enumerate(self._walls) if wall <= wall_ns]
        return came[-1] if came else -1

    @property
    def bytes_used(self) -> int:
        """Its bytes, its index and itself."""
        index = self._times.itemsize * (len(self._times) + len(self._walls))
        return len(self.data) + index + ENTRY_BYTES

    def wipe(self) -> None:
        """Zero its bytes; it can be read no more."""
        self.gone = True
        self.data[:] = bytes(len(self.data))


class Stretch(NamedTuple):
    """The frames ``begin`` to before ``end`` of a segment, counted from its first."""

    segment: Segment
    begin: int
    end: int
