"""Draws frames of segments, and keeps what it needs for the next one, which is often near.

drawn = Drawn()
drawn.draw(segment, frame=3, out=pixels, before=2)
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.errors import ArchiveError, OutsideHistoryError
from ironcliw.history.segments import Segment
from ironcliw.kernels.segment_protocol import SegmentReader

KEPT = 2
"""Segments whose readers are kept: two neighbours, where somebody goes back and forth between them."""


class Drawn:
    """Readers of the segments that were read last. Draws for one thread after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: OrderedDict[int, tuple[Segment, SegmentReader, int]] = OrderedDict()
        self._bytes_used = 0

    @property
    def bytes_used(self) -> int:
        """Bytes of all readers, as of the last frame that was drawn."""
        return self._bytes_used

    def draw(self, segment: Segment, frame: int, out: NDArray[np.uint8], before: int | None) -> None:
        """Draw a frame of the segment into ``out``; where that holds frame ``before``, what is different.

        OutsideHistoryError for a segment that is gone, ArchiveError for one that is damaged.
        """
        with self._lock:
            try:
                if segment.gone:
                    raise ValueError("gone")
                self._reader(segment).draw(frame, out, before)
            except ValueError as error:
                self._readers.pop(id(segment), None)
                if segment.gone:
                    raise OutsideHistoryError("this frame has gone from history to make room for others") from None
                raise ArchiveError(f"frame {segment.first + frame} cannot be read: {error}") from None
            finally:
                self._count()

    def forget(self) -> None:
        """Let go of all readers, unless one is drawing just now."""
        self._drop(gone_only=False)

    def forget_gone(self) -> None:
        """Let go of the readers of segments that are gone, unless one is drawing just now."""
        self._drop(gone_only=True)

    def close(self) -> None:
        """Let go of all readers."""
        with self._lock:
            self._readers.clear()
            self._count()

    def _drop(self, *, gone_only: bool) -> None:
        # Whoever adds a frame does not wait for one that is drawn.
        if not self._lock.acquire(blocking=False):
            return
        try:
            for key, (segment, _, _) in list(self._readers.items()):
                if segment.gone or not gone_only:
                    del self._readers[key]
            self._count()
        finally:
            self._lock.release()

    def _reader(self, segment: Segment) -> SegmentReader:
        """The segment's reader, which has read all of it."""
        known = self._readers.pop(id(segment), None)
        read = 0 if known is None else known[2]
        grown = bytes(segment.data[read:])
        if known is None:
            reader: SegmentReader = kernels.SegmentReader(grown)
        else:
            reader = known[1]
            if grown:
                reader.extend(grown)
        self._readers[id(segment)] = (segment, reader, read + len(grown))
        while len(self._readers) > KEPT:
            self._readers.popitem(last=False)
        return reader

    def _count(self) -> None:
        self._bytes_used = sum(reader.memory_bytes for _, reader, _ in self._readers.values())
