"""Where lines of text went from one look to the next: they stay, move, count on, go, or scroll out.

    followed = followed_to(before, now)
    followed.lines, followed.new, followed.gone

Each line is one of those before at most. So a second line with the words of an older one is new, however often a list
that scrolls puts it where such a line once stood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ironcliw.frame import Rect
from ironcliw.vision_model.shapes import shape_of

Words = tuple[str, Rect]
STAYED_PX = 6
"""A line that is this near to where it was has not moved."""
_SCROLLED_MIN = 2
"""So many lines that moved alike are a list that scrolls."""


@dataclass(frozen=True)
class Followed:
    """lines: those before, as they are now; new: the others of now; gone: those before that are none of now's."""

    lines: list[Words]
    new: list[Words]
    gone: list[Words]


def followed_to(before: Sequence[Words], now: Sequence[Words]) -> Followed:
    """Match lines by their words where they were, then elsewhere, then by their shape where they were."""
    left, free = list(before), list(now)
    found: list[tuple[Words, Words]] = []
    for alike in (_stays, _says, _counts_on):
        pairs, left, free = _matched(left, free, alike)
        found += pairs
    moved = [(then[1], there[1]) for then, there in found if not _near(then[1], there[1])]
    gone = [line for line in left if not _scrolled_out(line[1], moved)]
    return Followed([there for _, there in found], free, gone)


def _matched(
    left: list[Words], free: list[Words], alike: Callable[[Words, Words], bool]
) -> tuple[list[tuple[Words, Words]], list[Words], list[Words]]:
    """Pairs of lines, each with the nearest that is alike; and who found none."""
    pairs: list[tuple[Words, Words]] = []
    alone: list[Words] = []
    free = list(free)
    for line in left:
        others = [at for at, other in enumerate(free) if alike(line, other)]
        if others:
            pairs.append((line, free.pop(min(others, key=lambda at: _apart(line[1], free[at][1])))))
        else:
            alone.append(line)
    return pairs, alone, free


def _stays(line: Words, other: Words) -> bool:
    return line[0] == other[0] and _near(line[1], other[1])


def _says(line: Words, other: Words) -> bool:
    return line[0] == other[0]


def _counts_on(line: Words, other: Words) -> bool:
    return line[1].overlaps(other[1]) and shape_of(line[0]) == shape_of(other[0])


def _near(box: Rect, other: Rect) -> bool:
    return _apart(box, other) <= STAYED_PX


def _apart(box: Rect, other: Rect) -> int:
    return max(abs(box.x - other.x), abs(box.y - other.y))


def _scrolled_out(box: Rect, moved: Sequence[tuple[Rect, Rect]]) -> bool:
    """Whether a line that is gone stood at the end towards which those below or above it, in its column, moved."""
    column = [(then, there) for then, there in moved if max(abs(then.x - box.x), abs(there.x - box.x)) <= STAYED_PX]
    up = [then for then, there in column if there.y < then.y]
    down = [then for then, there in column if there.y > then.y]
    if len(up) >= _SCROLLED_MIN and not down:
        return box.y <= min(then.y for then in up)
    return len(down) >= _SCROLLED_MIN and not up and box.y >= max(then.y for then in down)
