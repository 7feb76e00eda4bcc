"""Painting a part of the frame: everything that falls outside it is left out.

    canvas = Canvas(Rect(100, 100, 200, 50), pixels, look, font)
    canvas.fill(Rect(0, 0, 1280, 720), 0x1E1E1E)
    canvas.text(110, 105, "BUILD FAILED", 0xD4D4D4, 0x1E1E1E)

A pixel is one little-endian uint32, 0x00RRGGBB: in memory blue, green, red, zero.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.source.synthetic.look import Look

PIXEL = np.dtype("<u4")
WHOLE = 256
"""Shares of a mix are counted in 256ths."""

_ROWS_AT_ONCE = 32
"""Rows mixed at a time: their sums stay in the cache, which is eight times as fast as a whole frame's."""

Pixels = NDArray[np.uint32]


class Lettering(Protocol):
    """What draws text; see ``font.Font``."""

    def picture(self, text: str, ink: int, ground: int, /) -> Pixels:
        """(line_px, cell_px * len(text)) pixels."""
        ...


class Canvas:
    """A rectangle ``box`` of the frame whose pixels are ``pixels``, (box.height, box.width)."""

    def __init__(self, box: Rect, pixels: Pixels, look: Look, lettering: Lettering) -> None:
        self.box = box
        self.pixels = pixels
        self.look = look
        self._lettering = lettering

    def part(self, box: Rect) -> Canvas | None:
        """The part of this canvas inside ``box``, which paints on the same pixels; None where there is none."""
        inside = self.box.intersection(box)
        if inside is None:
            return None
        if inside == self.box:
            return self
        return Canvas(inside, self._view(inside), self.look, self._lettering)

    def fill(self, box: Rect, colour: int) -> None:
        """Paint ``box`` in one colour."""
        left, top = self.box.x, self.box.y
        rows = slice(max(box.y - top, 0), max(box.y + box.height - top, 0))
        self.pixels[rows, max(box.x - left, 0) : max(box.x + box.width - left, 0)] = colour

    def picture(self, x: int, y: int, picture: Pixels) -> None:
        """Paint (h, w) pixels with their corner at frame pixel ``x``, ``y``."""
        height, width = picture.shape
        inside = self.box.intersection(Rect(x, y, width, height))
        if inside is not None:
            self._view(inside)[:] = picture[inside.y - y : inside.bottom - y, inside.x - x : inside.right - x]

    def text(self, x: int, y: int, text: str, ink: int, ground: int) -> None:
        """Paint one line of text into ``look.text_box(x, y, text)``, all of which is painted."""
        if text and self.box.overlaps(self.look.text_box(x, y, text)):
            self.picture(x, y, self._lettering.picture(text, ink, ground))

    def _view(self, inside: Rect) -> Pixels:
        x, y = inside.x - self.box.x, inside.y - self.box.y
        return self.pixels[y : y + inside.height, x : x + inside.width]


def mix(over: Pixels, under: Pixels, share: int) -> None:
    """Let ``share`` 256ths of ``over`` remain, the rest be ``under``: (h, w) pixels each, result in ``over``."""
    mixed, below = over.view(np.uint8), under.view(np.uint8)
    for top in range(0, len(over), _ROWS_AT_ONCE):
        rows = slice(top, top + _ROWS_AT_ONCE)
        sums = mixed[rows].astype(np.uint16) * np.uint16(share)
        sums += below[rows].astype(np.uint16) * np.uint16(WHOLE - share)
        sums >>= 8
        mixed[rows] = sums
