"""When a question is worth a request: at once where something changed that it is about, else with growing patience.

    thrift = Thrift("the build is green")
    thrift.decide(state, now_ns)             # Decision: "same", "ask" with where to look, or "later"
    thrift.asked(state, verdict, now_ns)

What did not change is not asked again: words and pictures outside of what is restless (carets, clocks, spinners) are
compared with those of the last verdict. All times are of the source.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule.question import Verdict
from ironcliw.vision_model.cells import changed_boxes
from ironcliw.vision_model.relevance import Topic

PATIENCE_FIRST_NS = 60 * clock.SECOND
PATIENCE_LONGEST_NS = 3600 * clock.SECOND
BURST = 4
REFILL_NS = 120 * clock.SECOND
"""Requests at once where changes are to the point: so many, and one more each time this passes."""
_AROUND_PX = 48
_LARGEST_FOCUS = 0.5


@dataclass(frozen=True)
class State:
    """A region as it is at a moment.

    size: of the region, width and height in pixels
    cells: its ``cell_means``; lines: its text and their boxes, in the region's pixels
    restless: whether in a place, in the region's pixels, only what never rests moves
    """

    size: tuple[int, int]
    cells: NDArray[np.int16]
    lines: Sequence[tuple[str, Rect]]
    time_ns: int
    restless: Callable[[Rect], bool] = field(default=lambda rect: False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a question. focus: the part of the region to show, in its pixels; None for all of it."""

    what: Literal["ask", "same", "later"]
    reason: str
    focus: Rect | None = None
    due_ns: int = 0


class Thrift:
    """Of one question of one rule."""

    def __init__(self, words: str) -> None:
        self._topic = Topic(words)
        self._cells: NDArray[np.int16] | None = None
        self._lines: Counter[str] = Counter()
        self._texts: frozenset[str] = frozenset()
        self._asked_ns = 0
        self._patience_ns = PATIENCE_FIRST_NS
        self._left, self._filled_ns = float(BURST), 0
        self.verdict: Verdict | None = None

    def decide(self, state: State) -> Decision:
        """Whether the state is worth asking about now."""
        if self._cells is None:
            return Decision("ask", "first")
        boxes = [box for box in changed_boxes(self._cells, state.cells) if not state.restless(box)]
        came = [(text, box) for text, box in state.lines if _plain(text) not in self._lines]
        now = Counter(_plain(text) for text, _ in state.lines)
        gone = [text for text in self._lines if text not in now]
        if not boxes and not came and not gone:
            return Decision("same", "nothing changed")
        pointed = [box for text, box in came if self._topic.touches(text)]
        # What moved in a place without words of its own (a dot, a bar) counts where words beside it are to the point;
        # figures that went on in a line that stayed do not.
        read = [box for text, box in state.lines if text not in self._texts]
        wordless = [box for box in boxes if not any(box.overlaps(line) for line in read)]
        pointed += [box for box in wordless if self._topic.near(box, state.lines)]
        relevant = bool(pointed) or any(self._topic.touches(text) for text in gone)
        if relevant and self._tokens(state.time_ns) >= 1:
            return Decision("ask", "words" if came or gone else "pixels", _focus(pointed, state))
        due_ns = self._asked_ns + self._patience_ns
        if state.time_ns >= due_ns:
            return Decision("ask", "patience", _focus([*boxes, *(box for _, box in came)], state))
        if relevant:
            due_ns = min(due_ns, self._filled_ns + REFILL_NS)
        return Decision("later", "patience", due_ns=due_ns)

    def asked(self, state: State, verdict: Verdict, decision: Decision) -> None:
        """The state was asked about. An unknown verdict leaves what was known."""
        if decision.reason == "patience":
            self._patience_ns = min(self._patience_ns * 2, PATIENCE_LONGEST_NS)
        elif decision.reason != "first":
            self._left = max(0.0, self._tokens(state.time_ns) - 1)
        if verdict not in (self.verdict, "unknown"):
            self._patience_ns = PATIENCE_FIRST_NS
            self.verdict = verdict
        self._asked_ns = state.time_ns
        self._cells = state.cells
        self._lines = Counter(_plain(text) for text, _ in state.lines)
        self._texts = frozenset(text for text, _ in state.lines)

    def _tokens(self, now_ns: int) -> float:
        passed = max(0, now_ns - self._filled_ns)
        self._left = min(float(BURST), self._left + passed / REFILL_NS)
        self._filled_ns = max(now_ns, self._filled_ns)
        return self._left


def _plain(text: str) -> str:
    """A line without what ticks in it: figures, and the spaces between."""
    return re.sub(r"[\d\W_]+", " ", text.casefold()).strip()


def _focus(boxes: Sequence[Rect], state: State) -> Rect | None:
    """The changed places and a little around them; None where that is most of the region anyway."""
    if not boxes:
        return None
    width, height = state.size
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    around = whole.grown(_AROUND_PX * 2, _AROUND_PX).clipped(width, height)
    return None if around is None or around.area > _LARGEST_FOCUS * width * height else around
