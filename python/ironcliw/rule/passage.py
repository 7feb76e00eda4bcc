"""Lines joined into the passages a phrase may run through: side by side on a row, and wrapped into the row below.

layout = Layout(update.lines)
for passage in layout.for_phrases():
    passage.text, passage.cut(start, end)     # which lines a match lies in
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from ironcliw.frame import Rect
from ironcliw.text.misreading import plain
from ironcliw.text.screen import Line

ROW_GAP_HEIGHTS = 4
"""Pieces on one baseline further apart than this many line heights are not one row."""
WRAP_GAP_HEIGHTS = 1
"""Rows with more than this many line heights between them are not one block."""
HANG_HEIGHTS = 2
OUTDENT_HEIGHTS = 8
"""A wrapped row begins at the left edge of the row before, a little to the right of it, or at its block's edge."""
HARD_WRAP_LENGTH_MIN = 20
"""Shorter rows than this are not taken for terminal lines cut in the middle of a word."""

_HEIGHT_RATIO = 1.6
_WINDOW_ROWS = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """Text of one or more lines. ``starts``: where in ``text`` each line begins."""

    text: str
    lines: tuple[Line, ...]
    starts: tuple[int, ...]

    def cut(self, start: int, end: int) -> list[tuple[Line, int, int]]:
        """The lines a span lies in, each with the part of it (from, to) that is in the span."""
        first = bisect_right(self.starts, start) - 1
        parts: list[tuple[Line, int, int]] = []
        for index in range(first, len(self.lines)):
            begin = self.starts[index]
            if begin >= end:
                break
            limit = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
            parts.append((self.lines[index], max(start, begin) - begin, min(end, limit) - begin))
        return parts


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces that stand side by side on one baseline, left to right, and the rectangle around them."""

    pieces: tuple[Line, ...]
    box: Rect

    @property
    def length(self) -> int:
        """Characters in it."""
        return sum(len(piece.text) + 1 for piece in self.pieces) - 1


class Layout:
    """The lines of one reading, arranged as a reader's eye would."""

    def __init__(self, lines: Sequence[Line], before: Layout | None = None) -> None:
        """``before``: the layout of the reading before; passages of lines that are still the same are taken over."""
        self.lines = lines
        self.fresh: list[Passage] = []
        """Those that were not taken over, as far as they were asked for."""
        self._before = {} if before is None else before._made
        self._made: dict[tuple[str, tuple[int, ...]], Passage] = {}

    def _passage(self, rows: Sequence[Row], joint: str = " ") -> Passage:
        # By identity: lines that nobody read again are the very same, and their passages keep them alive.
        key = joint, tuple([id(piece) for row in rows for piece in row.pieces])
        made = self._before.get(key)
        if made is None:
            made = _passage(rows, joint)
            self.fresh.append(made)
        self._made[key] = made
        return made

    @cached_property
    def rows(self) -> list[Row]:
        """Every line in exactly one row, top to bottom."""
        return _rows(self.lines)

    @cached_property
    def blocks(self) -> list[list[Row]]:
        """Rows that continue each other; where rows have several pieces, also the columns that the pieces form."""
        blocks = _stacks(self.rows)
        if any(len(row.pieces) > 1 for row in self.rows):
            pieces = [Row((line,), line.box) for line in _by_top(self.lines)]
            blocks += [column for column in _stacks(pieces) if len(column) > 1]
        return blocks

    def for_phrases(self) -> list[Passage]:
        """Whole blocks, and pairs of rows that were cut in the middle of a word. Every line is in one at least."""
        return self.block_passages + self.hard_wraps

    def for_regexes(self) -> list[Passage]:
        """Lines, rows, and windows of up to three rows: shorter first, so that ``.*`` stays as close as it can."""
        return self._windows + self.hard_wraps

    @cached_property
    def block_passages(self) -> list[Passage]:
        """One for each block."""
        return [self._passage(block) for block in self.blocks]

    @cached_property
    def _windows(self) -> list[Passage]:
        single = [self._passage([Row((line,), line.box)]) for line in self.lines]
        rows = [self._passage([row]) for row in self.rows if len(row.pieces) > 1]
        windows = [
            self._passage(block[at : at + size])
            for size in range(2, _WINDOW_ROWS + 1)
            for block in self.blocks
            for at in range(len(block) - size + 1)
        ]
        return single + rows + windows

    @cached_property
    def hard_wraps(self) -> list[Passage]:
        """One for each pair of rows that was cut in the middle of a word."""
        return [self._passage(pair, joint="") for block in self.blocks for pair in _cut_rows(block)]


