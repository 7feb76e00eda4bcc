"""Progress as one incident: how far something has come, how fast, when it will be done, and whether it has stalled.

progress = ProgressIncidents(ledger)
for report in progress.follow(seen): ...
progress.tick(now_ns)                 # what has stalled, what is gone

A line counts as progress once it has risen twice in place: a load of 12 % that rises and falls is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ironcliw.clock import SECOND
from ironcliw.incident.ledger import Ledger
from ironcliw.incident.protocol import Incident, Report
from ironcliw.incident.seen import Seen
from ironcliw.text.misreading import skeleton
from ironcliw.text.progress import Progress, progress_of
from ironcliw.text.screen import Line

RISES = 2
"""So many rises in place make a line progress."""

STALLED_NS = 30 * SECOND
STALLED_STEPS = 8
"""Progress has stalled where nothing came for this long and for so many of its usual steps."""

GONE_NS = 1 * SECOND
MARKS = (25, 50, 75)
"""Percentages that are told on the way."""

POINTS = 32
LINES_MAX = 64


@dataclass(slots=True)
class _Run:
    """One line that states how far something has come.

    points: (source time, percent) of its last steps
    rises: how often it has risen; falls make a line a gauge, which is no progress
    """

    line: Line
    progress: Progress
    points: deque[tuple[int, float]] = field(default_factory=lambda: deque[tuple[int, float]](maxlen=POINTS))
    rises: int = 0
    falls: int = 0
    incident: Incident | None = None
    stall: Incident | None = None
    marked: int = 0
    gone_ns: int | None = None

    @property
    def changed_ns(self) -> int:
        return self.points[-1][0]

    @property
    def stalls_ns(self) -> int | None:
        """Source time at which it will have stalled; None where it cannot any more."""
        if self.incident is None or self.stall is not None or self.gone_ns is not None or self.progress.complete:
            return None
        steps = max(len(self.points) - 1, 1)
        usual_ns = (self.changed_ns - self.points[0][0]) // steps
        return self.changed_ns + max(STALLED_NS, STALLED_STEPS * usual_ns)

    def data(self) -> dict[str, Any]:
        """What is told of it: percent, percent a second, and seconds to the end where those can be known."""
        (first_ns, first), (last_ns, last) = self.points[0], self.points[-1]
        told: dict[str, Any] = {"value": round(self.progress.value, 2)}
        if self.progress.total != 100:
            told |= {"done": self.progress.done, "total": self.progress.total}
        if last_ns > first_ns and last > first:
            rate = (last - first) / ((last_ns - first_ns) / SECOND)
            told |= {"rate": round(rate, 4), "eta_s": round((100 - last) / rate, 1)}
        return told


class ProgressIncidents:
    """The progress that one screen shows, 64 lines at most."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._runs: dict[int, _Run] = {}

    @property
    def due_ns(self) -> int | None:
        """Source time at which ``tick`` has something to say; None where it has not."""
        due = [run.stalls_ns for run in self._runs.values()]
        due += [None if run.gone_ns is None else run.gone_ns + GONE_NS for run in self._runs.values()]
        return min((each for each in due if each is not None), default=None)

    def follow(self, seen: Seen) -> list[Report]:
        """Take a reading in."""
        reports: list[Report] = []
        for before, after in seen.update.changed:
            reports += self._step(before, after, seen.since_ns(after.box))
        self._find_again(seen.update.appeared)
        standing = {line.id for line in seen.update.lines}
        for key, run in list(self._runs.items()):
            if key in standing:
                run.gone_ns = None
            elif run.incident is None:
                del self._runs[key]
            elif run.gone_ns is None:
                run.gone_ns = min(seen.time_ns, seen.since_ns(run.line.box))
        return reports + self.tick(seen.time_ns)

    def tick(self, now_ns: int) -> list[Report]:
        """What has stalled by ``now_ns``, and what has been gone for a while."""
        reports: list[Report] = []
        for key, run in list(self._runs.items()):
            if run.gone_ns is not None and run.gone_ns + GONE_NS <= now_ns:
                del self._runs[key]
                reports += self._end(run, run.gone_ns, "gone")
            elif (stalls_ns := run.stalls_ns) is not None and stalls_ns <= now_ns and run.incident is not None:
                known = run.incident
                run.stall = self._ledger.open(
                    "stall",
                    known.identity,
                    run.line.text,
                    (run.line.box,),
                    begin_ns=run.changed_ns,
                    confidence=known.confidence,
                )
                reports.append(Report(run.stall, "begin", now_ns, data={"of": known.id, **run.data()}))
        return reports

    def _step(self, before: Line, after: Line, time_ns: int) -> Iterator[Report]:
        then, now = progress_of(before.text), progress_of(after.text)
        run = self._runs.get(after.id)
        if now is None or (then is None and run is None):
            return
        if run is None:
            run = self._runs[after.id] = _Run(before, then or now)
            run.points.append((before.time_ns, run.progress.value))
            if len(self._runs) > LINES_MAX:
                del self._runs[next(iter(self._runs))]
        run.line = after
        if now.value == run.progress.value:
            return
        if now.value < run.progress.value:
            yield from self._fall(run, now, time_ns)
            return
        run.progress, run.rises = now, run.rises + 1
        run.points.append((time_ns, now.value))
        yield from self._rise(run, time_ns)

    def _rise(self, run: _Run, time_ns: int) -> Iterator[Report]:
        if run.stall is not None:
            yield Report(run.stall, "end", time_ns, data={"reason": "moves", **run.data()})
            run.stall = None
        if run.incident is None:
            if run.rises - run.falls < RISES:
                return
            run.incident = self._open(run)
            run.marked = _mark(run.progress)
            yield Report(run.incident, "begin", time_ns, data=run.data())
        if run.progress.complete:
            yield from self._end(run, time_ns, "done")
            run.incident, run.rises = None, 0
        elif _mark(run.progress) > run.marked:
            run.marked = _mark(run.progress)
            run.incident = replace(run.incident, text=run.line.text, regions=(run.line.box,))
            yield Report(run.incident, "update", time_ns, data=run.data())

    def _fall(self, run: _Run, now: Progress, time_ns: int) -> Iterator[Report]:
        """It begins again, or it is a gauge."""
        yield from self._end(run, time_ns, "restarted")
        run.progress, run.incident, run.rises, run.falls = now, None, 0, run.falls + 1
        run.points.clear()
        run.points.append((time_ns, now.value))

    def _end(self, run: _Run, time_ns: int, reason: str) -> Iterator[Report]:
        if run.stall is not None:
            yield Report(run.stall, "end", time_ns, data={"reason": reason})
            run.stall = None
        if run.incident is not None:
            last = replace(run.incident, text=run.line.text, regions=(run.line.box,))
            yield Report(last, "end", time_ns, data={"reason": reason, **run.data()})

    def _open(self, run: _Run) -> Incident:
        words = skeleton("".join(each for each in run.line.text if each.isalpha() or each.isspace()))
        return self._ledger.open(
            "progress",
            (words[:80],),
            run.line.text,
            (run.line.box,),
            begin_ns=run.points[0][0],
            confidence=run.line.confidence,
        )

    def _find_again(self, appeared: Iterable[Line]) -> None:
        """A line that was lost and is read again within a moment goes on."""
        lost = {key: run for key, run in self._runs.items() if run.gone_ns is not None}
        if not lost:
            return
        for line in appeared:
            now = progress_of(line.text)
            for key, run in lost.items():
                if now is not None and now.value >= run.progress.value and line.box.overlaps(run.line.box):
                    self._runs[line.id] = run
                    run.line, run.gone_ns = line, None
                    del self._runs[key], lost[key]
                    break


def _mark(progress: Progress) -> int:
    """How many of ``MARKS`` it has come to."""
    return sum(1 for mark in MARKS if progress.value >= mark)
