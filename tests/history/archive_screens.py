"""Screens that change as screens do, from a seed, and who writes and reads them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.kernels import reference
from ironcliw.kernels.protocol import Kernels

Screen = NDArray[np.uint8]
EDITS = ("letter", "caret", "scroll", "sideways", "window", "back", "photo", "nothing", "spots")


def implementations() -> dict[str, Kernels]:
    """What is there, by name."""
    chosen = kernels.choose(kernels.IMPLEMENTATION)
    return {"reference": reference.KERNELS} | {chosen.implementation: chosen.kernels}


class Maker:
    """Draws a screen and goes on changing it; every frame has other fourth bytes, which must not matter."""

    def __init__(self, seed: int, height: int, width: int) -> None:
        self.random = np.random.default_rng(seed)
        self.screen = np.zeros((height, width, 4), np.uint8)
        self.earlier: list[Screen] = []
        self.paint((0, 0, height, width))

    def paint(self, area: tuple[int, int, int, int]) -> None:
        """Made-up text of a few shades."""
        top, left, height, width = area
        shades = self.random.integers(0, 256, (5, 3))
        rows, columns = -(-height // 3), -(-width // 2)
        text = self.random.choice(5, (rows, columns), p=[0.6, 0.1, 0.1, 0.1, 0.1]).repeat(3, 0).repeat(2, 1)
        self.screen[top : top + height, left : left + width, :3] = shades[text[:height, :width]]

    def area(self, most: int = 10_000) -> tuple[int, int, int, int]:
        """Somewhere on the screen."""
        height, width = self.screen.shape[:2]
        tall, wide = (int(self.random.integers(1, min(side, most) + 1)) for side in (height, width))
        top, left = int(self.random.integers(0, height - tall + 1)), int(self.random.integers(0, width - wide + 1))
        return top, left, tall, wide

    def change(self, edit: str) -> Screen:
        """The screen after an edit, as a copy."""
        self.earlier.append(self.screen.copy())
        top, left, height, width = self.area(12 if edit in ("letter", "caret", "spots") else 10_000)
        part = self.screen[top : top + height, left : left + width]
        if edit in ("letter", "window"):
            self.paint((top, left, height, width))
        elif edit == "caret":
            part[:, :, :3] ^= 255
        elif edit in ("scroll", "sideways"):
            by = int(self.random.integers(-90, 91))
            part[:, :, :3] = np.roll(part[:, :, :3], by, axis=0 if edit == "scroll" else 1)
        elif edit == "back":
            self.screen[:] = self.earlier[int(self.random.integers(0, len(self.earlier)))]
        elif edit == "photo":
            part[:, :, :3] = self.random.integers(0, 256, (height, width, 3))
        elif edit == "spots":
            for _ in range(6):
                y, x = (int(self.random.integers(0, side)) for side in self.screen.shape[:2])
                self.screen[y, x, :3] = self.random.integers(0, 256, 3)
        self.screen[:, :, 3] = self.random.integers(0, 256)
        return self.screen.copy()


def shown(seed: int, edits: list[str], height: int, width: int) -> list[Screen]:
    """The screen before and after each edit."""
    maker = Maker(seed, height, width)
    return [maker.screen.copy(), *(maker.change(edit) for edit in edits)]


def same(a: Screen, b: Screen) -> bool:
    """Whether the pixels are the same, the fourth bytes aside."""
    return bool((a[:, :, :3] == b[:, :, :3]).all())


def distinct(screens: list[Screen]) -> list[int]:
    """The screens that differ from the one before, by number."""
    return [0, *(i for i in range(1, len(screens)) if not same(screens[i - 1], screens[i]))]


def written(kind: Kernels, screens: list[Screen], *, first: int = 0) -> bytes:
    """A segment of screens, 100 ns apart."""
    writer = kind.SegmentWriter(*screens[0].shape[:2], first)
    data = b"".join(writer.add(screen, 100 * i, 5000 - 7 * i) for i, screen in enumerate(screens))
    return data + writer.end(100 * len(screens))
