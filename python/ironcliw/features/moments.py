"""From how far each moment was to the few that matter: neighbours joined, best first.

timeline = Timeline()
timeline.add(0, 0, 420); timeline.add(1, 40_000_000, 3); timeline.end(SECOND)
timeline.nearest(5)                   # [Moment(start_s=0.04, end_s=1.0, ..., distance=3, same=True), ...]
timeline.last()                       # the last moment that looks the same, or None
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np

from ironcliw.clock import SECOND
from ironcliw.features.descriptor import SAME

_UNSEEN = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of time in which the source looked about equally like the reference.

    start_s, end_s: from its first moment to where it ends, in seconds of source time
    time_s, frame: where it looked most like it: the first such moment and that frame's number
    distance: there; see ``Descriptor.distance``
    """

    start_s: float
    end_s: float
    time_s: float
    frame: int
    distance: int

    @property
    def same(self) -> bool:
        """Whether it looks the same: a distance of SAME at the most."""
        return self.distance <= SAME


class Timeline:
    """How far a source was from a reference over time; three numbers are kept for each time that changes."""

    def __init__(self) -> None:
        self._frames, self._times, self._distances = array("q"), array("q"), array("q")

    def add(self, frame: int, time_ns: int, distance: int | None) -> None:
        """From ``time_ns`` on it is ``distance`` away; None where it cannot be seen. Times do not go back."""
        known = _UNSEEN if distance is None else distance
        if self._distances and self._distances[-1] == known:
            return
        self._frames.append(frame)
        self._times.append(time_ns)
        self._distances.append(known)

    def end(self, time_ns: int) -> None:
        """Nothing comes after ``time_ns``."""
        self.add(-1, time_ns, None)
        if self._times[-1] < time_ns:
            self._frames.append(-1)
            self._times.append(time_ns)
            self._distances.append(_UNSEEN)

    def nearest(self, count: int) -> list[Moment]:
        """The ``count`` moments most like the reference at the most, best first, of equal ones the earlier.

        A moment goes on while the distance stays within SAME, or half as far again, of its best.
        """
        distances = np.array(self._distances, np.int64)
        taken = distances == _UNSEEN
        found: list[Moment] = []
        for best in np.argsort(distances, kind="stable").tolist():
            if len(found) == count or distances[best] == _UNSEEN:
                break
            if taken[best]:
                continue
            limit = int(distances[best]) + max(SAME, int(distances[best]) // 2)
            first = last = best
            while first and not taken[first - 1] and distances[first - 1] <= limit:
                first -= 1
            while last + 1 < len(distances) and not taken[last + 1] and distances[last + 1] <= limit:
                last += 1
            taken[first : last + 1] = True
            found.append(self._moment(first, last, best))
        return found

    def last(self) -> Moment | None:
        """The last moment that looks the same; None where none does."""
        same = np.flatnonzero(np.array(self._distances, np.int64) <= SAME)
        if not len(same):
            return None
        first = last = int(same[-1])
        while first and self._distances[first - 1] <= SAME:
            first -= 1
        return self._moment(first, last, min(range(first, last + 1), key=self._distances.__getitem__))

    def _moment(self, first: int, last: int, best: int) -> Moment:
        start, end, time = (self._times[at] / SECOND for at in (first, min(last + 1, len(self._times) - 1), best))
        return Moment(start, end, time, self._frames[best], self._distances[best])
