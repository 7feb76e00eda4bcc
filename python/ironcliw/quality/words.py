"""Where labelled words are among the lines that appeared: in one line, or running over a wrap.

Sightings(observed.texts).of("Build Successfully")     # [Sighting(time_s=17.4, told_s=17.5)]

White space, quotes and case do not count (readers lose them, and conditions do not ask for them); every other
character does. Hours of lines hold few that differ: each is searched once, together with all others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, groupby
from typing import NamedTuple

from ironcliw.frame import Rect
from ironcliw.quality.observing import TextSeen
from ironcliw.rule.passage import Layout, Passage
from ironcliw.rule.pattern import phrase
from ironcliw.text.misreading import bare, plain
from ironcliw.text.screen import Line

SHORT = 4
"""Words of up to this many characters must stand alone: ``No`` is not seen in ``Notes``."""

_Shown = tuple[tuple[str, Rect], ...]
"""Texts told of together, and where they stand."""


class Sighting(NamedTuple):
    """Words were seen: ``time_s`` of the frame that completed them, ``told_s`` when it was said."""

    time_s: float
    told_s: float


class Sightings:
    """The lines that appeared in one recording, and what was to be seen in them."""

    def __init__(self, texts: Sequence[TextSeen]) -> None:
        self._texts = texts
        self._known: dict[str, list[Sighting]] = {}
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for index, seen in enumerate(texts):
            self._places[seen.text].append(index)
        self._lines = _Lines(list(self._places))

    def of(self, words: str) -> list[Sighting]:
        """Every sighting of these words, in the order of their times."""
        key = bare(words)
        if key not in self._known:
            places = (index for text in self._lines.holding(key) for index in self._places[text])
            alone = [Sighting(self._texts[index].time_s, self._texts[index].told_s) for index in places]
            self._known[key] = sorted(alone + (self._wrapped(words) if len(key) > SHORT else []))
        return self._known[key]

    def _wrapped(self, words: str) -> list[Sighting]:
        """Sightings that run over two lines or more which were told of together."""
        wanted = phrase(words)
        found: dict[tuple[int, ...], Sighting] = {}
        passages, joined = self._passages
        for at in joined.holding(wanted.words):
            passage, batches = passages[at]
            for start, end in wanted.find(passage.text):
                lines = [line.id for line, begin, stop in passage.cut(start, end) if stop > begin]
                if len(lines) > 1:
                    for first in batches:
                        seen = [self._texts[first + line] for line in lines]
                        time_s = max(part.time_s for part in seen)
                        found[tuple(first + line for line in lines)] = Sighting(time_s, seen[0].told_s)
        return list(found.values())

    @cached_property
    def _passages(self) -> tuple[list[tuple[Passage, list[int]]], _Joined]:
        """Each passage with the indices at which batches of lines begin that show it; and their texts, case folded.

        Its lines' ids count from the begin of the batch.
        """
        batches: defaultdict[_Shown, list[int]] = defaultdict(list)
        begin = 0
        for _, batch in groupby(self._texts, key=lambda seen: seen.told_s):
            shown = tuple((seen.text, seen.box) for seen in batch)
            if len(shown) > 1:
                batches[shown].append(begin)
            begin += len(shown)
        passages: list[tuple[Passage, list[int]]] = []
        for shown, begins in batches.items():
            lines = [Line(number, text, box, 1.0, 0) for number, (text, box) in enumerate(shown)]
            passages += [(passage, begins) for passage in Layout(lines).for_phrases()]
        return passages, _Joined([passage.text.casefold() for passage, _ in passages])


class _Lines:
    """Different lines, and which of them hold some words."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def holding(self, key: str) -> list[str]:
        """The lines that hold words of which ``key`` is left when they are ``bare``; short ones as whole words."""
        if len(key) > SHORT:
            return [self._texts[at] for at in self._bare.holding(key)]
        return [self._texts[at] for at in self._folded.matching(_alone(key))]

    @cached_property
    def _bare(self) -> _Joined:
        return _Joined([bare(text) for text in self._texts])

    @cached_property
    def _folded(self) -> _Joined:
        return _Joined([plain(text).casefold() for text in self._texts])


class _Joined:
    """Many texts without line ends as one, which is searched faster than each of them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._text = "\n".join(texts)
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))

    def holding(self, part: str) -> Iterator[int]:
        """The indices of the texts that hold ``part``, which has no line end in it; ascending."""
        return self._found(lambda begin: self._text.find(part, begin))

    def matching(self, pattern: re.Pattern[str]) -> Iterator[int]:
        """The indices of the texts in which ``pattern`` matches; one that never runs over a line end."""

        def find(begin: int) -> int:
            found = pattern.search(self._text, begin)
            return found.start() if found else -1

        return self._found(find)

    def _found(self, find: Callable[[int], int]) -> Iterator[int]:
        begin = 0
        while begin < self._starts[-1] and (place := find(begin)) >= 0:
            index = bisect_right(self._starts, place) - 1
            yield index
            begin = self._starts[index + 1]


def _alone(key: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(key)}(?!\w)")


def holds(text: str, words: str) -> bool:
    """Whether ``words`` stand in ``text``; short ones only as whole words."""
    return bool(_Lines([text]).holding(bare(words)))
