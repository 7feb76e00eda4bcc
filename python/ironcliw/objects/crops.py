"""What the network sees of a rectangle: the rectangle itself, where it lies in the frame, and its measures.

batch = inputs(plane, numbers, pixels, frame)        # (count, 2, 48, 96) float32 of (count, 9) int32 rectangles

Plane 0 is the rectangle with a margin, shrunk to 48 x 96. Plane 1 holds, on its left half from the top, the whole frame
shrunk to 24 x 48; on its right half the share of each of these cells that is in the rectangle; and in its last row the
measures. All are from 0 to about 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.objects.looks import Plane, luma

Numbers = NDArray[np.int32]

HEIGHT, WIDTH, FRAME_HEIGHT, FRAME_WIDTH, MEASURES = 48, 96, 24, 48, 10

MARGIN_PX, MARGIN_SHARE = 8, 10
"""Around a rectangle: this many pixels and a tenth of its side, so that its border and shadow are seen."""

CONTEXT_PX = 64
"""Around a part of a frame that is searched."""

SAMPLES = 4
"""Values, each way, that are averaged into one at most."""

ON_BEFORE, ON_AFTER = 0b01010101, 0b10101010
"""Bits of the kernel: sides that go on before and after the corners of a rectangle."""


def sides_on(numbers: Numbers) -> NDArray[np.int64]:
    """(count,) how many sides of (count, 9) rectangles go on beyond a corner."""
    bits = (numbers[:, 8] & ON_BEFORE) | ((numbers[:, 8] & ON_AFTER) >> 1)
    return sum(((bits >> shift) & 1 for shift in (0, 2, 4, 6)), np.zeros(len(numbers), np.int64))


def inputs(plane: Plane, numbers: Numbers, pixels: NDArray[np.uint8], frame: Rect) -> NDArray[np.float32]:
    """The network's (count, 2, 48, 96) input for (count, 9) rectangles of a luma plane.

    plane: (height, width), the whole frame or a part of it; numbers: in its pixels; pixels: the whole frame, (height,
    width, 3 or 4) uint8 B, G, R; frame: its place, in pixels of the plane
    """
    details = [detail(plane, *box) for box in numbers[:, :4].tolist()]
    placed = numbers.copy()
    placed[:, :4] -= np.array([frame.x, frame.y, frame.x, frame.y], np.int32)
    whole = shrunk_frame(pixels)
    return packed(np.array(details, np.uint8).reshape(-1, HEIGHT, WIDTH), whole, placed, frame.height, frame.width)


def shrunk_frame(pixels: NDArray[np.uint8]) -> Plane:
    """(24, 48) of a frame, by the pixels that ``shrunk`` would look at."""
    height, width = pixels.shape[:2]
    part = pixels[:: _step(height, FRAME_HEIGHT), :: _step(width, FRAME_WIDTH)]
    return _means(luma(part), FRAME_HEIGHT, FRAME_WIDTH)


def packed(details: NDArray[np.uint8], frame: Plane, numbers: Numbers, height: int, width: int) -> NDArray[np.float32]:
    """The same, of details and a frame that were shrunk before."""
    batch = np.zeros((len(details), 2, HEIGHT, WIDTH), np.float32)
    batch[:, 0] = details
    batch[:, 1, :FRAME_HEIGHT, :FRAME_WIDTH] = frame
    batch /= 255
    left, top, right, bottom = numbers[:, :4].T.astype(np.float64)
    rows = _shares(top / height, bottom / height, FRAME_HEIGHT)
    columns = _shares(left / width, right / width, FRAME_WIDTH)
    batch[:, 1, :FRAME_HEIGHT, FRAME_WIDTH:] = rows[:, :, None] * columns[:, None, :]
    batch[:, 1, HEIGHT - 1, :MEASURES] = measures(numbers, height, width)
    return batch


def measures(numbers: Numbers, height: int, width: int) -> NDArray[np.float32]:
    """(count, 10): size, place and sides of each rectangle of a frame of this size."""
    left, top, right, bottom = numbers[:, :4].T.astype(np.float64)
    wide, tall = np.maximum(right - left, 1), np.maximum(bottom - top, 1)
    values = [
        np.log2(wide) / 11,
        np.log2(tall) / 11,
        wide / width,
        tall / height,
        left / width,
        top / height,
        (width - right) / width,
        (height - bottom) / height,
        numbers[:, 4:8].min(axis=1, initial=256) / 256,
        sides_on(numbers) / 4,
    ]
    return np.stack(values, axis=1).astype(np.float32)


def detail(plane: Plane, left: int, top: int, right: int, bottom: int) -> Plane:
    """(48, 96) of a rectangle of ``plane`` with its margin; beyond the plane its border goes on."""
    across, along = MARGIN_PX + (right - left) // MARGIN_SHARE, MARGIN_PX + (bottom - top) // MARGIN_SHARE
    return shrunk(plane, left - across, top - along, right + across, bottom + along, HEIGHT, WIDTH)


def shrunk(plane: Plane, left: int, top: int, right: int, bottom: int, height: int, width: int) -> Plane:
    """(height, width) means of a part of ``plane``."""
    if top >= 0 and left >= 0 and bottom <= plane.shape[0] and right <= plane.shape[1]:
        part = plane[top : bottom : _step(bottom - top, height), left : right : _step(right - left, width)]
        return _means(part, height, width)
    rows = _places(top, bottom, plane.shape[0], height)
    columns = _places(left, right, plane.shape[1], width)
    return _means(plane[rows][:, columns], height, width)


def _means(part: Plane, height: int, width: int) -> Plane:
    """(height, width) means of all of a plane."""
    down, over = _starts(part.shape[0], height), _starts(part.shape[1], width)
    sums: Any = np.add.reduceat(np.add.reduceat(part, down, axis=0, dtype=np.uint16), over, axis=1, dtype=np.uint32)
    counts = _counts(down, part.shape[0])[:, None] * _counts(over, part.shape[1])[None, :]
    return (sums // counts).astype(np.uint8)


def _places(start: int, end: int, length: int, cells: int) -> NDArray[np.intp]:
    """Lines from ``start`` to before ``end`` to look at, those beyond the plane replaced by its first or last."""
    return np.clip(np.arange(start, end, _step(end - start, cells)), 0, length - 1)


def _step(length: int, cells: int) -> int:
    return max(1, length // (cells * SAMPLES))


def _starts(length: int, cells: int) -> NDArray[np.intp]:
    return np.arange(cells) * length // cells


def _counts(starts: NDArray[np.intp], length: int) -> NDArray[np.intp]:
    return np.maximum(np.diff(starts, append=length), 1)


def _shares(low: Any, high: Any, cells: int) -> NDArray[np.float64]:
    """(count, cells): how much of each cell of 0..1 lies between low and high."""
    edges = np.arange(cells + 1) / cells
    inside = np.minimum(edges[None, 1:], high[:, None]) - np.maximum(edges[None, :-1], low[:, None])
    return np.clip(inside * cells, 0, 1)
