"""Draws the frames of a segment, one after the other from its first.

reader = SegmentReader(data)
reader.draw(reader.frames - 1, out)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.kernels.protocol import Pixels
from ironcliw.kernels.reference import arrays, segment_steps
from ironcliw.kernels.reference.segment_bytes import END, FRAME, PART_MAX, Input, Record, Records, damaged, unpacked
from ironcliw.kernels.reference.segment_steps import Palette, Shape, Steps


class _Frame(NamedTuple):
    times: tuple[int, int]
    steps: Steps
    raw_bytes: int
    stored: bytes
    at: int


class SegmentReader:
    """See ``ironcliw.kernels.protocol.SegmentReader``."""

    def __init__(self, data: Any) -> None:
        given = arrays.listed(data, "data", ("uint8",)).tobytes()
        self._records = Records(given)
        header = self._records.header
        self._shape = Shape(header.height, header.width)
        self.height, self.width, self.first = header.height, header.width, header.first
        self.held_ns: int | None = None
        self._palettes: list[Palette] = []
        self._frames: list[_Frame] = []
        self._size_bytes = len(given)
        self._begin()
        self._take()

    @property
    def frames(self) -> int:
        """See ``ironcliw.kernels.protocol.SegmentReader``."""
        return len(self._frames)

    @property
    def memory_bytes(self) -> int:
        """See ``ironcliw.kernels.protocol.SegmentReader``."""
        steps = sum(100 * len(frame.steps.patches) + 100 * len(frame.steps.agains) for frame in self._frames)
        return 2 * self._size_bytes + steps + 500 * len(self._frames)

    def extend(self, data: Any) -> None:
        """See ``ironcliw.kernels.protocol.SegmentReader``."""
        given = arrays.listed(data, "data", ("uint8",)).tobytes()
        self._records.extend(given)
        self._size_bytes += len(given)
        self._take()

    def times(self) -> list[tuple[int, int]]:
        """See ``ironcliw.kernels.protocol.SegmentReader``."""
        return [frame.times for frame in self._frames]

    def draw(self, frame: int, out: Pixels, before: int | None = None) -> int:
        """See ``ironcliw.kernels.protocol.SegmentReader``."""
        for name, value in (("frame", frame), ("before", before)):
            if value is not None and arrays.whole(value, name) >= len(self._frames):
                raise ValueError(f"frame: expected less than {len(self._frames)}, got {value}")
        target = arrays.pixels(out, "out", self._shape, writable=True)
        shown = self._shown(frame)
        changed = 0
        for cell in range(self._shape.cells):
            tile, place = self._tile(shown, cell), self._tile(target, cell)
            if before is None or (place[:, :, :3] != tile).any():
                place[:, :, :3], place[:, :, 3] = tile, 0
                changed += 1
        return changed

    def _begin(self) -> None:
        """Go back to before the first frame."""
        self._next = 0
        self._canvas = np.zeros((*self._shape, 3), np.uint8)
        self._kept: dict[tuple[int, int], NDArray[np.uint8]] = {}

    def _shown(self, frame: int) -> NDArray[np.uint8]:
        """The (h, w, 3) pixels of a frame, made of those of the frame that was drawn last where that came before."""
        wanted: dict[int, set[int]] = {}
        for number, each in enumerate(self._frames[: frame + 1]):
            for again in each.steps.agains:
                tiles = range(again.source, again.source + again.tiles)
                wanted.setdefault(number - again.ago, set()).update(tiles)
        passed = {(number, cell) for number in wanted if number < self._next for cell in wanted[number]}
        if frame < self._next - 1 or not passed <= self._kept.keys():
            self._begin()
        for number in range(self._next, frame + 1):
            self._advance(number, self._canvas, self._kept)
            for cell in wanted.get(number, ()):
                self._kept[number, cell] = self._tile(self._canvas, cell).copy()
        self._next = frame + 1
        return self._canvas

    def _tile(self, canvas: NDArray[np.uint8], cell: int) -> NDArray[np.uint8]:
        x, y, width, height = self._shape.area(cell)
        return canvas[y : y + height, x : x + width]

    def _advance(self, number: int, canvas: NDArray[np.uint8], kept: dict[tuple[int, int], NDArray[np.uint8]]) -> None:
        """Make frame ``number`` of the one before, in place."""
        frame = self._frames[number]
        for (x, y, width, height), dx, dy in frame.steps.moves:
            canvas[y : y + height, x : x + width] = canvas[y - dy : y - dy + height, x - dx : x - dx + width].copy()
        try:
            pixels = Input(unpacked(frame.stored, frame.raw_bytes))
            for patch in frame.steps.patches:
                x, y, width, height = patch.area
                tile = self._tile(canvas, patch.cell)
                stored = pixels.take(patch.size_bytes)
                tile[y : y + height, x : x + width] = segment_steps.pixels_of(patch, stored, self._palettes)
        except ValueError:
            raise damaged(frame.at, "pixels") from None
        for again in frame.steps.agains:
            for i in range(again.tiles):
                source = again.source + i
                tile = kept[number - again.ago, source] if again.ago else self._tile(canvas, source)
                self._tile(canvas, again.cell + i)[:] = tile

    def _take(self) -> None:
        for record in self._records:
            if self.held_ns is not None:
                raise damaged(record.at, "a record after the end")
            what = {FRAME: "a frame", END: "the end"}.get(record.kind)
            if what is None:
                raise damaged(record.at, "a record of an unknown kind")
            try:
                if record.kind == FRAME:
                    self._frames.append(self._frame(record))
                else:
                    self._end(record)
            except ValueError:
                raise damaged(record.at, what) from None

    def _frame(self, record: Record) -> _Frame:
        source, number = Input(record.body), len(self._frames)
        header = self._records.header
        last = self._frames[-1].times if self._frames else (header.time_ns, header.wall_ns)
        passed = source.number()
        times = last[0] + passed, _wrapped(last[1] + passed + source.signed())
        if times[0] >= 2**63:
            raise ValueError("a time that is too late")
        raw_bytes, stored_bytes = [0, 0], [0, 0]
        for part in (0, 1):
            raw_bytes[part] = source.below(PART_MAX)
            stored_bytes[part] = source.below(raw_bytes[part] + 1)
        steps = unpacked(source.take(stored_bytes[0]), raw_bytes[0])
        stored = source.take(stored_bytes[1])
        read = segment_steps.read(steps, self._shape, number, self._palettes)
        right = source.empty and sum(patch.size_bytes for patch in read.patches) == raw_bytes[1]
        if not right or (number == 0 and not _covers_all(read, self._shape)):
            raise ValueError("parts that do not fit")
        return _Frame(times, read, raw_bytes[1], stored, record.at)

    def _end(self, record: Record) -> None:
        source = Input(record.body)
        if not self._frames:
            raise ValueError("the end of nothing")
        held_ns = self._frames[-1].times[0] + source.number()
        if held_ns >= 2**63 or source.number() != len(self._frames) or not source.empty:
            raise ValueError("another end")
        self.held_ns = held_ns


def _wrapped(value: int) -> int:
    """Modulo 2**64, as a signed number."""
    return (value + 2**63) % 2**64 - 2**63


def _covers_all(steps: Steps, shape: Shape) -> bool:
    """Whether the first frame says of every pixel what it is."""
    whole = {patch.cell for patch in steps.patches if patch.area[2:] == shape.area(patch.cell)[2:]}
    for again in steps.agains:
        whole |= {again.cell + i for i in range(again.tiles) if again.source + i in whole}
    return not steps.moves and len(whole) == shape.cells
