"""The screen's text: which lines stand where, which are new, which are gone.

screen = TextScreen()
update = screen.apply(region, engine.read(crop), changed=lambda box: True, time_ns=now_ns)
update.appeared                       # lines that were not on the screen before
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ironcliw.frame import Rect
from ironcliw.text.covered import CoveredStates
from ironcliw.text.misreading import line_key
from ironcliw.text.protocol import ReadLine
from ironcliw.text.thumbnail import Thumbnail

_MOST_HIDDEN = 64
_EDIT_RATIO = 0.5
"""Two texts at one place that share at least this much are one line edited, else one gone and another come."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on the screen.

    id: stays the same while the line stands, is edited in place or moves
    time_ns: source time of the reading that first saw it as it is now
    """

    id: int
    text: str
    box: Rect
    confidence: float
    time_ns: int


@dataclass(frozen=True, slots=True)
class TextUpdate:
    """What one reading changed. All tuples are in reading order (top to bottom, then left to right).

    time_ns: source time at which the state was read
    lines: every line now on the screen
    appeared: new lines (a subset of ``lines``)
    vanished: lines that are gone, as they last were
    changed: (before, after) pairs of lines edited in place, same id
    moved: (before, after) pairs of lines that stand elsewhere with the same text, same id
    uncovered: lines that were hidden under something for a while and are seen again; no news
    present_at_start: True while the state the watch began with is being read: nothing in it is news
    """

    time_ns: int
    lines: tuple[Line, ...]
    appeared: tuple[Line, ...] = ()
    vanished: tuple[Line, ...] = ()
    changed: tuple[tuple[Line, Line], ...] = ()
    moved: tuple[tuple[Line, Line], ...] = ()
    uncovered: tuple[Line, ...] = ()
    present_at_start: bool = False


LINE_BYTES = 600
"""About what a line takes with its text and its box."""


class TextScreen:
    """All lines on the screen, kept up to date by readings of parts of it."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._hidden = _Hidden()
        self._covered = CoveredStates(0, 0)
        self._next_id = 0

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line now on the screen, in reading order."""
        return tuple(self._lines)

    def restore(self, lines: Iterable[Line]) -> None:
        """These lines are known to have stood on the screen, with these ids; for a screen that knows none yet."""
        self._lines = sorted(lines, key=_reading_order)
        self._next_id = max((line.id for line in self._lines), default=0)

    @property
    def bytes(self) -> int:
        """About what is kept: the lines, and how the screen looked where it was drawn over."""
        return LINE_BYTES * len(self._lines) + self._covered.bytes

    def resize(self, width: int, height: int) -> None:
        """The screen has this size in pixels from now on; how it looked before is void."""
        self._covered = CoveredStates(width, height)

    def apply(
        self,
        region: Rect,
        read: Iterable[ReadLine],
        *,
        changed: Callable[[Rect], bool],
        time_ns: int,
        present_at_start: bool = False,
        thumbnail: Thumbnail | None = None,
        proves: Callable[[Rect], bool] | None = None,
    ) -> TextUpdate:
        """Replace what stood in ``region`` by what was read there.

        region: the part of the screen that was read, in frame pixels
        read: its lines, boxes in frame pixels
        changed: whether any pixel under a box changed since that box was last read; where none did, a difference is
            the engine's and not the screen's, and the old reading stands
        time_ns: source time of the reading
        thumbnail: how the region looks; None where nobody knows
        proves: in a second reading, with more around each line than the first had, whether it saw a line at this box
            whole. There its reading stands, silently where nothing changed; what no line stood for before is news.
            None for a first reading
        """
        before, second = tuple(self._lines), proves is not None
        inside = [line for line in before if _centre_in(line.box, region) and (proves is None or proves(line.box))]
        fresh = _unclaimed(read, [line.box for line in self._lines if line not in inside])
        match = _Match(inside, fresh)
        match.same()
        match.elsewhere()  # before edits: what scrolled must not be taken for a rewrite of the line that stood there
        match.edited()
        kept, edited, moved = self._settle(match, changed, time_ns, corrects=second)
        # Of a line that stands as it was read before, the engine may find pieces this time: they say nothing more.
        pieces = [line for line in match.fresh if not changed(line.box) and _covered(line.box, kept)]
        found = [self._line(line, time_ns) for line in match.fresh if second or line not in pieces]
        missed = [line for line in found if second and not _covered(line.box, before)]
        news = [line for line in found if changed(line.box) or line in missed]
        vanished = [line for line in match.old if changed(line.box)]
        read_now = [*found, *(new for _, new in edited), *(new for _, new in moved)]
        unread = [line for line in match.old if not (second or changed(line.box) or _covered(line.box, read_now))]
        outside = [line for line in self._lines if line not in inside]
        after = outside + kept + unread + [new for _, new in edited] + [new for _, new in moved] + found
        self._lines = sorted(after, key=_reading_order)
        uncovered = self._hidden.follow(news, vanished, edited)
        if thumbnail is not None:
            scrolled = 2 * len(moved) > len(moved) + len(vanished)
            fresh = [*news, *(new for _, new in edited)]
            self._covered.follow(thumbnail, before=before, after=fresh, scrolled=scrolled, time_ns=time_ns)
            uncovered += [line for line in fresh if line not in uncovered and self._covered.uncovers(line)]
        return TextUpdate(
            time_ns=time_ns,
            lines=tuple(self._lines),
            appeared=_in_order(line for line in news if line not in uncovered),
            vanished=_in_order(vanished),
            changed=tuple(sorted((pair for pair in edited if pair[1] not in uncovered), key=_pair_order)),
            moved=tuple(sorted(moved, key=_pair_order)),
            uncovered=_in_order(uncovered),
            present_at_start=present_at_start,
        )

    def clear(self, time_ns: int) -> TextUpdate:
        """Forget everything without calling it vanished: the screen was lost or has another size."""
        self._lines = []
        self._hidden = _Hidden()
        return TextUpdate(time_ns=time_ns, lines=())

    def _line(self, read: ReadLine, time_ns: int) -> Line:
        self._next_id += 1
        return Line(self._next_id, read.text, read.box, read.confidence, time_ns)

    def _settle(
        self, match: _Match, changed: Callable[[Rect], bool], time_ns: int, *, corrects: bool
    ) -> tuple[list[Line], list[tuple[Line, Line]], list[tuple[Line, Line]]]:
        kept = [replace(old, box=new.box) for old, new in match.pairs_same]
        edited: list[tuple[Line, Line]] = []
        for old, new in match.pairs_edited:
            if changed(new.box) or changed(old.box):
                after = replace(old, text=new.text, box=new.box, confidence=new.confidence, time_ns=time_ns)
                edited.append((old, after))
            elif corrects:
                kept.append(replace(old, text=new.text, box=new.box, confidence=new.confidence))
            else:
                kept.append(old)
        moved = [(old, replace(old, box=new.box)) for old, new in match.pairs_moved]
        if corrects:
            kept += [new for old, new in moved if not (changed(old.box) or changed(new.box))]
            moved = [pair for pair in moved if pair[1] not in kept]
        return kept, edited, moved


class _Hidden:
    """Lines that something was drawn over, so that they are no news when it goes away; the last 64.

    A line that vanished under new text is hidden. One that vanished and left nothing, or what was there before it, is
    gone: when it comes back, it is news. A single line that comes back is news, too: a status that reads "failed",
    "running" and again "failed" must not be taken for a status that was covered.
    """

    def __init__(self) -> None:
        self._lines: list[Line] = []

    def follow(
        self, appeared: Sequence[Line], vanished: Sequence[Line], edited: Sequence[tuple[Line, Line]]
    ) -> list[Line]:
        """Take one reading's differences; returns those of its lines that were only uncovered."""
        candidates = [*appeared, *(new for _, new in edited)]
        back = [(line, hidden) for line in candidates if (hidden := self._find(line)) is not None]
        returned = {line.id for line, _ in back}
        drawn = [line for line in appeared if line.id not in returned]
        for _, hidden in back:
            if hidden in self._lines:
                self._lines.remove(hidden)
        cut = [old for old, new in edited if _is_part(new, old)]
        self._lines += [line for line in (*vanished, *cut) if any(line.box.overlaps(new.box) for new in drawn)]
        del self._lines[:-_MOST_HIDDEN]
        return [line for line, _ in back] if len(back) >= max(2, len(drawn)) else []

    def _find(self, line: Line) -> Line | None:
        fits = (
            hidden
            for hidden in self._lines
            if line_key(hidden.text) == line_key(line.text) and _same_place(hidden.box, line.box)
        )
        return next(fits, None)


