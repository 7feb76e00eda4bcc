"""Conditions that are added to a running watch, and taken back: each a set of its own that hears what the others hear.

added = Added()
key = added.add(RuleSet("text:passed", now=True), met=print, time_ns=now_ns)
added.tell(lambda rules: rules.on_text(update))
added.remove(key)

A newcomer first hears what is so: the lines on the screen, what goes on, whether anything is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from ironcliw.incident import Report
from ironcliw.rule.firing import Firing
from ironcliw.text.screen import Line, TextUpdate

if TYPE_CHECKING:
    from ironcliw.rule.ruleset import RuleSet

LASTING_MAX = 256
"""Incidents that go on and are told to a newcomer; the oldest are left out beyond."""

Met = Callable[[Firing], None]


class Added:
    """The sets that were added, and what a newcomer has to know."""

    def __init__(self) -> None:
        self._sets: dict[int, tuple[RuleSet, Met]] = {}
        self._keys = count(1)
        self._lines: tuple[Line, ...] = ()
        self._lasting: dict[int, Report] = {}
        self._unseen: set[bool] = set()
        self._size: tuple[int, int] | None = None
        self._begun = False

    def __len__(self) -> int:
        return len(self._sets)

    def __iter__(self) -> Iterator[RuleSet]:
        return iter([rules for rules, _ in self._sets.values()])

    @property
    def next_deadline_ns(self) -> int | None:
        """The earliest of all of them."""
        return min((due for rules in self if (due := rules.next_deadline_ns) is not None), default=None)

    def add(self, rules: RuleSet, *, met: Met, time_ns: int) -> int:
        """Let ``rules`` hear everything from ``time_ns`` on; the number to ``remove`` it by. ConditionError."""
        if self._size is not None:
            rules.on_geometry(*self._size)
        rules.hold_start()
        key = next(self._keys)
        self._sets[key] = rules, met
        rules.on_gap(time_ns)
        for text in {True, False} - self._unseen:
            rules.on_back(time_ns, text=text)  # stillness and absence count from now on
        at_start = TextUpdate(time_ns, lines=self._lines, appeared=self._lines, present_at_start=True)
        self._tell(key, lambda rules: rules.on_text(at_start))
        for report in self._lasting.values():
            then = replace(report, at_start=True, time_ns=max(report.time_ns, time_ns))
            self._tell(key, lambda rules, then=then: rules.on_incident(then))
        if self._begun:
            self._tell(key, lambda rules: rules.on_begun(time_ns))
        return key

    def remove(self, key: int) -> bool:
        """Let a set hear no more; False where there is none of this number."""
        return self._sets.pop(key, None) is not None

    def tell(self, told: Callable[[RuleSet], list[Firing]]) -> None:
        """Tell every set something, and those who added them what fires."""
        for key in list(self._sets):
            self._tell(key, told)

    def _tell(self, key: int, told: Callable[[RuleSet], list[Firing]]) -> None:
        rules, met = self._sets[key]
        for firing in told(rules):
            met(firing)

    # -- what a newcomer has to know ---------------------------------------------------------------------------

    def note_begun(self) -> None:
        """All that was there at the start was told."""
        self._begun = True

    def note_lines(self, lines: tuple[Line, ...]) -> None:
        """These lines stand on the screen."""
        self._lines = lines

    def note_incident(self, report: Report) -> None:
        """Something goes on, or is over."""
        if report.state == "end":
            self._lasting.pop(report.incident.id, None)
            return
        self._lasting[report.incident.id] = report
        while len(self._lasting) > LASTING_MAX:
            del self._lasting[next(iter(self._lasting))]

    def note_seen(self, text: bool | None, *, seen: bool) -> None:
        """The source is seen, or not; ``text`` as in ``RuleSet.on_gap``."""
        which = {True, False} if text is None else {text}
        self._unseen = self._unseen - which if seen else self._unseen | which

    def note_size(self, width: int, height: int) -> None:
        """The frame has this size in pixels."""
        self._size = width, height
