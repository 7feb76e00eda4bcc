"""Evaluates ``progress >= 90%``, ``progress eta < 1m`` and ``stalled(2m)``, from the lines that state how far it is.

rule = ProgressEvaluator(condition, now=False)
hits = rule.on_text(reading)

As for incidents, a line counts once it has risen twice in place; what rises and falls is a gauge.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule.evaluator import Evaluator, Hit, Reading
from ironcliw.rule.expression import ProgressCondition, StalledCondition, compared
from ironcliw.rule.scope import EVERYWHERE, Scope
from ironcliw.text.misreading import plain
from ironcliw.text.progress import progress_of
from ironcliw.text.screen import Line

RISES = 2
LINES_MAX = 64
POINTS = 32


@dataclass(slots=True)
class _Run:
    """One line: its last steps as (source time, percent), and how often it has risen more than fallen."""

    line: Line
    points: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    rises: int = 0

    @property
    def value(self) -> float:
        """Percent."""
        return self.points[-1][1]

    @property
    def rate(self) -> float:
        """Percent a second; 0 where it is not known."""
        (first_ns, first), (last_ns, last) = self.points[0], self.points[-1]
        return (last - first) / ((last_ns - first_ns) / clock.SECOND) if last_ns > first_ns and last > first else 0.0

    @property
    def eta_ns(self) -> float | None:
        """Nanoseconds to its end, as of its last step; None where nobody can tell."""
        if self.value >= 100:
            return 0.0
        return (100 - self.value) / self.rate * clock.SECOND if self.rate else None


class _OnProgress(Evaluator):
    """The progress that the screen shows, and whether any of it is as wanted."""

    needs_text = True

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._runs: dict[int, _Run] = {}
        self._met: set[int] = set()
        self._begun = self._blind = False
        self.leveled = True

    def _wanted(self, run: _Run, time_ns: int) -> bool:
        raise NotImplementedError

    def _concerns(self, line: Line) -> bool:
        return self._scope.everywhere or self._scope.holds(line.box)

    def level(self, time_ns: int) -> bool | None:
        """Whether any of it is."""
        if self._blind:
            return None
        return bool(self._met) or (False if self._begun else None)

    def proof(self) -> Hit | None:
        """The line that is."""
        run = next((run for key, run in self._runs.items() if key in self._met), None)
        return None if run is None else _hit(run)

    def on_text(self, reading: Reading) -> list[Hit]:
        """Lines were edited, or are gone."""
        update = reading.update
        for before, after in update.changed:
            self._step(before, after)
        if self._runs:
            standing = {line.id for line in update.lines}
            for key in [key for key in self._runs if key not in standing]:
                del self._runs[key]
        return self._judged(update.time_ns)

    def _step(self, before: Line, after: Line) -> None:
        now = progress_of(after.text)
        run = self._runs.get(after.id)
        then = progress_of(before.text) if run is None else None
        if now is None or (run is None and then is None) or not self._concerns(after):
            return
        if run is None:
            run = self._runs[after.id] = _Run(before, [(before.time_ns, then.value if then else now.value)])
            if len(self._runs) > LINES_MAX:
                del self._runs[next(iter(self._runs))]
        run.line = after
        if now.value > run.value:
            run.rises += 1
        elif now.value < run.value:
            run.rises = min(0, run.rises - 1)
            run.points.clear()
        else:
            return
        run.points = [*run.points, (after.time_ns, now.value)][-POINTS:]

    def _judged(self, time_ns: int) -> list[Hit]:
        met = {key for key, run in self._runs.items() if run.rises >= RISES and self._wanted(run, time_ns)}
        new, self._met = met - self._met, met
        return [self._hit(self._runs[key]) for key in sorted(new)]

    def _hit(self, run: _Run) -> Hit:
        return _hit(run)

    def on_time(self, time_ns: int) -> list[Hit]:
        """Time passes."""
        return self._judged(time_ns)

    def on_begun(self, time_ns: int) -> None:
        """Nothing of it was there."""
        del time_ns
        self._begun = True

    def on_gap(self, time_ns: int) -> list[Hit]:
        """Nobody sees how far it is."""
        del time_ns
        self._blind = True
        return []

    def on_back(self, time_ns: int) -> None:
        """It can be seen again; what did not move unseen has not stalled."""
        self._blind = False
        for run in self._runs.values():
            run.points[-1] = (time_ns, run.value)

    def to_dict(self) -> dict[str, Any]:
        """What goes on, and what of it was told."""
        runs: list[Any] = []
        for run in self._runs.values():
            line = run.line
            told = [line.id, line.text, list(line.box), line.confidence, line.time_ns]
            runs.append([*told, run.points, run.rises])
        flags = {"begun": self._begun, "blind": self._blind, "runs": runs, "met": sorted(self._met)}
        return {name: each for name, each in flags.items() if each}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._begun, self._blind = bool(state.get("begun")), bool(state.get("blind"))
        self._met, self._runs = set(state.get("met", ())), {}
        for key, text, box, confidence, time_ns, points, rises in state.get("runs", ()):
            line = Line(key, text, Rect(*box), confidence, time_ns)
            self._runs[key] = _Run(line, [(at, value) for at, value in points], rises)


class ProgressEvaluator(_OnProgress):
    """Hits when progress comes to be as wanted, once for each line."""

    def __init__(self, condition: ProgressCondition, scope: Scope = EVERYWHERE) -> None:
        super().__init__(scope)
        self._condition = condition

    def _concerns(self, line: Line) -> bool:
        pattern = self._condition.pattern
        return super()._concerns(line) and (pattern is None or bool(pattern.find(plain(line.text))))

    def _wanted(self, run: _Run, time_ns: int) -> bool:
        del time_ns
        wanted = self._condition
        known = {"value": run.value, "rate": run.rate or None, "eta": run.eta_ns}[wanted.quantity]
        return known is not None and compared(known, wanted.how, wanted.number)


class StalledEvaluator(_OnProgress):
    """Hits when progress has not moved for a while."""

    def __init__(self, condition: StalledCondition, scope: Scope = EVERYWHERE) -> None:
        super().__init__(scope)
        self._duration_ns = condition.duration_ns

    @property
    def deadline_ns(self) -> int | None:
        """When the first of it will have stalled."""
        if self._blind:
            return None
        return min((self._due_ns(run) for key, run in self._moving() if key not in self._met), default=None)

    def _moving(self) -> Iterable[tuple[int, _Run]]:
        return ((key, run) for key, run in self._runs.items() if run.rises >= RISES and run.value < 100)

    def _due_ns(self, run: _Run) -> int:
        return run.points[-1][0] + self._duration_ns

    def _hit(self, run: _Run) -> Hit:
        return replace(_hit(run), time_ns=self._due_ns(run), shown=False)

    def _wanted(self, run: _Run, time_ns: int) -> bool:
        return run.value < 100 and not self._blind and time_ns >= self._due_ns(run)


def _hit(run: _Run) -> Hit:
    line = run.line
    words = "".join(each for each in line.text if each.isalpha() or each.isspace()).casefold()
    return Hit(run.points[-1][0], line.text, (line.box,), line.confidence, identity=words)
