"""Evaluates ``says("plain words")``: puts the question, rarely, and takes the answer when it comes.

rule = SaysEvaluator(condition, asker=next_id)
for question in rule.questions(time_ns): ...
hits = rule.on_answer(Answer(question.id, "yes"), time_ns)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule.evaluator import Evaluator, Hit
from ironcliw.rule.expression import SaysCondition
from ironcliw.rule.question import Answer, Question
from ironcliw.rule.scope import EVERYWHERE, Scope

SETTLE_NS = clock.SECOND
"""A question is put once what it is about has stood still for this long ..."""
LONGEST_NS = 10 * clock.SECOND
"""... or has been changing for this long."""
APART_NS = 10 * clock.SECOND
"""Questions of one condition are at least this far apart."""


class SaysEvaluator(Evaluator):
    """Stands as it was last answered; hits when that comes to be yes. ``unknown`` changes nothing."""

    def __init__(
        self, condition: SaysCondition, now: bool, number: Callable[[], int], scope: Scope = EVERYWHERE
    ) -> None:
        self._words, self._now, self._number, self._scope = condition.words, now, number, scope
        self.rule = ""
        """Name of the rule that asks; of the first, where several share it."""
        self.wanted: Callable[[], bool] = lambda: True
        """Whether an answer could matter as everything else stands: what is cheap is asked first."""
        self._answer: bool | None = None
        self._asked: int | None = None
        self._asked_ns: int | None = None
        self._since_ns: int | None = 0
        self._changed_ns = 0
        self._blind = self._late = self._has_changed = self._about_start = False

    def level(self, time_ns: int) -> bool | None:
        """As it was last answered."""
        del time_ns
        return None if self._blind else self._answer

    @property
    def deadline_ns(self) -> int | None:
        """When the question is to be put: the rules have to be looked at then."""
        return None if self._late else self._due_ns

    @property
    def _due_ns(self) -> int | None:
        if self._since_ns is None or self._asked is not None or self._blind:
            return None
        settled_ns = min(self._changed_ns + SETTLE_NS, self._since_ns + LONGEST_NS)
        return settled_ns if self._asked_ns is None else max(settled_ns, self._asked_ns + APART_NS)

    def on_time(self, time_ns: int) -> list[Hit]:
        """It is due; whoever answers will take it."""
        self._late = self._due_ns is not None and self._due_ns <= time_ns
        return []

    def on_change(self, time_ns: int, regions: Sequence[Rect], blinking: Sequence[Rect]) -> list[Hit]:
        """What it is about has changed: the answer may be another one."""
        counted = (region for region in regions if region not in blinking)
        if any(self._scope.cut(region) is not None for region in counted):
            self._has_changed = True
            self._changed_ns = time_ns
            self._since_ns = time_ns if self._since_ns is None else self._since_ns
            self._late = False
        return []

    def questions(self, time_ns: int) -> list[Question]:
        """The one question, where it is due and matters."""
        due_ns = self._due_ns
        if due_ns is None or due_ns > time_ns:
            return []
        if not self.wanted():
            self._answer = None  # of a screen that was another one: whoever wants to know later asks anew
            return []
        self._about_start = not self._has_changed
        self._asked, self._asked_ns, self._since_ns, self._late = self._number(), time_ns, None, False
        return [Question(self._asked, self.rule, self._words, self._scope.region, time_ns)]

    def on_answer(self, answer: Answer, time_ns: int) -> list[Hit]:
        """Yes, no, or nobody knows."""
        if answer.id != self._asked:
            return []
        self._asked = None
        if answer.verdict == "unknown":
            return []
        was, self._answer = self._answer, answer.verdict == "yes"
        region = self._scope.region
        self.said = answer.reason if self._answer and answer.reason else None
        regions = answer.regions or (() if region is None else (region,))
        if not self._answer or was or (was is None and not self._now and self._about_start):
            return []
        return [Hit(time_ns, None, regions, answer.confidence, identity=self._words)]

    def on_gap(self, time_ns: int) -> list[Hit]:
        """There is nothing to be asked about."""
        del time_ns
        self._blind = True
        return []

    def on_back(self, time_ns: int) -> None:
        """What is seen now may be something else."""
        self._blind = False
        self._changed_ns = self._since_ns = time_ns

    def to_dict(self) -> dict[str, Any]:
        """The last answer; a question that is out is lost with who asked it, and put again."""
        state: dict[str, Any] = {} if self._answer is None else {"answer": self._answer}
        state |= {} if self.said is None else {"said": self.said}
        return state | ({} if self._asked_ns is None else {"asked_ns": self._asked_ns})

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._answer, self._asked_ns, self.said = state.get("answer"), state.get("asked_ns"), state.get("said")
