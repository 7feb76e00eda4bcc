"""Text as pixels: one line, one colour on another, drawn by Pillow and kept for the next time.

font = Font(look)
font.picture("BUILD FAILED", 0xD4D4D4, 0x1E1E1E)      # (line_px, 12 * cell_px) uint32, 0x00RRGGBB
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ironcliw.errors import SettingsError
from ironcliw.source.synthetic.canvas import PIXEL, Pixels
from ironcliw.source.synthetic.look import FONTS, Look

PICTURES_KEPT = 256

_BUILTIN = "builtin"
_FILES = {
    "dejavu": "DejaVuSans.ttf",
    "dejavu-mono": "DejaVuSansMono.ttf",
    "liberation": "LiberationSans-Regular.ttf",
    "liberation-mono": "LiberationMono-Regular.ttf",
}
_AUTO = ("dejavu-mono", "liberation-mono", _BUILTIN)
Face = ImageFont.FreeTypeFont | ImageFont.ImageFont


def fonts_here() -> list[str]:
    """The fonts that can be had on this machine; ``auto`` and ``builtin`` always can."""
    return [name for name in FONTS if name in ("auto", _BUILTIN) or _face(name, 12) is not None]


class Font:
    """Draws lines of text. Each stays inside ``cell_px`` a character: a wider one is drawn a little smaller."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.name, self._face = _chosen(look)
        self._baseline = look.line_px * 3 // 4
        self.picture = lru_cache(PICTURES_KEPT)(self._picture)

    def _picture(self, text: str, ink: int, ground: int) -> Pixels:
        """(line_px, cell_px * len(text)) pixels of ``text`` in ``ink`` on ``ground``; not to be written to."""
        mask = Image.new("L", (self._look.cell_px * len(text), self._look.line_px))
        ImageDraw.Draw(mask).text((0, self._baseline), text, fill=255, font=self.fitting(text), anchor="ls")
        return _shades(ink, ground)[np.asarray(mask)]

    def fitting(self, text: str) -> Face:
        """The font in the largest size, not above the usual one, in which ``text`` stays inside its box."""
        face, size = self._face, self._look.font_px
        while face.getlength(text) > self._look.cell_px * len(text) and size > 1:
            size -= 1
            face = _known(self.name, size)
        return face


def _chosen(look: Look) -> tuple[str, Face]:
    for name in _AUTO if look.font == "auto" else (look.font,):
        face = _face(name, look.font_px)
        if face is not None:
            return name, face
    raise SettingsError(f"font: {look.font!r} is not installed; expected one of {', '.join(fonts_here())}")


@lru_cache(maxsize=64)
def _face(name: str, size_px: int) -> Face | None:
    """The font of that name, or None where it is not installed; Pillow looks in the system's font folders."""
    if name == _BUILTIN:
        return ImageFont.load_default(size_px)
    try:
        return ImageFont.truetype(_FILES[name], size_px, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        return None


def _known(name: str, size_px: int) -> Face:
    face = _face(name, size_px)
    assert face is not None, name  # it was there in another size
    return face


@lru_cache(maxsize=32)
def _shades(ink: int, ground: int) -> Pixels:
    """(256,) pixels from ``ground`` to ``ink``, for each level of a mask."""
    levels = np.arange(256)
    shades = np.zeros(256, PIXEL)
    for shift in (16, 8, 0):
        low, high = ground >> shift & 255, ink >> shift & 255
        shades |= ((low * (255 - levels) + high * levels + 127) // 255 << shift).astype(PIXEL)
    return shades
