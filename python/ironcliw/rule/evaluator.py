"""What every kind of condition is evaluated by: readings, changes and time go in, hits come out.

An evaluator holds no clock. It is told the source's time with everything it is told, and says in ``deadline_ns`` when
it wants to be told the time although nothing happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ironcliw.frame import Rect
from ironcliw.incident import Report
from ironcliw.rule.passage import Layout
from ironcliw.text.screen import TextUpdate


@dataclass(frozen=True, slots=True)
class Hit:
    """A condition was met. ``count``: how many appearances this stands for."""

    time_ns: int
    text: str | None
    regions: tuple[Rect, ...]
    confidence: float | None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """One text update and how its lines lie on the screen."""

    update: TextUpdate
    layout: Layout


class Evaluator:
    """Answers to nothing: the base of the evaluators, each of which answers to what concerns its condition."""

    needs_text = False

    @property
    def deadline_ns(self) -> int | None:
        """Source time at which ``on_time`` has something to say if nothing else happens before."""
        return None

    def on_text(self, reading: Reading) -> list[Hit]:
        """The screen was read."""
        del reading
        return []

    def on_change(self, time_ns: int, regions: Sequence[Rect], blinking: Sequence[Rect]) -> list[Hit]:
        """Pixels changed; ``blinking`` are those of the regions that only go back and forth between two states."""
        del time_ns, regions, blinking
        return []

    def on_incident(self, report: Report) -> list[Hit]:
        """Something of an incident is told."""
        del report
        return []

    def on_time(self, time_ns: int) -> list[Hit]:
        """Everything before ``time_ns`` has been told."""
        del time_ns
        return []

    def on_gap(self, time_ns: int) -> None:
        """The source cannot be seen any more: nothing is to be concluded from silence."""
        del time_ns

    def on_back(self, time_ns: int) -> None:
        """The source is seen again."""
        del time_ns

    def on_geometry(self, width: int, height: int) -> None:
        """The frame has this size from now on. Raises ConditionError where the condition cannot be watched in it."""
        del width, height
