"""When to look for what is drawn: once words have come and the screen around them has settled.

plan = LookPlan()
plan.changed(change.regions, time_ns)
plan.want(reading.region, time_ns)    # a reading there brought news
plan.due_ns                           # source time at which to look
plan.take(now_ns)                     # the part of the screen to look at, or None

Text is read in parts: of a notification only the words may change enough to be read. So what is looked at is everything
near them that changed in the last second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ironcliw.clock import MS, SECOND
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import CHANNELS, Buffer
from ironcliw.text.thumbnail import Thumbnail

SETTLE_NS = 120 * MS
"""A part is looked at once it has not changed for this long ..."""

LONGEST_NS = 500 * MS
"""... or wanted to be looked at for this long."""

APART_NS = 300 * MS
"""Looks are at least this far apart."""

AROUND_PX = (576, 136)
"""What is around a change is looked at, too: the words of a dialog change, and its edges are somewhere around them."""

RECENT_NS = 1 * SECOND
NEAR_PX = 64
REGIONS_MAX = 128


@dataclass(frozen=True, slots=True)
class Look:
    """A part of the screen in which to look for what is drawn, as it was when it was taken.

    region: what changed, in frame pixels
    copy: of the frame, to be released when the look is over
    lines: boxes of the lines of text on the screen, in frame pixels
    """

    region: Rect
    copy: Buffer
    lines: tuple[Rect, ...]
    taken_ns: int
    geometry: Geometry
    thumbnail: Thumbnail

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The (h, w, 4) uint8 BGRX frame."""
        return self.copy.array.reshape(self.geometry.height, self.geometry.width, CHANNELS)


class LookPlan:
    """What to look at, one part of the screen at a time."""

    def __init__(self) -> None:
        self._recent: deque[tuple[int, Rect]] = deque(maxlen=REGIONS_MAX)
        self._wanted: Rect | None = None
        self._since_ns = 0
        self._changed_ns = 0
        self._looked_ns = -SECOND

    def changed(self, regions: Iterable[Rect], time_ns: int) -> None:
        """Pixels changed."""
        for region in regions:
            self._recent.append((time_ns, region))
            if self._wanted is not None and self._wanted.grown(NEAR_PX, NEAR_PX).overlaps(region):
                self._wanted, self._changed_ns = self._wanted.union(region), time_ns

    def want(self, region: Rect, time_ns: int) -> None:
        """There is news in ``region``."""
        if self._wanted is None:
            self._since_ns = self._changed_ns = time_ns
        wide = region if self._wanted is None else self._wanted.union(region)
        recent = [(when, rect) for when, rect in self._recent if when + RECENT_NS >= time_ns]
        for when, rect in reversed(recent):
            if wide.grown(NEAR_PX, NEAR_PX).overlaps(rect):
                wide = wide.union(rect)
                self._changed_ns = max(self._changed_ns, when)
        self._wanted = wide

    @property
    def due_ns(self) -> int | None:
        """Source time at which to look; None where nothing is wanted."""
        if self._wanted is None:
            return None
        settled_ns = min(self._changed_ns + SETTLE_NS, self._since_ns + LONGEST_NS)
        return max(settled_ns, self._looked_ns + APART_NS)

    def take(self, now_ns: int) -> Rect | None:
        """What is to be looked at by ``now_ns``; it counts as looked at."""
        due_ns = self.due_ns
        if due_ns is None or due_ns > now_ns:
            return None
        wanted, self._wanted, self._looked_ns = self._wanted, None, now_ns
        return wanted
