"""The screen's text: which lines stand where, which are new, which are gone."""

from __future__ import annotations

from dataclasses import dataclass

from ironcliw.frame import Rect


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on the screen.

    id: stays the same while the line stands, is edited in place or moves
    time_ns: source time of the first frame that shows it as it is now
    """

    id: int
    text: str
    box: Rect
    confidence: float
    time_ns: int


@dataclass(frozen=True, slots=True)
class TextUpdate:
    """What one reading changed. All tuples are in reading order (top to bottom, then left to right).

    time_ns: source time of the state that was read
    lines: every line now on the screen
    appeared: new lines (a subset of ``lines``)
    vanished: lines that are gone, as they last were
    changed: (before, after) pairs of lines edited in place, same id
    moved: (before, after) pairs of lines that stand elsewhere with the same text, same id
    present_at_start: True while the state the watch began with is being read: nothing in it is news
    """

    time_ns: int
    lines: tuple[Line, ...]
    appeared: tuple[Line, ...] = ()
    vanished: tuple[Line, ...] = ()
    changed: tuple[tuple[Line, Line], ...] = ()
    moved: tuple[tuple[Line, Line], ...] = ()
    present_at_start: bool = False
