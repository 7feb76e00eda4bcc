"""Which lines and changes have to do with a question: by its words, without a model.

    topic = Topic("the deploy page shows a green check for api-server")
    topic.touches("api-server  deployed")              # True: one of the words that carry it

This never settles an answer. It only decides how soon a question is worth a request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ironcliw.frame import Rect
from ironcliw.vision_model.cells import CELL_PX
from ironcliw.vision_model.following import Words

_WORD = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")
_USUAL_WORDS = """
a about all already an and any anything are as at be been being by can did do does done for from has have in into is it
its line no not now of on one or over page say says screen see seen show shown shows so some something text than that
the their them then there these they this to up was were what when where which while who will window with yet you your
"""
_USUAL = frozenset(_USUAL_WORDS.split())
_SAME = (
    ("fail", "failed", "failure", "error", "broke", "broken", "crash", "red", "wrong"),
    ("pass", "passed", "success", "succeed", "green", "done", "complete", "finish", "ready", "ok", "check"),
    ("permission", "allow", "access", "deny", "grant"),
    ("dialog", "popup", "prompt", "question", "confirm"),
    ("message", "notification", "toast", "chat", "mail"),
    ("wait", "stall", "stuck", "hang", "frozen"),
)
_STEM = 5
_NEAR_PX = 24
_ROW_PX = 160
"""In one row, but further apart than this, is in another window."""


class Topic:
    """What a question is about."""

    def __init__(self, words: str) -> None:
        self.own = frozenset(_stem(word) for word in _words(words) if word not in _USUAL)
        self.stems = _related(set(self.own))

    def touches(self, text: str, *, exact: bool = False) -> bool:
        """Whether a line holds one of its words, or (not ``exact``) one that usually stands for it."""
        stems = self.own if exact else self.stems
        return any(_stem(word) in stems for word in _words(text))

    def lines_of(self, lines: Sequence[Words]) -> list[Words]:
        """Those of the lines on a screen that it is about.

        A word that usually stands for one of its own counts beside a line with its own, or where there is none: a
        light that is asked about by name is not the build that failed in another window.
        """
        own = [line for line in lines if self.touches(line[0], exact=True)]
        return [line for line in lines if line in own or (self.touches(line[0]) and (not own or _near_any(line, own)))]

    def near(self, box: Rect, lines: Sequence[Words]) -> bool:
        """Whether a place is in, or beside, a line that it is about: in its row nearby, or within a few pixels.

        Right behind the end of another line is where that one's caret blinks.
        """
        about = self.lines_of(lines)
        if not any(_beside(box, line) for _, line in about):
            return False
        return not any(_may_be_caret(box, line[1]) for line in lines if line not in about)

    def beside(self, box: Rect, lines: Sequence[Words]) -> Rect:
        """A place together with the nearest of the lines beside it that it is about; alone where there is none."""
        found = [line for _, line in self.lines_of(lines) if _beside(box, line)]
        return box.union(min(found, key=lambda line: abs(line.x - box.x) + abs(line.y - box.y))) if found else box


def _beside(box: Rect, line: Rect) -> bool:
    return box.overlaps(line.grown(_NEAR_PX, _NEAR_PX)) or _same_row(box, line)


def _near_any(line: Words, others: Sequence[Words]) -> bool:
    return any(_beside(line[1], other) for _, other in others)


def _may_be_caret(box: Rect, line: Rect) -> bool:
    middle = line.y + line.height // 2
    return box.width <= 2 * CELL_PX and abs(box.x - line.right) <= CELL_PX and box.y <= middle < box.bottom


def _same_row(box: Rect, line: Rect) -> bool:
    apart = max(box.x - line.right, line.x - box.right)
    return box.height <= 3 * line.height and box.y < line.bottom and line.y < box.bottom and apart <= _ROW_PX


def _words(text: str) -> list[str]:
    found = [word.casefold() for word in _WORD.findall(text)]
    return found + [part for word in found if "-" in word or "." in word for part in re.split(r"[-.]", word) if part]


def _stem(word: str) -> str:
    return word[:_STEM]


def _related(stems: set[str]) -> frozenset[str]:
    wide = set(stems)
    for group in _SAME:
        known = {_stem(word) for word in group}
        if known & stems:
            wide |= known
    return frozenset(wide)
