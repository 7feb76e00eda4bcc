"""What all recorded sources share: pictures one after another, each copied into the memory that was handed down.

    class Slides(Playback):
        def _play(self):
            yield Picture(0, pixels)      # (h, w, 4) BGRX or (h, w, 3) BGR, any strides
            yield End(SECOND)

A change of size becomes ``Resized`` here, an error stays an error, and the end stays the end.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import SourceError
from ironcliw.frame import Geometry
from ironcliw.memory import CHANNELS, FrameMemory
from ironcliw.source.file import check_size
from ironcliw.source.protocol import Back, Capture, End, Gap, Message, Resized


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a recording: (h, w, 4) BGRX or (h, w, 3) BGR uint8, shown from media time ``time_ns`` on."""

    time_ns: int
    pixels: NDArray[np.uint8]


Step = Picture | Gap | Back | End


class Playback(ABC):
    """A source whose pictures wait for us: nothing is dropped, and ``read`` never answers ``Idle``.

    A subclass says in ``_play`` what comes; the first step is a picture, the last one ``End``. An error raised there
    reaches the caller of ``open`` (before the first picture) or ``read``, and every later ``read`` raises it again.
    """

    live = False
    catches_up = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.lossless = False
        self._steps: Generator[Step] | None = None
        self._waiting: Picture | None = None
        self._memory: FrameMemory | None = None
        self._geometry: Geometry | None = None
        self._sequence = 0
        self._end: End | None = None
        self._failure: Exception | None = None

    @abstractmethod
    def _play(self) -> Generator[Step]:
        """Everything the recording holds, in order, from its start. Closing the generator gives everything back."""

    def open(self) -> Geometry:
        """Decode the first picture. SourceError where there is none."""
        self.close()
        self._sequence, self._end, self._failure = 0, None, None
        self._steps = self._play()
        first = next(self._steps)
        if not isinstance(first, Picture):
            raise SourceError(f"{self.name}: holds no picture")
        self._waiting = first
        self._geometry = self._geometry_of(first)
        return self._geometry

    def attach(self, memory: FrameMemory) -> None:
        """Copy pictures into this memory from now on. ValueError where its size is not the geometry's."""
        if self._geometry is None:
            raise ValueError(f"{self.name}: attach before open")
        height, width = memory.pixels.shape[:2]
        if (width, height) != (self._geometry.width, self._geometry.height):
            expected = f"{self._geometry.width}x{self._geometry.height}"
            raise ValueError(f"{self.name}: expected memory for {expected} pixels, got {width}x{height}")
        self._memory = memory

    def read(self, timeout_ms: int) -> Message:
        """The next picture as a ``Capture`` with unknown damage; ``End``, and nothing else, after the last.

        ``timeout_ms`` means nothing here: a recording never makes anybody wait.
        """
        if self._end is not None:
            return self._end
        step = self._waiting or self._next()
        if not isinstance(step, Picture):
            if isinstance(step, End):
                self._end = step
            return step
        geometry = self._geometry_of(step)
        self._waiting = step
        if geometry != self._geometry:
            self._geometry, self._memory = geometry, None
            return Resized(step.time_ns, geometry)
        if self._memory is None:
            raise ValueError(f"{self.name}: read before memory for {geometry.width}x{geometry.height} was attached")
        _copy(step.pixels, self._memory.pixels)
        self._waiting = None
        self._sequence += 1
        return Capture(
            sequence=self._sequence - 1,
            time_ns=step.time_ns,
            captured_at_ns=clock.monotonic_ns(),
            bytes_read=geometry.width * geometry.height * CHANNELS,
        )

    def describe(self) -> dict[str, str]:
        """What is played, in words. Valid after ``open``."""
        if self._geometry is None:
            return {"source": self.name}
        return {"source": self.name, "size": f"{self._geometry.width}x{self._geometry.height}"}

    def close(self) -> None:
        """Give the file and the pictures back; ``open`` plays it again from the start."""
        if self._steps is not None:
            self._steps.close()
        self._steps = self._waiting = self._memory = self._geometry = None

    def _next(self) -> Step:
        """The next step; the error that ended the recording, again, where one did."""
        if self._failure is not None:
            raise self._failure
        if self._steps is None:
            raise ValueError(f"{self.name}: read before open or after close")
        try:
            return next(self._steps)
        except StopIteration:
            self._failure = SourceError(f"{self.name}: reading was interrupted")
            raise self._failure from None
        except Exception as error:
            self._failure = error
            raise

    def _geometry_of(self, picture: Picture) -> Geometry:
        height, width = picture.pixels.shape[:2]
        check_size(self.name, width, height)
        return Geometry(width, height)


def _copy(pixels: NDArray[np.uint8], memory: NDArray[np.uint8]) -> None:
    """Copy (h, w, 3|4) pixels of any strides; with three channels the fourth byte stays what it was."""
    if pixels.shape[2] == CHANNELS:
        np.copyto(memory, pixels)
        return
    # One channel at a time: NumPy takes three bytes out of four one by one, in four times the time.
    for channel in range(pixels.shape[2]):
        np.copyto(memory[:, :, channel], pixels[:, :, channel])
