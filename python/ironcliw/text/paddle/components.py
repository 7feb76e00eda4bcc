"""Connected components of a mask, by runs of set pixels; no image library needed.

found = components(probability, threshold=77)
found.left, found.top, found.score    # one entry for each component
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]


class Components(NamedTuple):
    """Bounding boxes of components in order of their first pixels, and the mean value of each one's pixels.

    left, top, right, bottom: (n,) pixels, right and bottom exclusive
    score: (n,) float64
    """

    left: Index
    top: Index
    right: Index
    bottom: Index
    score: NDArray[np.float64]


def components(values: NDArray[np.uint8], threshold: int) -> Components:
    """The 8-connected components of ``values > threshold`` in a (height, width) map."""
    height, width = values.shape
    # A blank column on each side makes every run start and end within its row.
    mask = np.zeros((height, width + 2), np.int8)
    mask[:, 1:-1] = values > threshold
    steps = np.diff(mask, axis=1).ravel()
    # Positions count in rows of width + 1: one step between each two neighbours.
    row, start = np.divmod(np.flatnonzero(steps == 1), width + 1)
    end = np.flatnonzero(steps == -1) % (width + 1)
    if row.size == 0:
        nothing = np.zeros(0, np.intp)
        return Components(nothing, nothing, nothing, nothing, np.zeros(0))
    label = _joined(row, start, end, width)
    _, group = np.unique(label, return_inverse=True)
    count = int(group.max()) + 1
    area = np.bincount(group, end - start, count)
    score = np.bincount(group, _run_sums(values, row * width + start, row * width + end), count) / area
    left, right = np.full(count, width, np.intp), np.zeros(count, np.intp)
    top, bottom = np.full(count, height, np.intp), np.zeros(count, np.intp)
    np.minimum.at(left, group, start)
    np.maximum.at(right, group, end)
    np.minimum.at(top, group, row)
    np.maximum.at(bottom, group, row + 1)
    return Components(left, top, right, bottom, score)


def _run_sums(values: NDArray[np.uint8], start: Index, end: Index) -> NDArray[np.uint64]:
    """Sum of ``values`` over each run, given as half-open ranges of the flattened map."""
    # Sums between the runs come along and are dropped; a last run that ends the map has nothing behind it.
    edges = np.column_stack((start, end)).ravel()
    flat = values.ravel()
    return np.add.reduceat(flat, edges[:-1] if edges[-1] == flat.size else edges, dtype=np.uint64)[::2]


def _joined(row: Index, start: Index, end: Index, width: int) -> Index:
    """For each run the lowest index of a run that it is connected with (itself, where it comes first)."""
    above, below = _touching(row, start, end, width)
    label = np.arange(row.size)
    while True:
        lowest = np.minimum(label[above], label[below])
        # Hook the roots of both together, then flatten the trees: a few rounds, whatever the shapes.
        np.minimum.at(label, label[above], lowest)
        np.minimum.at(label, label[below], lowest)
        while not np.array_equal(flat := label[label], label):
            label = flat
        if np.array_equal(label[above], label[below]):
            return label


def _touching(row: Index, start: Index, end: Index, width: int) -> tuple[Index, Index]:
    """Pairs of runs in neighbouring rows that touch, diagonals included: indices of the upper and of the lower runs."""
    # Runs are sorted by row, then column; one number for both lets one search find a run's neighbours.
    stride = width + 2
    first = np.searchsorted(row * stride + end, (row - 1) * stride + start, side="left")
    last = np.searchsorted(row * stride + start, (row - 1) * stride + end, side="right")
    counts = np.maximum(last - first, 0)
    below = np.repeat(np.arange(row.size), counts)
    offsets = np.arange(below.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(first, counts) + offsets, below
