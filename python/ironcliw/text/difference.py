"""What is different about a line that was edited, and about lines that moved.

difference("41 % done", "42 % done")  # {"before": "41 % done", "removed": "1", "added": "2"}
movements(update.moved)               # [Movement(box=Rect(...), dx=0, dy=-18, lines=12)]
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from ironcliw.frame import Rect
from ironcliw.text.screen import Line

SAME_WAY_PX = 2
"""Boxes of one line read twice differ by this much although nothing moved."""


class Movement(NamedTuple):
    """So many lines that moved the same way: ``dx`` pixels to the right, ``dy`` down, now inside of ``box``."""

    box: Rect
    dx: int
    dy: int
    lines: int


def difference(before: str, after: str) -> dict[str, str]:
    """What stood, and what stands now, between the words that both begin and end with."""
    start = alike_from_start(before, after)
    rest = min(len(before), len(after)) - start
    end = min(alike_from_start(before[::-1], after[::-1]), rest)
    return {
        "before": before,
        "removed": before[start : len(before) - end],
        "added": after[start : len(after) - end],
    }


def alike_from_start(a: str, b: str) -> int:
    """How many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def movements(moved: Iterable[tuple[Line, Line]]) -> list[Movement]:
    """The pairs of lines before and after in groups that went the same way, from top to bottom.

    Lines that a window covered and that stand in place again have not moved, nor have those read a pixel off.
    """
    found: list[Movement] = []
    for old, new in moved:
        dx, dy = new.box.x - old.box.x, new.box.y - old.box.y
        if max(abs(dx), abs(dy)) <= SAME_WAY_PX:
            continue
        for index, group in enumerate(found):
            if max(abs(group.dx - dx), abs(group.dy - dy)) <= SAME_WAY_PX:
                found[index] = Movement(group.box.union(new.box), group.dx, group.dy, group.lines + 1)
                break
        else:
            found.append(Movement(new.box, dx, dy, 1))
    return sorted(found, key=lambda movement: (movement.box.y, movement.box.x))
