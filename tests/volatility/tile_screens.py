"""Screens that move, and what the change step says of them: no clocks, no engine.

screen = TileScreen()
screen.show(time_ms)                  # after drawing on screen.pixels
screen.volatility.kinds(now_ns)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ironcliw.change import ChangeTracker
from ironcliw.clock import MS
from ironcliw.frame import Rect
from ironcliw.volatility import Volatility


class TileScreen:
    def __init__(self, width: int = 320, height: int = 256) -> None:
        self.pixels = np.zeros((height, width, 4), np.uint8)
        self.tracker = ChangeTracker(height, width)
        self.volatility = Volatility(width, height)
        self.now_ns = 0
        self.show(0)

    def show(self, time_ms: float) -> None:
        self.now_ns = round(time_ms * MS)
        if self.tracker.apply(self.pixels).regions:
            self.volatility.follow(self.tracker.tiles, self.now_ns)

    def play(self, draw: Callable[[np.ndarray, int], None], every_ms: float, count: int) -> None:
        """Draw and show ``count`` states, each ``every_ms`` after the one before."""
        for step in range(count):
            draw(self.pixels, step)
            self.show(self.now_ns / MS + every_ms)

    def kinds(self) -> np.ndarray:
        return self.volatility.kinds(self.now_ns)


def caret(pixels: np.ndarray, step: int) -> None:
    pixels[80:96, 70:72, :3] = 255 * (step % 2)


def clock(pixels: np.ndarray, step: int) -> None:
    pixels[10:20, 200:240, :3] = np.random.default_rng(step).integers(0, 256, (10, 40, 3))


def spinner(pixels: np.ndarray, step: int) -> None:
    pixels[140:156, 140:156, :3] = 0
    x, y = 140 + 4 * (step % 4), 140 + 4 * (step // 4 % 2)
    pixels[y : y + 4, x : x + 4, :3] = 200


VIDEO = Rect(100, 70, 160, 150)


def video(pixels: np.ndarray, step: int) -> None:
    x, y, width, height = VIDEO
    pixels[y : y + height, x : x + width, :3] = np.random.default_rng(step).integers(0, 256, (height, width, 3))
