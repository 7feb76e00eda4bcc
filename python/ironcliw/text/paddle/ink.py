"""Which pixels of a line are glyphs, and how far they reach.

line = fitted(pixels, detection)
line.cut(pixels, 0.25)                # the same pixels wherever on the screen the line stands
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.text.paddle.content import most_of, stretches
from ironcliw.text.paddle.detector import Detection
from ironcliw.text.paddle.picture import Pixels, commonest, cut

INK_SHARE = 0.35
"""A pixel is ink from this share of the line's contrast on."""

LEAST_CONTRAST = 16
"""Contrast, in levels of a channel, below which nothing in a box is called ink."""

WALL_SHARE = 0.85
"""A row with at least this share of ink is a ruled line or the end of a highlight, not text."""

REACH_DOWN = 0.25
"""How far above and below the detected box its ink may reach, in box heights."""

REACH_ACROSS = 3.0
"""How far left and right of the detected box its ink may reach, in box heights..."""

INK_GAP = 0.7
"""...over gaps of at most this many box heights: "===" before a heading often goes undetected..."""

GLYPH_WIDTH = 2.0
"""...and stretches of ink of at most this many: what is wider is a picture or a border."""

DOT_GAP = 0.25
"""Blank rows between a letter and its dot, or the underscore beside it, in heights of the letter..."""

DOT_HEIGHT = 0.35
"""...and the height of a dot, accent or underscore: what is higher is a line of its own."""

LEAST_LINE_PX = 6
"""A detection that covers several rows of text is split where each is at least so high."""


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
        # Beyond the picture is the line's ground, not what is commonest at its border: that is a stroke of a "D" there.
        inside = frame.clipped(pixels.shape[1], pixels.shape[0])
        ground = None
        if inside is not None and inside != frame:
            ground = commonest(pixels[inside.y : inside.bottom, inside.x : inside.right])
        return np.pad(cut(pixels, frame, ground), (above_below, left_right, (0, 0)), mode="edge")


def fitted(pixels: Pixels, run: Detection) -> list[TextLine]:
    """The line whose ink goes through ``run``'s core, or each of them where the core covers more than one.

    The detected box where no ink can be told from the ground.
    """
    height, width = pixels.shape[:2]
    box = run.box
    window = box.grown(round(box.height * REACH_ACROSS), max(1, round(box.height * REACH_DOWN))).clipped(width, height)
    ink = None if window is None else _ink(pixels, window, run)
    if window is None or ink is None:
        return [TextLine(box, box)]
    solid = np.count_nonzero(ink, axis=0) == window.height
    spans = _row_spans(ink & ~solid, window, run, height)
    lines = [_line(ink, solid, window, box, span) for span in spans]
    return [line for line in lines if line is not None] or [TextLine(box, box)]


