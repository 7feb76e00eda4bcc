"""The watcher without threads and clocks: captures in, readings out and back in, events out.

    engine = Engine(setup, emit=print)
    engine.begin(geometry, description, now_ns=0)
    engine.capture(message, memory.pixels)
    while reading := engine.take_reading(now_ns):
        engine.finish_reading(reading, perceiver.read(reading))

Everything is driven by source time, so a recording gives the same events however fast it is decoded and whichever
kernels compute it. Not safe for use from several threads at once: the live monitor holds a lock around each call, and
reads text (the slow part) outside of it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.change import Change, ChangeTracker
from ironcliw.frame import Geometry, Rect
from ironcliw.memory import blank_pixels
from ironcliw.monitor.engine_text import EngineText
from ironcliw.monitor.looking import LookPlan
from ironcliw.rule.windows import Window
from ironcliw.source.protocol import Capture
from ironcliw.text.plan import ReadPlan
from ironcliw.text.screen import Line
from ironcliw.text.stamps import Stamp
from ironcliw.volatility import Volatility

BLACK_AFTER_NS = 5 * clock.SECOND
"""A screen that is all zero for this long, after it was not, counts as lost."""

# Pictures of what was drawn over before it could be read; each at most this part of the screen.
_MOST_KEPT = 4
_LARGEST_KEPT = 1 / 8


class Engine(EngineText):
    """Change, text and rules of one source, and the events they make."""

    def begin(self, geometry: Geometry, description: dict[str, Any], now_ns: int) -> None:
        """The source is open: say so."""
        self._announcer.emit("start", now_ns, data=description)
        self.resize(geometry, now_ns)

    def resume(self, geometry: Geometry, recall: dict[str, Any], now_ns: int) -> None:
        """The source is open again after the engine before this one was lost: go on where ``recall`` says it stood.

        What stood on the screen is no news when it is read again; what came meanwhile is.
        """
        self._announcer.events, self._announcer.alerts = recall["events"], recall.get("alerts", 0)
        self._incidents.number_from(recall.get("incident", 0))
        self.counts.restore(recall.get("frames", {}))
        read = recall.get("reading", {})
        self.readings, self.pixels_read_at_start = read.get("readings", 0), read.get("pixels_at_start", 0)
        self.pixels_read, self.pixels_of_changed_frames = read.get("pixels_read", 0), read.get("pixels_full", 0)
        self.states_skipped = read.get("skipped", 0)
        self._first_sequence = recall.get("first_sequence")
        self._begun = self._first_sequence is not None
        lines = [Line(key, text, Rect(*box), confidence, at) for key, text, box, confidence, at in recall["lines"]]
        self._screen.restore(lines)
        self._gaps = set(recall.get("gaps", ()))
        self._judge.resume(recall.get("rules", {}), now_ns, blind=bool(self._gaps))
        self._teller.arm(self._screen.lines, now_ns)
        self.resize(geometry, now_ns)
        self._seen_light = self._blind_black = "black" in self._gaps

    def recall(self) -> dict[str, Any]:
        """What another engine needs to ``resume``, as JSON values."""
        self._look_whether_begun()
        return {
            "events": self._announcer.events,
            "alerts": self.alerts,
            "frames": self.counts.to_dict(),
            "reading": self._read(),
            "first_sequence": self._first_sequence if self._begun else None,
            "lines": [[line.id, line.text, list(line.box), line.confidence, line.time_ns] for line in self.lines],
            "gaps": sorted(self._gaps),
            "rules": self._judge.recall(),
        }

    def resize(self, geometry: Geometry, now_ns: int) -> None:
        """The next capture has this geometry; what was known of the pixels is void, the text is compared anew."""
        self._now_ns = now_ns
        self._geometry = geometry
        self._judge.resize(geometry, started=self._first_sequence is not None)
        self.holdings.fit(geometry, read_text=self.setup.read_text, lossless=self.setup.lossless)
        threshold = 0 if self.setup.lossless else self.setup.threshold
        self._tracker = ChangeTracker(geometry.height, geometry.width, threshold)
        self.volatility = Volatility(geometry.width, geometry.height)
        self._plan = ReadPlan(
            geometry.width,
            geometry.height,
            settle_ns=self.setup.settle_ns,
            interval_ns=self.setup.interval_ns,
            volatility=self.volatility,
            exact=self.setup.lossless,
        )
        self._looks = LookPlan()
        # What is compared of lossy video keeps tiles that hardly changed as they were, and so breaks faint edges.
        self._latest = None if self.setup.lossless else blank_pixels(geometry.height, geometry.width)
        self._kept.clear()
        self._screen.resize(geometry.width, geometry.height)
        self._incidents.resize(geometry.width, geometry.height)
        self._forget_beyond(geometry, now_ns)

    def begin_anew(self, now_ns: int) -> None:
        """Something went wrong within a capture: what is known of the pixels is void."""
        self.resize(self._geometry, now_ns)

    def windows(self, windows: Sequence[Window], now_ns: int) -> None:
        """The source says which windows there are, the uppermost first."""
        self._now_ns = max(self._now_ns, now_ns)
        self._judge.windows(windows, now_ns)

    def capture(self, message: Capture, pixels: NDArray[np.uint8]) -> Change:
        """The source shows a new state in ``pixels``, (h, w, 4) uint8 BGRX."""
        self._now_ns = max(self._now_ns, message.time_ns)
        if self.setup.read_text:
            self._keep(message)
        started_ns = time.perf_counter_ns()
        change = self._tracker.apply(pixels, message.damage)
        if change.regions:
            self.volatility.follow(self._tracker.tiles, message.time_ns)
        self.stages.add("change", time.perf_counter_ns() - started_ns)
        self.copies.handed_over("change")
        self.captured_bytes += message.bytes_read
        self._count(message, change)
        self._watch_black(change, message.time_ns)
        # A recording is read once more at its end, as its last picture shows it; a live screen as its last change does.
        if self._latest is not None and self.setup.read_text and (change.regions or not self.setup.live):
            np.copyto(self._latest, pixels)
            self.copies.copied("latest", self._latest.nbytes)
        if not change.regions:
            return change
        self.copies.copied("shown", self._tracker.stored_bytes(change))
        stamp = Stamp(message.sequence, message.time_ns, message.captured_at_ns)
        if change.first:
            self._start(stamp, pixels)
        else:
            if self.setup.read_text:
                self._plan.follow(change.regions, self._tracker.tiles, stamp, self._tracker.shown)
                self.copies.handed_over("plan")
                self._looks.changed(change.regions, message.time_ns)
                for region in change.regions if self._judge.needs_looks else ():
                    self._looks.want(region, message.time_ns)
                if self._plan.has_large:
                    self._dissolve.look(pixels, message.time_ns)
                    self._plan.dissolving(self._dissolve.until_ns)
            self.pixels_of_changed_frames += self._geometry.width * self._geometry.height
            self._announcer.emit("change", message.time_ns, stamp=stamp, regions=change.regions)
            self._judge.changed(change, stamp, pixels)
        return change

    def _keep(self, message: Capture) -> None:
        """Copy what stood still, and was not read because the reader was busy, before ``message`` draws over it.

        Else words that are there for half a second would be lost while a full screen is being read. Of large regions
        the newest state is what counts.
        """
        largest = _LARGEST_KEPT * self._geometry.width * self._geometry.height
        for dirty in self._plan.stood(message.time_ns, message.damage):
            if self._text_pause.on:
                return
            if len(self._kept) < _MOST_KEPT and self._whole_lines(dirty.region).area <= largest:
                self._plan.take_away(dirty, message.time_ns)
                reading = self._reading(dirty, message.time_ns)
                self._kept += [] if reading is None else [reading]

    def _start(self, stamp: Stamp, pixels: NDArray[np.uint8]) -> None:
        if self._first_sequence is None:
            self._first_sequence = stamp.sequence
        if self.setup.read_text:
            self._plan.begin(stamp, self._tracker.tiles, in_bands=self.setup.live)
        self._judge.started(stamp, pixels)
        if not self.setup.read_text:
            self._judge.begun(stamp.time_ns)

    def _count(self, message: Capture, change: Change) -> None:
        if change.regions:
            self.counts.changed += 1
        elif message.damage and message.excluded and all(_inside(rect, message.excluded) for rect in message.damage):
            self.counts.excluded += 1
        else:
            self.counts.duplicate += 1

    def tick(self, now_ns: int) -> None:
        """Source time has come to ``now_ns``: raise what was waiting for it."""
        self._now_ns = max(self._now_ns, now_ns)
        since = self._black_since_ns
        if since is not None and not self._blind_black and now_ns >= since + BLACK_AFTER_NS:
            self._blind_black = True
            self.gap(now_ns, "black", "begin", "every pixel has been zero for 5 s; the screen may be off or locked")
        self._teller.rest(now_ns)
        if not self._text_pause.waits(now_ns):
            self._incidents.tick(now_ns)
        self._judge.tick(now_ns)

    def _watch_black(self, change: Change, time_ns: int) -> None:
        if not change.black:
            self._seen_light = True
            self._black_since_ns = None
            if self._blind_black:
                self._blind_black = False
                self.gap(time_ns, "black", "end", "the screen shows something again")
        elif self._seen_light and self._black_since_ns is None:
            self._black_since_ns = time_ns

    def finish(self, now_ns: int, data: dict[str, Any]) -> None:
        """The source has ended or the user has: emit the summary. ``data`` adds fields to it."""
        self.tick(now_ns)
        summary: dict[str, Any] = {
            "duration_s": round(now_ns / clock.SECOND, 3),
            "frames": self.counts.to_dict(),
            "alerts": self.alerts,
            "reading": self._read(),
            "stages": self.stages.summary(),
        }
        self._announcer.emit("summary", now_ns, data={**summary, **data})
        self.close()

    def _read(self) -> dict[str, int]:
        return {
            "readings": self.readings,
            "pixels_at_start": self.pixels_read_at_start,
            "pixels_read": self.pixels_read,
            "pixels_full": self.pixels_of_changed_frames,
            "skipped": self.states_skipped,
            "ticks": self._teller.ticks,
        }


def _inside(rect: Rect, areas: Sequence[Rect]) -> bool:
    return any(rect.intersection(area) == rect for area in areas)