def _is_part(new: Line, old: Line) -> bool:
    """Whether ``new`` is what is left of ``old`` where its rest was covered."""
    return len(_folded(new.text)) < len(_folded(old.text)) and old.box.grown(8, 8).intersection(new.box) == new.box


def _in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=_reading_order))


def _pair_order(pair: tuple[Line, Line]) -> tuple[int, int]:
    return _reading_order(pair[1])


class _Match:
    """Pairs old lines with newly read ones: same text in place, edited in place, same text elsewhere."""

    def __init__(self, old: Sequence[Line], fresh: Sequence[ReadLine]) -> None:
        self.old = list(old)
        self.fresh = list(fresh)
        # Once each: every old line is compared with every new one.
        self._keys = {line.text: line_key(line.text) for line in (*self.old, *self.fresh)}
        self.pairs_same: list[tuple[Line, ReadLine]] = []
        self.pairs_edited: list[tuple[Line, ReadLine]] = []
        self.pairs_moved: list[tuple[Line, ReadLine]] = []

    def same(self) -> None:
        self._pair(self.pairs_same, self._same_text, in_place=True)

    def elsewhere(self) -> None:
        self._pair(self.pairs_moved, self._same_text, in_place=False)

    def edited(self) -> None:
        self._pair(self.pairs_edited, lambda old, new: _alike(old.text, new.text), in_place=True)

    def _same_text(self, old: Line, new: ReadLine) -> bool:
        return self._keys[old.text] == self._keys[new.text]

    def _pair(
        self, pairs: list[tuple[Line, ReadLine]], fits: Callable[[Line, ReadLine], bool], *, in_place: bool
    ) -> None:
        for new in list(self.fresh):
            candidates = [old for old in self.old if (not in_place or _same_place(old.box, new.box)) and fits(old, new)]
            if candidates:
                old = min(candidates, key=lambda line: _distance(line.box, new.box))
                pairs.append((old, new))
                self.old.remove(old)
                self.fresh.remove(new)


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


def _alike(a: str, b: str) -> bool:
    a, b = _folded(a), _folded(b)
    if a in b or b in a:
        return True
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= _EDIT_RATIO and matcher.ratio() >= _EDIT_RATIO


def _same_place(a: Rect, b: Rect) -> bool:
    rows = min(a.bottom, b.bottom) - max(a.y, b.y)
    columns = min(a.right, b.right) - max(a.x, b.x)
    return 2 * rows >= min(a.height, b.height) and 10 * columns >= 3 * min(a.width, b.width)


def _centre_in(box: Rect, region: Rect) -> bool:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return region.x <= x < region.right and region.y <= y < region.bottom


def _distance(a: Rect, b: Rect) -> int:
    return abs(a.x - b.x) + abs(a.y - b.y)


def _covered(box: Rect, lines: Iterable[Line]) -> bool:
    return any(_same_place(box, line.box) for line in lines)


def _unclaimed(read: Iterable[ReadLine], known: Sequence[Rect]) -> list[ReadLine]:
    """Leave out readings of fragments of lines that were not part of the reading."""
    return [line for line in read if not any(_same_place(line.box, box) for box in known)]


def _reading_order(line: Line) -> tuple[int, int]:
    return line.box.y, line.box.x
