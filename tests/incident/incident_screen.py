"""A screen whose lines are set by tests: what a reading of it shows, without pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ironcliw.clock import SECOND
from ironcliw.frame import Rect
from ironcliw.incident import Drawn, IncidentTracker, Report, Seen
from ironcliw.objects import Detection
from ironcliw.text.protocol import ReadLine
from ironcliw.text.screen import TextScreen
from ironcliw.text.thumbnail import Thumbnail, thumbnail_of

WIDTH, HEIGHT = 800, 600
WHOLE = Rect(0, 0, WIDTH, HEIGHT)


class IncidentScreen:
    """Lines at places, painted as gray bars."""

    def __init__(self) -> None:
        self.pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        self.screen = TextScreen()
        self.screen.resize(WIDTH, HEIGHT)
        self.tracker = IncidentTracker()
        self.tracker.resize(WIDTH, HEIGHT)
        self.reports: list[Report] = []

    def show(self, time_s: float, lines: dict[tuple[int, int], str], *, at_start: bool = False) -> list[Report]:
        """The whole screen is read and shows these lines at (x, y); what is told of it."""
        read = [ReadLine(text, Rect(x, y, 8 * len(text), 16), 0.9) for (x, y), text in lines.items()]
        now_ns = int(time_s * SECOND)
        for line in read:
            self.pixels[line.box.y : line.box.bottom, line.box.x : line.box.right] = 160
        update = self.screen.apply(WHOLE, read, changed=lambda box: True, time_ns=now_ns)
        seen = Seen(
            update=update if not at_start else self._without_news(update),
            at_start=update.appeared if at_start else (),
            time_ns=now_ns,
            since_ns=lambda box: now_ns,
            thumbnail=self.thumbnail(),
        )
        told = self.tracker.follow(seen)
        self.reports += told
        return told

    def look(self, time_s: float, *detections: Detection) -> list[Report]:
        """Somebody looks and sees these objects; what is told of it."""
        drawn = Drawn(WHOLE, int(time_s * SECOND), self.thumbnail(), detections, self.screen.lines)
        told = self.tracker.look(drawn)
        self.reports += told
        return told

    def tick(self, time_s: float) -> list[Report]:
        told = self.tracker.tick(int(time_s * SECOND))
        self.reports += told
        return told

    def thumbnail(self) -> Thumbnail:
        return thumbnail_of(self.pixels, WHOLE)

    @staticmethod
    def _without_news(update):
        from dataclasses import replace

        return replace(update, appeared=())


def states(reports: Sequence[Report]) -> list[tuple[str, str]]:
    """(kind, state) of each report that is an event."""
    return [(report.incident.kind, report.state) for report in reports if not report.at_start]
