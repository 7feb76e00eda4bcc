"""A screen of exactly known pixels, and the drawing side's own record of what it drew there and when.

with Drawing(display.display, 640, 480) as drawing:
    drawing.say("BUILD FAILED", 40, 60)       # in letters that painted_watch.py can read
    drawing.fill(Rect(300, 300, 16, 16), colour=0xFF0000)
    drawing.model                             # (480, 640, 3) uint8 BGR: what the screen must show now
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from fault_watch import Watched

from ironcliw.frame import Rect
from painted import HEIGHT, MARK, WIDTH
from xclient import XClient

GROUND = 0x1E1E1E
CORNER = Rect(0, 0, 8, 8)
LONGEST_MESSAGE_PX = 65_000


@dataclass(frozen=True)
class Drawn:
    """One thing that was drawn. ``wall_s`` is when drawing began: before that nobody can have seen it."""

    boxes: tuple[Rect, ...]
    text: str | None
    wall_s: float


class Drawing:
    """A window over the whole screen, or part of it, drawn on from outside of the watcher.

    The server keeps what was drawn, so that nothing is lost where the window was covered or cut off for a while.
    """

    def __init__(self, display: str, width: int, height: int, x: int = 0, y: int = 0) -> None:
        self.client = XClient(display)
        self.model = np.empty((height, width, 3), np.uint8)
        self.record: list[Drawn] = []
        self._kept = self.client.pixmap(width, height)
        self.client.rect(self._kept, 0, 0, width, height, GROUND)
        with self.client.at_once():
            self.window = self.client.window(x, y, width, height, GROUND)
            self.client.set_background(self.window, self._kept)
        self.model[:] = bgr(GROUND)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def seen_by(self, *watchers: Watched, box: Rect = CORNER) -> None:
        """Change ``box`` until each watcher has said so: what comes from now on is news to them."""
        for colour in itertools.count(0x204060, 0x010305):
            before = [watched.written for watched in watchers]
            self.fill(box, colour=colour)
            pairs = list(zip(watchers, before, strict=True))
            if within(lambda: all(watched.written > count for watched, count in pairs), 0.5):  # noqa: B023
                return
            assert colour < 0x400000, "a watcher sees nothing"

    def fill(self, *boxes: Rect, colour: int) -> None:
        """Draw rectangles, all at once; returns when the server has drawn them."""
        self._draw([(box, colour) for box in boxes])

    def say(self, text: str, x: int, y: int) -> Rect:
        """Draw a line that the painted engine reads, all of it at once; returns its box."""
        cells = [Rect(x + WIDTH * index, y, WIDTH, HEIGHT) for index in range(len(text))]
        letters = [MARK[1] << 16 | MARK[0] << 8 | ord(letter) for letter in text]
        self._draw(list(zip(cells, letters, strict=True)), text)
        return cells[0].union(cells[-1])

    def _draw(self, parts: Sequence[tuple[Rect, int]], text: str | None = None) -> None:
        self.record.append(Drawn(tuple(box for box, _ in parts), text, time.time()))
        with self.client.at_once():
            for box, colour in parts:
                for target in (self._kept, self.window):
                    self.client.rect(target, *box, colour)
                self.model[box.y : box.bottom, box.x : box.right] = bgr(colour)

    def toast(self, pixels: np.ndarray, x: int, y: int) -> int:
        """A window that shows a (h, w, 4) BGRX picture, there with its picture at once; returns its id."""
        height, width = pixels.shape[:2]
        rows = LONGEST_MESSAGE_PX // width
        with self.client.at_once():
            window = self.client.window(x, y, width, height, GROUND)
            for top in range(0, height, rows):
                part = pixels[top : top + rows]
                self.client.image(window, 0, top, width, len(part), part.tobytes())
        return window


def bgr(colour: int) -> list[int]:
    """The three bytes that 0xRRGGBB has in a frame."""
    return list(colour.to_bytes(3, "little"))


def within(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition comes to hold in this time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
