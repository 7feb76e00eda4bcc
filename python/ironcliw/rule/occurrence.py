"""Which sightings are news: the memory of where matching text stands on the screen.

    memory = OccurrenceMemory()
    for sighting in memory.update(update, finder.find(layout, update.time_ns)):
        ...                                   # it was not there before

An occurrence stays the same one while its line is edited around the matched words, while it moves, and while it is
unreadable for a moment. Below another one, or after having been away, the same words are a new occurrence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule.pattern import plain
from ironcliw.rule.sighting import Sighting
from ironcliw.text.screen import Line, TextUpdate

FLICKER_NS = 300 * clock.MS
"""Missing for less than this, an occurrence was misread rather than away."""

_KEPT_NS = 2 * clock.SECOND
_NEIGHBOUR_HEIGHTS = 10
_ONE_LETTER_LENGTH_MIN = 10

# What text recognition takes for each other, written as one of the group.
_CONFUSED = str.maketrans({"1": "l", "i": "l", "|": "l", "!": "l", "0": "o", "5": "s", "8": "b", "2": "z", "€": "e"})


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A sighting that is remembered. ``missing_ns``: source time at which it was first seen to be away, or None."""

    sighting: Sighting
    missing_ns: int | None = None


class OccurrenceMemory:
    """The occurrences of one pattern; bounded by the sightings of one reading and those lately gone."""

    def __init__(self) -> None:
        self._known: list[Occurrence] = []

    @property
    def present(self) -> bool:
        """Whether an occurrence stands on the screen as last read."""
        return any(occurrence.missing_ns is None for occurrence in self._known)

    def update(self, update: TextUpdate, sightings: Sequence[Sighting]) -> list[Sighting]:
        """Take one reading in; returns the sightings that are new occurrences, in reading order."""
        known = [item for item in self._known if item.missing_ns is None or update.time_ns - item.missing_ns < _KEPT_NS]
        fresh = list(sightings)
        old = _without_standing(known, fresh)
        for likeness in (_same_line, _same_place, _moves(update)):
            _match(old, fresh, likeness)
        away = [_missed(item, update) for item in old]
        self._known = [Occurrence(sighting) for sighting in sightings] + away
        return fresh

    def back(self, time_ns: int) -> None:
        """The screen was out of sight until now: what is missing gets its moment again."""
        self._known = [item if item.missing_ns is None else Occurrence(item.sighting, time_ns) for item in self._known]


def _without_standing(known: list[Occurrence], fresh: list[Sighting]) -> list[Occurrence]:
    """Take the occurrences out of ``fresh`` that stand in the very lines they stood in; returns the others."""
    standing: dict[tuple[str, tuple[int, ...]], list[Sighting]] = {}
    for sighting in fresh:
        standing.setdefault((sighting.words, sighting.ids), []).append(sighting)
    rest: list[Occurrence] = []
    matched: set[int] = set()
    for item in known:
        same = standing.get((item.sighting.words, item.sighting.ids))
        if same and _in_time(item, same[0]):
            matched.add(id(same.pop(0)))
        else:
            rest.append(item)
    fresh[:] = [sighting for sighting in fresh if id(sighting) not in matched]
    return rest


_Likeness = Callable[[Occurrence, Sighting], float]
"""0 where a sighting is not that occurrence; the larger the likelier."""


def _match(old: list[Occurrence], fresh: list[Sighting], likeness: _Likeness) -> None:
    """Remove the pairs that are the same occurrence from both lists, the likeliest first."""
    scores = [
        (-score, old_index, new_index)
        for old_index, item in enumerate(old)
        for new_index, sighting in enumerate(fresh)
        if (score := likeness(item, sighting) if _in_time(item, sighting) else 0) > 0
    ]
    gone: set[int] = set()
    found: set[int] = set()
    for _, old_index, new_index in sorted(scores):
        if old_index not in gone and new_index not in found:
            gone.add(old_index)
            found.add(new_index)
    old[:] = [item for index, item in enumerate(old) if index not in gone]
    fresh[:] = [sighting for index, sighting in enumerate(fresh) if index not in found]


