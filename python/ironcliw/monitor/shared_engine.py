"""One text engine for several watches, which reads for one after the other.

shared = SharedEngine(open_engine(1))
seat = shared.seat()                  # a TextEngine for one of the watches
seat.busy_since_ns(reading_since_ns)  # since when its read has truly been going on, waiting for the others aside
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.text import TextEngine
from ironcliw.text.protocol import ReadLine, forget_places


class SharedEngine:
    """The engine and its lock. Two cores read no faster for being asked by sixteen."""

    def __init__(self, engine: TextEngine) -> None:
        self.engine = engine
        self.lock = threading.Lock()

    def seat(self) -> Seat:
        """The engine, for one more watch."""
        return Seat(self)


class Seat:
    """The shared engine as one watch has it."""

    def __init__(self, shared: SharedEngine) -> None:
        self.name, self.scripts = shared.engine.name, shared.engine.scripts
        self._shared = shared
        self._waiting = False
        self._served_ns = 0

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """As the engine does, once the others are served."""
        self._waiting = True
        with self._shared.lock:
            self._served_ns = clock.monotonic_ns()
            self._waiting = False
            return self._shared.engine.read(pixels)

    def forget(self) -> None:
        """Forget where text stood, on all their screens, so that the next ``read`` looks for it everywhere."""
        with self._shared.lock:
            forget_places(self._shared.engine)

    def busy_since_ns(self, reading_since_ns: int | None) -> int | None:
        """Since when the watch that reads since then has truly been at one thing; None while it waits its turn."""
        if reading_since_ns is None or self._waiting:
            return None
        return max(reading_since_ns, self._served_ns)
