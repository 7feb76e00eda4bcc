"""Edges between the lines of a plane of luma, and how even the lines are.

edges = Edges(plane)
first, last = edges.segments(5)        # (count, 3) each: line, first cell, cell beyond the last
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

CELL = 4
"""Pixels along an edge that are summed."""

STEP, UNEVEN, STRENGTH_MAX = 10, 16, 8
"""The smallest step of a cell that is an edge; from which step on a line is uneven; what an edge counts at most."""

GAP, BRIDGE, RUN, SEGMENTS_MAX = 2, 8, 3, 4096
"""Cells without edges, and in all, that a segment may bridge; cells of one sign that begin one; how many are kept."""


def _sums(values: Numbers) -> Numbers:
    """Along each line, the sum of what comes before: one column more."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1), np.int32)
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


class Edges:
    """Sums, along each line, of edges and of uneven places; the plane's borders are edges."""

    def __init__(self, plane: Numbers) -> None:
        self.lines, length = plane.shape
        self.cells = length // CELL
        sums = plane[:, : self.cells * CELL].reshape(self.lines, self.cells, CELL).sum(axis=2, dtype=np.int32)
        steps = np.zeros((self.lines + 1, self.cells), np.int32)
        steps[1:-1] = np.diff(sums, axis=0)
        edge = np.abs(steps) >= STEP
        strength = np.where(edge, np.minimum(np.abs(steps) // 4, STRENGTH_MAX), 0)
        self._signs = np.where(edge, np.sign(steps), 0)
        self._signs[[0, -1]], edge[[0, -1]], strength[[0, -1]] = 1, True, STRENGTH_MAX
        self._counts, self._strengths = _sums(edge), _sums(strength)
        uneven = np.zeros_like(sums)
        uneven[:, 1:] = np.abs(np.diff(sums, axis=1)) >= UNEVEN
        self._uneven = _sums(uneven)

    def edges(self, line: Any, start: Any, end: Any) -> Numbers:
        """How many cells are edges from ``start`` to before ``end``."""
        return self._counts[line, end] - self._counts[line, start]

    def strength(self, line: Numbers, start: Numbers, end: Numbers) -> Numbers:
        """How strong they are together."""
        return self._strengths[line, end] - self._strengths[line, start]

    def uneven(self, line: Numbers, start: Numbers, end: Numbers, first: bool) -> Numbers:
        """The fewest uneven places of the three lines inside of a border: below the edge (``first``) or above it."""
        begin = np.minimum(start + 1, end)
        places: list[Numbers] = []
        for k in (1, 2, 3):
            row = np.clip(line + k if first else line - 1 - k, 0, self.lines - 1)
            places.append(self._uneven[row, end] - self._uneven[row, begin])
        return np.minimum.reduce(places)

    def segments(self, shortest: int) -> tuple[Numbers, Numbers]:
        """Segments of at least ``shortest`` cells: those that can be the first side of something, and the last."""
        line, start, end = self._chained()
        long = end - start >= shortest
        line, start, end = line[long], start[long], end[long]
        own = self.strength(line, start, end)
        before = self.strength(np.maximum(line - 1, 0), start, end)
        after = self.strength(np.minimum(line + 1, self.lines), start, end)
        strongest = (before <= own) & (after <= own)
        line, start, end = line[strongest], start[strongest], end[strongest]
        room = end - start + 4
        first = (self.uneven(line, start, end, True) * 4 <= room) & (line + 4 < self.lines)
        last = (self.uneven(line, start, end, False) * 4 <= room) & (line > 4)
        every = np.stack([line, start, end], axis=1)
        return _longest(every[first]), _longest(every[last])

    def _chained(self) -> tuple[Numbers, Numbers, Numbers]:
        """Runs of one sign, those near each other joined: lines, first cells, cells beyond the last."""
        signs = self._signs.copy()
        between = (signs[:, 1:-1] == 0) & (self._signs[:, :-2] == self._signs[:, 2:])
        signs[:, 1:-1][between] = self._signs[:, :-2][between]
        padded = np.pad(signs, ((0, 0), (1, 1)))
        line, cell = np.nonzero(padded[:, 1:] != padded[:, :-1])
        begins = np.flatnonzero(padded[line, cell + 1])
        line, start, end = line[begins], cell[begins], cell[begins + 1]
        long = end - start >= RUN
        line, start, end = line[long], start[long], end[long]
        same, gap = line[1:] == line[:-1], start[1:] - end[:-1]
        inside = np.where(same, self._counts[line[1:], start[1:]] - self._counts[line[1:], end[:-1]], 0)
        apart = ~(same & (gap <= BRIDGE) & (gap - inside <= GAP))
        opens = np.flatnonzero(np.concatenate([np.ones(min(len(line), 1), np.bool_), apart]))
        closes = np.append(opens[1:], len(line)) - 1
        return line[opens], start[opens], end[closes] if len(opens) else end[:0]


def _longest(segments: Numbers) -> Numbers:
    line, start, end = segments.T
    kept = segments[np.lexsort((start, line, start - end))[:SEGMENTS_MAX]]
    return kept[np.lexsort((kept[:, 1], kept[:, 0]))]
