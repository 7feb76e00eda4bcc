"""Screens to measure on: more memory than any cache holds, and always the same tiles that move.

    reel = Reel.of("typing", height=1080, width=1920)
    reel.frames[3]                        # (1080, 1920, 4) uint8, already touched
    reel.moving                           # (17, 30) bool: the tiles in which any two frames differ

Frames show made-up letters, light on dark, because what a contour finder costs depends on what there is to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ironcliw import kernels
from ironcliw.frame import TILE
from ironcliw.kernels import reference
from ironcliw.memory import blank_pixels

Scene = Literal["still", "typing", "scroll", "all new"]
SCENES: tuple[Scene, ...] = ("still", "typing", "scroll", "all new")
SIZES = {"1080p": (1080, 1920), "4K": (2160, 3840)}
"""Height and width by name."""

ROTATING_BYTES = 130_000_000
"""Frames take turns over more than this."""

_LETTER = (16, 8)
_LEVELS = np.array([0, 0, 0, 90, 180], np.uint8)
_BACKGROUND = 30
_TYPED_TILES = (7, 3, 12)
"""The first tile row and column of the typed line, and how many tiles it is long; it lies across two tile rows."""
_SCROLLED = 0.4


@dataclass(frozen=True, slots=True)
class Truth:
    """What the NumPy reference finds between frame 0 and frame 1."""

    tiles: NDArray[np.bool_]
    counts: NDArray[np.uint32]
    boxes: NDArray[np.int32]
    pixels: int


@dataclass(frozen=True, slots=True)
class Reel:
    """Frames of one size; any two of them differ in the tiles ``moving`` and nowhere else.

    frames: (h, w, 4) uint8 each, fourth bytes 0
    moving: (rows, columns) bool
    """

    scene: Scene
    frames: list[NDArray[np.uint8]]
    moving: NDArray[np.bool_]

    @classmethod
    def of(cls, scene: Scene, height: int, width: int, *, frames: int | None = None, seed: int = 1) -> Reel:
        """Draw a reel; as many frames as ``ROTATING_BYTES`` asks for where ``frames`` is None."""
        count = frames or max(4, -(-ROTATING_BYTES // (height * width * 4)))
        random = np.random.default_rng(seed)
        letters = _letters(random)
        moving, area = _moving(scene, height, width)
        ground = _page(random, letters, height, width)
        pages = [blank_pixels(height, width) for _ in range(count)]
        for page in pages:
            page[:] = ground
        top, bottom, left, right = area
        step = _LETTER[0] if scene == "scroll" else bottom - top
        text = _page(random, letters, bottom - top + step * (count - 1), right - left)
        for number, page in enumerate(pages):
            page[top:bottom, left:right] = text[number * step : number * step + bottom - top]
        return cls(scene, pages, moving)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.frames[0].shape[:2]
        return height, width

    @property
    def size_bytes(self) -> int:
        """Bytes of one frame."""
        return self.frames[0].nbytes

    def blank(self) -> NDArray[np.uint8]:
        """Zeros of the size of a frame, in memory like that of the frames: what a candidate keeps its own state in."""
        return blank_pixels(*self.shape)

    def truth(self) -> Truth:
        """Frame 1 after frame 0, by the reference."""
        grid = np.zeros(self.moving.shape, np.uint64)
        tiles = np.zeros(self.moving.shape, np.bool_)
        counts, boxes = np.zeros(self.moving.shape, np.uint32), np.zeros((*self.moving.shape, 4), np.int32)
        reference.fingerprint(self.frames[0], grid, tiles)
        reference.fingerprint(self.frames[1], grid, tiles)
        pixels = reference.difference(self.frames[0], self.frames[1], 0, None, counts, boxes)
        return Truth(tiles, counts, boxes, pixels)


def _moving(scene: Scene, height: int, width: int) -> tuple[NDArray[np.bool_], tuple[int, int, int, int]]:
    """The tiles that move, and the area (top, bottom, left, right) that is drawn anew in every frame."""
    rows, columns = kernels.grid_shape(height, width)
    moving = np.zeros((rows, columns), np.bool_)
    if scene == "still":
        return moving, (0, 0, 0, 0)
    if scene == "typing":
        row, column, length = _TYPED_TILES
        moving[row : row + 2, column : column + length] = True
        middle = (row + 1) * TILE
        return moving, (middle - _LETTER[0], middle + _LETTER[0], column * TILE, (column + length) * TILE)
    first = 0 if scene == "all new" else round(rows * (1 - _SCROLLED)) // 2
    last = rows if scene == "all new" else first + round(rows * _SCROLLED)
    moving[first:last] = True
    return moving, (first * TILE, min(last * TILE, height), 0, width)


def _letters(random: np.random.Generator) -> NDArray[np.uint8]:
    """(64, 16, 8): shapes as dense as letters, with a margin around them."""
    letters = np.zeros((64, *_LETTER), np.uint8)
    letters[:, 3:13, 1:7] = random.choice(_LEVELS, (64, 5, 3)).repeat(2, axis=1).repeat(2, axis=2)
    letters[:, 3, 1] = np.arange(64, dtype=np.uint8) + 60
    return letters


def _page(random: np.random.Generator, letters: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """(height, width, 4) of random letters."""
    rows, columns = -(-height // _LETTER[0]), -(-width // _LETTER[1])
    text = letters[random.integers(0, len(letters), (rows, columns))]
    grey = text.transpose(0, 2, 1, 3).reshape(rows * _LETTER[0], columns * _LETTER[1])[:height, :width]
    page = np.zeros((height, width, 4), np.uint8)
    page[:, :, :3] = grey[:, :, None] + _BACKGROUND
    return page
