"""A part of the screen that is to be read, as it was when it was taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Geometry, Rect
from ironcliw.text.stamps import Stamp, Stamps
from ironcliw.text.thumbnail import Thumbnail
from ironcliw.volatility import Taken


@dataclass(frozen=True, slots=True)
class Reading:
    """A part of the screen to be read, as it was when it was taken.

    region: what is asked about, in frame pixels
    pixels: (h, w, 4) uint8 copy of the region and a small margin, ``left`` and ``top`` its corner in the frame
    taken_ns: source time at which it was taken
    at_start: whether it belongs to the state the watch began with
    proof: whether its parts were read before, and are read once more with what stands around them
    geometry: of the frame it was taken from
    """

    region: Rect
    pixels: NDArray[np.uint8]
    left: int
    top: int
    taken_ns: int
    at_start: bool
    stamps: Stamps
    geometry: Geometry
    thumbnail: Thumbnail
    taken: Taken
    proof: bool = False

    def stamp(self, box: Rect) -> Stamp | None:
        """The newest capture that changed what a line's ``box`` shows, as of the reading; None where none did."""
        return self.stamps.latest(core(box))


def core(box: Rect) -> Rect:
    """The middle rows of a line's box: its edge rows share cells with the lines above and below."""
    shrink = box.height // 4
    return Rect(box.x, box.y + shrink, box.width, max(box.height - 2 * shrink, 1))
