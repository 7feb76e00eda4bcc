"""A screen of exactly known pixels, and the drawing side's own record of what it drew there and when.

with Drawing(display.display, 640, 480) as drawing:
    drawing.say("BUILD FAILED", 40, 60)       # in letters that painted_watch.py can read
    drawing.fill(Rect(300, 300, 16, 16), 0xFF0000)
    drawing.model                             # (480, 640, 3) uint8 BGR: what the screen must show now
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
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

    box: Rect
    colour: int | None
    wall_s: float


class Drawing:
    """A window over the whole screen, drawn on from outside of the watcher."""

    def __init__(self, display: str, width: int, height: int, ground: int = GROUND) -> None:
        self.client = XClient(display)
        self.model = np.empty((height, width, 3), np.uint8)
        self.record: list[Drawn] = []
        with self.client.at_once():
            self.window = self.client.window(0, 0, width, height, ground)
        self._ground = ground
        self.model[:] = bgr(ground)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def seen_by(self, *watchers: Watched, box: Rect = CORNER) -> None:
        """Change ``box`` until each watcher has said so: what comes from now on is news to them."""
        for colour in itertools.count(0x204060, 0x010305):
            before = [len(watched.of("change")) for watched in watchers]
            self.fill(box, colour)
            pairs = list(zip(watchers, before, strict=True))
            if within(lambda: all(len(watched.of("change")) > count for watched, count in pairs), 0.5):  # noqa: B023
                return
            assert colour < 0x400000, "a watcher sees nothing"

    def fill(self, box: Rect, colour: int) -> None:
        """Draw a rectangle; returns when the server has drawn it."""
        self.record.append(Drawn(box, colour, time.time()))
        self.client.rect(self.window, *box, colour)
        self.client.sync()
        self.model[box.y : box.bottom, box.x : box.right] = bgr(colour)

    def say(self, text: str, x: int, y: int) -> Rect:
        """Draw a line that the painted engine reads, all of it at once."""
        box = Rect(x, y, WIDTH * len(text), HEIGHT)
        self.record.append(Drawn(box, None, time.time()))
        with self.client.at_once():
            for index, letter in enumerate(text):
                cell = Rect(x + WIDTH * index, y, WIDTH, HEIGHT)
                colour = MARK[1] << 16 | MARK[0] << 8 | ord(letter)
                self.client.rect(self.window, *cell, colour)
                self.model[cell.y : cell.bottom, cell.x : cell.right] = bgr(colour)
        return box

    def wipe(self, box: Rect) -> None:
        """Draw the ground over a line."""
        self.fill(box, self._ground)

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
