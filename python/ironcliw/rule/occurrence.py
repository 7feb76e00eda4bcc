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
from typing import Any

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.rule.sighting import Sighting, sighting_from, sighting_to
from ironcliw.text.misreading import bare, misread, skeleton
from ironcliw.text.screen import Line, TextUpdate

FLICKER_NS = 300 * clock.MS
"""Missing for less than this, an occurrence was misread rather than away."""

_KEPT_NS = 2 * clock.SECOND
_NEIGHBOUR_HEIGHTS = 10


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

    @property
    def missing(self) -> bool:
        """Whether an occurrence is not where it was, and not given up."""
        return any(occurrence.missing_ns is not None for occurrence in self._known)

    @property
    def line_ids(self) -> set[int]:
        """The lines that occurrences stand, or stood, in."""
        return {key for occurrence in self._known for key in occurrence.sighting.ids}

    @property
    def last(self) -> Sighting | None:
        """The one that came last of those that stand there."""
        standing = [item.sighting for item in self._known if item.missing_ns is None]
        return max(standing or [item.sighting for item in self._known], key=lambda each: each.appeared_ns, default=None)

    def standing(self, time_ns: int) -> int:
        """How many stand there, those among them that were only misread for a moment."""
        return sum(item.missing_ns is None or time_ns - item.missing_ns < FLICKER_NS for item in self._known)

    def settles_ns(self, after_ns: int) -> int | None:
        """The first time after this one at which something missing counts as gone."""
        due = (item.missing_ns + FLICKER_NS for item in self._known if item.missing_ns is not None)
        return min((each for each in due if each > after_ns), default=None)

    def to_list(self) -> list[Any]:
        """What is remembered, as JSON values."""
        return [[*sighting_to(item.sighting), item.missing_ns] for item in self._known]

    def restore(self, values: list[Any]) -> None:
        """Remember what ``to_list`` gave these values for."""
        self._known = [Occurrence(sighting_from(each[:-1]), each[-1]) for each in values]

    def update(self, update: TextUpdate, sightings: Sequence[Sighting]) -> list[Sighting]:
        """Take one reading in; returns the sightings that are new occurrences, in reading order."""
        known = [item for item in self._known if item.missing_ns is None or update.time_ns - item.missing_ns < _KEPT_NS]
        fresh = list(sightings)
        old = _without_standing(known, fresh)
        # What says the very same goes before what merely stands at the same place: in a log that scrolled, every
        # line stands where another stood.
        whole, parts = _moves(update, whole=True), _moves(update, whole=False)
        for likeness in (_same_line, whole, _same_place, parts):
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
    return shared if shared and misread(item.sighting.words, sighting.words) else 0


def _same_place(item: Occurrence, sighting: Sighting) -> float:
    share = _share(item.sighting.box, sighting.box)
    return share if share and misread(item.sighting.words, sighting.words) else 0


def _share(a: Rect, b: Rect) -> float:
    """How much of the smaller box two strongly overlapping boxes have in common; 0 where they do not."""
    both = a.intersection(b)
    if both is None or both.height < 0.6 * min(a.height, b.height) or both.width < 0.5 * min(a.width, b.width):
        return 0
    return both.area / min(a.area, b.area)


def _moves(update: TextUpdate, *, whole: bool) -> _Likeness:
    """Whether an occurrence now stands at the sighting's place, at best its own.

    Its lines say the same there; or, not ``whole``, as much of it as is not cut off or wrapped otherwise. That is near
    unless other lines went there, too: a notification that repeats the words of a menu is none of its lines.
    """

    ways: dict[Rect, list[tuple[int, int]]] = {}

    def likeness(item: Occurrence, sighting: Sighting) -> float:
        if item.sighting.words != sighting.words:
            return 0
        one, other = item.sighting.skeleton, sighting.skeleton
        if one != other and (whole or (one not in other and other not in one)):
            return 0
        before, after = item.sighting.box, sighting.box
        if before not in ways:
            ways[before] = _ways_around(before, update.moved)
        reach = _NEIGHBOUR_HEIGHTS * before.height
        if not (whole or ways[before] or before.grown(reach, reach).overlaps(after)):
            return 0
        dx, dy, slack = after.x - before.x, after.y - before.y, max(4, before.height // 2)
        alike = not ways[before] or any(abs(x - dx) <= slack and abs(y - dy) <= slack for x, y in ways[before])
        return 1 / (1 + abs(dx) + abs(dy)) if alike else 0

    return likeness


def _ways_around(place: Rect, moved: Sequence[tuple[Line, Line]]) -> list[tuple[int, int]]:
    """How far, to the right and down, the lines near a place moved.

    Of a log that scrolls up by a line, the words that leave at the top are not those that arrive at the bottom.
    """
    near = place.grown(0, _NEIGHBOUR_HEIGHTS * place.height)
    return list({(new.box.x - old.box.x, new.box.y - old.box.y) for old, new in moved if old.box.overlaps(near)})


def _missed(item: Occurrence, update: TextUpdate) -> Occurrence:
    """An occurrence that was not sighted: away, or still there where its words were only misread."""
    if item.missing_ns is not None:
        return item
    box, words = item.sighting.box, item.sighting.words
    at_place = "".join(line.text for line in update.lines if _share(box, line.box) or line.id in item.sighting.ids)
    is_misread = skeleton(words) in skeleton(at_place) and bare(words) not in bare(at_place)
    return item if is_misread else Occurrence(item.sighting, update.time_ns)
