"""Trials that can be believed: interleaved, shuffled, the disturbed ones left out, wrong candidates refused.

    timings = measure([Case("memcpy", copy), Case("ours", step, check=right)], frames=20, rounds=100, seed=1)
    timings["ours"].median_ms / timings["memcpy"].median_ms

A trial is disturbed where its thread was off the processor for more than 6 % of its time; those are dropped and
counted. Before anything is timed, each case with a ``check`` works on frame 0 and then on frame 1, and ``check`` judges
the second answer.
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

OFF_PROCESSOR_MAX = 0.06
ENOUGH = 7
"""With fewer undisturbed trials than this nothing is said about a case."""
EXTRA_ROUNDS = 3 * ENOUGH
"""Cases that have not got enough trials get up to this many more."""
LONG_NS = 8_000_000
SELDOM_MAX = 10
NS_PER_MS = 1e6


class Clocks(NamedTuple):
    """Nanoseconds on the wall, and of the processor for this thread."""

    wall_ns: Callable[[], int] = time.perf_counter_ns
    thread_ns: Callable[[], int] = time.thread_time_ns


@dataclass(frozen=True, slots=True)
class Case:
    """One way to do the work.

    run: does it for frame number ``i``; any two frames that follow each other differ in the same tiles
    check: what is wrong with the answer for frame 1 after frame 0, or None
    answers: what it finds out, in words
    own: whether it is ours
    """

    name: str
    run: Callable[[int], Any]
    check: Callable[[Any], str | None] | None = None
    answers: str = ""
    own: bool = False


@dataclass(slots=True)
class Timing:
    """What became of one case: undisturbed trials in milliseconds, of the wall and of the processor."""

    case: Case
    kept_ms: list[float] = field(default_factory=list[float])
    cpu_ms: list[float] = field(default_factory=list[float])
    preempted: int = 0
    refused: str | None = None

    @property
    def median_ms(self) -> float | None:
        """The middle undisturbed trial; None where there are too few or the answer was wrong."""
        return statistics.median(self.kept_ms) if len(self.kept_ms) >= ENOUGH else None

    @property
    def p95_ms(self) -> float | None:
        """95 of 100 undisturbed trials took no longer; None as for the median."""
        return quantile(self.kept_ms, 0.95) if len(self.kept_ms) >= ENOUGH else None

    @property
    def median_cpu_ms(self) -> float | None:
        """Processor time of the middle undisturbed trial."""
        return statistics.median(self.cpu_ms) if len(self.cpu_ms) >= ENOUGH else None


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of ``values`` do not exceed. ValueError for no values."""
    if not values:
        raise ValueError("no values to take a quantile of")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratio(timing: Timing, base: Timing) -> float | None:
    """How many times as long as ``base``; None where either has no median."""
    ours, theirs = timing.median_ms, base.median_ms
    return ours / theirs if ours is not None and theirs else None


class Rotation:
    """Gives out frame numbers, the one that nobody had for the longest time first: none is still in a cache."""

    def __init__(self, frames: int) -> None:
        if frames < 2:
            raise ValueError(f"{frames} frames cannot take turns: at least 2 are needed")
        self._waiting = deque(range(frames))

    def take(self, last: int | None) -> int:
        """The next frame for a case whose last one was ``last``, which it does not get twice running."""
        chosen = self._waiting[0] if self._waiting[0] != last else self._waiting[1]
        self._waiting.remove(chosen)
        self._waiting.append(chosen)
        return chosen


def measure(
    cases: Sequence[Case], *, frames: int, rounds: int, seed: int, clocks: Clocks | None = None
) -> dict[str, Timing]:
    """Check and then time each case; every round runs all of them in another order, each on a frame that is not cached.

    Cases that take long take part in one of several rounds only. Raises ValueError for two cases of one name, or fewer
    than 1 round or 2 frames.
    """
    if rounds < 1:
        raise ValueError(f"{rounds} rounds: at least 1 is needed")
    timings = {case.name: Timing(case) for case in cases}
    if len(timings) != len(cases):
        raise ValueError("two cases have the same name")
    run = _Run(timings, frames, seed, clocks or Clocks())
    run.prepare()
    number = 0
    while number < rounds or (number < rounds + EXTRA_ROUNDS and run.wanting()):
        run.round(number, only_wanting=number >= rounds)
        number += 1
    return timings


class _Run:
    """One measurement: whose turn it is, on which frame, and how seldom."""

    def __init__(self, timings: dict[str, Timing], frames: int, seed: int, clocks: Clocks) -> None:
        self._timings = timings
        self._rotation = Rotation(frames)
        self._random = random.Random(seed)
        self._clocks = clocks
        self._last: dict[str, int] = {}
        self._every: dict[str, int] = {}

    def prepare(self) -> None:
        """Check the answers, warm everything up, and see what takes long."""
        for name, timing in self._timings.items():
            timing.case.run(0)
            answer = timing.case.run(1)
            self._last[name] = 1
            if timing.case.check is not None:
                timing.refused = timing.case.check(answer)
        for name, timing in self._timings.items():
            if timing.refused is None:
                wall_ns, _ = self._trial(name)
                self._every[name] = min(SELDOM_MAX, max(1, -(-wall_ns // LONG_NS)))

    def wanting(self) -> list[str]:
        """The cases that have too few undisturbed trials."""
        return [name for name in self._every if len(self._timings[name].kept_ms) < ENOUGH]

    def round(self, number: int, only_wanting: bool) -> None:
        """Give every case whose turn it is one trial."""
        names = self.wanting() if only_wanting else [name for name, every in self._every.items() if number % every == 0]
        self._random.shuffle(names)
        for name in names:
            timing = self._timings[name]
            wall_ns, cpu_ns = self._trial(name)
            if cpu_ns < wall_ns * (1 - OFF_PROCESSOR_MAX):
                timing.preempted += 1
            else:
                timing.kept_ms.append(wall_ns / NS_PER_MS)
                timing.cpu_ms.append(cpu_ns / NS_PER_MS)

    def _trial(self, name: str) -> tuple[int, int]:
        frame = self._last[name] = self._rotation.take(self._last[name])
        run = self._timings[name].case.run
        wall_ns, cpu_ns = self._clocks.wall_ns(), self._clocks.thread_ns()
        run(frame)
        cpu_ns = self._clocks.thread_ns() - cpu_ns
        return self._clocks.wall_ns() - wall_ns, cpu_ns
