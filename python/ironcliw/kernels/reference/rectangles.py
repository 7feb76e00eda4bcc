"""The rectangles of a frame, by their edges.

count = rectangles(pixels, found)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.kernels.reference import arrays
from ironcliw.kernels.reference.edges import CELL, Edges, Numbers

PIXELS_MAX, SIDE_MIN = 12_000_000, 16
"""Pixels that are looked at at most (of larger frames every second, fourth, ...), and the shortest side of a frame."""

APART, REACH, LENGTH_MIN, SAME = 14, 12, 12, 4
"""Pixels: ends of two sides apart; a side from where it is expected; the shortest side; sides that are the same."""

PAIRS_MAX, FOUND_MAX, COVERED_MIN = 60_000, 1024, 205
"""Pairs looked into each way; rectangles returned; what all sides but the worst have of edges, of 256."""

NUMBERS = 9


class _Side(NamedTuple):
    """One side of many rectangles: is there one, where, how much of it is an edge, how strong."""

    there: Numbers
    line: Numbers
    covered: Numbers
    strength: Numbers


def rectangles(pixels: NDArray[np.uint8], found: NDArray[np.int32]) -> int:
    """See ``ironcliw.kernels.protocol.Rectangles``."""
    frame = arrays.pixels(pixels, "pixels")
    numbers = arrays.rows(found, "found", "int32", NUMBERS)
    arrays.disjoint({"found"}, pixels=frame, found=numbers)
    height, width = frame.shape[:2]
    step = 1
    while -(-height // step) * -(-width // step) > PIXELS_MAX:
        step *= 2
    blue, green, red = (frame[::step, ::step, channel].astype(np.uint32) for channel in range(3))
    plane = ((29 * blue + 150 * green + 77 * red) >> 8).astype(np.uint8)
    if min(plane.shape) < SIDE_MIN:
        return 0
    rows, columns = Edges(plane), Edges(plane.T)
    one, other = _search(rows, columns, 5), _search(columns, rows, 4)
    swapped = one[:, [1, 0, 3, 2, 4, 5, 6, 7, 8]]
    # Of both, covered becomes that of top, left, bottom and right.
    other = other[:, [0, 1, 2, 3, 5, 4, 7, 6, 8]]
    kept = _best(np.unique(np.concatenate([swapped, other]), axis=0))[: len(numbers)]
    numbers[: len(kept), :8] = kept[:, :8]
    numbers[: len(kept), :4] = np.minimum(kept[:, :4] * step, [width, height, width, height])
    numbers[: len(kept), 8] = [_beyond(rows, columns, *map(int, each[:4])) for each in kept]
    return len(kept)


def _search(along: Edges, across: Edges, shortest: int) -> Numbers:
    """(count, 9): first, low, last and high side, how much of each is an edge, and how strong they are together."""
    firsts, lasts = along.segments(shortest)
    places = np.array([*_pairs(along, firsts, lasts)][:PAIRS_MAX], np.int64).reshape(-1, 4)
    first, last, low, high = places.T
    lows, highs = _nearest(across, low, first, last, True), _nearest(across, high, first, last, False)
    wide = lows.there & highs.there & (highs.line >= lows.line + 10)
    first, last = first[wide], last[wide]
    lows, highs = _Side(*(each[wide] for each in lows)), _Side(*(each[wide] for each in highs))
    top, bottom = _at(along, first, lows.line, highs.line, True), _at(along, last, lows.line, highs.line, False)
    sides = (top, lows, bottom, highs)
    covered = np.stack([side.covered for side in sides], axis=1)
    strength = covered.sum(axis=1) + sum(side.strength for side in sides)
    good = top.there & bottom.there & (np.sort(covered, axis=1)[:, 1] >= COVERED_MIN)
    lines = np.stack([side.line for side in sides], axis=1)
    return np.column_stack([lines, covered, strength])[good]


def _pairs(along: Edges, firsts: Numbers, lasts: Numbers) -> Iterator[tuple[int, int, int, int]]:
    """First and last line, and where the other two sides may be."""
    for line, start, end in firsts:
        starts, ends = np.abs(lasts[:, 1] - start) * CELL, np.abs(lasts[:, 2] - end) * CELL
        shared = (np.minimum(lasts[:, 2], end) - np.maximum(lasts[:, 1], start)) * CELL
        near = (starts <= APART) | (ends <= APART)
        for other, from_cell, to_cell in lasts[(lasts[:, 0] >= line + LENGTH_MIN) & near & (shared >= LENGTH_MIN)]:
            for low in _either(start * CELL, from_cell * CELL):
                for high in _either(end * CELL, to_cell * CELL):
                    if high >= low + LENGTH_MIN and _joined(along, line, other, low, high):
                        yield int(line), int(other), low, high


def _either(a: int, b: int) -> tuple[int, ...]:
    return ((int(a) + int(b)) // 2,) if abs(a - b) <= APART else (int(a), int(b))


def _joined(along: Edges, first: Any, last: Any, low: int, high: int) -> bool:
    """Whether both lines are edges for at least half of the way."""
    start, end = np.intp(low // CELL + 2), np.intp(max(high // CELL - 2, 0))
    return bool(end <= start or all(along.edges(line, start, end) * 2 >= end - start for line in (first, last)))


def _nearest(edges: Edges, expected: Numbers, start: Numbers, end: Numbers, first: bool) -> _Side:
    """The best edge near the line where one is expected: strong and near; the lowest of several."""
    lines = expected[:, None] + np.arange(-REACH, REACH + 1)
    inside = (lines >= 0) & (lines <= edges.lines)
    sides = _at(edges, np.clip(lines, 0, edges.lines), start[:, None], end[:, None], first)
    there = sides.there & inside
    worth = np.where(there, sides.strength - np.abs(lines - expected[:, None]), -REACH - 1)
    best = np.arange(len(expected)), worth.argmax(axis=1)
    return _Side(there[best], lines[best], sides.covered[best], sides.strength[best])


def _at(edges: Edges, line: Numbers, start: Numbers, end: Numbers, first: bool) -> _Side:
    """The line as a side from pixel ``start`` to ``end``, but for the corners, which may be round."""
    corner = np.minimum((end - start) // 4, 8)
    from_cell = -(-(start + corner) // CELL)
    to_cell = np.minimum((end - corner) // CELL, edges.cells)
    cells = to_cell - from_cell
    from_cell, length = np.minimum(from_cell, to_cell), np.maximum(cells, 1)
    count, strength = edges.edges(line, from_cell, to_cell), edges.strength(line, from_cell, to_cell)
    even = edges.uneven(line, from_cell, to_cell, first) * 6 <= cells + 8
    there = (cells > 0) & (count * 2 >= cells) & even
    return _Side(there, line, count * 256 // length, strength * 4 // length)


def _best(found: Numbers) -> Numbers:
    """The strongest first, without those that are nearly the same as a stronger one."""
    left, top, right, bottom = found[:, :4].T
    ordered = found[np.lexsort((bottom, right, top, left, -found[:, 8]))]
    kept = np.zeros((FOUND_MAX, found.shape[1]), np.int64)
    count = 0
    for each in ordered:
        if count < FOUND_MAX and not (np.abs(kept[:count, :4] - each[:4]) <= SAME).all(axis=1).any():
            kept[count] = each
            count += 1
    return kept[:count]


def _beyond(rows: Edges, columns: Edges, left: int, top: int, right: int, bottom: int) -> int:
    on = (_on(rows, top, left, right), _on(columns, left, top, bottom))
    return on[0] | on[1] << 2 | _on(rows, bottom, left, right) << 4 | _on(columns, right, top, bottom) << 6


def _on(edges: Edges, line: int, start: int, end: int) -> int:
    """Whether a line goes on before (1) and after (2) what lies between two pixels of it."""
    first, last = start // CELL, -(-end // CELL)
    bits = 0
    for bit, low, high in ((1, max(first - 9, 0), max(first - 2, 0)), (2, last + 2, min(last + 9, edges.cells))):
        if high > low and edges.edges(line, low, high) == high - low:
            bits |= bit
    return bits
