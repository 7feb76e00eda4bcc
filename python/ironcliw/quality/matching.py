"""Which firing answers which label: one to one, as many pairs as there can be, and among those the nearest in time.

match([Window(1.0, 2.0), Window(1.8, 3.0)], [1.9, 0.2])     # {0: 0}: window 0 is answered by time 0
"""

from __future__ import annotations

from collections.abc import Sequence
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

    def answers(self, time_s: float) -> bool:
        """Whether a firing at ``time_s`` is near enough."""
        return self.distance_s(time_s) <= self.tolerance_s + 0.5 / _UNITS_PER_S


def match(windows: Sequence[Window], times_s: Sequence[float]) -> dict[int, int]:
    """Index of the time that answers each window, for the windows that are answered.

    A maximum bipartite matching, and of all those one whose distances add up to the least. Found by cheapest
    augmenting paths: every round answers one window more and changes who answers the others where that is needed.
    """
    edges = [
        {index: round(window.distance_s(time_s) * _UNITS_PER_S) for index, time_s in enumerate(times_s)
         if window.answers(time_s)}
        for window in windows
    ]  # fmt: skip
    answered_by: dict[int, int] = {}
    while path := _cheapest_path(edges, answered_by):
        answered_by.update(path)
    return dict(sorted(answered_by.items()))


def _cheapest_path(edges: Sequence[dict[int, int]], answered_by: dict[int, int]) -> dict[int, int]:
    """The changes of ``answered_by`` that answer one window more at the least cost; empty where there are none."""
    owner = {time: window for window, time in answered_by.items()}
    cost = {window: 0 for window in range(len(edges)) if window not in answered_by}
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
