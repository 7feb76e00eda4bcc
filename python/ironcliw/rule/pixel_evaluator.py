"""Evaluates ``change:`` and ``still:``.

rule = StillEvaluator(condition)
hits = rule.on_change(time_ns, regions, blinking)
"""

from __future__ import annotations

from collections.abc import Sequence

from ironcliw import clock
from ironcliw.errors import ConditionError
from ironcliw.frame import Rect
from ironcliw.rule.condition import ChangeCondition, StillCondition
from ironcliw.rule.evaluator import Evaluator, Hit

REARM_NS = clock.SECOND
"""``change:`` hits again once its region has been still for this long."""


class ChangeEvaluator(Evaluator):
    """Hits when pixels in the region change, of whatever kind the change is, then rests until the region is still."""

    def __init__(self, condition: ChangeCondition) -> None:
        self._condition = condition
        self._changed_ns: int | None = None

    def on_change(self, time_ns: int, regions: Sequence[Rect], blinking: Sequence[Rect]) -> list[Hit]:
        """Hits with the changed parts of the region."""
        del blinking  # who names a region wants to know of any change in it
        parts = [part for region in regions if (part := region.intersection(self._condition.region))]
        if not parts:
            return []
        armed = self._changed_ns is None or time_ns - self._changed_ns >= REARM_NS
        self._changed_ns = time_ns
        return [Hit(time_ns, None, tuple(parts), None)] if armed else []

    def on_geometry(self, width: int, height: int) -> None:
        """Raises ConditionError where the region is not inside the frame."""
        _check_inside(self._condition.region, str(self._condition), ":", width, height)


class StillEvaluator(Evaluator):
    """Hits once when nothing but blinking changed for the duration; a change arms it again."""

    def __init__(self, condition: StillCondition) -> None:
        self._condition = condition
        self._since_ns = 0
        self._met = False
        self._blind = False

    @property
    def deadline_ns(self) -> int | None:
        """When it will have been still for long enough."""
        return None if self._met or self._blind else self._since_ns + self._condition.duration_ns

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
        return inside is not None and not any(blink.intersection(inside) == inside for blink in blinking)

    def on_time(self, time_ns: int) -> list[Hit]:
        """Hits at the deadline, which is also the hit's time."""
        deadline_ns = self.deadline_ns
        if deadline_ns is None or time_ns < deadline_ns:
            return []
        self._met = True
        region = self._condition.region
        return [Hit(deadline_ns, None, () if region is None else (region,), None)]

    def on_gap(self, time_ns: int) -> None:
        """A screen that cannot be seen is not still."""
        del time_ns
        self._blind = True

    def on_back(self, time_ns: int) -> None:
        """Stillness counts from now on."""
        self._blind = False
        self._since_ns = time_ns

    def on_geometry(self, width: int, height: int) -> None:
        """Raises ConditionError where the region is not inside the frame."""
        if self._condition.region is not None:
            _check_inside(self._condition.region, str(self._condition), "@", width, height)


def _check_inside(region: Rect, condition: str, mark: str, width: int, height: int) -> None:
    if region.clipped(width, height) == region:
        return
    where = ",".join(str(number) for number in region)
    message = f"the region {where} is not inside the frame, which has {width}x{height} pixels"
    raise ConditionError(message, condition, condition.index(mark) + 2)
