"""What writers and readers of segments take and give, whichever implementation does the work.

Frames, tiles, masks and errors are those of ``ironcliw.kernels.protocol``.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_] | NDArray[np.uint8]


class SegmentWriter(Protocol):
    """Writes frames of ``height`` x ``width`` pixels into a segment of bytes; docs/reference/archive.md describes them.

    height, width: 1 to 32,768 pixels
    first: how many frames were in the segments before
    verify: False believes fingerprints, for tests only: tiles that look alike are then not compared by a second hash

    Not for two threads at once. Two implementations may write different bytes; frames read from them are the same.
    """

    def __init__(self, height: int, width: int, first: int | None = None, verify: bool = True) -> None: ...

    @property
    def frames(self) -> int:
        """Frames in the segment."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Bytes that are held beside the segment, about."""
        ...

    def add(
        self,
        pixels: Pixels,
        time_ns: int,
        wall_ns: int,
        changed: Mask | None = None,
        fingerprints: NDArray[np.uint64] | None = None,
    ) -> bytes:
        """Add a frame; what to append to the segment: nothing where no pixel changed, and there is no such frame then.

        With ``changed`` (per tile) only selected tiles may have changed, and the others are not looked at.
        ``fingerprints`` (per tile) are those of this frame, where they are known. ValueError, too, for a time before
        the last frame's and for a segment that has ended.
        """
        ...

    def end(self, held_ns: int) -> bytes:
        """End the segment; what to append to it. Its last frame was shown until ``held_ns`` at least.

        ValueError for a segment of nothing, and for one that has ended.
        """
        ...


class SegmentReader(Protocol):
    """Draws the frames of a segment, whichever implementation wrote it. Not for two threads at once.

    data: bytes or a (count,) uint8 array, the beginning of a segment

    Raises ValueError for what is no segment, is of another version, is cut off or damaged, saying which and where.
    """

    def __init__(self, data: Any) -> None: ...

    def extend(self, data: Any) -> None:
        """Read what was appended since: whole records. Raises ValueError likewise; the reader is of no use then."""
        ...

    @property
    def height(self) -> int:
        """Rows of pixels of every frame."""
        ...

    @property
    def width(self) -> int:
        """Pixels in a row."""
        ...

    @property
    def first(self) -> int:
        """How many frames were in the segments before."""
        ...

    @property
    def frames(self) -> int:
        """Frames in the segment."""
        ...

    @property
    def held_ns(self) -> int | None:
        """Until when the last frame was shown at least; None where the segment has not ended."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Bytes that are held, about."""
        ...

    def times(self) -> list[tuple[int, int]]:
        """``time_ns`` and ``wall_ns`` of every frame."""
        ...

    def draw(self, frame: int, out: Pixels, before: int | None = None) -> int:
        """Draw frame number ``frame`` into ``out`` (height, width, 4), the fourth bytes 0; the number of drawn tiles.

        Where ``out`` holds frame number ``before`` already, only tiles that differ need be drawn.
        """
        ...
