"""Pictures of text for the tests of the text engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

MONO = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
LIGHT = ((255, 255, 255), (30, 30, 30))
DARK = ((0, 0, 0), (204, 204, 204))
SOLARIZED = ((0, 43, 54), (131, 148, 150))


def font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """DejaVu Sans Mono where it is installed, else the font that Pillow carries."""
    return ImageFont.truetype(MONO, size) if MONO.exists() else ImageFont.load_default(size)


def picture_of(
    *texts: tuple[int, int, str],
    size: int = 14,
    width: int = 640,
    height: int = 120,
    theme: tuple[tuple[int, int, int], tuple[int, int, int]] = LIGHT,
) -> NDArray[np.uint8]:
    """A (height, width, 4) BGRX picture with each (x, y, text) drawn on it."""
    ground, ink = theme
    image = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(image)
    for x, y, text in texts:
        draw.text((x, y), text, font=font(size), fill=ink)
    return bgrx(image)


def bgrx(image: Image.Image) -> NDArray[np.uint8]:
    """An RGB image as (height, width, 4) BGRX pixels, the fourth byte 255."""
    rgba = np.asarray(image.convert("RGBA"))
    return np.ascontiguousarray(rgba[:, :, [2, 1, 0, 3]])
