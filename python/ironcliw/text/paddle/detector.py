"""Where lines of text stand in a picture: the detecting network, run on the parts that are not blank.

for box in Detector(network).find(pixels): ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.text.paddle.components import components
from ironcliw.text.paddle.content import MARGIN_PX, content, cost_px
from ironcliw.text.paddle.picture import Pixels, cut, network_input
from ironcliw.text.paddle.session import Network
from ironcliw.text.paddle.strips import Strip, StripCache, strips

TILE_WIDTH_PX, TILE_HEIGHT_PX = 960, 352
"""Most of what the network sees at once, without margins: bounds its memory, whatever the frame's size.

Wide, as lines are: 960 x 960 takes it 260 MB, 960 x 352 takes 150, for 5 % more pixels of margin.
"""

STRIDE_PX = 32
"""The network wants sides that are multiples of this."""

LEVEL = 0.3
"""From this probability on, a pixel belongs to a line's core."""

CORE_SCORE = 0.5
"""Mean probability below which a core is no text."""

CORE_SIDE_PX = 3
"""A core narrower or flatter than this is no text."""

CORE_SLIMNESS = 4
"""A core so many times as high as it is wide is an edge; text that runs downwards is not read."""

GROWTH = 1.6
"""Cores are shrunk text: each side grows by area * GROWTH / perimeter to be the text again."""


STEP_RATIO = 1.5
"""A component this many times as high as it is thick may hang together from several lines."""

STEP_SHARE = 0.35
"""Columns whose middle lies off the typical one by more than this share of the thickness are another line."""


class Detection(NamedTuple):
    """A run of text: its core (the middle of its glyphs, where the network is sure) and the box around its glyphs."""

    core: Rect
    box: Rect


class _Plan(NamedTuple):
    """Of a picture: what to look at, the strips in it, the boxes of those that are known, and the cores in these."""

    wanted: list[Rect]
    unknown: list[Strip]
    known: list[Rect]
    recalled: list[Rect]


