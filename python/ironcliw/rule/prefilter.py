"""Which patterns a reading can be about: all others are not looked for.

    index = TextIndex(evaluators)
    for evaluator in index.concerned(layout): ...
    index.told(evaluator)                 # it was evaluated: what it stands in may be another line now

Of a screen of which one line changed, only what is around that line can hold new matches. Phrases are looked for in
there one by one, which costs some 50 ns each; regexes all at once, as one set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from ironcliw.rule.passage import Layout, Passage
from ironcliw.rule.pattern import Phrase, Regex
from ironcliw.rule.text_evaluator import CountEvaluator, GoneEvaluator, TextEvaluator
from ironcliw.text.screen import Line

OnText = TextEvaluator | GoneEvaluator | CountEvaluator

SET_MIN = 4
"""Fewer regexes than this are looked for one by one."""
_SET_MEMORY_BYTES = 64 << 20
_engine = cast("Any", re2)


class TextIndex:
    """The text evaluators of one set of rules, and the lines as they last were."""

    def __init__(self, evaluators: Iterable[OnText]) -> None:
        self.all = list(evaluators)
        self._phrases: dict[str, list[OnText]] = {}
        self._regexes: list[OnText] = []
        for each in self.all:
            if isinstance(each.pattern, Phrase):
                self._phrases.setdefault(each.pattern.words, []).append(each)
            else:
                self._regexes.append(each)
        self._longest = max((len(words) for words in self._phrases), default=0)
        self._set = _regex_set(self._regexes) if len(self._regexes) >= SET_MIN else None
        self._lines: dict[int, Line] = {}
        self._joints: set[tuple[int, int]] = set()
        self._wraps: set[tuple[str, tuple[int, ...]]] = set()
        self._stands: dict[int, set[OnText]] = {}
        self._in: dict[OnText, tuple[int, ...]] = {}
        self._unsettled: set[OnText] = set()

    def concerned(self, layout: Layout, lines: Sequence[Line]) -> set[OnText]:
        """The evaluators that have to see the screen as it lies now. ``lines``: those of ``layout``."""
        now = {line.id: line for line in lines}
        before, self._lines = self._lines, now
        edited = {key for key, line in now.items() if key not in before or before[key].text != line.text}
        others = {key for key, line in now.items() if key in before and before[key].box != line.box}
        others |= self._stands.keys() - now.keys()
        found = {each for each in self._unsettled if each.unsettled}
        joints, passages = self._joined(layout) if self._phrases else (set[tuple[int, int]](), [])
        parted = {key for pair in self._joints - joints for key in pair}
        for key in edited | others | parted:
            found |= self._stands.get(key, set())
        if self._phrases:
            found |= self._with_phrases(layout, passages, edited, joints)
        if self._regexes:
            found |= self._with_regexes(layout)
        self._joints = joints
        return found

    def told(self, evaluator: OnText) -> None:
        """``evaluator`` has seen the screen."""
        for key in self._in.get(evaluator, ()):
            self._stands[key].discard(evaluator)
            if not self._stands[key]:
                del self._stands[key]
        if evaluator.unsettled or evaluator.follows_windows:
            self._unsettled.add(evaluator)
        else:
            self._unsettled.discard(evaluator)
        ids = tuple(evaluator.line_ids)
        self._in[evaluator] = ids
        for key in ids:
            self._stands.setdefault(key, set()).add(evaluator)

    def _joined(self, layout: Layout) -> tuple[set[tuple[int, int]], list[Passage]]:
        """Which lines follow each other in a passage."""
        passages = layout.block_passages
        joints = {(a.id, b.id) for passage in passages for a, b in zip(passage.lines, passage.lines[1:], strict=False)}
        return joints, passages

    def _with_phrases(
        self, layout: Layout, passages: Sequence[Passage], edited: set[int], joints: set[tuple[int, int]]
    ) -> set[OnText]:
        new = joints - self._joints
        pieces = [piece for passage in passages for piece in self._around(passage, edited, new)]
        wraps = {(wrap.text, tuple(line.id for line in wrap.lines)) for wrap in layout.hard_wraps}
        pieces += [text for text, _ in wraps - self._wraps]
        self._wraps = wraps
        # No phrase holds a line end, so none is found across two pieces.
        text = "\n".join(pieces).casefold()
        if not text:
            return set()
        return {each for words, evaluators in self._phrases.items() if words in text for each in evaluators}

    def _around(self, passage: Passage, edited: set[int], joints: set[tuple[int, int]]) -> list[str]:
        """The parts of a passage that a new match has to touch."""
        pieces: list[tuple[int, int]] = []
        reach, ends = self._longest, (*passage.starts[1:], len(passage.text))
        for at, line in enumerate(passage.lines):
            start = passage.starts[at]
            joined = at > 0 and (passage.lines[at - 1].id, line.id) in joints
            if line.id not in edited and not joined:
                continue
            end = ends[at] if line.id in edited else start
            begin = max(0, start - reach)
            if pieces and begin <= pieces[-1][1]:
                pieces[-1] = pieces[-1][0], max(pieces[-1][1], end + reach)
            else:
                pieces.append((begin, end + reach))
        return [passage.text[begin:end] for begin, end in pieces]

    def _with_regexes(self, layout: Layout) -> set[OnText]:
        layout.for_regexes()
        fresh = {each.text for each in layout.fresh}
        if not fresh:
            return set()
        if self._set is None:
            return set(self._regexes)
        found: set[OnText] = set()
        for text in fresh:
            indexes = cast("list[int] | None", self._set.Match(text)) or []
            if len(self._regexes) not in indexes:  # what always matches has not: it ran out of memory
                return set(self._regexes)
            found |= {self._regexes[index] for index in indexes if index < len(self._regexes)}
        return found


def _regex_set(evaluators: Sequence[OnText]) -> Any:
    """All patterns as one set, the last one met by everything; None where that cannot be had."""
    options = _engine.Options()
    options.max_mem = _SET_MEMORY_BYTES
    options.log_errors = False
    try:
        made = _engine.Set.SearchSet(options)
        for each in evaluators:
            assert isinstance(each.pattern, Regex)
            made.Add(each.pattern.searched)
        made.Add("")
        made.Compile()
    except _engine.error:
        return None
    return made
