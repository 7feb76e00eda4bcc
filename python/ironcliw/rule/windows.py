"""Where the windows are: as the source tells, or, where it cannot, by their frames and the words in their title bars.

windows = Windows()
windows.told([Window("Terminal", "xterm", Rect(0, 0, 640, 480))])   # the source knows
windows.find("title", phrase("terminal"))                           # [Rect(0, 0, 640, 480)]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ironcliw.frame import Rect
from ironcliw.rule.pattern import Phrase, Regex
from ironcliw.text.misreading import plain
from ironcliw.text.screen import Line

TITLE_PX = 48
"""How far down from a window's upper edge its title is looked for."""
WINDOWS_MAX = 64


@dataclass(frozen=True, slots=True)
class Window:
    """A window as its source knows it; ``box`` in frame pixels, the uppermost window first in a list."""

    title: str
    app: str
    box: Rect


class Windows:
    """The windows of one screen. ``version`` changes with them."""

    def __init__(self) -> None:
        self.version = 0
        self._known: list[Window] | None = None
        self._boxes: list[Rect] = []
        self._lines: Sequence[Line] = ()

    @property
    def told_by_source(self) -> bool:
        """Whether the source knows them."""
        return self._known is not None

    def told(self, windows: Sequence[Window]) -> None:
        """The source says which there are."""
        if self._known != list(windows):
            self._known, self.version = list(windows)[:WINDOWS_MAX], self.version + 1

    def drawn(self, region: Rect, boxes: Sequence[Rect]) -> None:
        """Frames of windows found in a part of the screen; those found there before are void."""
        rest = [box for box in self._boxes if not region.overlaps(box)]
        now = (rest + [box for box in boxes if box not in rest])[-WINDOWS_MAX:]
        if now != self._boxes:
            self._boxes, self.version = now, self.version + 1

    def read(self, lines: Sequence[Line]) -> None:
        """The lines of text on the screen: among them the titles."""
        self._lines = lines

    def find(self, what: Literal["title", "app"], pattern: Phrase | Regex) -> list[Rect]:
        """The boxes of the windows whose title, or program, says so."""
        if self._known is not None:
            texts = ((window.title if what == "title" else window.app, window.box) for window in self._known)
            return [box for text, box in texts if pattern.find(plain(text))]
        if what == "app":
            return []
        return [box for box in self._boxes if any(pattern.find(plain(line.text)) for line in self._titles(box))]

    def _titles(self, box: Rect) -> list[Line]:
        bar = Rect(box.x, box.y, box.width, min(TITLE_PX, box.height))
        return [line for line in self._lines if bar.intersection(line.box) == line.box]
