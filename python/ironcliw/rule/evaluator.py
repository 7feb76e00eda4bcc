"""What every kind of atom is evaluated by: readings, changes and time go in; hits come out, and how things stand.

An evaluator holds no clock. It is told the source's time with everything it is told, and says in ``deadline_ns`` when
it wants to be told the time although nothing happens. A *hit* is news; the *level* is how it stands: True, False, or
None where that cannot be known, because nothing was read yet or the screen cannot be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.incident import Report
from ironcliw.objects import Detection
from ironcliw.rule.passage import Layout
from ironcliw.text.screen import Line, TextUpdate

if TYPE_CHECKING:
    from ironcliw.rule.question import Answer, Question


@dataclass(frozen=True, slots=True)
class Hit:
    """A condition was met.

    count: how many appearances this stands for
    identity: what tells it from others that meet the same condition: the words that matched, an incident's identity
    parts: the same by identity, where there are several
    shown: whether ``time_ns`` is when ``regions`` came to look as they do, and not when something else became so
    """

    time_ns: int
    text: str | None
    regions: tuple[Rect, ...]
    confidence: float | None
    count: int = 1
    identity: str = ""
    parts: tuple[Hit, ...] = ()
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """One text update and how its lines lie on the screen."""

    update: TextUpdate
    layout: Layout


@dataclass(frozen=True, slots=True)
class SeenObjects:
    """What was found drawn in a part of the screen, and the lines of text that stand on the screen."""

    region: Rect
    detections: Sequence[Detection]
    lines: Sequence[Line]
    time_ns: int


class Evaluator:
    """Answers to nothing: the base of the evaluators, each of which answers to what concerns its condition."""

    needs_text = False
    needs_objects = False
    needs_pixels = False

    said: str | None = None
    """Why it is so in words that are a model's: data, like what stands on the screen."""

    leveled = False
    """Whether anybody asks for ``level``: set before anything is told; only then time is asked for on its account."""

    @property
    def deadline_ns(self) -> int | None:
        """Source time at which ``on_time`` has something to say if nothing else happens before."""
        return None

    @property
    def unsettled(self) -> bool:
        """Whether the next reading has to be seen although nothing in it is about this."""
        return False

    @property
    def line_ids(self) -> Iterable[int]:
        """The lines it is about: a reading that changes one of them has to be seen."""
        return ()

    def level(self, time_ns: int) -> bool | None:
        """How it stands."""
        del time_ns
        return None

    def proof(self) -> Hit | None:
        """What makes it stand so, where something can be shown."""
        return None

    def on_begun(self, time_ns: int) -> None:
        """All that was there when the watch began has been told: what was not among it was not there."""
        del time_ns

    def on_text(self, reading: Reading) -> list[Hit]:
        """The screen was read."""
        del reading
        return []

    def on_change(self, time_ns: int, regions: Sequence[Rect], blinking: Sequence[Rect]) -> list[Hit]:
        """Pixels changed; ``blinking`` are those of the regions that only go back and forth between two states."""
        del time_ns, regions, blinking
        return []

    def on_pixels(self, time_ns: int, pixels: NDArray[np.uint8], regions: Sequence[Rect]) -> list[Hit]:
        """The frame, (h, w, 4) uint8 BGRX, after ``regions`` of it changed; it is only lent."""
        del time_ns, pixels, regions
        return []

    def on_objects(self, seen: SeenObjects) -> list[Hit]:
        """A part of the screen was looked at."""
        del seen
        return []

    def on_incident(self, report: Report) -> list[Hit]:
        """Something of an incident is told."""
        del report
        return []

    def on_time(self, time_ns: int) -> list[Hit]:
        """Everything before ``time_ns`` has been told."""
        del time_ns
        return []

    def on_gap(self, time_ns: int) -> list[Hit]:
        """The source cannot be seen any more: nothing is to be concluded from silence."""
        del time_ns
        return []

    def on_back(self, time_ns: int) -> None:
        """The source is seen again."""
        del time_ns

    def on_geometry(self, width: int, height: int) -> None:
        """The frame has this size from now on. Raises ConditionError where the condition cannot be watched in it."""
        del width, height

    def questions(self, time_ns: int) -> list[Question]:
        """What it asks, and has not asked before."""
        del time_ns
        return []

    def on_answer(self, answer: Answer, time_ns: int) -> list[Hit]:
        """A question was answered, its own or another's."""
        del answer, time_ns
        return []

    def to_dict(self) -> dict[str, Any]:
        """What another one has to know to go on, as JSON values; empty where that is nothing."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where ``to_dict`` of another one left off."""
        del state
