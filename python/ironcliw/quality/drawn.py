"""Small changes on large screens, drawn: one more line in a log, and a status dot of 16 pixels that turns red.

for pair in log_lines():               # 24 pairs of (h, w, 4) uint8 BGRX frames, the same every time
    pair.before, pair.after
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ironcliw.quality.gates import Pair

SIZES = ((1280, 720), (1600, 900), (1920, 1080))
DOT_PX = 16

_WORDS = ["worker", "request", "served", "cache", "miss", "page", "index", "queue", "shard", "commit", "token", "retry"]

_Colour = tuple[int, int, int]


class Theme(NamedTuple):
    """RGB colours of a desktop: window, its frame, text, faint text, and a status dot before and after."""

    name: str
    ground: _Colour
    edge: _Colour
    text: _Colour
    faint: _Colour
    dot: tuple[_Colour, _Colour]


THEMES = (
    Theme("dark", (16, 20, 24), (44, 50, 58), (220, 225, 230), (120, 128, 136), ((70, 190, 90), (220, 60, 60))),
    Theme("light", (252, 252, 252), (222, 226, 230), (30, 32, 36), (130, 134, 140), ((40, 160, 70), (205, 40, 40))),
    Theme("solarized", (0, 43, 54), (7, 54, 66), (147, 161, 161), (88, 110, 117), ((133, 153, 0), (220, 50, 47))),
    Theme("paper", (238, 232, 213), (214, 206, 182), (88, 110, 117), (147, 161, 161), ((133, 153, 0), (203, 75, 22))),
)  # fmt: skip


def log_lines() -> Iterator[Pair]:
    """24 logs, one line longer in the second picture: four themes, three sizes, two amounts of text."""
    for theme in THEMES:
        for width, height in SIZES:
            for share in (0.3, 0.8):
                draw = random.Random(f"{theme.name} {width} {share}")
                size_px = height // 60
                count = int(share * (height - 80) / (1.5 * size_px))
                lines = [_log_line(draw, number) for number in range(count + 1)]
                before = _desktop(theme, width, height, lines[:count], size_px)
                yield Pair(before, _desktop(theme, width, height, lines, size_px), is_lossless=True)


def status_dots() -> Iterator[Pair]:
    """24 desktops on which a dot of 16 pixels changes its colour: four themes, three sizes, two places."""
    for theme in THEMES:
        for width, height in SIZES:
            for right in (False, True):
                draw = random.Random(f"dot {theme.name} {width} {right}")
                size_px = height // 60
                lines = [_log_line(draw, number) for number in range(20)]
                place = (width - 60 if right else 24, draw.randrange(60, height - 60))
                good, bad = theme.dot
                before = _desktop(theme, width, height, lines, size_px, (place, good))
                yield Pair(before, _desktop(theme, width, height, lines, size_px, (place, bad)), is_lossless=True)


def _log_line(draw: random.Random, number: int) -> str:
    words = " ".join(draw.choice(_WORDS) for _ in range(draw.randrange(4, 10)))
    return f"12:{number // 60:02}:{number % 60:02} INFO {words} {draw.randrange(10_000)}"


def _desktop(
    theme: Theme,
    width: int,
    height: int,
    lines: list[str],
    size_px: int,
    dot: tuple[tuple[int, int], _Colour] | None = None,
) -> NDArray[np.uint8]:
    """A window with a title bar, a side bar and a log; (height, width, 4) uint8 BGRX."""
    picture = Image.new("RGB", (width, height), theme.ground)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size_px)
    pen.rectangle((0, 0, width, 39), fill=theme.edge)
    pen.text((16, 12), "service log", fill=theme.text, font=font)
    pen.rectangle((0, 40, width // 8, height), fill=theme.edge)
    for row, name in enumerate(_WORDS[:10]):
        pen.text((52, 60 + row * 2 * size_px), name, fill=theme.faint, font=font)
    for row, line in enumerate(lines):
        pen.text((width // 8 + 16, 56 + row * 1.5 * size_px), line, fill=theme.text, font=font)
    if dot:
        (x, y), colour = dot
        pen.ellipse((x, y, x + DOT_PX - 1, y + DOT_PX - 1), fill=colour)
    return np.frombuffer(picture.tobytes("raw", "BGRX"), np.uint8).reshape(height, width, 4)
