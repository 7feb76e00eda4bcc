"""The contract of a text recognition engine.

lines = engine.read(crop)             # crop: (h, w, 4) uint8 BGRX
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of text as it was read. ``box`` in pixels of the picture that was read; ``confidence`` 0 to 1."""

    text: str
    box: Rect
    confidence: float


class TextEngine(Protocol):
    """Reads text in pictures. Engines keep no reference to the pictures they were given.

    name: the engine's, as ``text.engine`` in the settings has it
    scripts: what it can read, in words for people
    """

    name: str
    scripts: str

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """All lines in a (h, w, 4) uint8 BGRX picture, top to bottom, then left to right.

        Text boxes that stand side by side on one baseline are separate lines of the result. ValueError for another
        dtype or shape. Deterministic: the same pixels give the same lines.
        """
        ...


def lines_unread(engine: TextEngine | None) -> int:
    """Lines that ``engine`` has left unread for their script, where it counts them (``lines_unread``); else 0."""
    return int(getattr(engine, "lines_unread", 0))
