"""What moves and is no news: a clock, a spinner, a video.

bar.add(Clock(look.rect(1190, 6, 80, 20)))
"""

from __future__ import annotations

import numpy as np

from ironcliw.clock import MS, SECOND
from ironcliw.frame import Rect
from ironcliw.source.synthetic.canvas import PIXEL, Canvas
from ironcliw.source.synthetic.widget import Ticking

SPINNER_BEAT_NS = 100 * MS

_NINE_O_CLOCK_S = 9 * 3600
_DAY_S = 24 * 3600
_SPINNER_STOPS = ((1, 0), (2, 0), (3, 1), (3, 2), (2, 3), (1, 3), (0, 2), (0, 1))
"""Column and row, of four each, of the spinner's eight squares, clockwise."""
_VIDEO_STEP = (37, 23)
"""How far the picture moves from one video frame to the next, to the right and down, before it wraps around."""


class Clock(Ticking):
    """Hours, minutes and seconds; nine o'clock at the start."""

    def __init__(self, place: Rect) -> None:
        super().__init__(place, SECOND)

    @property
    def text(self) -> str:
        """What it shows."""
        second = (_NINE_O_CLOCK_S + self.beats) % _DAY_S
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"

    def paint(self, canvas: Canvas) -> None:
        """The time, on the colour of title bars."""
        canvas.text(self.box.x, self.box.y, self.text, canvas.look.colours.ink, canvas.look.colours.title)


class Spinner(Ticking):
    """Eight squares in a ring, one of them lit."""

    def __init__(self, place: Rect) -> None:
        super().__init__(place, 0)

    def paint(self, canvas: Canvas) -> None:
        """All squares; the lit one goes round."""
        box, colours = self.box, canvas.look.colours
        side = box.width // 4
        for stop, (column, row) in enumerate(_SPINNER_STOPS):
            lit = stop == self.beats % len(_SPINNER_STOPS)
            square = Rect(box.x + column * side, box.y + row * side, side - 1, side - 1)
            canvas.fill(square, colours.accent if lit else colours.edge)


class Video(Ticking):
    """Random pixels that all change with each frame while it plays, and stay as they are while it does not."""

    def __init__(self, place: Rect, seed: int) -> None:
        super().__init__(place, 0)
        noise = np.random.default_rng(seed).integers(0, 1 << 24, (place.height, place.width), np.uint32)
        self._noise = np.tile(noise.astype(PIXEL), (2, 2))

    def paint(self, canvas: Canvas) -> None:
        """The noise, moved on by as many steps as there were frames."""
        x, y = self.beats * _VIDEO_STEP[0] % self.place.width, self.beats * _VIDEO_STEP[1] % self.place.height
        canvas.picture(self.box.x, self.box.y, self._noise[y : y + self.place.height, x : x + self.place.width])
