"""What the archive gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ArchivedFrame:
    """A frame as it was shown.

    number: counted from the archive's first frame, those that are gone too
    time_ns: source time at which it was first seen
    wall_ns: nanoseconds since 1970 then
    pixels: (h, w, 4) uint8 BGRX, fourth bytes 0
    """

    number: int
    time_ns: int
    wall_ns: int
    pixels: NDArray[np.uint8]


class Span(NamedTuple):
    """From when to when there is history: source time, and wall time of the first frame and of the last look."""

    oldest_ns: int
    newest_ns: int
    oldest_wall_ns: int
    newest_wall_ns: int
