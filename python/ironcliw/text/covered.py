"""What was drawn over, and whether it is seen again: a window, a dialog or a dissolve is not the end of what it hides.

covered = CoveredStates(width=1920, height=1080)
covered.follow(thumbnail, before=lines, after=lines, scrolled=False, time_ns=now_ns)
covered.uncovers(line)                # True where the line stood there before something was drawn over it

A state of the screen is kept when something is drawn over it, and is back when the screen looks like it again there.
Then it and what was kept after it are let go: a dialog that closed and opens again is news.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ironcliw.clock import SECOND
from ironcliw.frame import Rect
from ironcliw.text.misreading import line_key
from ironcliw.text.thumbnail import BLOCK_PX, Thumbnail, blocks_of

STATES_MAX = 24
BYTES_MAX = 8 << 20

NOISE = 10
"""Shades of gray that a block may be off by and still count as the same."""

LIKENESS = 0.8
"""Correlation from which on the screen looks as it did; a dissolve or a dimmed page keeps it, other text does not."""

LINE_LIKENESS = 0.5
"""The same for one line of it, which another line beside it may have changed."""

LEAST_HEIGHT_PX = 24
"""Something flatter is a line rewritten, and covers nothing."""

OUTSIDE_TEXT = 0.4
"""Of what a cover changes at least this share lies beside the lines that stood there and that stand there now ..."""

DRAWN = 0.3
"""... and this share is not the ground of what was there: what only clears, covers nothing."""

DIALOG_SHARE = 0.5
"""What is drawn over less than this part of the screen may be a dialog ..."""

CLOSED_SHARE = 0.8
"""... and is closed where at least this share of it changes at once."""

RETURNING_NS = 1 * SECOND
"""What is back becomes readable within this long."""


class Standing(Protocol):
    """A line on the screen."""

    @property
    def text(self) -> str:
        """What it says."""
        ...

    @property
    def box(self) -> Rect:
        """Where, in frame pixels."""
        ...


class _Hidden(NamedTuple):
    key: str
    box: Rect


@dataclass(frozen=True, slots=True)
class _State:
    """How the screen looked in ``box`` (in blocks), the blocks of ``mask`` that were drawn over, and what it said."""

    box: Rect
    luma: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    lines: tuple[_Hidden, ...]

    @property
    def bytes(self) -> int:
        return self.luma.nbytes + self.mask.nbytes

    def holds(self, line: Standing) -> bool:
        key = line_key(line.text)
        return any(key == hidden.key and _same_place(hidden.box, line.box) for hidden in self.lines)


class CoveredStates:
    """The states that were drawn over on one screen, newest last; the last 24, and 8 MB of them at most.

    width, height: of the frame in pixels
    """

    def __init__(self, width: int, height: int) -> None:
        self._now = np.zeros((height // BLOCK_PX, width // BLOCK_PX), np.uint8)
        self._seen = np.zeros(self._now.shape, np.bool_)
        self._states: list[_State] = []
        self._returning: list[tuple[_State, int]] = []

    @property
    def bytes(self) -> int:
        """What is kept of how the screen looked."""
        return self._now.nbytes + self._seen.nbytes + sum(state.bytes for state in self._states)

    def follow(
        self,
        thumbnail: Thumbnail,
        *,
        before: Sequence[Standing],
        after: Sequence[Standing],
        scrolled: bool,
        time_ns: int,
    ) -> None:
        """Take a reading: how the screen looks where it was read, and the lines that stood and that stand there.

        scrolled: whether what stood there only moved
        """
        self._returning = [item for item in self._returning if time_ns - item[1] <= RETURNING_NS]
        box, new = thumbnail.box, thumbnail.luma
        if not new.size:
            return
        rows, columns = slice(box.y, box.bottom), slice(box.x, box.right)
        old, seen = self._now[rows, columns].copy(), self._seen[rows, columns].copy()
        self._now[rows, columns], self._seen[rows, columns] = new, True
        changed = (np.abs(new.astype(np.int16) - old) > NOISE) & seen
        if not changed.any():
            return
        if self._take_back(changed, box, time_ns) or scrolled:
            return
        if _correlation(new[changed], old[changed]) >= LIKENESS:
            return  # it was dimmed, or is only beginning to dissolve
        self._leave_out_dialogs(changed, box)
        if not changed.any():
            return
        if _is_cover(changed, old, new, [_within(line.box, box) for line in (*before, *after)]):
            self._push(changed, old, box, before)

    def uncovers(self, line: Standing) -> bool:
        """Whether ``line`` stood at its place in a state that has just come back."""
        return any(state.holds(line) for state, _ in self._returning)

    def _take_back(self, changed: NDArray[np.bool_], box: Rect, time_ns: int) -> bool:
        """Whether a state is back: it, and what was kept after it of the same place, are let go."""
        likeness = [self._likeness(state) if _touched(state, changed, box) else 0.0 for state in self._states]
        best = max(likeness, default=0.0)
        if best < LIKENESS:
            return False
        index = len(likeness) - 1 - likeness[::-1].index(best)
        state = self._states[index]
        back = tuple(hidden for hidden in state.lines if self._shows(state, hidden.box))
        self._returning.append((replace(state, lines=back), time_ns))
        self._states[index:] = [other for other in self._states[index + 1 :] if not _same_part(other, state)]
        return True

    def _leave_out_dialogs(self, changed: NDArray[np.bool_], box: Rect) -> None:
        """Take out of ``changed`` where something small was drawn over a state that now changed once more as a whole.

        That was closed, over something that moved on meanwhile: it is gone, not covered, and news when it comes again.
        """
        for state in self._states:
            if np.count_nonzero(state.mask) >= DIALOG_SHARE * self._now.size:
                continue
            both = state.box.intersection(box)
            if both is None:
                continue
            mask, now = _part(state.mask, state.box, both), _part(changed, box, both)
            if np.count_nonzero(mask & now) >= CLOSED_SHARE * np.count_nonzero(state.mask):
                now &= ~mask

    def _likeness(self, state: _State) -> float:
        now = self._now[state.box.y : state.box.bottom, state.box.x : state.box.right][state.mask]
        return _correlation(now, state.luma[state.mask])

    def _shows(self, state: _State, line: Rect) -> bool:
        """Whether the screen looks like ``state`` where a line stood: a page may be back without its dialog."""
        part = blocks_of(line).intersection(state.box)
        if part is None:
            return True
        now = self._now[part.y : part.bottom, part.x : part.right]
        inside = part.moved(-state.box.x, -state.box.y)
        then = state.luma[inside.y : inside.bottom, inside.x : inside.right]
        return _correlation(now.reshape(-1), then.reshape(-1)) >= LINE_LIKENESS

    def _push(self, changed: NDArray[np.bool_], old: NDArray[np.uint8], box: Rect, before: Sequence[Standing]) -> None:
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
        mask = changed[top:bottom, left:right].copy()
        part = Rect(box.x + left, box.y + top, right - left, bottom - top)
        lines = tuple(_Hidden(line_key(line.text), line.box) for line in before if _covers(mask, part, line.box))
        self._states.append(_State(part, old[top:bottom, left:right].copy(), mask, lines))
        while len(self._states) > STATES_MAX or sum(state.bytes for state in self._states) > BYTES_MAX:
            del self._states[0]


def _touched(state: _State, changed: NDArray[np.bool_], box: Rect) -> bool:
    """Whether a good part of what was drawn over has changed now."""
    both = state.box.intersection(box)
    if both is None:
        return False
    touched = _part(state.mask, state.box, both) & _part(changed, box, both)
    return bool(4 * np.count_nonzero(touched) >= np.count_nonzero(state.mask))


def _part(blocks: NDArray[np.bool_], box: Rect, wanted: Rect) -> NDArray[np.bool_]:
    """The view of ``blocks``, which fill ``box``, at ``wanted`` inside of it."""
    inside = wanted.moved(-box.x, -box.y)
    return blocks[inside.y : inside.bottom, inside.x : inside.right]


def _same_part(one: _State, other: _State) -> bool:
    """Whether two states were drawn over at the same place, by half of the smaller one at least."""
    both = one.box.intersection(other.box)
    if both is None:
        return False
    shared = _part(one.mask, one.box, both) & _part(other.mask, other.box, both)
    smaller = min(np.count_nonzero(one.mask), np.count_nonzero(other.mask))
    return bool(2 * np.count_nonzero(shared) >= smaller)


def _is_cover(changed: NDArray[np.bool_], old: NDArray[np.uint8], new: NDArray[np.uint8], lines: list[Rect]) -> bool:
    """Whether something was drawn that is more than other words in the same lines, or the ground where they stood."""
    if BLOCK_PX * np.count_nonzero(changed.any(axis=1)) < LEAST_HEIGHT_PX:
        return False
    total = np.count_nonzero(changed)
    beside = changed.copy()
    for line in lines:
        beside[max(line.y, 0) : max(line.bottom, 0), max(line.x, 0) : max(line.right, 0)] = False
    if np.count_nonzero(beside) < OUTSIDE_TEXT * total:
        return False
    ground = np.bincount(old.reshape(-1), minlength=256).argmax()
    drawn = changed & (np.abs(new.astype(np.int16) - int(ground)) > NOISE)
    return bool(np.count_nonzero(drawn) >= DRAWN * total)


def _covers(mask: NDArray[np.bool_], part: Rect, line: Rect) -> bool:
    """Whether something of a line's box was drawn over."""
    box = _within(line, part)
    area = mask[max(box.y, 0) : max(box.bottom, 0), max(box.x, 0) : max(box.right, 0)]
    return bool(area.any())


def _within(box: Rect, part: Rect) -> Rect:
    """A box in pixels, in blocks counted from the corner of ``part``."""
    return blocks_of(box).moved(-part.x, -part.y)


def _same_place(a: Rect, b: Rect) -> bool:
    rows = min(a.bottom, b.bottom) - max(a.y, b.y)
    columns = min(a.right, b.right) - max(a.x, b.x)
    return 2 * rows >= min(a.height, b.height) and 10 * columns >= 3 * min(a.width, b.width)


def _correlation(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Pearson's correlation of two rows of values; where one is flat, 1 if the values are alike, else 0."""
    one, other = a.astype(np.float32), b.astype(np.float32)
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one @ one) * (other @ other)))
    if scale < 1e-3:
        return float(np.abs(a.astype(np.int16) - b).max(initial=0) <= NOISE)
    return float(one @ other) / scale
