"""A source that says what a test tells it to, as fast or as slowly as it tells it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import numpy as np

from ironcliw import clock
from ironcliw.frame import Geometry
from ironcliw.source import Capture, End, Resized


class ScriptedSource:
    """Plays (message, pixels or None) pairs. A float in place of a pair is a pause of so many seconds.

    Of a ``Capture`` the pixels are copied into the attached memory; after the last message it is idle until closed, or
    ends where it is not ``live``.
    """

    name = "scripted"
    lossless = True

    def __init__(self, steps: Iterable, width: int = 640, height: int = 480, *, live: bool = True) -> None:
        self.live = live
        self._steps: Iterator = iter(steps)
        self._geometry = Geometry(width, height)
        self._memory = None
        self.closed = False

    def open(self) -> Geometry:
        return self._geometry

    def attach(self, memory) -> None:
        self._memory = memory

    def read(self, timeout_ms: int):
        from ironcliw.source import Idle

        step = next(self._steps, None)
        while isinstance(step, float):
            time.sleep(step)
            step = next(self._steps, None)
        if step is None:
            if not self.live:
                return End(0)
            time.sleep(0.02)
            return Idle(0)
        message, pixels = step
        if isinstance(message, Capture) and pixels is not None:
            np.copyto(self._memory.pixels, pixels)
        return message

    def describe(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        self.closed = True


def shot(sequence: int, time_s: float, pixels: np.ndarray) -> tuple[Capture, np.ndarray]:
    """A capture that shows ``pixels`` at ``time_s``."""
    return Capture(sequence, round(time_s * clock.SECOND), clock.monotonic_ns()), pixels


def resized(time_s: float, width: int, height: int) -> tuple[Resized, None]:
    """The source has this size from now on."""
    return Resized(round(time_s * clock.SECOND), Geometry(width, height)), None
