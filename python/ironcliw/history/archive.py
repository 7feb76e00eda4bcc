"""Frames of a screen in little memory: each distinct tile once, scrolls as moves, any frame rebuilt bit by bit.

    archive = Archive(budget_bytes=500_000_000)
    archive.add(pixels, time_ns, wall_ns, changed=tracker.tiles.changed, fingerprints=tracker.tiles.fingerprints)
    archive.frame_at(time_ns).pixels      # what was shown then
    for frame in archive.since(30.0):     # each distinct frame of the last half minute
        ...

Frames lie in segments, each of which can be read alone (docs/reference/archive.md); the oldest go where the budget says
so. One thread adds while others read.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.clock import SECOND, rfc3339
from ironcliw.errors import ArchiveError, OutsideHistoryError
from ironcliw.frame import TILE, Rect
from ironcliw.history.frames import ArchivedFrame, Span
from ironcliw.history.reading import Drawn
from ironcliw.history.segments import Segment, Stretch
from ironcliw.kernels.segment_protocol import SegmentWriter
from ironcliw.memory import blank_pixels

SEGMENT_BYTES = 1 << 20
"""A segment that is this long is followed by another one."""

SEGMENT_FRAMES = 1200
"""As is one of so many frames: finding one of them takes longer the more there are."""

_WRITING_BYTES = 10 << 20
_WRITING_PIXEL_BYTES = 9
_WORST_PIXEL_BYTES = 3

Tiles = NDArray[np.bool_] | NDArray[np.uint8]


class Archive:
    """Keeps frames until ``budget_bytes`` are used; everything counts, what it works with too.

    Raises ArchiveError, with the figure, where the budget is below what the frames of a size need at least.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = _budget(budget_bytes)
        self._lock = threading.Lock()
        self._segments: deque[Segment] = deque()
        self._writer: SegmentWriter | None = None
        self._frames = 0
        self._evicted = 0
        self._ended_bytes = 0
        self._drawn = Drawn()

    @property
    def budget_bytes(self) -> int:
        """What may be used; setting it lets the oldest segments go at once."""
        return self._budget_bytes

    @budget_bytes.setter
    def budget_bytes(self, value: int) -> None:
        with self._lock:
            last = self._segments[-1] if self._segments else None
            if last is not None:
                _check_floor(_budget(value), last.height, last.width)
            self._budget_bytes = _budget(value)
            self._make_room()

    @property
    def bytes_used(self) -> int:
        """Bytes of all segments, of their index, of what writes them and of what draws frames."""
        with self._lock:
            return self._used()

    @property
    def frames(self) -> int:
        """Frames that are kept: distinct ones, what did not change is not another frame."""
        with self._lock:
            return sum(segment.frames for segment in self._segments)

    @property
    def frames_evicted(self) -> int:
        """Frames that went to stay within the budget."""
        return self._evicted

    @property
    def span(self) -> Span | None:
        """From when to when there is history; None where there is none."""
        with self._lock:
            return self._span()

    def add(
        self,
        pixels: NDArray[np.uint8],
        time_ns: int,
        wall_ns: int,
        *,
        changed: Tiles | None = None,
        damage: Sequence[Rect] | None = None,
        fingerprints: NDArray[np.uint64] | None = None,
    ) -> int:
        """Keep a (h, w, 3|4) uint8 frame shown from ``time_ns`` on; the bytes that it took, 0 where nothing changed.

        changed: (rows, columns) per tile: outside of it nothing changed since the frame before; None: not known
        damage: the same as rectangles
        fingerprints: of the frame's tiles, as the change tracker has them

        A frame of another size begins a segment, and ``changed`` and ``damage`` mean nothing then. ValueError for a
        time before the last frame's and for arrays of other shapes.
        """
        height, width = pixels.shape[:2]
        with self._lock:
            segment = self._segment_for(height, width)
            writer = self._writer
            assert writer is not None
            if damage is not None and segment.frames:
                touched = _touched(damage, kernels.grid_shape(height, width))
                changed = touched if changed is None else touched & (np.asarray(changed) != 0)
            among = changed if segment.frames else None
            if segment.frames and among is not None and not among.any():
                grew = b""
            else:
                grew = writer.add(pixels, time_ns, wall_ns, among, fingerprints)
            if not grew:
                segment.hold(max(time_ns, segment.held_ns), wall_ns)
                return 0
            segment.data += grew
            segment.note(time_ns, wall_ns)
            self._frames += 1
            self._make_room()
            return len(grew)

    def hold(self, time_ns: int, wall_ns: int) -> None:
        """The last frame is still shown: for sources that say nothing while nothing changes."""
        with self._lock:
            if self._segments and self._segments[-1].frames:
                segment = self._segments[-1]
                segment.hold(max(time_ns, segment.held_ns), wall_ns)

    def frame_at(self, time_ns: int | None = None, *, wall_ns: int | None = None) -> ArchivedFrame:
        """The frame that was shown at a source time, or at a wall time; OutsideHistoryError says what there is."""
        stretch = self.stretch_at(time_ns, wall_ns=wall_ns)
        return self._rebuilt(stretch.segment, stretch.begin, None)

    def since(self, seconds: float) -> Iterator[ArchivedFrame]:
        """What was shown ``seconds`` before the last look, and each distinct frame after it.

        As far back as there is history. Frames that come meanwhile are not among them; those that go meanwhile are left
        out. OutsideHistoryError where nothing was added yet.
        """
        return self._each(self.stretches_since(seconds))

    def stretch_at(self, time_ns: int | None = None, *, wall_ns: int | None = None) -> Stretch:
        """Where the frame of ``frame_at`` lies."""
        if (time_ns is None) == (wall_ns is None):
            raise ValueError("expected either time_ns or wall_ns")
        with self._lock:
            segment, frame = self._find(time_ns) if time_ns is not None else self._find_wall(wall_ns or 0)
            return Stretch(segment, frame, frame + 1)

    def stretches_since(self, seconds: float) -> list[Stretch]:
        """Where the frames of ``since`` lie, from the first on."""
        if not 0 <= seconds < math.inf:
            raise ValueError(f"expected 0 seconds or more, got {seconds}")
        with self._lock:
            span = self._span()
            if span is None:
                raise OutsideHistoryError("there is no history yet: nothing was added")
            begin_ns = max(span.newest_ns - round(seconds * SECOND), span.oldest_ns)
            first, frame = self._find(begin_ns)
            return [
                Stretch(segment, frame if segment is first else 0, segment.frames)
                for segment in self._segments
                if segment.first >= first.first and segment.frames
            ]

    def close(self) -> None:
        """Zero and let go of everything; nothing can be read then, and the next frame begins anew."""
        with self._lock:
            while self._segments:
                self._evict()
            self._writer = None
        self._drawn.close()

    def _each(self, stretches: list[Stretch]) -> Iterator[ArchivedFrame]:
        before: ArchivedFrame | None = None
        for segment, begin, end in stretches:
            for number in range(begin, end):
                try:
                    before = self._rebuilt(segment, number, before)
                except OutsideHistoryError:
                    break
                yield before

    def _rebuilt(self, segment: Segment, frame: int, before: ArchivedFrame | None) -> ArchivedFrame:
        """The frame, drawn on a copy of the one before where there is one."""
        pixels = blank_pixels(segment.height, segment.width)
        shown: int | None = None
        if before is not None and 0 <= before.number - segment.first < frame:
            pixels[:] = before.pixels
            shown = before.number - segment.first
        time_ns, wall_ns = segment.times(frame)
        self._drawn.draw(segment, frame, pixels, shown)
        with self._lock:
            if self._used() > self._budget_bytes:
                self._drawn.forget()
        return ArchivedFrame(segment.first + frame, time_ns, wall_ns, pixels)

    def _segment_for(self, height: int, width: int) -> Segment:
        """The segment that a frame of this size goes to, a new one where the last is full or of another size."""
        last = self._segments[-1] if self._segments else None
        if last is not None and not last.ended:
            full = len(last.data) >= SEGMENT_BYTES or last.frames >= SEGMENT_FRAMES
            if (height, width) == (last.height, last.width) and not full:
                return last
            self._end(last)
        _check_floor(self._budget_bytes, height, width)
        self._writer = kernels.SegmentWriter(height, width, self._frames)
        self._segments.append(Segment(height, width, self._frames))
        return self._segments[-1]

    def _end(self, segment: Segment) -> None:
        if self._writer is not None and segment.frames:
            segment.data += self._writer.end(segment.held_ns)
        segment.ended = True
        self._ended_bytes += segment.bytes_used

    def _used(self) -> int:
        working = 0 if self._writer is None else self._writer.memory_bytes
        last = self._segments[-1] if self._segments else None
        open_bytes = 0 if last is None or last.ended else last.bytes_used
        return self._ended_bytes + open_bytes + working + self._drawn.bytes_used

    def _make_room(self) -> None:
        """Let go of what draws frames, then of the oldest segments; never of the one that is written."""
        if self._used() <= self._budget_bytes:
            return
        self._drawn.forget()
        while len(self._segments) > 1 and self._used() > self._budget_bytes:
            self._evict()

    def _evict(self) -> None:
        segment = self._segments.popleft()
        self._evicted += segment.frames
        if segment.ended:
            self._ended_bytes -= segment.bytes_used
        segment.wipe()
        self._drawn.forget_gone()

    def _span(self) -> Span | None:
        if not self._segments or not self._segments[0].frames:
            return None
        newest = self._segments[-1] if self._segments[-1].frames else self._segments[-2]
        (oldest_ns, oldest_wall_ns) = self._segments[0].oldest
        return Span(oldest_ns, newest.held_ns, oldest_wall_ns, newest.held_wall_ns)

    def _find(self, time_ns: int) -> tuple[Segment, int]:
        span = self._span()
        if span is None or not span.oldest_ns <= time_ns <= span.newest_ns:
            raise _outside(span, f"source time {time_ns / SECOND:.3f} s")
        for segment in reversed(self._segments):
            if segment.frames and (frame := segment.at(time_ns)) >= 0:
                return segment, frame
        raise _outside(span, f"source time {time_ns / SECOND:.3f} s")

    def _find_wall(self, wall_ns: int) -> tuple[Segment, int]:
        span = self._span()
        if span is not None and wall_ns <= span.newest_wall_ns:
            for segment in reversed(self._segments):
                if (frame := segment.at_wall(wall_ns)) >= 0:
                    return segment, frame
        raise _outside(span, rfc3339(wall_ns))


