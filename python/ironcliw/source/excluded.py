"""A source with regions left out that does not know how to leave them out itself: a recording, a remote screen.

    source = ExcludedSource(VideoSource("build.mp4"), [Rect(0, 0, 400, 30)])

The source paints into memory of its own; what lies beside the regions is copied from there. A pixel inside them never
enters the memory that was attached, and theirs is zeroed when it is let go.
"""

from __future__ import annotations

from collections.abc import Sequence

from ironcliw.frame import Geometry, Rect
from ironcliw.memory import FrameMemory
from ironcliw.source.protocol import Back, Capture, Interruptible, Message, Resized, Source


class ExcludedSource:
    """``source`` without ``regions`` (in pixels of the frame), which are black instead."""

    def __init__(self, source: Source, regions: Sequence[Rect]) -> None:
        self.name = source.name
        self.live = source.live
        self.lossless = source.lossless
        self._source = source
        self._regions = tuple(regions)
        self._inner: FrameMemory | None = None
        self._memory: FrameMemory | None = None
        self._whole = True
        self._rows: tuple[Rect, ...] = ()
        self._hidden: tuple[Rect, ...] = ()

    catches_up = True

    def open(self) -> Geometry:
        """Start the source. Raises what it raises."""
        geometry = self._source.open()
        self.lossless = self._source.lossless
        self._begin(geometry)
        return geometry

    def attach(self, memory: FrameMemory) -> None:
        """Copy into this memory from now on. ValueError where its size is not the geometry's."""
        inner = self._inner
        if inner is None:
            raise ValueError(f"{self.name}: attach before open")
        if memory.pixels.shape != inner.pixels.shape:
            height, width = memory.pixels.shape[:2]
            raise ValueError(f"{self.name}: memory of {width}x{height} pixels for a source of another size")
        behind = memory.behind
        if behind is not None and behind.newest is self._memory and not self._whole:
            memory.catch_up()
        else:
            self._whole, memory.behind = True, None
            self._source.attach(inner)
        self._memory = memory

    def read(self, timeout_ms: int) -> Message:
        """The next message of the source, without what is left out."""
        message = self._source.read(timeout_ms)
        if isinstance(message, Resized):
            self._begin(message.geometry)
        elif isinstance(message, Back):
            self._whole = True
        elif isinstance(message, Capture):
            return self._without(message)
        return message

    def interrupt(self) -> None:
        """End ``read`` early, where the source can."""
        if isinstance(self._source, Interruptible):
            self._source.interrupt()

    def describe(self) -> dict[str, str]:
        """What the source says, and what is left out."""
        return {**self._source.describe(), "excluded": f"{len(self._regions)} regions"}

    def close(self) -> None:
        """Give everything back; may be called twice."""
        self._source.close()
        self._let_go()

    def _begin(self, geometry: Geometry) -> None:
        self._let_go()
        self._inner = FrameMemory(geometry.width, geometry.height)
        size = geometry.width, geometry.height
        clipped = (region.clipped(*size) for region in self._regions)
        self._hidden = tuple(region for region in clipped if region is not None)
        self._rows = tuple(_beside([Rect(0, 0, *size)], self._hidden))
        self._whole = True

    def _let_go(self) -> None:
        inner, self._inner, self._memory = self._inner, None, None
        if inner is not None:
            inner.close()

    def _without(self, message: Capture) -> Capture:
        if self._memory is None or self._inner is None:
            raise ValueError(f"{self.name}: read before memory was attached")
        damage = None if self._whole else message.damage
        parts = self._rows if damage is None else _beside(damage, self._hidden)
        target, source = self._memory.pixels, self._inner.pixels
        for part in parts:
            place = slice(part.y, part.bottom), slice(part.x, part.right)
            target[place] = source[place]
        if self._whole:
            for part in self._hidden:
                target[part.y : part.bottom, part.x : part.right] = 0
        self._whole = False
        return message._replace(damage=damage, excluded=message.excluded + self._hidden)


def _beside(rects: Sequence[Rect], holes: Sequence[Rect]) -> list[Rect]:
    """What of ``rects`` lies in none of ``holes``."""
    left = list(rects)
    for hole in holes:
        left = [part for rect in left for part in _around(rect, hole)]
    return left


def _around(rect: Rect, hole: Rect) -> list[Rect]:
    """The up to four parts of ``rect`` around ``hole``."""
    shared = rect.intersection(hole)
    if shared is None:
        return [rect]
    parts = [
        Rect(rect.x, rect.y, rect.width, shared.y - rect.y),
        Rect(rect.x, shared.bottom, rect.width, rect.bottom - shared.bottom),
        Rect(rect.x, shared.y, shared.x - rect.x, shared.height),
        Rect(shared.right, shared.y, rect.right - shared.right, shared.height),
    ]
    return [part for part in parts if part.area > 0]
