"""Rules that ask: what ``says(...)`` does, in its plainest form, for tests of what answers them."""

from __future__ import annotations

from typing import Any

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule import Firing, RuleSet
from ironcliw.rule.question import Answer, Question


class SaysRules(RuleSet):
    """One rule: asks once at the start and after each change, one question at a time, half a second apart."""

    words = "the build is green"
    region: Rect | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__([], now=False)
        self.answers: list[Answer] = []
        self._dirty, self._out, self._numbers, self._asked_ns = True, 0, 0, -clock.SECOND

    @property
    def conditions(self) -> Any:
        return (f'says("{self.words}")',)

    def on_change(self, time_ns: int, regions: Any, blinking: Any = ()) -> list[Firing]:
        self._dirty = True
        return []

    on_text = lambda self, update: self.on_change(update.time_ns, ())  # noqa: E731

    def take_questions(self, time_ns: int) -> list[Question]:
        if not self._dirty or self._out or time_ns < self._asked_ns + clock.SECOND // 2:
            return []
        self._dirty, self._asked_ns, self._numbers = False, time_ns, self._numbers + 1
        self._out = self._numbers
        return [Question(self._out, "build", self.words, self.region, time_ns)]

    def on_answer(self, answer: Answer, time_ns: int) -> list[Firing]:
        assert answer.id == self._out
        self._out = 0
        was = self.answers[-1].verdict if self.answers else None
        self.answers.append(answer)
        if answer.verdict != "yes" or was == "yes":
            return []
        return [Firing("says", time_ns, None, (), answer.confidence, 0, "build", since_ns=time_ns)]