def floor_bytes(height: int, width: int) -> int:
    """The smallest budget for frames of this size: what writes them, a segment, and two frames that compress badly."""
    return _WRITING_BYTES + SEGMENT_BYTES + (_WRITING_PIXEL_BYTES + 2 * _WORST_PIXEL_BYTES) * height * width


def _check_floor(budget_bytes: int, height: int, width: int) -> None:
    floor = floor_bytes(height, width)
    if budget_bytes < floor:
        raise ArchiveError(
            f"an archive of {budget_bytes:,} bytes is too small for frames of {width}x{height}: "
            f"give it {floor:,} at least"
        )


def _budget(value: int) -> int:
    if value < 1:
        raise ArchiveError(f"the budget of an archive must be positive, not {value:,} bytes")
    return int(value)


def _outside(span: Span | None, wanted: str) -> OutsideHistoryError:
    if span is None:
        return OutsideHistoryError("there is no history yet: nothing was added")
    oldest, newest = rfc3339(span.oldest_wall_ns), rfc3339(span.newest_wall_ns)
    seconds = f"source time {span.oldest_ns / SECOND:.3f} to {span.newest_ns / SECOND:.3f} s"
    return OutsideHistoryError(f"{wanted} is outside of history, which goes from {oldest} to {newest} ({seconds})")


def _touched(damage: Sequence[Rect], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The tiles that a rectangle touches."""
    tiles = np.zeros(shape, np.bool_)
    for rect in damage:
        rows = slice(max(rect.y // TILE, 0), max(-(-rect.bottom // TILE), 0))
        columns = slice(max(rect.x // TILE, 0), max(-(-rect.right // TILE), 0))
        tiles[rows, columns] = True
    return tiles
