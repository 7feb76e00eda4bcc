"""An engine that counts what it is made to read a second time.

    engine = CountingEngine()
    ...                                   # watch with it
    engine.reads.lines_again              # line pictures recognised although the very same had been before

Only fingerprints are kept of what was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ironcliw.text import ReadLine
from ironcliw.text.paddle import PaddleEngine

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Reads:
    """What was read; sums where several runs are added.

    pixels: pixels handed to the engine, without the state at the start
    pixels_full: pixels of every changed frame read whole
    lines, lines_again: line pictures recognised, and how many of those had been recognised before
    lines_known: line pictures that were not recognised, because their reading was known
    pictures, pictures_again: pictures handed to the engine, and how many of those had been before
    """

    pixels: int = 0
    pixels_full: int = 0
    lines: int = 0
    lines_again: int = 0
    lines_known: int = 0
    pictures: int = 0
    pictures_again: int = 0

    def __add__(self, other: Reads) -> Reads:
        sums = {name: getattr(self, name) + getattr(other, name) for name in Reads.__slots__}
        return Reads(**sums)

    @property
    def pixel_share(self) -> float | None:
        """Pixels read, as a share of reading every changed frame whole; None where nothing changed."""
        return self.pixels / self.pixels_full if self.pixels_full else None

    def forgetful(self) -> Reads:
        """What somebody would have read who reads every changed frame whole and knows no line again."""
        lines = self.lines + self.lines_known
        return Reads(self.pixels_full, self.pixels_full, lines, self.lines_again + self.lines_known)


class CountingEngine:
    """The default engine, and what it read (a ``TextEngine``). ModelError, at the first reading, for bad models."""

    name, scripts = PaddleEngine.name, PaddleEngine.scripts

    def __init__(self, threads: int | None = None) -> None:
        self._engine = PaddleEngine(threads, on_recognise=self._recognises)
        self._lines: set[bytes] = set()
        self._pictures: set[bytes] = set()
        self._recognised = self._read = 0

    @property
    def reads(self) -> Reads:
        """The counts of lines and pictures."""
        return Reads(
            lines=self._recognised,
            lines_again=self._recognised - len(self._lines),
            lines_known=self._engine.counters.cache_hits,
            pictures=self._read,
            pictures_again=self._read - len(self._pictures),
        )

    def read(self, pixels: Pixels) -> list[ReadLine]:
        """All lines in a (h, w, 4) uint8 BGRX picture, as the engine reads them."""
        self._read += 1
        self._pictures.add(_fingerprint(pixels))
        return self._engine.read(pixels)

    def forget(self) -> None:
        """Forget where text stood, so that the next ``read`` looks for it everywhere."""
        self._engine.forget()

    def _recognises(self, crop: Pixels) -> None:
        self._recognised += 1
        self._lines.add(_fingerprint(crop))


def _fingerprint(pixels: Pixels) -> bytes:
    """Of size and colours; the fourth byte of a pixel means nothing."""
    digest = blake2b(repr(pixels.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels[:, :, :3]).data)
    return digest.digest()
