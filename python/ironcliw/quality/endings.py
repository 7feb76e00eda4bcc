"""At the end of a recording: is the text that was kept up to date the text of the last frame, read whole?

    ending = Ending.of("d1", kept, whole)     # lines with .text and .box
    ending.agreement                          # share of the characters

Lines are compared where they stand: those that share a place on either side are one passage, whose characters, without
white space, are compared by their edit distance. What stands on one side only is wrong with all of its characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ironcliw.frame import Rect
from ironcliw.text import ReadLine

_ROWS_SHARED, _COLUMNS_SHARED = 0.5, 0.3
"""Two lines share a place where they share so much of the lower one's height and of the shorter one's width."""
_SHIFT_LINES = 1
"""How far down, in their heights, the control ``shifted`` puts lines."""


class Standing(Protocol):
    """A line and where it stands."""

    @property
    def text(self) -> str:
        """Its text."""
        ...

    @property
    def box(self) -> Rect:
        """Where it stands, in frame pixels."""
        ...


@dataclass(frozen=True, slots=True)
class End:
    """The end of a recording: the lines of its last frame read whole, by an engine that knows nothing of the rest."""

    name: str
    whole: tuple[ReadLine, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the text kept up to date compares with a whole reading of the last frame.

    lines, whole_lines: lines of either; ``equal_lines``: of those the ones of equal text
    characters: of the longer of both, without white space; ``wrong``: edit distance over all passages
    seen_wrong: the same beside a whole reading of the pixels the watcher had looked at, which leaves a codec's noise
        out where the watcher did
    """

    name: str
    lines: int
    whole_lines: int
    equal_lines: int
    characters: int
    wrong: int
    seen_wrong: int | None = None

    @classmethod
    def of(cls, name: str, kept: Sequence[Standing], whole: Sequence[Standing]) -> Ending:
        """Compare the lines ``kept`` with those of a ``whole`` reading."""
        wrong = sum(distance(_text(ours), _text(theirs)) for ours, theirs in passages(kept, whole))
        equal = Counter(_bare(line.text) for line in kept) & Counter(_bare(line.text) for line in whole)
        characters = max(sum(len(_bare(line.text)) for line in side) for side in (kept, whole))
        return cls(name, len(kept), len(whole), equal.total(), characters, min(wrong, characters))

    @property
    def agreement(self) -> float | None:
        """Share of the characters that agree; None where there are none."""
        return 1 - self.wrong / self.characters if self.characters else None


def controls(name: str, whole: Sequence[ReadLine]) -> dict[str, Ending]:
    """What detectors of known score would have kept: nothing, all of it twice, all of it lower, all of it."""
    lower = [ReadLine(line.text, line.box.moved(0, _SHIFT_LINES * line.box.height), line.confidence) for line in whole]
    kept = {"silent": [], "always": [*whole, *whole], "shifted": lower, "perfect": whole}
    return {control: Ending.of(name, lines, whole) for control, lines in kept.items()}


def passages(kept: Sequence[Standing], whole: Sequence[Standing]) -> list[tuple[list[Standing], list[Standing]]]:
    """The lines of both sides, grouped by place: a group holds all that share one, directly or through others."""
    groups: list[tuple[list[Standing], list[Standing]]] = []
    for side, lines in enumerate((kept, whole)):
        for line in lines:
            # Through a line of the other side only: lines of one side never share a place but where one is doubled.
            touched = [group for group in groups if any(_share_place(line.box, other.box) for other in group[1 - side])]
            joined: tuple[list[Standing], list[Standing]] = ([], [])
            for group in touched:
                joined[0].extend(group[0])
                joined[1].extend(group[1])
                groups.remove(group)
            joined[side].append(line)
            groups.append(joined)
    return groups


def distance(a: str, b: str) -> int:
    """The edit distance (Levenshtein's) between two texts."""
    if a == b:
        return 0
    row = list(range(len(b) + 1))
    for number, left in enumerate(a, 1):
        diagonal, row[0] = row[0], number
        for column, right in enumerate(b, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (left != right))
    return row[-1]


def _share_place(a: Rect, b: Rect) -> bool:
    rows = min(a.bottom, b.bottom) - max(a.y, b.y)
    columns = min(a.right, b.right) - max(a.x, b.x)
    return rows >= _ROWS_SHARED * min(a.height, b.height) and columns >= _COLUMNS_SHARED * min(a.width, b.width)


def _text(lines: Sequence[Standing]) -> str:
    return "".join(_bare(line.text) for line in sorted(lines, key=lambda line: (line.box.x, line.box.y)))


def _bare(text: str) -> str:
    return "".join(text.split())
