"""From a desktop to pixels: only what may have changed is painted, and only what did change is written and named.

painter = Painter(look)
damage = painter.update(desktop, memory.pixels)       # exact: no changed pixel outside
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.source.synthetic.canvas import PIXEL, Canvas, Pixels, mix
from ironcliw.source.synthetic.desktop import Desktop
from ironcliw.source.synthetic.font import Font
from ironcliw.source.synthetic.look import Look


class Painter:
    """Paints one desktop, update by update, into frame memory that keeps what was painted before.

    painted_bytes: what the last update painted, changed or not
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._font = Font(look)
        self._scratch: Pixels = np.zeros((look.height, look.width), PIXEL)
        self._dissolving: Pixels | None = None
        self.painted_bytes = 0

    def update(self, desktop: Desktop, pixels: NDArray[np.uint8]) -> tuple[Rect, ...]:
        """Bring (height, width, 4) BGRX ``pixels`` up to date; tight rectangles, none of them overlapping another."""
        frame: Pixels = pixels.view(PIXEL)[:, :, 0]
        if desktop.dissolve is None:
            self._dissolving = None
        elif self._dissolving is None:
            self._dissolving = frame.copy()
        self.painted_bytes = 0
        damage: list[Rect] = []
        for box in desktop.take_dirty():
            canvas = self._painted(desktop, box)
            changed = _tight(box, canvas.pixels, _view(frame, box))
            if changed is not None:
                _view(frame, changed)[:] = _view(canvas.pixels, changed.moved(-box.x, -box.y))
                damage.append(changed)
        return tuple(damage)

    def _painted(self, desktop: Desktop, box: Rect) -> Canvas:
        canvas = Canvas(box, self._scratch[: box.height, : box.width], self._look, self._font)
        desktop.paint(canvas)
        self.painted_bytes += box.area * PIXEL.itemsize
        if self._dissolving is not None and desktop.dissolve is not None:
            mix(canvas.pixels, _view(self._dissolving, box), desktop.dissolve)
        return canvas


def _view(pixels: Pixels, box: Rect) -> Pixels:
    return pixels[box.y : box.bottom, box.x : box.right]


def _tight(box: Rect, now: Pixels, before: Pixels) -> Rect | None:
    """The smallest rectangle in ``box`` that holds every pixel that differs; None where none does."""
    differs = now != before
    rows = np.flatnonzero(differs.any(axis=1))
    if len(rows) == 0:
        return None
    columns = np.flatnonzero(differs.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return Rect(box.x + x, box.y + y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)
