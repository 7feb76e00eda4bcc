"""Which rules are evaluated when: those that read what hit, or stands otherwise than before, and what is due.

evaluation = Evaluation(armed, wall, now=False)
firings = evaluation.tell(time_ns, evaluators, lambda each: each.on_change(time_ns, regions, blinking))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from ironcliw.errors import SettingsError
from ironcliw.rule.agenda import Agenda
from ironcliw.rule.armed import Armed, any_matters
from ironcliw.rule.evaluator import Evaluator, Hit
from ironcliw.rule.firing import Firing
from ironcliw.rule.machine import Alert, Moment
from ironcliw.rule.nodes import Step, Wall
from ironcliw.rule.policy import localised
from ironcliw.rule.says_evaluator import SaysEvaluator

_NOT_YET = object()
"""How an evaluator stood is not known: whoever reads it is evaluated."""


class Evaluation:
    """The rules of one set and the evaluators they read. ``now``: what is so at the start is news."""

    def __init__(self, armed: Sequence[Armed], wall: Wall | None, *, now: bool) -> None:
        self.armed = armed
        self.readers: dict[Evaluator, list[Armed]] = {}
        self._wall, self._now = wall, now
        self._levels: dict[Evaluator, bool | object | None] = {}
        self._agenda: Agenda[Evaluator | Armed] = Agenda()
        self._wire()
        self._start()

    @property
    def next_ns(self) -> int | None:
        """Source time at which ``pass_time`` has to be called at the latest."""
        return self._agenda.next_ns

    def _wire(self) -> None:
        for armed in self.armed:
            if armed.needs_wall and self._wall is None:
                raise SettingsError(
                    f"rule {armed.rule.name!r:.60} goes by hours: RuleSet needs to be told the time (wall)"
                )
            for leaf in armed.root.leaves():
                readers = self.readers.setdefault(leaf.evaluator, [])
                if armed not in readers:
                    readers.append(armed)
                leaf.evaluator.leveled |= armed.leveled

        for each, readers in self.readers.items():
            if isinstance(each, SaysEvaluator):
                each.rule = readers[0].rule.name
                each.wanted = partial(any_matters, readers, each)

    def _start(self) -> None:
        """What holds before anything was told is no news; deadlines count from here."""
        for armed in self.armed:
            armed.machine.begin(self.moment(armed, 0))
            if armed.leveled:
                armed.root.update(Step(0, self.wall_of(armed), silent=True))
            self._agenda.set(armed, armed.deadline_ns)
        for each in self.readers:
            self._levels[each] = each.level(0)
            self._agenda.set(each, each.deadline_ns)

    def pass_time(self, time_ns: int) -> list[Firing]:
        """Everything that is due by ``time_ns``, in its order."""
        firings: list[Firing] = []
        while (due_ns := self._agenda.next_ns) is not None and due_ns <= time_ns:
            due = self._agenda.take(due_ns)
            evaluators = [each for each in due if isinstance(each, Evaluator)]
            hits = {each: each.on_time(due_ns) for each in evaluators}
            firings += self.step(due_ns, hits, evaluators, also=[each for each in due if isinstance(each, Armed)])
        return firings

    def about(self, text: bool | None) -> list[Evaluator]:
        """The evaluators that are about text, or are not; None for all."""
        return [each for each in self.readers if text is None or each.needs_text is text]

    def tell(
        self,
        time_ns: int,
        concerned: Sequence[Evaluator],
        told: Callable[[Evaluator], list[Hit]],
        *,
        silent: bool = False,
    ) -> list[Firing]:
        """Tell these evaluators something, and evaluate the rules that it changes something for."""
        if not concerned:
            return []
        firings = self.advance(time_ns)
        return firings + self.step(time_ns, {each: told(each) for each in concerned}, concerned, silent=silent)

    def advance(self, time_ns: int) -> list[Firing]:
        """What rules were waiting for has come before what is now told; evaluators see to that for themselves."""
        firings: list[Firing] = []
        while (due_ns := self._agenda.next_ns) is not None and due_ns < time_ns:
            due = self._agenda.take(due_ns)
            armed = [each for each in due if isinstance(each, Armed)]
            waiting = [each for each in due if isinstance(each, Evaluator)]
            firings += self.step(due_ns, {}, (), also=armed)
            if waiting:
                # They hear of what is told now before their time counts.
                firings += self._later(waiting, time_ns)
                break
        return firings

    def _later(self, waiting: Sequence[Evaluator], time_ns: int) -> list[Firing]:
        firings: list[Firing] = []
        rest = self._agenda.take(time_ns - 1)
        for each in rest:
            if isinstance(each, Armed):
                firings += self.step(min(each.deadline_ns or time_ns, time_ns), {}, (), also=[each])
        for each in [*waiting, *(each for each in rest if isinstance(each, Evaluator))]:
            self._agenda.set(each, each.deadline_ns)
        return firings

    def step(
        self,
        time_ns: int,
        hits: dict[Evaluator, list[Hit]],
        concerned: Iterable[Evaluator],
        *,
        also: Iterable[Armed] = (),
        silent: bool = False,
    ) -> list[Firing]:
        """Evaluate the rules that read what hit, or stands otherwise than before."""
        affected = {armed.index: armed for armed in also}
        for each in concerned:
            stands = each.level(time_ns) if each.leveled else None
            if hits.get(each) or stands is not self._levels[each]:
                self._levels[each] = stands
                affected |= {armed.index: armed for armed in self.readers[each]}
            self._agenda.set(each, each.deadline_ns)
        firings: list[Firing] = []
        for _, armed in sorted(affected.items()):
            step = Step(time_ns, self.wall_of(armed), hits, silent=silent and not self._now)
            armed.root.update(step)
            armed.evaluated_ns = time_ns
            moment = self.moment(armed, time_ns)
            firings += self.told(armed, armed.machine.take(armed.root.value, armed.root.hits, moment))
            self._agenda.set(armed, armed.deadline_ns)
        return firings

    def wall_of(self, armed: Armed) -> Wall | None:
        """The time on the wall in a rule's zone; None where it does not go by hours."""
        wall, zone = self._wall, armed.rule.zone
        return None if wall is None or not armed.needs_wall else lambda time_ns: localised(wall(time_ns), zone)

    def moment(self, armed: Armed, time_ns: int) -> Moment:
        """A source time as a rule's machine is told it."""
        wall = self.wall_of(armed)
        return Moment(time_ns, None if wall is None else lambda: wall(time_ns))

    def told(self, armed: Armed, alerts: Iterable[Alert]) -> list[Firing]:
        """What is told of a rule's alerts."""
        return [armed.firing(alert) for alert in alerts]

    def standing(self, time_ns: int) -> list[Firing]:
        """What is so although nothing brought it: told where what is so at the start counts."""
        firings: list[Firing] = []
        for armed in self.armed:
            if armed.leveled and armed.root.value and not armed.machine.alerts:
                hit = armed.root.proof() or Hit(time_ns, None, (), None, shown=False)
                firings += self.told(armed, armed.machine.take(True, [hit], self.moment(armed, time_ns)))
                self._agenda.set(armed, armed.deadline_ns)
        return firings

    def rearm(self) -> None:
        """The rules and the evaluators were restored: what they wait for is another time."""
        for armed in self.armed:
            self._agenda.set(armed, armed.deadline_ns)
        for each in self.readers:
            self._levels[each] = _NOT_YET
            self._agenda.set(each, each.deadline_ns)
