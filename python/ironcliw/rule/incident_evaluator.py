"""Evaluates ``error``, ``dialog:Delete`` and the other conditions about incidents.

rule = IncidentEvaluator(condition, now=False)
hits = rule.on_incident(report)
"""

from __future__ import annotations

from collections import deque

from ironcliw.incident import Kind, Report
from ironcliw.rule.condition import IncidentCondition
from ironcliw.rule.evaluator import Evaluator, Hit
from ironcliw.text.misreading import plain

REMEMBERED = 64


class IncidentEvaluator(Evaluator):
    """Hits once on each incident of the kind: when it begins, or when it first says what is looked for."""

    needs_text = True

    def __init__(self, condition: IncidentCondition, now: bool) -> None:
        self._kind: Kind = condition.kind
        self._pattern, self._now = condition.pattern, now
        self._hit: deque[int] = deque(maxlen=REMEMBERED)

    def on_incident(self, report: Report) -> list[Hit]:
        """An incident begins, is known better, or is over."""
        incident = report.incident
        if report.state == "end" or not incident.is_kind(self._kind) or incident.id in self._hit:
            return []
        if report.at_start and not self._now:
            self._hit.append(incident.id)  # what it says later was there, too
            return []
        if self._pattern is not None and not self._pattern.find(plain(incident.text)):
            return []
        self._hit.append(incident.id)
        return [Hit(report.time_ns, incident.text, incident.regions, incident.confidence)]
