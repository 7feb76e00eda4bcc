"""From detected runs of text to whole lines in reading order.

for line in text_lines(pixels, Detector(network).find(pixels)): ...
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.text.order import in_reading_order
from ironcliw.text.paddle.detector import Detection
from ironcliw.text.paddle.ink import TextLine, fitted
from ironcliw.text.paddle.picture import Pixels

WORD_GAP = 0.6
"""Runs on one baseline are one line where the gap between them is at most this many heights of the lower box."""

BASELINE_SHARE = 0.6
"""Cores are on one baseline where they share at least this much of the lower one's height."""

LARGEST_RATIO = 1.8
"""Cores that differ in height by more than this are a heading beside a text, not one line."""


def text_lines(pixels: Pixels, runs: Iterable[Detection]) -> list[TextLine]:
    """Detections joined to lines and fitted to their ink, top to bottom, then left to right."""
    return in_reading_order(distinct([line for run in joined(runs) for line in fitted(pixels, run)]))


def joined(runs: Iterable[Detection]) -> list[Detection]:
    """Neighbours on one baseline made one."""
    whole: list[Detection] = []
    ordered = sorted(runs, key=lambda run: (run.box.x, run.box.y))
    # Of each line so far: top and bottom of its core, right edge and height of its box.
    top, bottom, right, height = (np.zeros(len(ordered), np.intp) for _ in range(4))
    for core, box in ordered:
        count = len(whole)
        core_heights = bottom[:count] - top[:count]
        lower = np.minimum(core_heights, core.height)
        shared = np.minimum(bottom[:count], core.bottom) - np.maximum(top[:count], core.y)
        gap = box.x - right[:count]
        fits = shared >= BASELINE_SHARE * lower
        fits &= np.maximum(core_heights, core.height) <= LARGEST_RATIO * lower
        fits &= gap <= WORD_GAP * np.minimum(height[:count], box.height)
        candidates = np.flatnonzero(fits)
        if candidates.size:
            index = int(candidates[np.argmin(np.abs(gap[candidates]))])
            whole[index] = Detection(whole[index].core.union(core), whole[index].box.union(box))
        else:
            index = count
            whole.append(Detection(core, box))
        line = whole[index]
        top[index], bottom[index] = line.core.y, line.core.bottom
        right[index], height[index] = line.box.right, line.box.height
    return whole


def distinct(lines: Iterable[TextLine]) -> list[TextLine]:
    """Each line once: lines whose ink reached into one another are made one."""
    kept: list[TextLine] = []
    edges = np.zeros((0, 4), np.intp)  # left, top, right, bottom of the boxes kept
    for line in sorted(lines, key=lambda line: line.box.area, reverse=True):
        whole = line
        while (index := _same_line(whole.box, kept, edges)) is not None:
            # The union may touch others that neither part touched: look again.
            other = kept.pop(index)
            edges = np.delete(edges, index, axis=0)
            whole = TextLine(whole.box.union(other.box), whole.frame.union(other.frame))
        kept.append(whole)
        edges = np.vstack((edges, (whole.box.x, whole.box.y, whole.box.right, whole.box.bottom)))
    return kept


def _same_line(box: Rect, kept: list[TextLine], edges: NDArray[np.intp]) -> int | None:
    """Index of a kept line that overlaps ``box`` on its baseline."""
    across = (edges[:, 0] < box.right) & (edges[:, 2] > box.x)
    for index in np.flatnonzero(across & (edges[:, 1] < box.bottom) & (edges[:, 3] > box.y)).tolist():
        other = kept[index].box
        low, high = sorted((box.height, other.height))
        shared = min(box.bottom, other.bottom) - max(box.y, other.y)
        if high <= LARGEST_RATIO * low and shared >= BASELINE_SHARE * low:
            return index
    return None
