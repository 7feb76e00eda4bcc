"""A line's picture as a recognising network wants it: dark on light, 48 pixels high, in pieces of bounded length.

reading = read_in_pieces(upright(crop), read_piece)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from ironcliw.text.paddle.decode import Reading
from ironcliw.text.paddle.picture import Pixels, resized
from ironcliw.text.paddle.unread import STEP_PX

HEIGHT_PX = 48
"""Height of a line as the networks want it."""

LEAST_STEPS = 4
"""Narrower lines are widened by their last column to so many steps."""

PIECE_PX = 3200
"""Longest piece of a line, at HEIGHT_PX, that a network sees at once.

Beyond, the recogniser's cost grows with the square.
It reads 400 characters at once as well as 40; this only bounds time and memory."""

CUT_REACH = 0.15
"""How far from an even division a cut may be, in pieces, to fall between two words."""

SPACE_WIDTH = 0.15
"""A cut through blank columns at least so wide, in crop heights, is between two words."""

DARK = 128
"""Light text on a ground darker than this is inverted: on dark grounds the recogniser drops more of the blanks between
words (Sans of 9 to 15 pixels: 1.55 % of characters wrong, 1.15 % inverted)."""


def upright(crop: Pixels) -> Pixels:
    """``crop`` dark on light."""
    return 255 - crop if np.median(crop[:, :, :3]) < DARK else crop


_Read = TypeVar("_Read", Reading, "Reading | None")


def read_in_pieces(crop: Pixels, read_piece: Callable[[Pixels], _Read]) -> _Read:
    """What ``read_piece`` reads in the pieces of a line, joined; the first None ends it.

    It is given each piece as (48, 8 * steps, 4) uint8.
    """
    whole = ""
    certainty = length = 0.0
    some_unread = False
    for piece, space_before in pieces(crop):
        reading = read_piece(canvas_of(piece))
        if reading is None:
            return reading
        whole += " " + reading.text if space_before else reading.text
        certainty += reading.confidence * len(reading.text)
        length += len(reading.text)
        some_unread |= reading.unread
    return Reading(whole.strip(), certainty / length if length else 0.0, some_unread)


def canvas_of(crop: Pixels) -> Pixels:
    """A line's (48, 8 * steps, 4) picture: ``crop`` at HEIGHT_PX, its last column repeated to whole steps."""
    height, width = crop.shape[:2]
    scaled = resized(crop, max(STEP_PX, round(width * HEIGHT_PX / height)), HEIGHT_PX)
    steps = max(LEAST_STEPS, -(-scaled.shape[1] // STEP_PX))
    return np.pad(scaled, ((0, 0), (0, steps * STEP_PX - scaled.shape[1]), (0, 0)), mode="edge")


def pieces(crop: Pixels) -> list[tuple[Pixels, bool]]:
    """``crop`` in pieces that the network can take, cut between words, and whether a space comes before each."""
    height, width = crop.shape[:2]
    count = -(-width * HEIGHT_PX // (height * PIECE_PX))
    if count <= 1:
        return [(crop, False)]
    blank = (crop[:, :, :3].max(axis=0) - crop[:, :, :3].min(axis=0)).max(axis=1) < DARK // 4
    reach = max(1, round(width / count * CUT_REACH))
    cuts: list[tuple[int, bool]] = [(0, False)]
    for number in range(1, count):
        middle = width * number // count
        start, stop = _longest(blank[middle - reach : middle + reach])
        cuts.append((middle - reach + (start + stop) // 2, stop - start >= height * SPACE_WIDTH))
    ends = [cut for cut, _ in cuts[1:]] + [width]
    return [(crop[:, start:end], space) for (start, space), end in zip(cuts, ends, strict=True)]


def _longest(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> tuple[int, int]:
    """The longest range of set flags, half-open; the empty one in the middle where none is set."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8))).reshape(-1, 2)
    if edges.size == 0:
        return len(flags) // 2, len(flags) // 2
    start, stop = edges[np.argmax(edges[:, 1] - edges[:, 0])]
    return int(start), int(stop)
