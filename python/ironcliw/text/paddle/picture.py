"""Pictures as the networks want them: cut out, scaled and normalised.

line = cut(pixels, box)               # may reach beyond the picture
batch = network_input(resized(line, 320, 48))
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ironcliw.frame import Rect

Pixels = NDArray[np.uint8]
"""(height, width, 4) uint8, BGRX; the fourth byte means nothing."""


def checked(pixels: object) -> Pixels:
    """``pixels`` if it is a picture an engine can read, else ValueError saying what was expected."""
    if not isinstance(pixels, np.ndarray):
        raise ValueError(f"a picture must be a (height, width, 4) uint8 array, not {type(pixels).__name__}")
    picture = cast(Pixels, pixels)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 4:
        raise ValueError(f"a picture must be (height, width, 4) uint8, not {picture.shape} {picture.dtype}")
    return picture


def cut(pixels: Pixels, box: Rect, beyond: NDArray[np.uint8] | None = None) -> Pixels:
    """The pixels inside ``box``, a contiguous copy; ``beyond`` the picture lies this (4,) colour.

    By default the commonest colour of each side. Not the border pixels drawn out: glyphs that the border cuts would
    become bars.
    """
    height, width = pixels.shape[:2]
    inside = box.clipped(width, height)
    if inside is None:
        raise ValueError(f"{box} shares no pixel with a picture of {width}x{height}")
    part = pixels[inside.y : inside.bottom, inside.x : inside.right]
    if inside == box:
        return np.ascontiguousarray(part)
    left, top = inside.x - box.x, inside.y - box.y
    whole = np.empty((box.height, box.width, 4), np.uint8)
    if beyond is not None:
        whole[:] = beyond
        whole[top : top + inside.height, left : left + inside.width] = part
        return whole
    rows = slice(top, top + inside.height)
    whole[rows, left : left + inside.width] = part
    if left:
        whole[rows, :left] = commonest(part[:, 0])
    if inside.right < box.right:
        whole[rows, left + inside.width :] = commonest(part[:, -1])
    if top:
        whole[:top] = commonest(part[0])
    if inside.bottom < box.bottom:
        whole[top + inside.height :] = commonest(part[-1])
    return whole


def commonest(pixels: Pixels) -> NDArray[np.uint8]:
    """The (4,) colour that most of (..., 4) pixels have, the fourth byte 0."""
    packed = np.ascontiguousarray(pixels).view("<u4").ravel() & np.uint32(0xFFFFFF)
    colours, counts = np.unique(packed, return_counts=True)
    return colours[counts.argmax() : counts.argmax() + 1].astype("<u4").view(np.uint8)


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """``pixels`` scaled to ``width`` x ``height``: bilinear, averaging over the area where it shrinks."""
    rows, columns = pixels.shape[:2]
    if (columns, rows) == (width, height):
        return pixels
    picture = Image.frombuffer("RGBX", (columns, rows), np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1)
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))


def network_input(pixels: Pixels) -> NDArray[np.float32]:
    """(1, 3, height, width) float32 from -1 to 1, blue first: what both networks were trained on."""
    planes = np.moveaxis(pixels[:, :, :3], 2, 0)[np.newaxis].astype(np.float32, order="C")
    planes *= np.float32(1 / 127.5)
    planes -= np.float32(1)
    return planes
