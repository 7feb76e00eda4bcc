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
from ironcliw.vision_model.shapes import shape_of

Words = tuple[str, Rect]
_STAYED_PX = 6


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
    """How the region was where it was last asked about: place by place as of different moments."""

    cells: NDArray[np.int16]
    lines: list[Words]

    @classmethod
    def of(cls, state: State) -> Known:
        """All of it as it is now."""
        return cls(state.cells.copy(), list(state.lines))

    def take(self, state: State, places: Sequence[Rect], drawn: Sequence[Rect] = ()) -> None:
        """These places are now as in ``state``; the ``drawn`` ones but for their words."""
        for place in (*places, *drawn):
            rows = slice(place.y // CELL_PX, -(-place.bottom // CELL_PX))
            columns = slice(place.x // CELL_PX, -(-place.right // CELL_PX))
            self.cells[rows, columns] = state.cells[rows, columns]
        kept = [line for line in self.lines if not within(line[1], places)]
        self.lines = kept + [line for line in state.lines if within(line[1], places)]

    def shows(self, state: State, places: Sequence[Rect]) -> bool:
        """Whether ``state`` looks like this in these places, and says the same there."""
        if self.cells.shape != state.cells.shape:
            return False
        said, says = ({shape_of(text) for text, box in lines if within(box, places)}
                      for lines in (self.lines, state.lines))  # fmt: skip
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


def changes_between(before: Known, now: State) -> Changes:
    """Figures that go on in their lines are no change; the same words in another line, with other figures, are."""
    places = tuple(box for box in changed_boxes(before.cells, now.cells) if not now.restless(box))
    came, gone = _others(now.lines, before.lines), _others(before.lines, now.lines)
    stood = {(text, box.x // _STAYED_PX, box.y // _STAYED_PX) for text, box in before.lines}
    read = [box for text, box in now.lines if (text, box.x // _STAYED_PX, box.y // _STAYED_PX) not in stood]
    read += [box for _, box in gone]
    wordless = tuple(place for place in places if not within(place, read))
    return Changes(places, came, gone, wordless)


def _others(lines: Sequence[Words], among: Sequence[Words]) -> tuple[Words, ...]:
    """The lines that are not ``among`` these: neither there nor elsewhere, nor in their place but for figures."""
    texts, known = {text for text, _ in lines}, {text for text, _ in among}
    ticked = [(shape_of(text), box) for text, box in among if text not in texts]
    return tuple(
        (text, box)
        for text, box in lines
        if text not in known and not any(shape == shape_of(text) and place.overlaps(box) for shape, place in ticked)
    )


def within(box: Rect, places: Sequence[Rect]) -> bool:
    """Whether a box overlaps any of these."""
    return any(box.overlaps(place) for place in places)
