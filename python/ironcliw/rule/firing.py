"""What a rule has to say when it fires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule.machine import Told
from ironcliw.rule.nodes import Because
from ironcliw.rule.policy import Priority

BECAUSE_MAX = 8
"""Reasons told of one alert."""


@dataclass(frozen=True, slots=True)
class Firing:
    """A condition was met, and someone may want to know.

    condition: as the user wrote it
    time_ns: source time of the first frame that shows it
    text: the lines the match stands in, as they were read; None for change and still
    regions: those lines' boxes, or the changed parts of the region
    confidence: of the least certain of the lines, 0 to 1; None for change and still
    merged: further appearances this stands for: in the same reading, too soon after the firing before, held back
    rule: the rule's name; of a condition that is no rule, the condition
    state: that it is so, is over, or has not come to be so by its deadline
    since_ns: source time since which it is so; of ``resolved``, since which it was
    because: which atoms were true, and their words
    shown: whether ``time_ns`` is when ``regions`` came to look as they do
    """

    condition: str
    time_ns: int
    text: str | None
    regions: tuple[Rect, ...]
    confidence: float | None
    merged: int
    rule: str = ""
    state: Told = "firing"
    since_ns: int = 0
    because: tuple[Because, ...] = ()
    priority: Priority = "normal"
    shown: bool = True

    def data(self, seen_ns: int | None = None) -> dict[str, Any]:
        """What an alert says beside its own fields, as JSON values. ``seen_ns``: of the first frame that shows it."""
        since_ns = self.since_ns if seen_ns is None else min(self.since_ns, seen_ns)
        told: dict[str, Any] = {
            "state": self.state,
            "since": round(max(since_ns, 0) / clock.SECOND, 6),
            "because": [
                {"condition": each.atom}
                | ({} if each.text is None else {"text": each.text})
                | ({} if each.said is None else {"reason": each.said})
                for each in self.because
            ],
            "count": 1 + self.merged,
        }
        if self.rule != self.condition:
            told["condition"] = self.condition
        if self.priority != "normal":
            told["priority"] = self.priority
        return told | ({"merged": self.merged} if self.merged else {})
