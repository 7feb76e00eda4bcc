"""Which firing answers which label: one to one, as many pairs as there can be, and among those the nearest in time.

match([Window(1.0, 2.0), Window(1.8, 3.0)], [1.9, 0.2])     # {0: 0}: window 0 is answered by time 0
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

_UNITS_PER_S = 1_000_000
"""Distances are compared in whole microseconds: sums of floats could make a cycle look cheaper for ever."""


class Window(NamedTuple):
    """Seconds in which a label may be answered: ``due_s`` to ``last_s`` itself, and ``tolerance_s`` around it."""

    due_s: float
    last_s: float
    tolerance_s: float = 0.0

    def distance_s(self, time_s: float) -> float:
        """Seconds between ``time_s`` and the label: 0 inside of it."""
        return max(self.due_s - time_s, time_s - self.last_s, 0.0)

    @property
    def answered_s(self) -> tuple[float, float]:
        """The first and the last time that is near enough."""
        reach_s = self.tolerance_s + 0.5 / _UNITS_PER_S
        return self.due_s - reach_s, self.last_s + reach_s

    def answers(self, time_s: float) -> bool:
        """Whether a firing at ``time_s`` is near enough."""
        first_s, last_s = self.answered_s
        return first_s <= time_s <= last_s


class Spans:
    """Any number of (begin, end) in seconds, and whether a time lies in one of them, found without asking each.

    closed: whether an end belongs to its span; the begin always does
    """

    def __init__(self, spans: Iterable[tuple[float, float]], *, closed: bool = True) -> None:
        ordered = sorted(spans)
        self._begins = [begin for begin, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))
        self._closed = closed

    def hold(self, time_s: float) -> bool:
        """Whether ``time_s`` lies in a span."""
        begun = bisect_right(self._begins, time_s)
        if not begun:
            return False
        last_s = self._ends[begun - 1]
        return time_s < last_s or (self._closed and time_s == last_s)


def match(windows: Sequence[Window], times_s: Sequence[float]) -> dict[int, int]:
    """Index of the time that answers each window, for the windows that are answered.

    A maximum bipartite matching, and of all those one whose distances add up to the least. Found by cheapest
    augmenting paths: every round answers one window more and changes who answers the others where that is needed.
    Windows too far apart to share a time are matched for themselves, so hours take no longer an hour than minutes.
    """
    by_time = sorted(range(len(times_s)), key=lambda index: times_s[index])
    ordered_s = [times_s[index] for index in by_time]
    answered_by: dict[int, int] = {}
    for together in _apart(windows):
        edges: dict[int, dict[int, int]] = {}
        for index in together:
            first_s, last_s = windows[index].answered_s
            near = sorted(by_time[bisect_left(ordered_s, first_s) : bisect_right(ordered_s, last_s)])
            edges[index] = {at: round(windows[index].distance_s(times_s[at]) * _UNITS_PER_S) for at in near}
        paired: dict[int, int] = {}
        while path := _cheapest_path(edges, paired):
            paired.update(path)
        answered_by |= paired
    return dict(sorted(answered_by.items()))


def _apart(windows: Sequence[Window]) -> Iterator[list[int]]:
    """The windows in groups, none of which can be answered by a time that answers one of another group."""
    together: list[int] = []
    last_s = 0.0
    for index in sorted(range(len(windows)), key=lambda index: windows[index].answered_s):
        begin_s, end_s = windows[index].answered_s
        if together and begin_s > last_s:
            yield sorted(together)
            together = []
        last_s = max(last_s, end_s) if together else end_s
        together.append(index)
    if together:
        yield sorted(together)


def _cheapest_path(edges: dict[int, dict[int, int]], answered_by: dict[int, int]) -> dict[int, int]:
    """The changes of ``answered_by`` that answer one window more at the least cost; empty where there are none."""
    owner = {time: window for window, time in answered_by.items()}
    cost = {window: 0 for window in edges if window not in answered_by}
    came_from: dict[int, tuple[int, int]] = {}
    waiting = list(cost)
    while waiting:
        window = waiting.pop(0)
        for time, distance in edges[window].items():
            other = owner.get(time)
            if other is None or other == window:
                continue
            through = cost[window] + distance - edges[other][time]
            if other not in cost or through < cost[other]:
                cost[other] = through
                came_from[other] = (window, time)
                waiting.append(other)
    ends = [
        (cost[window] + distance, window, time)
        for window in cost
        for time, distance in edges[window].items()
        if time not in owner
    ]
    if not ends:
        return {}
    _, window, time = min(ends)
    changes = {window: time}
    while window in came_from:
        window, time = came_from[window]
        changes[window] = time
    return changes
