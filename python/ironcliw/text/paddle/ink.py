"""Which pixels of a line are glyphs, and how far they reach.

line = fitted(pixels, detection)
line.cut(pixels, 0.25)                # the same pixels wherever on the screen the line stands
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.text.paddle.detector import Detection
from ironcliw.text.paddle.picture import Pixels, cut

INK_SHARE = 0.35
"""A pixel is ink from this share of the line's contrast on."""

LEAST_CONTRAST = 16
"""Contrast, in levels of a channel, below which nothing in a box is called ink."""

REACH_DOWN = 0.25
"""How far above and below the detected box its ink may reach, in box heights."""

REACH_ACROSS = 3.0
"""How far left and right of the detected box its ink may reach, in box heights..."""

INK_GAP = 0.7
"""...over gaps of at most this many box heights: "===" before a heading often goes undetected."""

DOT_GAP = 0.15
"""Blank rows, in box heights, between a letter and its dot, or the underscore beside it."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line: the ``box`` of its ink, and the ``frame`` around it whose pixels are the line's own.

    The frame is one blank pixel wider than the box on sides where the line stands free, more where it does not.
    """

    box: Rect
    frame: Rect

    def cut(self, pixels: Pixels, margin: float) -> Pixels:
        """The line with ``margin`` box heights around it; beyond the frame the frame's border pixels go on.

        So nothing that stands near the line gets in, and the crop is the same wherever the line stands.
        """
        extra = max(1, round(self.box.height * margin))
        wanted, frame = self.box.grown(extra, extra), self.frame
        above_below = (max(0, frame.y - wanted.y), max(0, wanted.bottom - frame.bottom))
        left_right = (max(0, frame.x - wanted.x), max(0, wanted.right - frame.right))
        return np.pad(cut(pixels, frame), (above_below, left_right, (0, 0)), mode="edge")


def fitted(pixels: Pixels, run: Detection) -> TextLine:
    """The line whose ink goes through ``run``'s core; the detected box where no ink can be told from the ground."""
    height, width = pixels.shape[:2]
    box = run.box
    window = box.grown(round(box.height * REACH_ACROSS), max(1, round(box.height * REACH_DOWN))).clipped(width, height)
    ink = None if window is None else _ink(pixels, window, run)
    if window is None or ink is None:
        return TextLine(box, box)
    columns = slice(box.x - window.x, box.right - window.x)
    rows = ink[:, columns].any(axis=1)
    top, free_above = _end(rows, run.core.y - window.y, box.y - window.y, -1, box.height)
    last, free_below = _end(rows, run.core.bottom - 1 - window.y, box.bottom - 1 - window.y, 1, box.height)
    # A column whose ink goes on above or below the line is a border or a picture: the line ends before it.
    outside = np.zeros(window.width, np.bool_)
    if free_above and top > 0:
        outside |= ink[top - 1]
    if free_below and last + 1 < window.height:
        outside |= ink[last + 1]
    letters = ink[top : last + 1].any(axis=0) & ~outside
    inside = np.flatnonzero(letters[columns]) + columns.start
    if inside.size == 0:
        return TextLine(box, box)
    gap = round(box.height * INK_GAP)
    left = _farthest(letters, int(inside[0]), -1, gap, outside)
    right = _farthest(letters, int(inside[-1]), 1, gap, outside)
    fit = Rect(window.x + left, window.y + top, right - left + 1, last - top + 1)
    unfree = max(1, round(fit.height * REACH_DOWN))
    above, below = (1 if free_above else unfree), (1 if free_below else unfree)
    return TextLine(fit, Rect(fit.x - 1, fit.y - above, fit.width + 2, fit.height + above + below))


def _ink(pixels: Pixels, window: Rect, run: Detection) -> NDArray[np.bool_] | None:
    """Which pixels of ``window`` stand out from the ground as much as the glyphs of ``run`` do; None where none do."""
    area = pixels[window.y : window.bottom, window.x : window.right, :3]
    core, box = run.core.moved(-window.x, -window.y), run.box.moved(-window.x, -window.y)
    # Glyphs cover less than half of their box: the median is the ground.
    ground = np.median(area[box.y : box.bottom, box.x : box.right].reshape(-1, 3), axis=0).astype(np.uint8)
    contrast = (np.maximum(area, ground) - np.minimum(area, ground)).max(axis=2)
    strongest = np.percentile(contrast[core.y : core.bottom, core.x : core.right], 95)
    if strongest < LEAST_CONTRAST:
        return None
    return contrast > max(LEAST_CONTRAST / 2, INK_SHARE * strongest)


def _end(rows: NDArray[np.bool_], core: int, edge: int, step: int, height: int) -> tuple[int, bool]:
    """The last row of ink from ``core`` on, and whether the row beyond it is blank (or beyond the picture).

    Over gaps only as far as the detected ``edge``: what lies behind a gap outside is the next line.
    """
    last = core
    if 0 <= edge < rows.size and (edge - core) * step > 0:
        within = rows[min(core, edge) : max(core, edge) + 1]
        origin = 0 if step > 0 else within.size - 1
        last = core + _farthest(within, origin, step, round(height * DOT_GAP), None) - origin
    last = _farthest(rows, last, step, 0, None)
    beyond = last + step
    if not 0 <= beyond < rows.size:
        return edge, False
    return last, True


def _farthest(ink: NDArray[np.bool_], start: int, step: int, gap: int, barrier: NDArray[np.bool_] | None) -> int:
    """Index of the farthest set entry reached from ``start`` over gaps of at most ``gap``, not past a barrier."""
    last, index = start, start + step
    while 0 <= index < ink.size and abs(index - last) <= gap + 1:
        if barrier is not None and barrier[index]:
            break
        if ink[index]:
            last = index
        index += step
    return last
