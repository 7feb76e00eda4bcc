"""The contract of a text recognition engine.

lines = engine.read(crop)             # crop: (h, w, 4) uint8 BGRX
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.memory import Ledger


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of text as it was read. ``box`` in pixels of the picture that was read; ``confidence`` 0 to 1."""

    text: str
    box: Rect
    confidence: float


class ReadingStoppedError(Exception):
    """A reading was given up because it was asked to be; it can be taken up anew."""


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


def forget_places(engine: TextEngine) -> None:
    """Let ``engine`` forget where text stood, where it knows (``forget``): its next ``read`` looks everywhere."""
    forget = getattr(engine, "forget", None)
    if forget is not None:
        forget()


@runtime_checkable
class Thrifty(Protocol):
    """An engine that accounts for what it holds, and can do with less."""

    def hold(self, ledger: Ledger) -> None:
        """Count what is held on the accounts ``models`` and ``text`` of this ledger from now on."""
        ...

    def shrink(self) -> None:
        """Keep only a small part of what was read before. From any thread."""
        ...

    def grow(self) -> None:
        """Keep as much as usual again. From any thread."""
        ...

    def give_up(self) -> None:
        """Let the ``read`` that is under way, or comes next, raise ReadingStoppedError soon. From any thread."""
        ...

    def rest(self) -> None:
        """Let the networks go until the next ``read``, which loads them again. From the thread that reads."""
        ...