class Detector:
    """Finds runs of text. ``pixels_seen`` counts what was put before the network, margins not included.

    known: the strips in which text was found before; None to look at everything
    """

    def __init__(self, network: Network, known: StripCache | None = None) -> None:
        self._network = network
        self._known = known
        self.pixels_seen = 0

    def find(self, pixels: Pixels, go_on: Callable[[], None] = lambda: None) -> list[Detection]:
        """Runs of text in no particular order; boxes stay inside the picture. ``go_on`` is called before each tile."""
        height, width = pixels.shape[:2]
        parts = content(pixels)
        if not parts:
            return []
        probability = np.zeros((height, width), np.uint8)
        plan = self._sorted(pixels, parts)
        for rect in plan.wanted:
            for tile in _tiles(rect):
                go_on()
                self._look(pixels, tile, probability)
        # Beside what was looked at, the network saw some of what is known.
        seen = [core for core in cores_in(probability) if not any(_belongs(core, box) for box in plan.known)]
        if self._known is not None:
            self._known.note(plan.unknown, seen)
        return [_detection(core, width, height) for core in (*seen, *plan.recalled)]

    def _sorted(self, pixels: Pixels, parts: Sequence[Rect]) -> _Plan:
        """What of ``parts`` has to be looked at. A part of which nothing is known is looked at as a whole."""
        plan = _Plan([], [], [], [])
        if self._known is None:
            return plan._replace(wanted=list(parts))
        for part in parts:
            unknown = len(plan.unknown)
            known = len(plan.known)
            for strip in strips(pixels, part):
                cores = self._known.recall(strip)
                if cores is None:
                    plan.unknown.append(strip)
                else:
                    plan.known.append(strip.box)
                    # A core may stand a little over its strip, and there be no picture any more.
                    inside = (core.clipped(pixels.shape[1], pixels.shape[0]) for core in cores)
                    plan.recalled.extend(core for core in inside if core is not None)
            new = [strip.box for strip in plan.unknown[unknown:]]
            plan.wanted.extend(_together(new) if len(plan.known) > known else [part])
        return plan

    def _look(self, pixels: Pixels, tile: Rect, probability: NDArray[np.uint8]) -> None:
        """Note the probability (0 to 255) of text at each pixel of ``tile`` and its margin."""
        self.pixels_seen += tile.area
        right = -(-(tile.width + 2 * MARGIN_PX) // STRIDE_PX) * STRIDE_PX
        bottom = -(-(tile.height + 2 * MARGIN_PX) // STRIDE_PX) * STRIDE_PX
        view = Rect(tile.x - MARGIN_PX, tile.y - MARGIN_PX, right, bottom)
        seen = full_size(self._network.run(network_input(cut(pixels, view)))[0][0])
        inside = view.clipped(probability.shape[1], probability.shape[0])
        if inside is None:
            return
        found = seen[inside.y - view.y : inside.bottom - view.y, inside.x - view.x : inside.right - view.x]
        target = probability[inside.y : inside.bottom, inside.x : inside.right]
        np.maximum(target, (found * 255).astype(np.uint8), out=target)


def full_size(quarters: NDArray[np.float32]) -> NDArray[np.float32]:
    """(height, width) probabilities from the network's (16, height / 4, width / 4): a channel for each place in 4 x 4.

    Channels count in halves, then in halves of those: row, column, row, column.
    """
    _, rows, columns = quarters.shape
    places = quarters.reshape(2, 2, 2, 2, rows, columns).transpose(4, 0, 2, 5, 1, 3)
    return places.reshape(4 * rows, 4 * columns)


def _tiles(part: Rect) -> list[Rect]:
    """``part`` in pieces of about equal size, none larger than a tile."""
    rows, columns = -(-part.height // TILE_HEIGHT_PX), -(-part.width // TILE_WIDTH_PX)
    ys = [part.y + part.height * row // rows for row in range(rows + 1)]
    xs = [part.x + part.width * column // columns for column in range(columns + 1)]
    return [Rect(left, top, right - left, bottom - top) for top, bottom in pairwise(ys) for left, right in pairwise(xs)]


def _together(boxes: Sequence[Rect]) -> list[Rect]:
    """Boxes, top to bottom, those made one that cost the network less that way."""
    merged: list[Rect] = []
    for box in boxes:
        if merged and cost_px(merged[-1].union(box)) <= cost_px(merged[-1]) + cost_px(box):
            merged[-1] = merged[-1].union(box)
        else:
            merged.append(box)
    return merged


def _belongs(core: Rect, strip: Rect) -> bool:
    """Whether at least half of a core lies in ``strip``."""
    inside = core.intersection(strip)
    return inside is not None and 2 * inside.area >= core.area


def detections(probability: NDArray[np.uint8]) -> list[Detection]:
    """The runs of text in a (height, width) map of probabilities, 0 to 255."""
    height, width = probability.shape
    return [_detection(core, width, height) for core in cores_in(probability)]


def _detection(core: Rect, width: int, height: int) -> Detection:
    growth = round(core.area * GROWTH / (2 * (core.width + core.height)))
    return Detection(core, core.grown(growth, growth).clipped(width, height) or core)


def cores_in(probability: NDArray[np.uint8]) -> list[Rect]:
    """The cores of runs of text in a (height, width) map of probabilities, 0 to 255."""
    level = round(LEVEL * 255)
    found = components(probability, level)
    sides = np.minimum(found.right - found.left, found.bottom - found.top)
    keep = (found.score >= CORE_SCORE * 255) & (sides >= CORE_SIDE_PX)
    keep &= found.bottom - found.top <= CORE_SLIMNESS * (found.right - found.left)
    cores: list[Rect] = []
    for index in np.flatnonzero(keep):
        left, top, right, bottom = (int(edge[index]) for edge in found[:4])
        cores += [core.moved(left, top) for core in level_parts(probability[top:bottom, left:right] > level)]
    return cores


def level_parts(mask: NDArray[np.bool_]) -> list[Rect]:
    """The cores in a component's (height, width) mask: itself, or its parts where it is a flight of steps.

    Text in overlapping windows, or a cursor below a line, may hang together with a line that stands higher or lower.
    """
    height, width = mask.shape
    thickness = mask.sum(axis=0)
    typical = float(np.median(thickness))
    if height <= STEP_RATIO * typical or width < 2 * height:
        return [Rect(0, 0, width, height)]
    rows_of = np.arange(height, dtype=np.float64)
    middle = np.matmul(rows_of, mask.astype(np.float64)) / np.maximum(thickness, 1)
    level = np.abs(middle - np.median(middle)) <= STEP_SHARE * typical
    edges = [0, *(np.flatnonzero(np.diff(level)) + 1).tolist(), width]
    parts: list[Rect] = []
    for left, right in pairwise(edges):
        # The rows most of its columns share: what hangs below one end of a part is not part of it.
        share = mask[:, left:right].sum(axis=1)
        rows = np.flatnonzero(2 * share >= max(1, share.max()))
        part = Rect(left, int(rows[0]), right - left, int(rows[-1] - rows[0]) + 1) if rows.size else None
        if part is not None and min(part.width, part.height) >= CORE_SIDE_PX:
            parts.append(part)
    return parts
