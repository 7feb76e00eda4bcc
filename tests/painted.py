"""Screens whose text can be read exactly: each letter is a block of one colour that names it.

    paint(pixels, "BUILD FAILED", 40, 60)
    PaintedEngine().read(pixels)          # [ReadLine("BUILD FAILED", Rect(40, 60, 96, 16), 1.0)]

The engine is a TextEngine like any other; what the tests check with it is everything but the reading itself.
"""

from __future__ import annotations

import numpy as np

from ironcliw.frame import Rect
from ironcliw.text.protocol import ReadLine

WIDTH, HEIGHT = 8, 16
MARK = (77, 200)


def blank(width: int = 640, height: int = 480) -> np.ndarray:
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[:, :, :3] = 30
    return pixels


def paint(pixels: np.ndarray, text: str, x: int, y: int) -> np.ndarray:
    for index, letter in enumerate(text):
        cell = pixels[y : y + HEIGHT, x + index * WIDTH : x + (index + 1) * WIDTH]
        cell[:, :, 0] = ord(letter)
        cell[:, :, 1], cell[:, :, 2] = MARK
    return pixels


def erase(pixels: np.ndarray, x: int, y: int, width: int, height: int) -> np.ndarray:
    pixels[y : y + height, x : x + width, :3] = 30
    return pixels


class PaintedEngine:
    name = "painted"
    scripts = "painted words"

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def read(self, pixels: np.ndarray) -> list[ReadLine]:
        self.sizes.append(pixels.shape[:2])
        marked = (pixels[:, :, 1] == MARK[0]) & (pixels[:, :, 2] == MARK[1])
        lines = []
        y = 0
        while y < len(marked):
            if not marked[y].any():
                y += 1
                continue
            columns = np.flatnonzero(marked[y])
            for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
                letters = [chr(pixels[y, x, 0]) for x in range(run[0], run[-1] + 1, WIDTH)]
                lines.append(ReadLine("".join(letters), Rect(int(run[0]), y, len(run), HEIGHT), 1.0))
            y += HEIGHT
        return lines
