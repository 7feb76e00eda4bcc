"""Crops as they are sent: secrets black, scaled down by averaging areas, and small.

    picture_of(pixels, black=gate.boxes(lines))      # Picture, of at most PICTURE_TOKENS tokens

Each pixel of the crop counts alike in the result. Other ways of scaling look at a few pixels only, and a picture can be
made that shows them something else than people see. What is returned is what is sent, and what is kept as evidence.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.vision_model.protocol import Picture

PATCH_PX = 28
PICTURE_PATCHES = 96
"""Of 28 x 28 pixels, one token each with Claude; with OpenAI such a picture is one or two tiles."""

PART_PATCHES = 56
"""Of parts of a screen, whose words are sent beside them."""

LONG_EDGE_PX = 1_344

GAP_PX, GAP_LEVEL = 6, 128
"""Between parts of a screen in one picture."""


def picture_of(
    pixels: NDArray[np.uint8], black: Sequence[Rect] = (), *, patches: int = PICTURE_PATCHES, label: str = "now"
) -> Picture:
    """A crop, (h, w, 4) uint8 BGRX, as a PNG. ``black``: rectangles in it, in its pixels, that nobody is to see."""
    height, width = pixels.shape[:2]
    shown = np.ascontiguousarray(pixels[:, :, 2::-1])
    for rect in black:
        inside = rect.clipped(width, height)
        if inside is not None:
            shown[inside.y : inside.bottom, inside.x : inside.right] = 0
    wide, high = sent_size(width, height, patches)
    image = area_averaged(shown, wide, high)
    from PIL import Image  # noqa: PLC0415 - a tenth of a second

    data = io.BytesIO()
    Image.fromarray(image).save(data, "PNG", optimize=True)
    return Picture(data.getvalue(), wide, high, label)


def stacked(
    pixels: NDArray[np.uint8], parts: Sequence[Rect], boxes: Sequence[Rect] = ()
) -> tuple[NDArray[np.uint8], list[Rect]]:
    """Parts within a frame, (h, w, 4) uint8, one below the other, and where ``boxes`` are in that."""
    width = max(part.width for part in parts)
    height = sum(part.height for part in parts) + GAP_PX * (len(parts) - 1)
    if len(parts) == 1:
        whole = pixels[parts[0].y : parts[0].bottom, parts[0].x : parts[0].right]
    else:
        whole = np.full((height, width, pixels.shape[2]), GAP_LEVEL, np.uint8)
    moved: list[Rect] = []
    top = 0
    for part in parts:
        if len(parts) > 1:
            whole[top : top + part.height, : part.width] = pixels[part.y : part.bottom, part.x : part.right]
        for box in boxes:
            if (cut := box.intersection(part)) is not None:
                moved.append(Rect(cut.x - part.x, cut.y - part.y + top, cut.width, cut.height))
        top += part.height + GAP_PX
    return whole, moved


def sent_size(width: int, height: int, patches: int = PICTURE_PATCHES) -> tuple[int, int]:
    """The size in which a crop of this size is sent: as large as so many patches allow, never larger than it is."""
    scale = min(1.0, LONG_EDGE_PX / max(width, height))
    while True:
        wide, high = max(1, int(width * scale)), max(1, int(height * scale))
        if -(-wide // PATCH_PX) * -(-high // PATCH_PX) <= patches:
            return wide, high
        scale *= 0.98


def area_averaged(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """An (h, w, 3) picture scaled down to ``width`` x ``height``: each pixel is the mean of the area it stands for."""
    rows = _averaged(image, height, axis=0)
    return np.clip(np.rint(_averaged(rows, width, axis=1)), 0, 255).astype(np.uint8)


def _averaged(image: NDArray[np.uint8] | NDArray[np.float32], length: int, axis: int) -> NDArray[np.float32]:
    """Along one axis; pixels at a border count by the part of them that lies inside."""
    size = image.shape[axis]
    if length == size:
        return image.astype(np.float32)
    moved = np.moveaxis(image, axis, 0)
    edges = np.arange(length + 1) * (size / length)
    out = np.empty((length, *moved.shape[1:]), np.float32)
    for at in range(length):
        start, end = float(edges[at]), min(float(edges[at + 1]), float(size))
        first, last = int(start), min(int(np.ceil(end)), size)
        weights = np.ones(last - first, np.float32)
        weights[0] -= start - first
        weights[-1] -= last - end
        part = moved[first:last].astype(np.float32)
        out[at] = np.tensordot(weights / weights.sum(), part, axes=(0, 0))
    return np.moveaxis(out, 0, axis)