def _in_time(item: Occurrence, sighting: Sighting) -> bool:
    return item.missing_ns is None or sighting.appeared_ns - item.missing_ns < FLICKER_NS


def _same_line(item: Occurrence, sighting: Sighting) -> float:
    shared = len(set(item.sighting.ids) & set(sighting.ids))
    return shared if shared and _same_words(item.sighting.words, sighting.words) else 0


def _same_place(item: Occurrence, sighting: Sighting) -> float:
    share = _share(item.sighting.box, sighting.box)
    return share if share and _same_words(item.sighting.words, sighting.words) else 0


def _share(a: Rect, b: Rect) -> float:
    """How much of the smaller box two strongly overlapping boxes have in common; 0 where they do not."""
    both = a.intersection(b)
    if both is None or both.height < 0.6 * min(a.height, b.height) or both.width < 0.5 * min(a.width, b.width):
        return 0
    return both.area / min(a.area, b.area)


def _moves(update: TextUpdate) -> _Likeness:
    """Whether an occurrence that is no longer at its place now stands at the sighting's."""

    def likeness(item: Occurrence, sighting: Sighting) -> float:
        before, after = item.sighting.box, sighting.box
        dx, dy = after.x - before.x, after.y - before.y
        if not _moved_alike(before, dx, dy, update.moved) or not _same_text(item.sighting, sighting):
            return 0
        return 1 / (1 + abs(dx) + abs(dy))

    return likeness


def _moved_alike(before: Rect, dx: int, dy: int, moved: Sequence[tuple[Line, Line]]) -> bool:
    """Whether the lines around a place moved the same way, as far as any of them moved.

    Of a log that scrolls up by a line, the words that leave at the top are not those that arrive at the bottom.
    """
    near = before.grown(0, _NEIGHBOUR_HEIGHTS * before.height)
    ways = [(new.box.x - old.box.x, new.box.y - old.box.y) for old, new in moved if old.box.overlaps(near)]
    slack = max(4, before.height // 2)
    return not ways or any(abs(x - dx) <= slack and abs(y - dy) <= slack for x, y in ways)


def _same_words(a: str, b: str) -> bool:
    return a == b or _misread(a, b)


def _same_text(a: Sighting, b: Sighting) -> bool:
    """Whether two sightings' lines are the same text, or one of them a part of the other: cut off or wrapped anew."""
    if a.words != b.words:
        return False
    one, other = _skeleton(a.text), _skeleton(b.text)
    return one in other or other in one or _misread(plain(a.text).casefold(), plain(b.text).casefold())


def _misread(a: str, b: str) -> bool:
    """Whether two strings are readings of one: confusable characters apart, at most one letter for another.

    More is not allowed for: ``passed`` and ``failed`` are three letters from each other, and figures always count.
    """
    if _skeleton(a) == _skeleton(b):
        return True
    if len(a) != len(b) or len(a) < _ONE_LETTER_LENGTH_MIN:
        return False
    differing = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(differing) == 1 and all(character.isalpha() for character in differing[0])


def _skeleton(text: str) -> str:
    """Letters and digits alone, those that are misread for each other made one."""
    return _bare(plain(text).casefold().translate(_CONFUSED)).replace("rn", "m")


def _bare(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _missed(item: Occurrence, update: TextUpdate) -> Occurrence:
    """An occurrence that was not sighted: away, or still there where its words were only misread."""
    if item.missing_ns is not None:
        return item
    box, words = item.sighting.box, item.sighting.words
    at_place = "".join(line.text for line in update.lines if _share(box, line.box) or line.id in item.sighting.ids)
    misread = _skeleton(words) in _skeleton(at_place) and _bare(words) not in _bare(plain(at_place).casefold())
    return item if misread else Occurrence(item.sighting, update.time_ns)
