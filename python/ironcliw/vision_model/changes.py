"""What differs between two states of a region: places, lines that came and went, and places without words.

changes = changes_between(before, now)
changes.came, changes.gone, changes.wordless
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ironcliw.frame import Rect
from ironcliw.vision_model.cells import CELL_PX, changed_boxes, same_cells
from ironcliw.vision_model.following import STAYED_PX, Words, followed_to
from ironcliw.vision_model.shapes import shape_of

__all__ = ["Changes", "Known", "State", "Words", "changes_between", "within"]


@dataclass(frozen=True)
class State:
    """A region as it is at a moment.

    size: of the region, width and height in pixels
    cells: its ``cell_means``; lines: its text and their boxes, in the region's pixels
    restless: whether in a place, in the region's pixels, only what never rests moves
    """

    size: tuple[int, int]
    cells: NDArray[np.int16]
    lines: Sequence[Words]
    time_ns: int
    restless: Callable[[Rect], bool] = field(default=lambda rect: False)


@dataclass
class Known:
    """How the region was where it was last asked about: place by place as of different moments.

    cells, drawn: its look and its lines as they were then
    lines: the same lines as they are now: moved, with figures that went on; gone: those that are there no more
    """

    cells: NDArray[np.int16]
    drawn: list[Words]
    lines: list[Words]
    gone: list[Words] = field(default_factory=list[Words])

    @classmethod
    def of(cls, state: State) -> Known:
        """All of it as it is now."""
        return cls(state.cells.copy(), list(state.lines), list(state.lines))

    def copy(self) -> Known:
        """One that can be changed by itself."""
        return Known(self.cells.copy(), list(self.drawn), list(self.lines), list(self.gone))

    def follow(self, state: State) -> list[Words]:
        """Go along with lines that moved and figures that went on; the lines of ``state`` that are no such, and new.

        To be called at every look: a line is followed from where it stood at the last one. What has scrolled out at an
        end is forgotten, since the others that it was among are there still.
        """
        followed = followed_to(self.lines, state.lines)
        self.lines = followed.lines
        back = [line for line in followed.new if line[0] in {text for text, _ in self.gone}]
        self.gone = [line for line in self.gone if line[0] not in {text for text, _ in back}] + followed.gone
        self.lines += back
        return [line for line in followed.new if line not in back]

    def take(self, state: State, places: Sequence[Rect], drawn: Sequence[Rect] = ()) -> None:
        """These places are now as in ``state``; the ``drawn`` ones but for their words."""
        for place in (*places, *drawn):
            rows = slice(place.y // CELL_PX, -(-place.bottom // CELL_PX))
            columns = slice(place.x // CELL_PX, -(-place.right // CELL_PX))
            self.cells[rows, columns] = state.cells[rows, columns]
        here = [line for line in state.lines if within(line[1], places)]
        self.drawn = [line for line in self.drawn if not within(line[1], places)] + here
        self.lines = [line for line in self.lines if not within(line[1], places)] + here
        self.gone = [line for line in self.gone if not within(line[1], places)]

    def shows(self, state: State, places: Sequence[Rect]) -> bool:
        """Whether ``state`` looks like this in these places, and says the same there."""
        if self.cells.shape != state.cells.shape:
            return False
        said, says = ({shape_of(text) for text, box in lines if within(box, places)}
                      for lines in (self.drawn, state.lines))  # fmt: skip
        return says <= said and all(same_cells(self.cells, state.cells, place) for place in places)


@dataclass(frozen=True)
class Changes:
    """places: that look different, restless ones left out; wordless: those of them in which no line is another one."""

    places: tuple[Rect, ...]
    came: tuple[Words, ...]
    gone: tuple[Words, ...]
    wordless: tuple[Rect, ...]

    def __bool__(self) -> bool:
        return bool(self.places or self.came or self.gone)


def changes_between(known: Known, now: State) -> Changes:
    """What is there now and was not, and the other way round; ``known`` goes along (see ``Known.follow``)."""
    places = tuple(box for box in changed_boxes(known.cells, now.cells) if not now.restless(box))
    came = known.follow(now)
    stood, stands = ({_standing(line) for line in lines} for lines in (known.drawn, now.lines))
    read = [line[1] for line in now.lines if _standing(line) not in stood]
    read += [line[1] for line in known.drawn if _standing(line) not in stands]
    wordless = tuple(place for place in places if not within(place, read))
    return Changes(places, tuple(came), tuple(known.gone), wordless)


def _standing(line: Words) -> tuple[str, int, int]:
    return line[0], line[1].x // STAYED_PX, line[1].y // STAYED_PX


def within(box: Rect, places: Sequence[Rect]) -> bool:
    """Whether a box overlaps any of these."""
    return any(box.overlaps(place) for place in places)
