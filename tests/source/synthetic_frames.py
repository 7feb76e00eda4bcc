"""Playing synthetic desktops to their end, frame by frame, for tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.memory import FrameMemory
from ironcliw.source import Capture, End
from ironcliw.source.synthetic import Look, Script, SyntheticSource

SMALL = Look(size=(800, 500))


def frames(script: Script, look: Look = SMALL) -> Iterator[tuple[Capture, NDArray[np.uint8]]]:
    """Each capture with the memory it was made in; copy what is to be kept."""
    source = SyntheticSource(script, look)
    geometry = source.open()
    memory = FrameMemory(geometry.width, geometry.height)
    source.attach(memory)
    try:
        while not isinstance(message := source.read(0), End):
            assert isinstance(message, Capture)
            yield message, memory.pixels
        assert message == End(script.duration_ms * 1_000_000) == source.read(0)
    finally:
        source.close()
        memory.close()


def picture_at(time_ns: int, script: Script, look: Look = SMALL) -> NDArray[np.uint8]:
    """A copy of the pixels of the capture at ``time_ns``."""
    (picture,) = [pixels.copy() for capture, pixels in frames(script, look) if capture.time_ns == time_ns]
    return picture


def cut(pixels: NDArray[np.uint8], box: Rect) -> NDArray[np.uint8]:
    """A copy of the pixels in ``box``, without their fourth byte."""
    return pixels[box.y : box.bottom, box.x : box.right, :3].copy()


def time_ns_of(time_s: float) -> int:
    """Seconds as they stand in truth, in nanoseconds."""
    return round(time_s * 1000) * 1_000_000
