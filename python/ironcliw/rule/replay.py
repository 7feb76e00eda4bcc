"""What rules would have fired with, going by an event log: what its text and incidents can decide, and no more.

replay = LogReplay(rules_of, now=False)
for event in events:
    for firing in replay.take(event): ...
undecided(rules)                      # what a log cannot say anything about
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ironcliw import clock
from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.incident import KINDS, Incident, Report
from ironcliw.rule import expression as ast
from ironcliw.rule.condition import Condition
from ironcliw.rule.firing import Firing
from ironcliw.rule.nodes import Wall
from ironcliw.rule.policy import Rule
from ironcliw.rule.ruleset import RuleSet
from ironcliw.text.screen import Line, TextUpdate

_UNDECIDED: Mapping[type, str] = {
    ast.ImageCondition: "whether a picture was on the screen",
    ast.SimilarCondition: "what the screen looked like",
    ast.ObjectCondition: "what was drawn",
    ast.WindowCondition: "which windows there were",
    ast.InWindow: "where windows were",
    ast.SaysCondition: "what a model would have answered",
}


def undecided(rules: Sequence[Rule]) -> list[str]:
    """A line for each rule of which a log cannot decide everything; one also for what it tells only partly."""
    found: list[str] = []
    for rule in rules:
        kinds = {_UNDECIDED[type(each)] for each in _all(rule.when) if type(each) in _UNDECIDED}
        if any(isinstance(each, ast.ProgressCondition | ast.StalledCondition) for each in _all(rule.when)):
            kinds.add("every step of progress (it keeps the begin, the quarters and the end)")
        if kinds:
            found.append(f"{rule.name}: a log does not tell {', '.join(sorted(kinds))}")
    return found


def _all(condition: Condition) -> Iterator[Condition]:
    yield condition
    for child in ast.children(condition):
        yield from _all(child)


class LogReplay:
    """Tells rules what a log tells. With each ``start`` in it a watch begins anew.

    rules_of: makes the rules, given what the time on the wall is
    """

    def __init__(self, rules_of: Callable[[Wall], RuleSet]) -> None:
        self._rules_of = rules_of
        self._rules: RuleSet | None = None
        self._lines: dict[int, Line] = {}
        self._next = 1
        self._now_ns = 0
        self._gaps: set[str] = set()

    def take(self, event: Event) -> list[Firing]:
        """One event; what the rules would have fired with by then."""
        if event.type == "start" or self._rules is None:
            self._begin(event)
        rules = self._rules
        assert rules is not None
        self._now_ns = max(self._now_ns, round(event.time * clock.SECOND))
        firings = rules.on_time(self._now_ns - 1)
        if event.type in ("text_appeared", "text_changed", "text_vanished", "text_moved"):
            update = self._update(event)
            return firings if update is None else firings + rules.on_text(update)
        if event.type == "change":
            return firings + rules.on_change(self._now_ns, event.regions or ())
        if event.type == "incident" and (report := _report(event, self._now_ns)) is not None:
            return firings + rules.on_incident(report)
        if event.type == "gap":
            return firings + self._gap(rules, event.data)
        return firings + (rules.on_time(self._now_ns) if event.type == "summary" else [])

    def _begin(self, event: Event) -> None:
        start = datetime.fromisoformat(event.wall) - timedelta(seconds=event.time)
        self._rules = self._rules_of(lambda time_ns: (start + timedelta(microseconds=time_ns // 1_000)).astimezone())
        self._lines, self._next, self._now_ns, self._gaps = {}, 1, 0, set()
        self._rules.on_begun(0)

    def _gap(self, rules: RuleSet, data: dict[str, Any]) -> list[Firing]:
        reason, text = str(data.get("reason")), True if data.get("reason") == "memory" else None
        if data.get("state") == "begin":
            self._gaps.add(reason)
            return rules.on_gap(self._now_ns, text=text)
        self._gaps.discard(reason)
        return [] if self._gaps else rules.on_back(self._now_ns, text=text)

    def _update(self, event: Event) -> TextUpdate | None:
        box = event.regions[0] if event.regions else None
        if box is None:
            return None
        text, confidence = event.text or "", event.confidence or 1.0
        told: dict[str, Any] = {}
        if event.type == "text_appeared":
            line = Line(self._next, text, box, confidence, self._now_ns)
            self._next += 1
            self._lines[line.id] = line
            told["appeared"] = (line,)
        elif event.type == "text_moved":
            told["moved"] = self._moved(box, int(event.data["dx"]), int(event.data["dy"]))
        elif (known := self._at(box)) is not None and event.type == "text_vanished":
            told["vanished"] = (self._lines.pop(known.id),)
        elif event.type == "text_changed":
            # A line that stood there when the watch began is known from its first edit on.
            before = known or Line(self._next, str(event.data.get("before", "")), box, confidence, 0)
            self._next += known is None
            after = replace(before, text=text, box=box, confidence=confidence, time_ns=self._now_ns)
            self._lines[after.id] = after
            told["changed"] = ((before, after),)
        lines = tuple(sorted(self._lines.values(), key=lambda line: (line.box.y, line.box.x)))
        return TextUpdate(self._now_ns, lines, **told)

    def _moved(self, box: Rect, dx: int, dy: int) -> tuple[tuple[Line, Line], ...]:
        inside = [line for line in self._lines.values() if box.grown(4, 4).overlaps(line.box.moved(dx, dy))]
        pairs = tuple((line, replace(line, box=line.box.moved(dx, dy))) for line in inside)
        self._lines |= {after.id: after for _, after in pairs}
        return pairs

    def _at(self, box: Rect) -> Line | None:
        def shared(line: Line) -> int:
            both = line.box.intersection(box)
            return 0 if both is None else both.area

        best = max(self._lines.values(), key=shared, default=None)
        return best if best is not None and shared(best) else None


def _report(event: Event, time_ns: int) -> Report | None:
    data = event.data
    if data.get("kind") not in KINDS or data.get("state") not in ("begin", "update", "end"):
        return None
    incident = Incident(
        id=int(data["incident"]),
        kind=data["kind"],
        identity=tuple(data.get("identity", ())),
        text=event.text or "",
        regions=tuple(event.regions or ()),
        begin_ns=round(float(data.get("since", event.time)) * clock.SECOND),
        confidence=event.confidence or 1.0,
        also=tuple(data.get("also", ())),
        occurrence=int(data.get("occurrence", 1)),
    )
    return Report(incident, data["state"], time_ns)