def _ink(pixels: Pixels, window: Rect, run: Detection) -> NDArray[np.bool_] | None:
    """Which pixels of ``window`` stand out from the ground as much as the glyphs of ``run`` do; None where none do."""
    area = pixels[window.y : window.bottom, window.x : window.right, :3]
    core, box = run.core.moved(-window.x, -window.y), run.box.moved(-window.x, -window.y)
    # Glyphs cover less than half of their box: the median is the ground.
    inside = area[box.y : box.bottom, box.x : box.right].reshape(-1, 3)
    ground = np.partition(inside, len(inside) // 2, axis=0)[len(inside) // 2]
    contrast = most_of(np.maximum(area, ground) - np.minimum(area, ground))
    strongest = np.percentile(contrast[core.y : core.bottom, core.x : core.right], 95)
    if strongest < LEAST_CONTRAST:
        return None
    return contrast > max(LEAST_CONTRAST / 2, INK_SHARE * strongest)


class _Span(NamedTuple):
    """Rows of one line in a window; whether the rows above and below it are blank (or beyond the picture)."""

    top: int
    bottom: int
    free_above: bool
    free_below: bool


def _row_spans(ink: NDArray[np.bool_], window: Rect, run: Detection, height: int) -> list[_Span]:
    """The rows of ``window`` that ``run``'s text takes, with dots and underscores; several spans for several lines.

    height: of the picture; beyond it nothing stands
    """
    core, box = run.core.moved(-window.x, -window.y), run.box.moved(-window.x, -window.y)
    share = np.count_nonzero(ink[:, box.x : box.right], axis=1) / box.width
    wall = share >= WALL_SHARE
    pieces = _joined_rows(stretches((share > 0) & ~wall), wall, box)
    crossed = [(top, bottom) for top, bottom in pieces if top < core.bottom and bottom > core.y]
    if len(crossed) > 1:
        high = [(top, bottom) for top, bottom in crossed if bottom - top >= LEAST_LINE_PX]
        crossed = high or [(crossed[0][0], crossed[-1][1])]
    spans: list[_Span] = []
    for top, bottom in crossed:
        # Ink that runs on to the window's edge is cut at the detected box, with its neighbours left in view.
        free_above = not wall[top - 1] if top > 0 else window.y == 0
        free_below = not wall[bottom] if bottom < window.height else window.bottom == height
        first = top if top > 0 or window.y == 0 else box.y
        last = bottom if bottom < window.height or window.bottom == height else box.bottom
        spans.append(_Span(first, max(last, first + 1), free_above, free_below))
    return spans


def _joined_rows(stretches: list[tuple[int, int]], wall: NDArray[np.bool_], box: Rect) -> list[tuple[int, int]]:
    """Stretches of rows, those joined where one of two is a dot, an accent or an underscore of the other."""
    pieces: list[tuple[int, int]] = []
    for top, bottom in stretches:
        if pieces and pieces[-1][1] > box.y and top < box.bottom:
            above, start = pieces[-1]
            low, high = sorted((bottom - top, start - above))
            if top - start <= max(2, high * DOT_GAP) and low <= max(2, high * DOT_HEIGHT) and not wall[start:top].any():
                pieces[-1] = (above, bottom)
                continue
        pieces.append((top, bottom))
    return pieces


def _line(ink: NDArray[np.bool_], solid: NDArray[np.bool_], window: Rect, box: Rect, span: _Span) -> TextLine | None:
    """The line in rows ``span``, as far to the left and right as its glyphs go; None where the span is blank there."""
    # A column whose ink goes on above or below the line is a border or a picture: the line ends before it.
    barrier = solid.copy()
    if span.free_above and span.top > 0:
        barrier |= ink[span.top - 1] & ink[span.top]
    if span.free_below and span.bottom < window.height:
        barrier |= ink[span.bottom] & ink[span.bottom - 1]
    letters = ink[span.top : span.bottom].any(axis=0) & ~barrier
    start = box.x - window.x
    inside = np.flatnonzero(letters[start : start + box.width]) + start
    if inside.size == 0:
        return None
    # A box over several lines is higher than any of them.
    height = min(box.height, 2 * (span.bottom - span.top))
    gap, widest = round(height * INK_GAP), round(height * GLYPH_WIDTH)
    first, last = int(inside[0]), int(inside[-1])
    left = first - _reach(letters[first::-1], barrier[first::-1], gap, widest)
    right = last + _reach(letters[last:], barrier[last:], gap, widest)
    fit = Rect(window.x + left, window.y + span.top, right - left + 1, span.bottom - span.top)
    unfree = max(1, round(fit.height * REACH_DOWN))
    above, below = (1 if span.free_above else unfree), (1 if span.free_below else unfree)
    return TextLine(fit, Rect(fit.x - 1, fit.y - above, fit.width + 2, fit.height + above + below))


def _reach(letters: NDArray[np.bool_], barrier: NDArray[np.bool_], gap: int, widest: int) -> int:
    """How many columns after the first one glyphs go on, before a barrier, a wide gap or a wide stretch of ink."""
    end = int(barrier.argmax()) if barrier.any() else letters.size
    reach = 0
    for start, stop in stretches(letters[:end]):
        if start > reach + gap + 1 or stop - start > widest:
            break
        reach = stop - 1
    return reach
