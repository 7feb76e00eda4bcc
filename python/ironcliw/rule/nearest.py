"""The text that came nearest to what was waited for: what to show when a wait runs out.

nearest = Nearest([condition.pattern])
nearest.take(update)
nearest.best                          # ('BUILD PASSED', 0.67, 1200000000) or None
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from ironcliw.rule.pattern import Phrase, Regex
from ironcliw.text.misreading import plain
from ironcliw.text.screen import TextUpdate

COMPARED_PER_READING = 8
"""Lines compared in full at each reading: those that share most pairs of characters with what is looked for."""

_LENGTH_MAX = 400
_SHARED_PAIRS_MIN = 0.25


class Nearest:
    """Remembers one line: the most similar so far, the first of equals."""

    def __init__(self, patterns: Iterable[Phrase | Regex]) -> None:
        targets = {pattern.literal[:_LENGTH_MAX] for pattern in patterns}
        self._targets = [(target, _pairs(target)) for target in sorted(targets) if len(target) > 1]
        self.best: tuple[str, float, int] | None = None

    def take(self, update: TextUpdate) -> None:
        """Compare the lines that are new in this reading, or as they are now."""
        if not self._targets:
            return
        lines = update.appeared + tuple(after for _, after in update.changed)
        lines = update.lines if update.present_at_start else lines
        candidates: list[tuple[float, int, str, str]] = []
        for index, line in enumerate(lines):
            folded = plain(line.text)[:_LENGTH_MAX].casefold()
            pairs = _pairs(folded)
            for target, wanted in self._targets:
                shared = len(wanted & pairs) / len(wanted)
                if shared >= _SHARED_PAIRS_MIN:
                    candidates.append((-shared, index, target, folded))
        for _, index, target, folded in sorted(candidates)[:COMPARED_PER_READING]:
            value = similarity(target, folded)
            if self.best is None or value > self.best[1]:
                self.best = (lines[index].text, value, min(lines[index].time_ns, update.time_ns))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def similarity(target: str, text: str) -> float:
    """0 to 1: how much of ``target`` its best place in ``text`` has, in order."""
    match = difflib.SequenceMatcher(None, text, target, autojunk=False).find_longest_match()
    start = max(0, match.a - match.b)
    window: Sequence[str] = text[start : start + len(target)]
    return difflib.SequenceMatcher(None, target, window, autojunk=False).ratio()
