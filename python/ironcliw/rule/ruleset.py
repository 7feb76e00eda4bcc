"""The rules of one watch, evaluated together.

rules = RuleSet(["text:BUILD FAILED", "still:30s"], now=False)
firings = rules.on_text(update) + rules.on_change(time_ns, regions, blinking=())
rules.next_deadline_ns                # call on_time() then, if nothing else happens before

What happens goes to the evaluators it may concern; where one of them hits, or stands otherwise than before, the rules
that read it are evaluated, and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import ConditionError, SettingsError
from ironcliw.frame import Rect
from ironcliw.incident import Report
from ironcliw.rule.added import Added, Met
from ironcliw.rule.armed import Armed, check_names, rule_of
from ironcliw.rule.condition import Condition, GoneCondition, TextCondition
from ironcliw.rule.drawn_evaluator import WindowEvaluator
from ironcliw.rule.evaluation import Evaluation
from ironcliw.rule.evaluator import Evaluator, Hit, Reading, SeenObjects
from ironcliw.rule.firing import Firing
from ironcliw.rule.incident_evaluator import IncidentEvaluator
from ironcliw.rule.leaves import Leaves
from ironcliw.rule.limiter import Limiter, restore_all, told_of
from ironcliw.rule.nearest import Nearest
from ironcliw.rule.nodes import Wall
from ironcliw.rule.passage import Layout
from ironcliw.rule.policy import Rule
from ironcliw.rule.prefilter import TextIndex
from ironcliw.rule.question import Answer, Question
from ironcliw.rule.text_evaluator import CountEvaluator, GoneEvaluator, TextEvaluator
from ironcliw.rule.windows import Window
from ironcliw.text.screen import TextUpdate

CONDITIONS_MAX = 1_000
NEAREST_MAX = 32
"""Where more conditions than this look for words, what came nearest is not followed."""


class RuleSet:
    """Any number of rules, each of which fires for itself.

    ``now``: what is so at the start is a firing. ``merge_ns``: firings of one bare condition this close to its last
    firing merge into it and are counted. ``wall``: from source time to an aware time on the wall; needed by rules that
    go by hours. Everything else is driven by the source's time, so a recording always fires alike.
    Raises ConditionError for a condition that cannot be understood, SettingsError for an absurd ``merge_ns``, names
    that are not unique, and for what is no condition at all. One condition need not be in a list.
    """

    def __init__(
        self,
        conditions: Iterable[Condition | Rule | str] | Condition | Rule | str,
        *,
        now: bool,
        merge_ns: int = clock.SECOND,
        wall: Wall | None = None,
    ) -> None:
        if merge_ns < 0:
            raise SettingsError(f"merge_ns cannot be negative, as {merge_ns} is")
        alone = isinstance(conditions, str | Condition | Rule)
        rules = [rule_of(item, merge_ns) for item in ([conditions] if alone else conditions)]
        if len(rules) > CONDITIONS_MAX:
            raise SettingsError(f"{len(rules)} conditions: {CONDITIONS_MAX} is the most")
        check_names(rules)
        self._wall, self._now = wall, now
        self._leaves = Leaves(now)
        self._limiters = limits = {rule.together: Limiter(rule.together) for rule in rules}
        trees = [self._leaves.tree(rule.when) for rule in rules]
        self._armed = [Armed(at, rule, trees[at], limits[rule.together]) for at, rule in enumerate(rules)]
        self._run = Evaluation(self._armed, wall, now=now)
        evaluators = self._leaves.evaluators
        texts = [each for each in evaluators if isinstance(each, TextEvaluator | GoneEvaluator | CountEvaluator)]
        self._index = TextIndex(texts)
        self._others = [each for each in evaluators if each not in set[Evaluator](texts)]
        self._looking = [each for each in self._others if each.needs_pixels]
        self._needs_objects = self._leaves.follows_windows or any(each.needs_objects for each in self._others)
        self._on_incident = [each for each in evaluators if isinstance(each, IncidentEvaluator)]
        self._layout = Layout(())
        self._lines: object = ()
        patterns = [rule.when.pattern for rule in rules if isinstance(rule.when, TextCondition | GoneCondition)]
        self._nearest = Nearest(patterns if len(patterns) <= NEAREST_MAX else ())
        self._begun = self._held = False
        self._added = Added()

    # -- what it is --------------------------------------------------------------------------------------------

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions, in the order they were given."""
        return tuple(armed.rule.when for armed in self._armed)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order they were given; a bare condition is one by its own words."""
        return tuple(armed.rule for armed in self._armed)

    def states(self) -> dict[str, str]:
        """Where each rule stands, by its name: inactive, pending, firing or resolved."""
        return {armed.rule.name: armed.machine.state for armed in self._armed}

    def __len__(self) -> int:
        """How many rules there are, with those that were added."""
        return len(self._armed) + len(self._added)

    def add(self, condition: Condition | Rule | str, *, now: bool, time_ns: int, met: Met) -> int:
        """Evaluate one more condition from ``time_ns`` on; returns the number to ``remove`` it by.

        now: whether what is on the screen already meets it
        met: takes its firings, which are in nobody's list; called within ``add`` where it is met at once. It must not
            add or remove conditions

        Raises ConditionError where it cannot be understood or does not fit the frame, SettingsError where there are
        too many.
        """
        if len(self) >= CONDITIONS_MAX:
            raise SettingsError(f"{CONDITIONS_MAX} conditions are watched already, which is the most: take one back")
        return self._added.add(RuleSet(condition, now=now, wall=self._wall), met=met, time_ns=time_ns)

    def remove(self, key: int) -> bool:
        """Evaluate an added condition no more; False where there is none of this number."""
        return self._added.remove(key)

    @property
    def needs_text(self) -> bool:
        """Whether any condition is about text."""
        return any(each.needs_text for each in (*self._run.readers, *self._added))

    @property
    def needs_objects(self) -> bool:
        """Whether any condition is about what is drawn: ``on_objects`` has to be called after every change."""
        return self._needs_objects or any(each.needs_objects for each in self._added)

    @property
    def wants_windows(self) -> bool:
        """Whether any condition goes by windows: ``on_windows`` is to be called where the source knows them."""
        return self._leaves.follows_windows or any(each.wants_windows for each in self._added)

    @property
    def needs_pixels(self) -> bool:
        """Whether any condition looks at the frame itself: ``on_pixels`` has to be called after every change."""
        return bool(self._looking) or any(each.needs_pixels for each in self._added)

    @property
    def merged_total(self) -> int:
        """How many appearances were merged into alerts, or held back."""
        return sum(armed.machine.merged_total for armed in self._armed)

    @property
    def next_deadline_ns(self) -> int | None:
        """Source time at which ``on_time`` must be called if nothing is told before; None: need not be called."""
        due = [due for due in (self._run.next_ns, self._added.next_deadline_ns) if due is not None]
        return min(due, default=None)

    def nearest(self) -> tuple[str, float, int] | None:
        """The line so far most like a text condition's words, its similarity (0 to 1), and when it appeared (ns)."""
        return self._nearest.best

    # -- what happens ------------------------------------------------------------------------------------------

    def hold_start(self) -> None:
        """Someone will say, with ``on_begun``, when all that was there at the start was told."""
        self._held = True

    def on_begun(self, time_ns: int) -> list[Firing]:
        """All that was there when the watch began was told: what was not is absent from now on."""
        if self._begun:
            return []
        self._begun = True
        self._added.note_begun()
        self._added.tell(lambda rules: rules.on_begun(time_ns))
        for each in self._run.readers:
            each.on_begun(time_ns)
        firings = self._run.step(time_ns, {}, self._run.readers, silent=True)
        return firings + self._run.standing(time_ns) if self._now else firings

    def on_text(self, update: TextUpdate) -> list[Firing]:
        """The screen was read. Updates come in the order of their time; none is left out."""
        firings = self._run.advance(update.time_ns)
        self._added.note_lines(update.lines)
        self._added.tell(lambda rules: rules.on_text(update))
        if update.lines != self._lines:
            self._lines, self._layout = update.lines, Layout(update.lines, self._layout)
            self._leaves.windows.read(update.lines)
        self._nearest.take(update)
        reading = Reading(update, self._layout)
        hits: dict[Evaluator, list[Hit]] = {}
        concerned = self._index.concerned(self._layout, update.lines)
        for each in concerned:
            hits[each] = each.on_text(reading)
            self._index.told(each)
        for each in self._others:
            if found := each.on_text(reading):
                hits[each] = found
        firings += self._run.step(update.time_ns, hits, [*concerned, *self._others], silent=update.present_at_start)
        if not (self._begun or self._held or update.present_at_start):
            firings += self.on_begun(update.time_ns)
        return firings

    def on_change(self, time_ns: int, regions: Sequence[Rect], blinking: Sequence[Rect] = ()) -> list[Firing]:
        """Pixels changed in ``regions``. ``blinking``: those of them that only alternate between two states."""
        self._added.tell(lambda rules: rules.on_change(time_ns, regions, blinking))
        return self._run.tell(time_ns, self._others, lambda each: each.on_change(time_ns, regions, blinking))

    def on_pixels(self, time_ns: int, pixels: NDArray[np.uint8], regions: Sequence[Rect]) -> list[Firing]:
        """The frame, (h, w, 4) uint8 BGRX, after ``regions`` of it changed; it is only lent."""
        self._added.tell(lambda rules: rules.on_pixels(time_ns, pixels, regions))
        return self._run.tell(time_ns, self._looking, lambda each: each.on_pixels(time_ns, pixels, regions))

    def on_objects(self, seen: SeenObjects) -> list[Firing]:
        """A part of the screen was looked at."""
        self._added.tell(lambda rules: rules.on_objects(seen))
        self._leaves.windows.drawn(seen.region, [each.box for each in seen.detections if each.kind == "window"])
        return self._run.tell(seen.time_ns, self._others, lambda each: each.on_objects(seen))

    def on_incident(self, report: Report) -> list[Firing]:
        """An incident begins, is known better, or is over."""
        self._added.note_incident(report)
        self._added.tell(lambda rules: rules.on_incident(report))
        silent = report.at_start
        return self._run.tell(report.time_ns, self._on_incident, lambda each: each.on_incident(report), silent=silent)

    def on_time(self, time_ns: int) -> list[Firing]:
        """The source's time is ``time_ns`` and everything before it has been told."""
        self._added.tell(lambda rules: rules.on_time(time_ns))
        return self._run.pass_time(time_ns)

    def on_gap(self, time_ns: int, *, text: bool | None = None) -> list[Firing]:
        """The source cannot be seen: until ``on_back`` nothing counts as still or gone.

        text: True for the conditions about text alone, which is not read; False for all others; None for all
        """
        firings = self._run.advance(time_ns)
        self._added.note_seen(text, seen=False)
        self._added.tell(lambda rules: rules.on_gap(time_ns, text=text))
        concerned = self._run.about(text)
        return firings + self._run.step(time_ns, {each: each.on_gap(time_ns) for each in concerned}, concerned)

    def on_back(self, time_ns: int, *, text: bool | None = None) -> list[Firing]:
        """The source is seen again, or its text is read again; ``text`` as in ``on_gap``."""
        self._added.note_seen(text, seen=True)
        self._added.tell(lambda rules: rules.on_back(time_ns, text=text))
        concerned = self._run.about(text)
        for each in concerned:
            each.on_back(time_ns)
        return self._run.step(time_ns, {}, concerned)

    def on_answer(self, answer: Answer, time_ns: int) -> list[Firing]:
        """A question of ``take_questions`` was answered."""
        self._added.tell(lambda rules: rules.on_answer(answer, time_ns))
        return self._run.tell(time_ns, self._others, lambda each: each.on_answer(answer, time_ns))

    def take_questions(self, time_ns: int) -> list[Question]:
        """What the rules want to have answered as of now; each question comes once."""
        own = [question for each in self._others for question in each.questions(time_ns)]
        return [*own, *(question for rules in self._added for question in rules.take_questions(time_ns))]

    def on_windows(self, windows: Sequence[Window], time_ns: int) -> list[Firing]:
        """The source knows its windows, and these are they, the uppermost first; not called where it does not."""
        self._added.tell(lambda rules: rules.on_windows(windows, time_ns))
        self._leaves.windows.told(windows)
        seen = SeenObjects(Rect(0, 0, 1, 1), (), self._layout.lines, time_ns)
        return self._run.tell(time_ns, self._others, lambda each: each.on_objects(seen))

    def doubts(self) -> list[str]:
        """Of which rules nobody can tell, as the source is: a line for each."""
        if self._leaves.windows.told_by_source:
            return []
        apps = [each for each in self._run.readers if isinstance(each, WindowEvaluator) and each.unseen]
        return [
            f"rule {self._run.readers[each][0].rule.name!r:.80}: this source cannot tell which program a window"
            ' belongs to, so it is never met; window("TITLE") goes by what is read'
            for each in apps
        ]

    def on_geometry(self, width: int, height: int) -> None:
        """The frame's size in pixels. Raises ConditionError, naming it, where a region is not inside."""
        self._added.note_size(width, height)
        for rules in self._added:
            rules.on_geometry(width, height)
        for each in self._run.readers:
            each.on_geometry(width, height)
        for armed in self._armed:
            for region in self._leaves.regions:
                where = ",".join(map(str, region))
                if region.clipped(width, height) != region and where in (written := str(armed.rule.when)):
                    message = f"the region {where} is not inside the frame, which has {width}x{height} pixels"
                    raise ConditionError(message, written, written.index(where) + 1)

    # -- across restarts ---------------------------------------------------------------------------------------

    def recall(self) -> dict[str, Any]:
        """What another set of the same rules needs to go on with in the same source time, as JSON values.

        It holds words of the screen, and stays in memory; ``remember`` gives what may be written down.
        """
        evaluators = {at: state for at, each in enumerate(self._run.readers) if (state := each.to_dict())}
        nodes = {
            armed.index: armed.recall() for armed in self._armed if armed.leveled and armed.evaluated_ns is not None
        }
        machines = {armed.rule.name: state for armed in self._armed if (state := armed.machine.to_dict())}
        return {
            "begun": self._begun,
            "evaluators": {str(at): state for at, state in evaluators.items()},
            "nodes": {str(at): state for at, state in nodes.items()},
            "rules": machines,
            "together": told_of(self._limiters.values()),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where ``recall`` of a set of the same rules left off."""
        self._begun = bool(state.get("begun"))
        if self._begun:
            self._added.note_begun()
        for at, each in enumerate(self._run.readers):
            each.restore(state.get("evaluators", {}).get(str(at), {}))
        for each in self._index.all:
            self._index.told(each)
        for armed in self._armed:
            if (saved := state.get("nodes", {}).get(str(armed.index))) is not None:
                armed.restore(saved, self._run.wall_of(armed))
            armed.machine.restore(state.get("rules", {}).get(armed.rule.name, {}))
        restore_all(self._limiters.values(), state)
        self._run.rearm()

    def remember(self, time_ns: int) -> dict[str, Any]:
        """What rules have told, as JSON values without a word of the screen, to go on with after a restart.

        time_ns: source time now
        """
        named = [armed for armed in self._armed if not armed.rule.plain]
        told = {armed.rule.name: state for armed in named if (state := armed.machine.to_dict(words=False))}
        return {"v": 1, "time_ns": time_ns, "rules": told, "together": told_of(self._limiters.values())}

    def resume(self, state: dict[str, Any], passed_ns: int) -> None:
        """Go on after a restart with what ``remember`` gave, ``passed_ns`` of real time ago; source time begins anew.

        Rules that are not among these any more are forgotten.
        """
        if state.get("v") != 1:
            return
        shift_ns = -int(state["time_ns"]) - passed_ns
        for armed in self._armed:
            if armed.rule.name in state["rules"]:
                armed.machine.restore(state["rules"][armed.rule.name], shift_ns)
        restore_all(self._limiters.values(), state, shift_ns)
        self._run.rearm()
