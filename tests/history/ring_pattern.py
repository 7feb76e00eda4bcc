"""What frame N shows, so that a reader can tell by the pixels alone whether all of them belong to one frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def fill(pixels: NDArray[np.uint8], number: int) -> None:
    """Every pixel says ``number``."""
    pixels.view(np.uint32)[:] = np.uint32(number & 0xFFFF_FFFF)


def number_in(pixels: NDArray[np.uint8]) -> int | None:
    """The number that every pixel says; None where they say different ones."""
    words = np.ascontiguousarray(pixels).view(np.uint32)
    first = int(words.flat[0])
    return first if bool((words == first).all()) else None
