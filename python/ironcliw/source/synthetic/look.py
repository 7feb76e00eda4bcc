"""How a synthetic desktop looks: size, scale, theme and font. Nothing here changes what happens on it, nor when.

look = Look(scale=1.5, theme="light")
look.width, look.height               # 1920, 1080: a logical desktop of 1280 x 720
look.px(16)                           # 24 physical pixels
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.memory import LARGEST_SIDE_PX

LOGICAL_SIZE = (1280, 720)
SMALLEST_LOGICAL_SIZE = (800, 500)
SMALLEST_SCALE, LARGEST_SCALE = 1.0, 2.0
LARGEST_FRAME_PX = 2**26
"""Pixels of the largest synthetic frame (8192 x 8192)."""

FONTS = ("auto", "builtin", "dejavu", "dejavu-mono", "liberation", "liberation-mono")

_FONT_SIZE = 14
_TITLE_HEIGHT = 26


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as 0xRRGGBB. Text is drawn in ``ink`` or ``faint`` on ``window`` or ``title``."""

    wallpaper: int
    window: int
    title: int
    edge: int
    ink: int
    faint: int
    accent: int
    good: int
    warning: int
    bad: int


THEMES = {
    "dark": Theme(
        wallpaper=0x14171C, window=0x1E1E1E, title=0x33363B, edge=0x4A4E55, ink=0xD4D4D4, faint=0x9A9DA3,
        accent=0x3A84D8, good=0x3FB950, warning=0xD9A514, bad=0xF0524F,
    ),
    "light": Theme(
        wallpaper=0x9DB4C8, window=0xFFFFFF, title=0xE4E7EA, edge=0xB3B8BD, ink=0x1F2328, faint=0x666C73,
        accent=0x0A69C9, good=0x1A7F37, warning=0xB08000, bad=0xCF222E,
    ),
    "low-contrast": Theme(
        wallpaper=0x20262D, window=0x2A3038, title=0x313841, edge=0x3A424C, ink=0x77808A, faint=0x6D767F,
        accent=0x3F5F80, good=0x4A6B4F, warning=0x75683F, bad=0x7D4A4D,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """Size and colours of a desktop.

    scale: physical pixels per logical pixel, 1.0 to 2.0
    size: width and height in physical pixels; None is 1280 x 720 logical pixels
    theme: ``dark``, ``light`` or ``low-contrast``
    font: one of ``FONTS``; ``auto`` is the first of DejaVu Sans Mono, Liberation Mono and Pillow's own that is there

    SettingsError for anything else, and for a desktop of less than 800 x 500 logical pixels.
    """

    scale: float = 1.0
    size: tuple[int, int] | None = None
    theme: str = "dark"
    font: str = "auto"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale) and SMALLEST_SCALE <= self.scale <= LARGEST_SCALE):
            raise SettingsError(f"scale: expected {SMALLEST_SCALE} to {LARGEST_SCALE}, got {self.scale}")
        if self.theme not in THEMES:
            raise SettingsError(f"theme: expected one of {', '.join(THEMES)}, got {self.theme!r}")
        if self.font not in FONTS:
            raise SettingsError(f"font: expected one of {', '.join(FONTS)}, got {self.font!r}")
        least = tuple(self.px(side) for side in SMALLEST_LOGICAL_SIZE)
        width, height = self.width, self.height
        if not (least[0] <= width <= LARGEST_SIDE_PX and least[1] <= height <= LARGEST_SIDE_PX):
            raise SettingsError(
                f"size: expected {least[0]}x{least[1]} to {LARGEST_SIDE_PX}x{LARGEST_SIDE_PX} pixels at scale"
                f" {self.scale:g}, got {width}x{height}"
            )
        if width * height > LARGEST_FRAME_PX:
            raise SettingsError(f"size: expected at most {LARGEST_FRAME_PX} pixels in all, got {width}x{height}")

    @property
    def width(self) -> int:
        """Physical pixels from left to right."""
        return self.size[0] if self.size else self.px(LOGICAL_SIZE[0])

    @property
    def height(self) -> int:
        """Physical pixels from top to bottom."""
        return self.size[1] if self.size else self.px(LOGICAL_SIZE[1])

    @property
    def colours(self) -> Theme:
        """The theme's colours."""
        return THEMES[self.theme]

    @property
    def font_px(self) -> int:
        """Size of all text in physical pixels."""
        return self.px(_FONT_SIZE)

    @property
    def cell_px(self) -> int:
        """Width that each character of a text is given, whatever the font: boxes of text do not depend on it."""
        return -(-self.font_px * 61 // 100)

    @property
    def line_px(self) -> int:
        """Height of a line of text."""
        return self.font_px * 10 // 7

    @property
    def title_px(self) -> int:
        """Height of a window's title bar."""
        return self.px(_TITLE_HEIGHT)

    def px(self, logical: float) -> int:
        """Physical pixels, rounded, for a length in logical ones."""
        return math.floor(logical * self.scale + 0.5)

    def rect(self, x: float, y: float, width: float, height: float) -> Rect:
        """A rectangle of logical pixels in physical ones; neighbours stay neighbours."""
        left, top = self.px(x), self.px(y)
        return Rect(left, top, self.px(x + width) - left, self.px(y + height) - top)

    def text_box(self, x: int, y: int, text: str) -> Rect:
        """What ``text`` is given when it is drawn at physical ``x``, ``y``; its ink stays inside."""
        return Rect(x, y, self.cell_px * len(text), self.line_px)