def _passage(rows: Sequence[Row], joint: str = " ") -> Passage:
    text, lines, starts = "", list[Line](), list[int]()
    for row in rows:
        for index, piece in enumerate(row.pieces):
            if lines:
                text += joint if index == 0 else " "
            starts.append(len(text))
            lines.append(piece)
            text += plain(piece.text)
    return Passage(text, tuple(lines), tuple(starts))


def _by_top(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.box.y, line.box.x))


def _heights_alike(a: Rect, b: Rect) -> bool:
    return max(a.height, b.height) <= _HEIGHT_RATIO * max(1, min(a.height, b.height))


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Join each line to its nearest right neighbour, nearest pairs first."""
    ordered = _by_top(lines)
    gaps: list[tuple[int, int, int]] = []
    for index, line in enumerate(ordered):
        for other_index in range(index + 1, len(ordered)):
            other = ordered[other_index]
            if other.box.y >= line.box.bottom:
                break
            left, right = (index, other_index) if line.box.x <= other.box.x else (other_index, index)
            gap = _gap_in_row(ordered[left].box, ordered[right].box)
            if gap is not None:
                gaps.append((gap, left, right))
    following = _nearest_links(sorted(gaps))
    rows = [_row([ordered[index] for index in chain]) for chain in _chains(len(ordered), following)]
    return sorted(rows, key=lambda row: (row.box.y, row.box.x))


def _row(pieces: list[Line]) -> Row:
    box = pieces[0].box
    for piece in pieces[1:]:
        box = box.union(piece.box)
    return Row(tuple(pieces), box)


def _gap_in_row(left: Rect, right: Rect) -> int | None:
    """Pixels between two boxes on one baseline; None where they are not."""
    shared = min(left.bottom, right.bottom) - max(left.y, right.y)
    height = min(left.height, right.height)
    if shared < 0.6 * height or not _heights_alike(left, right):
        return None
    gap = right.x - left.right
    return gap if -0.5 * height <= gap <= ROW_GAP_HEIGHTS * height else None


def _stacks(rows: list[Row]) -> list[list[Row]]:
    """Join each row to the row that continues it below; rows come by top."""
    links: list[tuple[int, int, int, int]] = []
    tallest = max((row.box.height for row in rows), default=0)
    for index, row in enumerate(rows):
        for below_index in range(index + 1, len(rows)):
            below = rows[below_index]
            if below.box.y > row.box.bottom + WRAP_GAP_HEIGHTS * tallest:
                break
            if _continues(row.box, below.box):
                gap = abs(below.box.y - row.box.bottom)
                links.append((gap, abs(below.box.x - row.box.x), index, below_index))
    following = _nearest_links((gap, above, below) for gap, _, above, below in sorted(links))
    return [[rows[index] for index in chain] for chain in _chains(len(rows), following)]


def _continues(above: Rect, below: Rect) -> bool:
    """Whether text that ran out of room in ``above`` may go on in ``below``."""
    height = max(above.height, below.height)
    gap = below.y - above.bottom
    if not (-0.5 * height <= gap <= WRAP_GAP_HEIGHTS * height and _heights_alike(above, below)):
        return False
    indent = below.x - above.x
    centred = abs((above.x + above.right) - (below.x + below.right)) <= 2 * height
    side_by_side = below.x >= above.right or above.x >= below.right
    return not side_by_side and (-OUTDENT_HEIGHTS * height <= indent <= HANG_HEIGHTS * height or centred)


def _nearest_links(candidates: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    """Each index followed by at most one and following at most one, the first candidates taken first."""
    following: dict[int, int] = {}
    taken: set[int] = set()
    for _, before, after in candidates:
        if before not in following and after not in taken:
            following[before] = after
            taken.add(after)
    return following


def _chains(count: int, following: dict[int, int]) -> Iterator[list[int]]:
    followers = set(following.values())
    for head in range(count):
        if head in followers:
            continue
        chain = [head]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        yield chain


def _cut_rows(block: list[Row]) -> Iterator[list[Row]]:
    """Pairs of rows of which the first fills its block to the right edge, as a terminal's cut line does."""
    edge = max(row.box.right for row in block)
    for row, below in pairwise(block):
        character_width = row.box.width / max(1, row.length)
        if row.length >= HARD_WRAP_LENGTH_MIN and row.box.right >= edge - 1.5 * character_width:
            yield [row, below]
