"""Terminals that show secrets, drawn; which cells each secret stands in, and which of them boxes cover.

drawn = terminal(random.Random(1), cases, dark=True)
drawn.pixels, drawn.secrets           # (h, w, 4) uint8 BGRX; for each secret the middles of its characters
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from made_secrets import Case
from PIL import Image, ImageDraw, ImageFont

from ironcliw.frame import Rect

MONO = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
_DARK = (((16, 20, 24), (220, 225, 230)), ((0, 43, 54), (147, 161, 161)), ((0, 0, 0), (90, 230, 90)))
_LIGHT = (((255, 255, 255), (30, 30, 30)), ((253, 246, 227), (88, 110, 117)), ((240, 240, 240), (0, 0, 120)))


@dataclass(frozen=True)
class Drawn:
    """A picture; for each secret its case, its characters and where the middle of each stands."""

    pixels: np.ndarray
    secrets: list[tuple[Case, str, list[tuple[int, int]]]]


def terminal(rng: random.Random, cases: Sequence[Case], *, dark: bool, columns: int = 80) -> Drawn:
    """The cases' texts one below the other, broken where a line is full as a terminal does it."""
    size = rng.choice((14, 15, 16, 18))
    font = ImageFont.truetype(MONO, size)
    wide, high = font.getlength("M"), round(size * 1.4)
    rows: list[str] = []
    places: list[tuple[Case, str, list[tuple[int, int]]]] = []
    for case in cases:
        cells: list[tuple[int, int]] = []  # row and column of each character of the text
        for line in case.text.split("\n"):
            for at in range(0, max(1, len(line)), columns):
                part = line[at : at + columns]
                cells += [(len(rows), column) for column in range(len(part))]
                rows.append(part)
            cells.append((-1, -1))  # the line's end
        for secret in case.secrets:
            start = case.text.index(secret)
            middles = [
                (round(8 + (column + 0.5) * wide), round(8 + (row + 0.5) * high))
                for row, column in cells[start : start + len(secret)]
            ]
            places.append((case, secret, middles))
    ground, ink = rng.choice(_DARK if dark else _LIGHT)
    image = Image.new("RGB", (round(16 + columns * wide), 16 + high * len(rows)), ground)
    draw = ImageDraw.Draw(image)
    for number, row in enumerate(rows):
        draw.text((8, 8 + number * high), row, font=font, fill=ink)
    rgba = np.asarray(image.convert("RGBA"))
    return Drawn(np.ascontiguousarray(rgba[:, :, [2, 1, 0, 3]]), places)


def is_covered(secret: str, middles: Sequence[tuple[int, int]], boxes: Iterable[Rect]) -> bool:
    """Whether at most four characters in a row, and no half of them, are outside of all boxes."""
    boxes = list(boxes)
    run = longest = 0
    for letter, (x, y) in zip(secret, middles, strict=True):
        seen = not any(box.x <= x < box.right and box.y <= y < box.bottom for box in boxes)
        run = run + 1 if seen and not letter.isspace() else run if letter.isspace() else 0
        longest = max(longest, run)
    return longest <= min(4, len(secret) // 2)
