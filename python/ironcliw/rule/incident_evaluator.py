"""Evaluates ``error``, ``dialog:Delete`` and the other conditions about incidents.

rule = IncidentEvaluator(condition, now=False)
hits = rule.on_incident(report)
"""

from __future__ import annotations

from typing import Any

from ironcliw.frame import Rect
from ironcliw.incident import Kind, Report
from ironcliw.rule.condition import IncidentCondition
from ironcliw.rule.evaluator import Evaluator, Hit
from ironcliw.rule.scope import EVERYWHERE, Scope
from ironcliw.text.misreading import plain

REMEMBERED = 64


class IncidentEvaluator(Evaluator):
    """Hits once on each incident of the kind: when it begins, or when it first says what is looked for.

    It stands for as long as one of them goes on.
    """

    needs_text = True

    def __init__(self, condition: IncidentCondition, now: bool, scope: Scope = EVERYWHERE) -> None:
        self._kind: Kind = condition.kind
        self._pattern, self._now, self._scope = condition.pattern, now, scope
        self._hit: list[int] = []
        self._open: dict[int, Hit] = {}
        self._begun = self._blind = False

    def level(self, time_ns: int) -> bool | None:
        """Whether one of them goes on."""
        del time_ns
        return None if self._blind else bool(self._open) or (False if self._begun else None)

    def on_begun(self, time_ns: int) -> None:
        """What was not told of does not go on."""
        del time_ns
        self._begun = True

    def proof(self) -> Hit | None:
        """The last that began."""
        return next(reversed(self._open.values()), None)

    def on_incident(self, report: Report) -> list[Hit]:
        """An incident begins, is known better, or is over."""
        incident = report.incident
        if report.state == "end":
            self._open.pop(incident.id, None)
            return []
        if not incident.is_kind(self._kind) or not self._meets(report):
            return []
        known = incident.id in self._hit
        hit = Hit(report.time_ns, incident.text, incident.regions, incident.confidence, identity=_identity(report))
        self._open[incident.id] = hit
        if len(self._open) > REMEMBERED:
            del self._open[next(iter(self._open))]
        if not known:
            self._hit = [*self._hit, incident.id][-REMEMBERED:]
        return [] if known or (report.at_start and not self._now) else [hit]

    def _meets(self, report: Report) -> bool:
        incident = report.incident
        if not self._scope.everywhere and not any(self._scope.holds(region) for region in incident.regions[:1]):
            return False
        if self._pattern is None or self._pattern.find(plain(incident.text)):
            return True
        if report.at_start and not self._now:
            self._hit = [*self._hit, incident.id][-REMEMBERED:]  # what it says later was there, too
        return False

    def on_gap(self, time_ns: int) -> list[Hit]:
        """Nobody sees whether it goes on."""
        del time_ns
        self._blind = True
        return []

    def on_back(self, time_ns: int) -> None:
        """It can be seen again."""
        del time_ns
        self._blind = False

    def to_dict(self) -> dict[str, Any]:
        """Which were met, and which of them go on."""
        told = [
            [key, hit.time_ns, hit.text, [list(region) for region in hit.regions], hit.confidence, hit.identity]
            for key, hit in self._open.items()
        ]
        state: dict[str, Any] = {"open": told} if told else {}
        flags = {"begun": self._begun, "blind": self._blind}
        return state | ({"hit": self._hit} if self._hit else {}) | {name: True for name, each in flags.items() if each}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._hit = list(state.get("hit", []))
        self._begun, self._blind = bool(state.get("begun")), bool(state.get("blind"))
        self._open = {
            key: Hit(time_ns, text, tuple(Rect(*each) for each in regions), confidence, identity=identity)
            for key, time_ns, text, regions, confidence, identity in state.get("open", [])
        }


def _identity(report: Report) -> str:
    return "\n".join((report.incident.kind, *report.incident.identity))
