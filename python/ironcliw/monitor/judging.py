"""Drives the rules: hands them what happens, and has the announcer tell what they fire with.

judge = Judge(announcer, rules, stages)
judge.changed(change, stamp, pixels)
judge.text(update, reading)
judge.tick(now_ns)
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw.change import Change
from ironcliw.errors import ConditionError
from ironcliw.frame import Geometry, Rect
from ironcliw.incident import Report
from ironcliw.metrics import StageTimes
from ironcliw.monitor.announcer import Announcer
from ironcliw.monitor.reading import Reading
from ironcliw.monitor.rule_state import RuleState
from ironcliw.objects import Detection
from ironcliw.rule import Firing, RuleSet, SeenObjects
from ironcliw.rule.windows import Window
from ironcliw.text.screen import Line, TextUpdate
from ironcliw.text.stamps import Stamp

log = logging.getLogger("ironcliw.monitor")


class Judge:
    """The rules of one run, and the alerts they raise."""

    def __init__(self, announcer: Announcer, rules: RuleSet, stages: StageTimes, kept: RuleState | None = None) -> None:
        self.rules = rules
        self._announcer, self._stages, self._kept = announcer, stages, kept
        self._begun = False
        rules.hold_start()

    @property
    def _any(self) -> bool:
        """Asked anew each time: conditions come and go while it runs."""
        return len(self.rules) > 0

    @property
    def needs_looks(self) -> bool:
        """Whether what is drawn has to be looked at after every change."""
        return self.rules.needs_objects

    @property
    def due_ns(self) -> int | None:
        """Source time at which ``tick`` wants to be called; None where nothing waits."""
        return self.rules.next_deadline_ns if self._any else None

    def resize(self, geometry: Geometry, *, started: bool) -> None:
        """The frame has this size. Raises ConditionError where a region lies outside of the first one."""
        try:
            self.rules.on_geometry(geometry.width, geometry.height)
        except ConditionError as error:
            if not started:
                raise
            # In mid-run a region may come to lie outside for a while: that is no reason to stop watching the rest.
            log.warning("%s", str(error).splitlines()[0])

    def begun(self, now_ns: int) -> None:
        """All that was there when the watch began was told; from any later time, too."""
        if not self._begun:
            self._begun = True
            for doubt in self.rules.doubts():
                log.warning("%s", doubt)
            self._alert(self.rules.on_begun(now_ns))

    def changed(self, change: Change, stamp: Stamp, pixels: NDArray[np.uint8]) -> None:
        """Pixels changed after the start; ``pixels`` is the (h, w, 4) uint8 BGRX frame."""
        if not self._any:
            return
        with self._stages.measure("rules"):
            firings = self.rules.on_change(stamp.time_ns, change.regions, change.blinking)
            if self.rules.needs_pixels:
                firings += self.rules.on_pixels(stamp.time_ns, pixels, change.regions)
        self._alert(firings, stamp)

    def started(self, stamp: Stamp, pixels: NDArray[np.uint8]) -> None:
        """The first frame, or the first of another size."""
        if self.rules.needs_pixels:
            whole = [Rect(0, 0, pixels.shape[1], pixels.shape[0])]
            self._alert(self.rules.on_pixels(stamp.time_ns, pixels, whole), stamp)

    def text(self, update: TextUpdate, reading: Reading | None = None) -> None:
        """The screen was read."""
        self._alert(self.hear(update), reading=reading)

    def hear(self, update: TextUpdate) -> Sequence[Firing]:
        """The screen was read; what is met, which nobody is told yet."""
        with self._stages.measure("rules"):
            return self.rules.on_text(update)

    def incident(self, report: Report, *, stamp: Stamp | None = None, reading: Reading | None = None) -> None:
        """Something of an incident was told."""
        self._alert(self.rules.on_incident(report), stamp, reading)

    def looked(self, region: Rect, detections: Sequence[Detection], lines: Sequence[Line], time_ns: int) -> None:
        """A part of the screen was looked at."""
        if self._any:
            self._alert(self.rules.on_objects(SeenObjects(region, detections, lines, time_ns)))

    def windows(self, windows: Sequence[Window], now_ns: int) -> None:
        """The source says which windows there are, the uppermost first."""
        self._alert(self.rules.on_windows(windows, now_ns))

    def gap(self, now_ns: int, *, text: bool | None = None) -> None:
        """The source cannot be seen; ``text`` as in ``RuleSet.on_gap``."""
        self._alert(self.rules.on_gap(now_ns, text=text))

    def back(self, now_ns: int, *, text: bool | None = None) -> None:
        """It is seen again."""
        self._alert(self.rules.on_back(now_ns, text=text))

    def tick(self, now_ns: int) -> None:
        """Source time has come to ``now_ns``."""
        self._alert(self.rules.on_time(now_ns))

    def _alert(self, firings: Sequence[Firing], stamp: Stamp | None = None, reading: Reading | None = None) -> None:
        self._announcer.alert(firings, stamp, reading)
        if firings and self._kept is not None:
            self._kept.save(self.rules.remember(max(firing.time_ns for firing in firings)))

    def recall(self) -> dict[str, Any]:
        """What another judge needs to go on, as JSON values; empty where there is no rule."""
        return self.rules.recall() if self._any else {}

    def resume(self, recall: dict[str, Any], now_ns: int, *, blind: bool) -> None:
        """Go on there. ``blind``: whether the source cannot be seen just now."""
        if recall:
            self.rules.restore(recall)
            self._begun = bool(recall.get("begun"))
        if blind:
            self.gap(now_ns)
