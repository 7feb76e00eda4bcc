"""Where labelled words are among the lines that appeared: in one line, or running over a wrap.

Sightings(observed.texts).of("Build Successfully")     # [Sighting(time_s=17.4, told_s=17.5)]

White space, quotes and case do not count (readers lose them, and conditions do not ask for them); every other
character does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from ironcliw import clock
from ironcliw.quality.observing import TextSeen
from ironcliw.rule.passage import Layout, Passage
from ironcliw.rule.pattern import phrase
from ironcliw.text.misreading import bare, plain
from ironcliw.text.screen import Line

SHORT = 4
"""Words of up to this many characters must stand alone: ``No`` is not seen in ``Notes``."""


class Sighting(NamedTuple):
    """Words were seen: ``time_s`` of the frame that completed them, ``told_s`` when it was said."""

    time_s: float
    told_s: float


class Sightings:
    """The lines that appeared in one recording, and what was to be seen in them."""

    def __init__(self, texts: Sequence[TextSeen]) -> None:
        self._texts = texts
        self._known: dict[str, list[Sighting]] = {}

    def of(self, words: str) -> list[Sighting]:
        """Every sighting of these words, in the order of their times."""
        key = bare(words)
        if key not in self._known:
            alone = [Sighting(seen.time_s, seen.told_s) for seen in self._texts if holds(seen.text, words)]
            self._known[key] = sorted(alone + (self._wrapped(words) if len(key) > SHORT else []))
        return self._known[key]

    def _wrapped(self, words: str) -> list[Sighting]:
        """Sightings that run over two lines or more which were told of together."""
        wanted = phrase(words)
        found: dict[tuple[int, ...], Sighting] = {}
        for passage in self._passages:
            for start, end in wanted.find(passage.text):
                lines = [line for line, begin, stop in passage.cut(start, end) if stop > begin]
                if len(lines) > 1:
                    seen = [self._texts[line.id] for line in lines]
                    time_s = max(part.time_s for part in seen)
                    found[tuple(line.id for line in lines)] = Sighting(time_s, seen[0].told_s)
        return list(found.values())

    @cached_property
    def _passages(self) -> list[Passage]:
        numbered = list(enumerate(self._texts))
        passages: list[Passage] = []
        for _, batch in groupby(numbered, key=lambda item: item[1].told_s):
            lines = [Line(index, seen.text, seen.box, 1.0, round(seen.time_s * clock.SECOND)) for index, seen in batch]
            if len(lines) > 1:
                passages += Layout(lines).for_phrases()
        return passages


def holds(text: str, words: str) -> bool:
    """Whether ``words`` stand in ``text``; short ones only as whole words."""
    key = bare(words)
    if len(key) > SHORT:
        return key in bare(text)
    return re.search(rf"(?<!\w){re.escape(key)}(?!\w)", plain(text).casefold()) is not None
