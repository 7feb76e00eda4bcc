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
from ironcliw.rule.evaluator import SeenObjects
from ironcliw.rule.firing import Firing
from ironcliw.rule.nodes import Because
from ironcliw.rule.parse import change, gone, incident, parse, parse_duration, still, text
from ironcliw.rule.policy import Deadline, Rate, Rule
from ironcliw.rule.question import Answer, Question
from ironcliw.rule.ruleset import RuleSet
from ironcliw.rule.windows import Window

__all__ = [
    "Answer",
    "Because",
    "ChangeCondition",
    "Condition",
    "Deadline",
    "Firing",
    "GoneCondition",
    "IncidentCondition",
    "Question",
    "Rate",
    "Rule",
    "RuleSet",
    "SeenObjects",
    "StillCondition",
    "TextCondition",
    "Window",
    "change",
    "gone",
    "incident",
    "parse",
    "parse_duration",
    "still",
    "text",
]
