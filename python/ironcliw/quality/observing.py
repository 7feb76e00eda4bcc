"""What the watcher reports of a recording, with the times that scoring needs.

observed = observe(recording)
observed.alerts, observed.texts, observed.cost

A detector of any kind is scored by what it puts into an ``Observed``: the controls in ``quality/controls.py`` make
theirs without watching anything.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.monitor import watch
from ironcliw.quality.counting import CountingEngine, Reads
from ironcliw.quality.recordings import Recording
from ironcliw.quality.told import Told, unprompted_types
from ironcliw.text import Line


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule fired. ``time_s`` is the first frame that shows it, ``told_s`` when it was said; both media time."""

    condition: str
    time_s: float
    told_s: float


@dataclass(frozen=True, slots=True)
class TextSeen:
    """A line of text appeared in ``box``; times as for ``Alert``."""

    text: str
    box: Rect
    time_s: float
    told_s: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What watching took.

    wall_s, cpu_s: seconds by the clock and of all our threads
    readings: regions handed to the text engine
    pixels_read, pixels_at_start: pixels in them, apart from and for the state the recording begins with
    pixels_of_changed_frames: pixels of every changed frame read whole
    pixels_of_whole_readings: pixels of as many readings, each of the whole frame
    reading_ms: mean time of one reading
    """

    wall_s: float
    cpu_s: float
    readings: int
    pixels_read: int
    pixels_at_start: int
    pixels_of_changed_frames: int
    pixels_of_whole_readings: int
    reading_ms: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What the watcher knew at the end: ``lines`` of text, and the ``pixels`` it had looked at, (h, w, 4) BGRX."""

    lines: tuple[Line, ...]
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that was reported of one recording, in the order it was said. ``cost`` is None for controls.

    unprompted: what was told although no rule asked; see ``told.unprompted_types``
    reads: what was read for it, and again
    ending: the text that was on the screen in the end, as the watcher knew it
    """

    alerts: tuple[Alert, ...] = ()
    texts: tuple[TextSeen, ...] = ()
    unprompted: tuple[Told, ...] = ()
    cost: Cost | None = None
    reads: Reads | None = None
    ending: Kept | None = None


def observe(recording: Recording) -> Observed:
    """Watch a recording as fast as it can be read, with the rules of its labels.

    Raises SourceError where it cannot be read and ModelError where text cannot.
    """
    alerts: list[Alert] = []
    texts: list[TextSeen] = []
    unprompted: list[Told] = []
    counted = unprompted_types()
    frame_px, summary, ending = 0, None, None
    engine = CountingEngine()
    started_s = time.perf_counter()
    with watch(recording.spec, when=recording.truth.conditions, pace="max", engine=engine) as running:
        for event in running:
            told_s = running.engine.now_ns / clock.SECOND
            if event.type in counted:
                unprompted.append(Told.of(event, told_s))
            if event.type == "alert":
                alerts.append(Alert(event.rule or "", event.time, told_s))
            elif event.type in ("text_appeared", "text_changed"):
                box = event.regions[0] if event.regions else Rect(0, 0, 0, 0)
                texts.append(TextSeen(event.text or "", box, event.time, told_s))
            elif event.type == "start":
                frame_px = event.data["geometry"]["width"] * event.data["geometry"]["height"]
            elif event.type == "summary":
                summary, ending = event, Kept(running.engine.lines, running.engine.snapshot())
    wall_s = time.perf_counter() - started_s
    cost = summary and _cost(summary, frame_px, wall_s)
    reads = engine.reads + Reads(cost.pixels_read, cost.pixels_of_changed_frames) if cost else None
    return Observed(tuple(alerts), tuple(texts), tuple(unprompted), cost, reads, ending)


def _cost(summary: Event, frame_px: int, wall_s: float) -> Cost:
    reading: dict[str, Any] = summary.data["reading"]
    text_stage: dict[str, float] = summary.data["stages"].get("text", {})
    # The state at the start is read whole by anybody: it belongs to neither side of the comparison.
    later = reading["readings"] - (1 if reading["pixels_at_start"] else 0)
    return Cost(
        wall_s=wall_s,
        cpu_s=summary.data["cpu_s"],
        readings=reading["readings"],
        pixels_read=reading["pixels_read"],
        pixels_at_start=reading["pixels_at_start"],
        pixels_of_changed_frames=reading["pixels_full"],
        pixels_of_whole_readings=max(later, 0) * frame_px,
        reading_ms=text_stage.get("mean_ms", 0.0),
    )
