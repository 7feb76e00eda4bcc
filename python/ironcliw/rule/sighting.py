"""Where a pattern stands in one reading of the screen.

finder = Finder(condition.pattern)
for sighting in finder.find(layout, update.time_ns):
    sighting.words, sighting.regions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ironcliw.frame import Rect
from ironcliw.rule.passage import Layout, Passage
from ironcliw.rule.pattern import Phrase, Regex, Span
from ironcliw.text.misreading import skeleton
from ironcliw.text.screen import Line

SIGHTINGS_MAX = 256
"""Sightings of one pattern kept from one reading; a pattern that is met more often than that counts these."""


@dataclass(frozen=True)
class Sighting:
    """One match on the screen.

    words: what matched, case folded: what an occurrence is known by
    text: the whole lines it stands in, as they were read
    ids: those lines' ids
    regions: those lines' boxes
    appeared_ns: source time since when all of its lines are as they are
    """

    words: str
    text: str
    ids: tuple[int, ...]
    regions: tuple[Rect, ...]
    confidence: float
    appeared_ns: int

    @cached_property
    def skeleton(self) -> str:
        """Its text as far as recognition can be trusted with it."""
        return skeleton(self.text)

    @cached_property
    def box(self) -> Rect:
        """The rectangle around its lines."""
        box = self.regions[0]
        for region in self.regions[1:]:
            box = box.union(region)
        return box


class Finder:
    """Finds one pattern in readings; passages that stood in the reading before are not searched again."""

    def __init__(self, pattern: Phrase | Regex) -> None:
        self._pattern = pattern
        self._spans: dict[str, list[Span]] = {}

    def find(self, layout: Layout, time_ns: int) -> list[Sighting]:
        """The sightings in reading order, no part of a line in two of them, at most ``SIGHTINGS_MAX``."""
        is_phrase = isinstance(self._pattern, Phrase)
        passages = layout.for_phrases() if is_phrase else layout.for_regexes()
        known, self._spans = self._spans, {}
        taken: dict[int, list[Span]] = {}
        found: list[tuple[tuple[int, int, int], Sighting]] = []
        for passage in passages:
            spans = known.get(passage.text)
            if spans is None:
                spans = self._pattern.find(passage.text)
            self._spans[passage.text] = spans
            for start, end in spans:
                parts = passage.cut(start, end)
                if _free(parts, taken) and len(found) < SIGHTINGS_MAX:
                    box = parts[0][0].box
                    found.append(((box.y, box.x, parts[0][1]), _sighting(passage, (start, end), parts, time_ns)))
        return [sighting for _, sighting in sorted(found, key=lambda pair: pair[0])]


def _free(parts: Sequence[tuple[Line, int, int]], taken: dict[int, list[Span]]) -> bool:
    """Take these parts of lines, unless one of them is taken."""
    for line, start, end in parts:
        if any(start < other_end and other_start < end for other_start, other_end in taken.get(line.id, ())):
            return False
    for line, start, end in parts:
        taken.setdefault(line.id, []).append((start, end))
    return True


def _sighting(passage: Passage, span: Span, parts: list[tuple[Line, int, int]], time_ns: int) -> Sighting:
    lines = [line for line, _, _ in parts]
    return Sighting(
        words=passage.text[span[0] : span[1]].casefold(),
        text=" ".join(line.text for line in lines),
        ids=tuple(line.id for line in lines),
        regions=tuple(line.box for line in lines),
        confidence=min(line.confidence for line in lines),
        appeared_ns=min(time_ns, max(line.time_ns for line in lines)),
    )


def sighting_to(sighting: Sighting) -> list[Any]:
    """A sighting as JSON values."""
    regions = [list(region) for region in sighting.regions]
    rest = sighting.confidence, sighting.appeared_ns
    return [sighting.words, sighting.text, list(sighting.ids), regions, *rest]


def sighting_from(values: list[Any]) -> Sighting:
    """The sighting that ``sighting_to`` gave these values for."""
    words, text, ids, regions, confidence, appeared_ns = values
    return Sighting(words, text, tuple(ids), tuple(Rect(*each) for each in regions), confidence, appeared_ns)
