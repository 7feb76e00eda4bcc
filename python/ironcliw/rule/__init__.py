"""Does it matter? Conditions a user states in words, and when they are met.

rules = RuleSet([text("BUILD FAILED"), "gone:Loading", "still:30s"], now=False)
for firing in rules.on_text(update):
    print(firing.condition, firing.text)
"""

from __future__ import annotations

from ironcliw.rule.condition import (
    ChangeCondition,
    Condition,
    GoneCondition,
    IncidentCondition,
    StillCondition,
    TextCondition,
)
from ironcliw.rule.parse import change, gone, incident, parse, parse_duration, still, text
from ironcliw.rule.ruleset import Firing, RuleSet

__all__ = [
    "ChangeCondition",
    "Condition",
    "Firing",
    "GoneCondition",
    "IncidentCondition",
    "RuleSet",
    "StillCondition",
    "TextCondition",
    "change",
    "gone",
    "incident",
    "parse",
    "parse_duration",
    "still",
    "text",
]
