"""Evaluates ``change:``, ``changed``, ``still:`` and ``blind``.

rule = StillEvaluator(condition)
hits = rule.on_change(time_ns, regions, blinking)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ironcliw import clock
from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.rule.condition import ChangeCondition, StillCondition
from ironcliw.rule.evaluator import Evaluator, Hit
from ironcliw.rule.scope import EVERYWHERE, Scope

REARM_NS = clock.SECOND
"""``change:`` hits again once its region has been still for this long."""


class ChangeEvaluator(Evaluator):
    """Hits when pixels in the region change, of whatever kind the change is, then rests until the region is still."""

    def __init__(self, condition: ChangeCondition | None, scope: Scope = EVERYWHERE) -> None:
        self._condition, self._scope = condition, scope
        self._changed_ns: int | None = None
        self._last: Hit | None = None
        self._blind = False
        self._now_ns = 0

    @property
    def deadline_ns(self) -> int | None:
        """When it will count as still."""
        if not self.leveled or self._changed_ns is None or self._changed_ns + REARM_NS <= self._now_ns:
            return None
        return self._changed_ns + REARM_NS

    def level(self, time_ns: int) -> bool | None:
        """Whether it has changed lately."""
        return None if self._blind else self._changed_ns is not None and time_ns - self._changed_ns < REARM_NS

    def proof(self) -> Hit | None:
        """What changed."""
        return self._last

    def on_change(self, time_ns: int, regions: Sequence[Rect], blinking: Sequence[Rect]) -> list[Hit]:
        """Hits with the changed parts of the region."""
        del blinking  # who names a region wants to know of any change in it
        parts = [part for region in regions if (part := self._cut(region))]
        if not parts:
            return []
        armed = self._changed_ns is None or time_ns - self._changed_ns >= REARM_NS
        self._changed_ns = self._now_ns = time_ns
        self._last = Hit(time_ns, None, tuple(parts), None)
        return [self._last] if armed else []

    def _cut(self, region: Rect) -> Rect | None:
        if self._condition is not None:
            inside = region.intersection(self._condition.region)
            return None if inside is None else self._scope.cut(inside)
        return self._scope.cut(region)

    def on_time(self, time_ns: int) -> list[Hit]:
        """Time passes."""
        self._now_ns = max(self._now_ns, time_ns)
        return []

    def on_gap(self, time_ns: int) -> list[Hit]:
        """Nothing can be seen to change."""
        del time_ns
        self._blind = True
        return []

    def on_back(self, time_ns: int) -> None:
        """It can again."""
        del time_ns
        self._blind = False

    def on_geometry(self, width: int, height: int) -> None:
        """Raises ConditionError where the region is not inside the frame."""
        if self._condition is not None:
            check_inside(self._condition.region, str(self._condition), width, height)

    def to_dict(self) -> dict[str, Any]:
        """When it last changed. ``now_ns``: what was due by then has been."""
        state = {} if self._changed_ns is None else {"changed_ns": self._changed_ns, "now_ns": self._now_ns}
        return state | ({"blind": True} if self._blind else {})

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._changed_ns, self._blind = state.get("changed_ns"), bool(state.get("blind"))
        self._now_ns = state.get("now_ns", 0)


class StillEvaluator(Evaluator):
    """Hits once when nothing but blinking changed for the duration; a change arms it again."""

    def __init__(self, condition: StillCondition, scope: Scope = EVERYWHERE) -> None:
        self._condition, self._scope = condition, scope
        self._since_ns = 0
        self._met = False
        self._blind = False

    @property
    def deadline_ns(self) -> int | None:
        """When it will have been still for long enough."""
        return None if self._met or self._blind else self._since_ns + self._condition.duration_ns

    def level(self, time_ns: int) -> bool | None:
        """Whether it is still, and has been for long enough."""
        del time_ns
        return None if self._blind else self._met

    def on_change(self, time_ns: int, regions: Sequence[Rect], blinking: Sequence[Rect]) -> list[Hit]:
        """Hits where it had been still for long enough before this change."""
        hits = self.on_time(time_ns)
        if any(self._counts(region, blinking) for region in regions):
            self._since_ns = time_ns
            self._met = False
        return hits

    def _counts(self, region: Rect, blinking: Sequence[Rect]) -> bool:
        watched = self._condition.region
        inside = region if watched is None else region.intersection(watched)
        inside = None if inside is None else self._scope.cut(inside)
        return inside is not None and not any(blink.intersection(inside) == inside for blink in blinking)

    def on_time(self, time_ns: int) -> list[Hit]:
        """Hits at the deadline, which is also the hit's time."""
        deadline_ns = self.deadline_ns
        if deadline_ns is None or time_ns < deadline_ns:
            return []
        self._met = True
        region = self._condition.region
        return [Hit(deadline_ns, None, () if region is None else (region,), None)]

    def on_gap(self, time_ns: int) -> list[Hit]:
        """A screen that cannot be seen is not still."""
        del time_ns
        self._blind = True
        return []

    def on_back(self, time_ns: int) -> None:
        """Stillness counts from now on."""
        self._blind = False
        self._since_ns = time_ns

    def on_geometry(self, width: int, height: int) -> None:
        """Raises ConditionError where the region is not inside the frame."""
        if self._condition.region is not None:
            check_inside(self._condition.region, str(self._condition), width, height)

    def to_dict(self) -> dict[str, Any]:
        """Since when it is still."""
        return {"since_ns": self._since_ns, "met": self._met, "blind": self._blind}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._since_ns, self._met, self._blind = state["since_ns"], state["met"], state["blind"]


class BlindEvaluator(Evaluator):
    """Hits when the source cannot be seen any more."""

    def __init__(self) -> None:
        self._blind = False

    def level(self, time_ns: int) -> bool | None:
        """Whether it cannot be seen."""
        del time_ns
        return self._blind

    def on_gap(self, time_ns: int) -> list[Hit]:
        """It begins."""
        if self._blind:
            return []
        self._blind = True
        return [Hit(time_ns, None, (), None, shown=False)]

    def on_back(self, time_ns: int) -> None:
        """It is over."""
        del time_ns
        self._blind = False

    def to_dict(self) -> dict[str, Any]:
        """Whether it cannot be seen."""
        return {"blind": True} if self._blind else {}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self._blind = bool(state.get("blind"))


def check_inside(region: Rect, condition: str, width: int, height: int) -> None:
    """Raise ConditionError, its finger on the region, where that is not inside of a frame of this size."""
    if region.clipped(width, height) == region:
        return
    where = ",".join(str(number) for number in region)
    message = f"the region {where} is not inside the frame, which has {width}x{height} pixels"
    at = condition.find(where)
    if at < 0:  # written with spaces
        at = condition.index("@" if "@" in condition else ":") + 1
    raise ConditionError(message, condition, at + 1)
