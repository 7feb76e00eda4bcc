"""Evaluates ``object(button:"Save")`` and ``window("Terminal")``: what is drawn on the screen.

rule = ObjectEvaluator(condition, now=False)
hits = rule.on_objects(seen)
"""

from __future__ import annotations

from typing import Any

from ironcliw.frame import Rect
from ironcliw.rule.evaluator import Evaluator, Hit, Reading, SeenObjects
from ironcliw.rule.expression import ObjectCondition, WindowCondition
from ironcliw.rule.scope import EVERYWHERE, Scope
from ironcliw.rule.windows import Windows
from ironcliw.text.misreading import plain
from ironcliw.text.screen import Line

CONFIDENCE_MIN = 0.5
BOXES_MAX = 64


class _Boxes(Evaluator):
    """Boxes that stand on the screen; hits with new ones."""

    needs_objects = True

    def __init__(self, now: bool) -> None:
        self._now = now
        self._standing: dict[Rect, Hit] = {}
        self._begun = self._blind = False

    def level(self, time_ns: int) -> bool | None:
        """Whether there is one."""
        del time_ns
        return None if self._blind else bool(self._standing) or (False if self._begun else None)

    def proof(self) -> Hit | None:
        """The last that came."""
        return next(reversed(self._standing.values()), None)

    def _now_standing(self, hits: dict[Rect, Hit]) -> list[Hit]:
        """These stand there now; those of them that are news."""
        new = [hit for box, hit in hits.items() if not any(_same(box, known) for known in self._standing)]
        self._standing = dict(list(hits.items())[-BOXES_MAX:])
        return new if self._begun or self._now else []

    def on_begun(self, time_ns: int) -> None:
        """What was not seen was not there."""
        del time_ns
        self._begun = True

    def on_gap(self, time_ns: int) -> list[Hit]:
        """Nobody sees what is there."""
        del time_ns
        self._blind = True
        return []

    def on_back(self, time_ns: int) -> None:
        """It can be seen again."""
        del time_ns
        self._blind = False

    def to_dict(self) -> dict[str, Any]:
        """What stands there."""
        boxes = [[list(box), hit.time_ns, hit.text, hit.confidence] for box, hit in self._standing.items()]
        flags = {"begun": self._begun, "blind": self._blind, "boxes": boxes}
        return {name: each for name, each in flags.items() if each}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._begun, self._blind = bool(state.get("begun")), bool(state.get("blind"))
        self._standing = {
            Rect(*box): Hit(time_ns, text, (Rect(*box),), confidence)
            for box, time_ns, text, confidence in state.get("boxes", ())
        }


class ObjectEvaluator(_Boxes):
    """Hits on each object of the kind that comes, with its words where some are asked for."""

    def __init__(self, condition: ObjectCondition, now: bool, scope: Scope = EVERYWHERE) -> None:
        super().__init__(now)
        self._condition, self._scope = condition, scope
        self.needs_text = condition.pattern is not None

    def on_objects(self, seen: SeenObjects) -> list[Hit]:
        """What was known of this part of the screen is void."""
        hits = {box: hit for box, hit in self._standing.items() if not seen.region.overlaps(box)}
        for each in seen.detections:
            if each.kind != self._condition.kind or each.confidence < CONFIDENCE_MIN:
                continue
            words = _words(each.box, seen.lines)
            pattern = self._condition.pattern
            if self._scope.holds(each.box) and (pattern is None or pattern.find(plain(words))):
                identity = words.casefold() or self._condition.kind
                hits[each.box] = Hit(seen.time_ns, words or None, (each.box,), each.confidence, identity=identity)
        return self._now_standing(hits)


class WindowEvaluator(_Boxes):
    """Hits when a window with this title comes."""

    needs_text = True

    def __init__(self, condition: WindowCondition, now: bool, windows: Windows) -> None:
        super().__init__(now)
        self._condition, self._windows = condition, windows
        self.unseen = condition.what == "app"
        """Whether it can never be told where the source does not know its windows."""

    def on_text(self, reading: Reading) -> list[Hit]:
        """Titles may have come."""
        return self._look(reading.update.time_ns)

    def on_objects(self, seen: SeenObjects) -> list[Hit]:
        """Windows may have come."""
        return self._look(seen.time_ns)

    def _look(self, time_ns: int) -> list[Hit]:
        boxes = self._windows.find(self._condition.what, self._condition.pattern)
        hit = {box: self._standing.get(box) or Hit(time_ns, None, (box,), None) for box in boxes}
        return self._now_standing(hit)


def _words(box: Rect, lines: tuple[Line, ...] | Any) -> str:
    return " ".join(line.text for line in lines if box.grown(2, 2).intersection(line.box) == line.box)


def _same(one: Rect, other: Rect) -> bool:
    both = one.intersection(other)
    return both is not None and 2 * both.area > max(one.area, other.area)
