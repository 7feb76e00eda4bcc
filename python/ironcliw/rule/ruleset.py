"""The conditions of one watch, evaluated together.

rules = RuleSet(["text:BUILD FAILED", "still:30s"], now=False)
firings = rules.on_text(update) + rules.on_change(time_ns, regions, blinking=())
rules.next_deadline_ns                # call on_time() then, if nothing else happens before
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from ironcliw import clock
from ironcliw.errors import SettingsError
from ironcliw.frame import Rect
from ironcliw.incident import Report
from ironcliw.rule.condition import (
    ChangeCondition,
    Condition,
    GoneCondition,
    IncidentCondition,
    StillCondition,
    TextCondition,
)
from ironcliw.rule.evaluator import Evaluator, Hit, Reading
from ironcliw.rule.incident_evaluator import IncidentEvaluator
from ironcliw.rule.nearest import Nearest
from ironcliw.rule.parse import parse
from ironcliw.rule.passage import Layout
from ironcliw.rule.pixel_evaluator import ChangeEvaluator, StillEvaluator
from ironcliw.rule.text_evaluator import GoneEvaluator, TextEvaluator
from ironcliw.text.screen import Line, TextUpdate

CONDITIONS_MAX = 1_000
_LASTING_MAX = 256
"""Incidents that go on and are known to conditions added later."""


@dataclass(frozen=True, slots=True)
class Firing:
    """A condition was met, and someone may want to know.

    condition: as the user wrote it
    time_ns: source time of the first frame that shows it
    text: the lines the match stands in, as they were read; None for change and still
    regions: those lines' boxes, or the changed parts of the region
    confidence: of the least certain of the lines, 0 to 1; None for change and still
    merged: further appearances this stands for: in the same reading, or too soon after the firing before
    """

    condition: str
    time_ns: int
    text: str | None
    regions: tuple[Rect, ...]
    confidence: float | None
    merged: int


class _Rule:
    """One condition, its evaluator, and what was merged since its last firing.

    met: told of the firings, where they are not for everybody
    """

    def __init__(self, condition: Condition, now: bool, met: Callable[[Firing], None] | None = None) -> None:
        self.condition, self.met = condition, met
        self.evaluator = _evaluator(condition, now)
        self.fired_ns: int | None = None
        self.merged = 0


def _parsed(item: object) -> Condition:
    if isinstance(item, str):
        return parse(item)
    if isinstance(item, Condition):
        return item
    raise SettingsError(f"a condition must be a string such as 'text:BUILD FAILED', not {type(item).__name__}")


def _evaluator(condition: Condition, now: bool) -> Evaluator:
    match condition:
        case TextCondition():
            return TextEvaluator(condition, now)
        case GoneCondition():
            return GoneEvaluator(condition)
        case ChangeCondition():
            return ChangeEvaluator(condition)
        case StillCondition():
            return StillEvaluator(condition)
        case IncidentCondition():
            return IncidentEvaluator(condition, now)


class RuleSet:
    """Any number of conditions, each of which fires for itself.

    ``now``: text present at the start is a firing. ``merge_ns``: firings of one rule this close to its last firing
    merge into it and are counted. Everything is driven by the source's time, so a recording always fires alike.
    Raises ConditionError for a condition that cannot be understood, SettingsError for an absurd ``merge_ns`` and for
    what is no condition at all. One condition need not be in a list.
    """

    def __init__(
        self, conditions: Iterable[Condition | str] | Condition | str, *, now: bool, merge_ns: int = clock.SECOND
    ) -> None:
        if merge_ns < 0:
            raise SettingsError(f"merge_ns cannot be negative, as {merge_ns} is")
        alone = isinstance(conditions, str | Condition)
        parsed = [_parsed(item) for item in ([conditions] if alone else conditions)]
        if len(parsed) > CONDITIONS_MAX:
            raise SettingsError(f"{len(parsed)} conditions: {CONDITIONS_MAX} is the most")
        self._rules = [_Rule(condition, now) for condition in parsed]
        self._added: dict[int, _Rule] = {}
        self._ids = count(1)
        self._size: tuple[int, int] | None = None
        self._unseen: set[bool] = set()
        self._lasting: dict[int, Report] = {}
        self._merge_ns = merge_ns
        self._layout = Layout(())
        self._latest: tuple[Line, ...] = ()
        self._nearest = Nearest(c.pattern for c in parsed if isinstance(c, TextCondition | GoneCondition))
        self.merged_total = 0

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions, in the order they were given; without those that were added."""
        return tuple(rule.condition for rule in self._rules if rule.met is None)

    def __len__(self) -> int:
        """How many conditions there are, with those that were added."""
        return len(self._rules)

    def add(self, condition: Condition | str, *, now: bool, time_ns: int, met: Callable[[Firing], None]) -> int:
        """Evaluate one more condition from ``time_ns`` on; returns the number to ``remove`` it by.

        now: whether what is on the screen already meets it
        met: takes its firings, which are in nobody's list; called within ``add`` where it is met at once. It must not
            add or remove conditions

        Raises ConditionError where it cannot be understood or does not fit the frame, SettingsError where there are
        too many.
        """
        if len(self._rules) >= CONDITIONS_MAX:
            raise SettingsError(f"{CONDITIONS_MAX} conditions are watched already, which is the most: take one back")
        rule = _Rule(_parsed(condition), now, met)
        if self._size is not None:
            rule.evaluator.on_geometry(*self._size)
        key = next(self._ids)
        self._added[key] = rule
        self._rules = [*self._rules, rule]
        self._acquaint(rule, time_ns)
        return key

    def remove(self, key: int) -> bool:
        """Evaluate an added condition no more; False where there is none of this number."""
        rule = self._added.pop(key, None)
        self._rules = [each for each in self._rules if each is not rule]
        return rule is not None

    def _acquaint(self, rule: _Rule, time_ns: int) -> None:
        """Let a rule know what the others know: the lines, what goes on, and whether anything is seen."""
        evaluator = rule.evaluator
        evaluator.on_gap(time_ns)
        if evaluator.needs_text not in self._unseen:
            evaluator.on_back(time_ns)  # stillness and absence count from now on
        lines = self._latest
        hits = evaluator.on_text(Reading(TextUpdate(time_ns, lines, lines, present_at_start=True), self._layout))
        for report in self._lasting.values():
            hits += evaluator.on_incident(replace(report, at_start=True))
        self._told(rule, hits)

    @property
    def needs_text(self) -> bool:
        """Whether any condition is about text."""
        return any(rule.evaluator.needs_text for rule in self._rules)

    @property
    def next_deadline_ns(self) -> int | None:
        """Source time at which ``on_time`` must be called if nothing is told before; None: need not be called."""
        deadlines = [rule.evaluator.deadline_ns for rule in self._rules]
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def on_text(self, update: TextUpdate) -> list[Firing]:
        """The screen was read. Updates come in the order of their time; none is left out."""
        if update.lines != self._latest:
            self._latest, self._layout = update.lines, Layout(update.lines)
        self._nearest.take(update)
        reading = Reading(update, self._layout)
        return self._fire(lambda evaluator: evaluator.on_text(reading))

    def on_change(self, time_ns: int, regions: Sequence[Rect], blinking: Sequence[Rect] = ()) -> list[Firing]:
        """Pixels changed in ``regions``. ``blinking``: those of them that only alternate between two states."""
        return self._fire(lambda evaluator: evaluator.on_change(time_ns, regions, blinking))

    def on_incident(self, report: Report) -> list[Firing]:
        """An incident begins, is known better, or is over."""
        if report.state == "end":
            self._lasting.pop(report.incident.id, None)
        else:
            self._lasting[report.incident.id] = report
            while len(self._lasting) > _LASTING_MAX:
                del self._lasting[next(iter(self._lasting))]
        return self._fire(lambda evaluator: evaluator.on_incident(report))

    def on_time(self, time_ns: int) -> list[Firing]:
        """The source's time is ``time_ns`` and everything before it has been told."""
        return self._fire(lambda evaluator: evaluator.on_time(time_ns))

    def on_gap(self, time_ns: int, *, text: bool | None = None) -> None:
        """The source cannot be seen: until ``on_back`` nothing counts as still or gone.

        text: True for the conditions about text alone, which is not read; False for all others; None for all
        """
        self._unseen |= {True, False} if text is None else {text}
        for evaluator in self._about(text):
            evaluator.on_gap(time_ns)

    def on_back(self, time_ns: int, *, text: bool | None = None) -> None:
        """The source is seen again, or its text is read again; ``text`` as in ``on_gap``."""
        self._unseen -= {True, False} if text is None else {text}
        for evaluator in self._about(text):
            evaluator.on_back(time_ns)

    def _about(self, text: bool | None) -> list[Evaluator]:
        return [rule.evaluator for rule in self._rules if text is None or rule.evaluator.needs_text is text]

    def on_geometry(self, width: int, height: int) -> None:
        """The frame's size in pixels. Raises ConditionError, naming it, where a region is not inside."""
        self._size = width, height
        for rule in self._rules:
            rule.evaluator.on_geometry(width, height)

    def nearest(self) -> tuple[str, float, int] | None:
        """The line so far most like a text condition's words, its similarity (0 to 1), and when it appeared (ns)."""
        return self._nearest.best

    def _fire(self, evaluate: Callable[[Evaluator], list[Hit]]) -> list[Firing]:
        return [firing for rule in self._rules for firing in self._told(rule, evaluate(rule.evaluator))]

    def _told(self, rule: _Rule, hits: Sequence[Hit]) -> list[Firing]:
        """The firings of a rule that are for everybody; others are told to whom they concern."""
        gated = [self._gate(rule, hit) for hit in hits]
        firings = [firing for firing in gated if firing is not None]
        if rule.met is None:
            return firings
        for firing in firings:
            rule.met(firing)
        return []

    def _gate(self, rule: _Rule, hit: Hit) -> Firing | None:
        """A firing, unless the rule fired a moment ago."""
        if rule.fired_ns is not None and hit.time_ns - rule.fired_ns < self._merge_ns:
            rule.merged += hit.count
            self.merged_total += hit.count
            return None
        self.merged_total += hit.count - 1
        merged, rule.merged = rule.merged + hit.count - 1, 0
        rule.fired_ns = hit.time_ns
        return Firing(str(rule.condition), hit.time_ns, hit.text, hit.regions, hit.confidence, merged)
