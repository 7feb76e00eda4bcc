"""From a condition to the tree that evaluates it, and the evaluators that several of them share.

leaves = Leaves(now=False)
root = leaves.tree(parse('text:"BUILD FAILED" and not text:"retrying"'))
"""

from __future__ import annotations

import itertools

from ironcliw.frame import Rect
from ironcliw.rule import expression as ast
from ironcliw.rule.condition import (
    ChangeCondition,
    Condition,
    GoneCondition,
    IncidentCondition,
    StillCondition,
    TextCondition,
)
from ironcliw.rule.drawn_evaluator import ObjectEvaluator, WindowEvaluator
from ironcliw.rule.evaluator import Evaluator
from ironcliw.rule.incident_evaluator import IncidentEvaluator
from ironcliw.rule.nodes import AndNode, DuringNode, ForNode, Leaf, Node, NotNode, OrNode, ThenNode
from ironcliw.rule.picture_evaluator import ImageEvaluator, SimilarEvaluator
from ironcliw.rule.pixel_evaluator import BlindEvaluator, ChangeEvaluator, StillEvaluator
from ironcliw.rule.progress_evaluator import ProgressEvaluator, StalledEvaluator
from ironcliw.rule.says_evaluator import SaysEvaluator
from ironcliw.rule.scope import EVERYWHERE, Scope
from ironcliw.rule.text_evaluator import CountEvaluator, GoneEvaluator, TextEvaluator
from ironcliw.rule.windows import Windows

_NUMBERS = itertools.count(1)
"""Of questions: of all sets of a process, whose answers come to all of them."""


class Leaves:
    """The evaluators of one set of rules; conditions that are the same at the same place share one."""

    def __init__(self, now: bool) -> None:
        self.windows = Windows()
        self.follows_windows = False
        """Whether any condition looks into windows, or for them."""
        self.regions: list[Rect] = []
        """Every region that a condition is bound to."""
        self._now = now
        self._made: dict[tuple[Condition, Scope], Evaluator] = {}

    @property
    def evaluators(self) -> list[Evaluator]:
        """All of them, in the order they were made."""
        return list(self._made.values())

    def tree(self, condition: Condition, scope: Scope = EVERYWHERE) -> Node:
        """What evaluates this condition."""
        match condition:
            case ast.And():
                return AndNode(*(self.tree(part, scope) for part in condition.parts))
            case ast.Or():
                return OrNode(*(self.tree(part, scope) for part in condition.parts))
            case ast.Not():
                return NotNode(self.tree(condition.part, scope))
            case ast.For():
                return ForNode(self.tree(condition.part, scope), condition.duration_ns)
            case ast.Then():
                first, second = self.tree(condition.first, scope), self.tree(condition.second, scope)
                return ThenNode(first, second, condition.within_ns)
            case ast.During():
                return DuringNode(self.tree(condition.part, scope), condition.hours)
            case ast.InRegion():
                self.regions.append(condition.region)
                return self.tree(condition.part, scope.within(condition.region))
            case ast.InWindow():
                self.follows_windows = True
                return self.tree(condition.part, scope.within_window(condition.pattern, self.windows))
            case _:
                return Leaf(self._leaf(condition, scope), condition)

    def _leaf(self, condition: Condition, scope: Scope) -> Evaluator:
        key = condition, scope
        if key not in self._made:
            self._made[key] = self._evaluator(condition, scope)
        return self._made[key]

    def _evaluator(self, condition: Condition, scope: Scope) -> Evaluator:
        now = self._now
        match condition:
            case TextCondition():
                return TextEvaluator(condition, now, scope)
            case GoneCondition():
                return GoneEvaluator(condition, scope)
            case ast.CountCondition():
                return CountEvaluator(condition, now, scope)
            case ChangeCondition():
                return ChangeEvaluator(condition, scope)
            case ast.ChangedCondition():
                return ChangeEvaluator(None, scope)
            case StillCondition():
                return StillEvaluator(condition, scope)
            case IncidentCondition():
                return IncidentEvaluator(condition, now, scope)
            case ast.BlindCondition():
                return BlindEvaluator()
            case ast.ProgressCondition():
                return ProgressEvaluator(condition, scope)
            case ast.StalledCondition():
                return StalledEvaluator(condition, scope)
            case ast.ObjectCondition():
                return ObjectEvaluator(condition, now, scope)
            case ast.WindowCondition():
                self.follows_windows = True
                return WindowEvaluator(condition, now, self.windows)
            case ast.ImageCondition():
                return ImageEvaluator(condition, now, scope)
            case ast.SimilarCondition():
                return SimilarEvaluator(condition, now, scope)
            case ast.SaysCondition():
                return SaysEvaluator(condition, now, _NUMBERS.__next__, scope)
            case _:
                raise TypeError(f"no evaluator for {type(condition).__name__}")
