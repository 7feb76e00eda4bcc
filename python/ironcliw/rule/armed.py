"""A rule as a rule set has it: with what evaluates its condition, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from ironcliw.errors import SettingsError
from ironcliw.rule.condition import Condition
from ironcliw.rule.evaluator import Evaluator
from ironcliw.rule.firing import BECAUSE_MAX, Firing
from ironcliw.rule.limiter import Limiter
from ironcliw.rule.machine import Alert, Machine
from ironcliw.rule.nodes import DuringNode, Leaf, Node, Step, Wall, matters
from ironcliw.rule.parse import parse
from ironcliw.rule.policy import Rule, bare


class Armed:
    """A rule, what evaluates its condition, and where it stands."""

    def __init__(self, index: int, rule: Rule, root: Node, together: Limiter | None = None) -> None:
        self.index, self.rule, self.root = index, rule, root
        self.machine = Machine(rule, together)
        self.nodes = list(root.nodes())
        self.leveled = not (rule.plain and isinstance(root, Leaf))
        self.needs_wall = bool(rule.quiet) or (rule.deadline is not None and rule.deadline.minute is not None)
        self.needs_wall |= any(isinstance(node, DuringNode) for node in self.nodes)

        self.evaluated_ns: int | None = None
        """Source time at which that was last looked at; None before anything happened."""

    def recall(self) -> list[Any]:
        """What its nodes have to remember, and as of when."""
        return [self.evaluated_ns, [node.to_list() for node in self.nodes]]

    def restore(self, state: list[Any], wall: Wall | None) -> None:
        """Stand as ``recall`` says, the evaluators being as they were: nothing of that is news."""
        self.evaluated_ns, saved = state
        for node, each in zip(self.nodes, saved, strict=True):
            node.restore(each)
        self.root.update(Step(self.evaluated_ns or 0, wall, silent=True))

    @property
    def deadline_ns(self) -> int | None:
        """Source time at which it wants to be looked at again; None where it does not."""
        due = [node.deadline_ns for node in self.nodes if node.deadline_ns is not None]
        own_ns = self.machine.deadline_ns
        return min([*due, *([] if own_ns is None else [own_ns])], default=None)

    def firing(self, alert: Alert) -> Firing:
        """What is told of an alert."""
        hit, rule, firing = alert.hit, self.rule, alert.told == "firing"
        proof = self.root.proof() if firing and hit.text is None and not hit.regions else None
        shown = proof or hit
        return Firing(
            condition=rule.condition,
            time_ns=hit.time_ns,
            text=shown.text,
            regions=shown.regions,
            confidence=shown.confidence,
            merged=alert.merged,
            rule=rule.name,
            state=alert.told,
            since_ns=alert.since_ns,
            because=tuple(islice(self.root.because(), BECAUSE_MAX)) if firing else (),
            priority=rule.priority,
            shown=hit.shown,
        )


def any_matters(readers: Iterable[Armed], evaluator: Evaluator) -> bool:
    """Whether what ``evaluator`` says could change how any of these stands."""
    return any(matters(armed.root, evaluator) for armed in readers)


def rule_of(item: object, merge_ns: int) -> Rule:
    """The rule that a string, a condition or a rule is. ConditionError, or SettingsError for what is none of these."""
    if isinstance(item, str):
        return bare(parse(item), item.strip(), merge_ns)
    if isinstance(item, Rule):
        return item
    if isinstance(item, Condition):
        return bare(item, str(item), merge_ns)
    raise SettingsError(f"a condition must be a string such as 'text:BUILD FAILED', not {type(item).__name__}")


def check_names(rules: Iterable[Rule]) -> None:
    """Raise SettingsError where two rules have one name."""
    named = [rule.name for rule in rules if not rule.plain]
    twice = {name for name in named if named.count(name) > 1}
    if twice:
        raise SettingsError(f"rules need names of their own: {sorted(twice)[0]!r:.60} stands for two")
