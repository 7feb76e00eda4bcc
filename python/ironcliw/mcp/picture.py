"""A frame as a picture for a model: secrets black, at most so many pixels, at most so many bytes.

    Painter(gate).picture(frame.pixels)   # Picture(data, "image/png", width, height, blacked)

Where secrets stand is read from this very picture: what was on the screen at another time says nothing about it. It is
scaled by the mean of areas, which shows nothing that a person would not see.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ironcliw.redaction import Gate
from ironcliw.text import TextEngine, open_engine

MOST_SIDE_PX = 1280
MOST_BYTES = 768 << 10
_QUALITIES = (85, 60, 40)


@dataclass(frozen=True, slots=True)
class Picture:
    """``data``: the file; ``size``: width and height in it; ``blacked``: how many places are black for a secret."""

    data: bytes
    mime_type: str
    size: tuple[int, int]
    blacked: int


class Painter:
    """``gate``: what finds secrets; None shows the frame as it was."""

    def __init__(self, gate: Gate | None) -> None:
        self._gate = gate
        self._engine: TextEngine | None = None
        self._lock = threading.Lock()

    def picture(self, pixels: NDArray[np.uint8]) -> Picture:
        """``pixels``: (h, w, 4) uint8 BGRX. Raises ModelError where its text cannot be read."""
        rgb = np.ascontiguousarray(pixels[:, :, 2::-1])
        blacked = self._black_out(pixels, rgb)
        image = Image.fromarray(rgb)
        scale = MOST_SIDE_PX / max(image.size)
        if scale < 1:
            wanted = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
            image = image.resize(wanted, Image.Resampling.BOX)
        data, mime_type = _file(image)
        return Picture(data, mime_type, image.size, blacked)

    def _black_out(self, pixels: NDArray[np.uint8], rgb: NDArray[np.uint8]) -> int:
        if self._gate is None:
            return 0
        with self._lock:
            self._engine = self._engine or open_engine(1, "paddle")
            lines = self._engine.read(pixels)
        boxes = self._gate.boxes(lines)
        for box in boxes:
            rgb[max(0, box.y) : max(0, box.bottom), max(0, box.x) : max(0, box.right)] = 0
        return len(boxes)


def _file(image: Image.Image) -> tuple[bytes, str]:
    """As PNG where that is small enough, else as JPEG."""
    data = _saved(image, "PNG", optimize=False)
    if len(data) <= MOST_BYTES:
        return data, "image/png"
    for quality in _QUALITIES:
        data = _saved(image, "JPEG", quality=quality)
        if len(data) <= MOST_BYTES:
            break
    return data, "image/jpeg"


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
