"""What there is to report about a desktop: when something is first wholly seen, until when, where, and in which words.

story = Story()
story.tell(Telling("text", "log line", ["BUILD FAILED"], since_ns, pane, row))
story.review(desktop)                 # after everything that happens at one time
story.events                          # t_ns is when nothing covered it any more
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ironcliw.clock import MS
from ironcliw.frame import Rect
from ironcliw.source.synthetic.panel import Label
from ironcliw.source.synthetic.widget import Widget

if TYPE_CHECKING:
    from ironcliw.source.synthetic.desktop import Desktop

SHORTEST_STILL_NS = 1_500 * MS
_STILL_MARGIN_NS = 100 * MS


@dataclass(slots=True)
class Telling:
    """One thing that happened.

    kind: ``text``, ``status``, ``dialog``, ``notification``, ``progress``, ``window``, ``cleared``, ``transition`` or
        ``layout``
    since_ns: when it began to come
    widget, part: what shows it (``widget.part_box(part)``); without a widget it stands as told, from ``since_ns`` on
    seen_by: what of the widget must be uncovered; nothing means all of it
    box: where it was when it was first wholly seen
    t_ns: when that was; None until then
    t1_ns: when what takes time was over
    end_ns: when it was gone; None where it still stands
    """

    kind: str
    what: str
    words: Sequence[str]
    since_ns: int
    widget: Widget | None = None
    part: object = None
    seen_by: Sequence[Label] = ()
    box: Rect | None = None
    t_ns: int | None = None
    t1_ns: int | None = None
    end_ns: int | None = None


class Story:
    """Everything told, in the order in which it was first wholly seen. What never was is left out.

    stills: (from, to) nanoseconds in which nothing happened but what moves by itself
    """

    def __init__(self) -> None:
        self.events: list[Telling] = []
        self.stills: list[tuple[int, int]] = []
        self._waiting: list[Telling] = []
        self._standing: list[Telling] = []
        self._acted_ns = 0

    def tell(self, telling: Telling) -> None:
        """Take up what happened; ``review`` finds out when it is seen."""
        if telling.widget is None:
            telling.t_ns = telling.since_ns
            self.events.append(telling)
        else:
            self._waiting.append(telling)

    def review(self, desktop: Desktop) -> None:
        """Everything that happens at the desktop's present time has happened: what is seen, what is gone?"""
        self._rest(desktop.now_ns)
        for telling in self._standing:
            if _box(telling) is None:
                telling.end_ns = desktop.now_ns
        self._standing = [telling for telling in self._standing if telling.end_ns is None]
        waiting, self._waiting = self._waiting, []
        for telling in waiting:
            box = _box(telling)
            if box is None:
                continue
            boxes = [label.text_box for label in telling.seen_by] or [box]
            if telling.widget is not None and any(desktop.hides(telling.widget, box) for box in boxes):
                self._waiting.append(telling)
                continue
            telling.t_ns, telling.box = desktop.now_ns, box
            self.events.append(telling)
            self._standing.append(telling)

    def finish(self, end_ns: int) -> None:
        """The recording ends."""
        self._rest(end_ns)

    def _rest(self, now_ns: int) -> None:
        if now_ns - self._acted_ns >= SHORTEST_STILL_NS:
            self.stills.append((self._acted_ns + _STILL_MARGIN_NS, now_ns - _STILL_MARGIN_NS))
        self._acted_ns = now_ns


def _box(telling: Telling) -> Rect | None:
    return telling.widget.part_box(telling.part) if telling.widget is not None else None
