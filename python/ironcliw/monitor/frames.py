"""Frames you already have: one ordered result per frame.

monitor = Monitor(when=["text:BUILD FAILED"])
for result in monitor.process(frames):        # any iterable of (h, w, 3|4) uint8 arrays
    print(result.regions, result.events)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ironcliw.change import LARGEST_THRESHOLD
from ironcliw.errors import SettingsError
from ironcliw.event import Event
from ironcliw.frame import Rect
from ironcliw.memory import FrameMemory, Ledger
from ironcliw.metrics import FrameCounts
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.engine_state import EngineSetup
from ironcliw.monitor.holding import CaptureFrame
from ironcliw.monitor.perceiving import Perceiver, read_nothing
from ironcliw.monitor.recorded import advance
from ironcliw.monitor.wall import WallTime
from ironcliw.rule import Condition, RuleSet
from ironcliw.source import Capture, End, Resized
from ironcliw.source.arrays import ArraySource
from ironcliw.text import open_engine


@dataclass(frozen=True, slots=True)
class Result:
    """What one frame brought.

    sequence: number of the frame, from 0
    regions: tight rectangles of changed pixels; the whole frame for the first
    events: everything it gave rise to, in order
    """

    sequence: int
    regions: tuple[Rect, ...]
    events: tuple[Event, ...]


class Monitor:
    """Change, text and conditions over frames that are handed in. What it knows carries over from call to call.

    when: conditions that raise alerts
    now: whether text in the first frame raises an alert too
    interval_s: seconds of source time between frames
    channels: order of the colours in a frame, ``rgb`` or ``bgr``; a fourth channel is not looked at
    text: whether to read text
    threshold: squared RGB distance that a pixel must exceed to count as changed; 0 for lossless frames
    memory: the ledger that holds its budgets; None for one of its own

    Raises ConditionError, SettingsError and ModelError; ``process`` raises BudgetError for frames beyond the budget.
    """

    def __init__(
        self,
        when: Sequence[str | Condition] | str | Condition = (),
        *,
        now: bool = False,
        interval_s: float = 0.1,
        channels: Literal["rgb", "bgr"] = "rgb",
        text: bool = True,
        threads: int | None = None,
        threshold: int = 0,
        memory: Ledger | None = None,
    ) -> None:
        ArraySource((), interval_s=interval_s, channels=channels)  # raises where either makes no sense
        if not 0 <= threshold <= LARGEST_THRESHOLD:
            raise SettingsError(f"threshold must be 0 to {LARGEST_THRESHOLD}, not {threshold}")
        rules = RuleSet(when, now=now, wall=WallTime())
        if rules.needs_text and not text:
            raise SettingsError("a condition about text can never be met where text is not read")
        self._interval_s = interval_s
        self._ledger = memory or Ledger()
        self._channels: Literal["rgb", "bgr"] = channels
        self._events: deque[Event] = deque()
        self._perceiver = Perceiver(open_engine(threads).read if text else read_nothing)
        setup = EngineSetup(
            source="frames",
            run="frames",
            live=False,
            lossless=threshold == 0,
            rules=rules,
            threshold=threshold,
            read_text=text,
            ledger=self._ledger,
        )
        self._engine = Engine(setup, self._events.append)
        self._frame: CaptureFrame | None = None
        self._frames = 0
        self._time_ns = 0

    @property
    def counts(self) -> FrameCounts:
        """Where every frame went, up to now."""
        return self._engine.counts

    def process(self, frames: Iterable[NDArray[np.uint8]]) -> Iterator[Result]:
        """Take (h, w, 3|4) uint8 frames one by one; yields one result for each, before the next is asked for.

        What a frame shows is read with it, without waiting for it to settle. Raises ValueError for a frame of another
        dtype or shape, naming its index; the frames before it have had their results, and ``process`` can be called
        again with those after it.
        """
        source = ArraySource(frames, interval_s=self._interval_s, channels=self._channels)
        start_ns, offset = self._time_ns, self._frames
        geometry = source.open()
        message: Any = Resized(0, geometry)
        while not isinstance(message, End):
            if isinstance(message, Resized):
                self._resize(message, start_ns)
                source.attach(self._held())
            elif isinstance(message, Capture):
                yield self._result(message, start_ns, offset)
            message = source.read(0)
            self._time_ns = start_ns + message.time_ns

    def close(self) -> None:
        """Give the frame memory back."""
        self._let_go()
        self._engine.close()

    def _let_go(self) -> None:
        if self._frame is not None:
            self._frame.close()
            self._frame = None

    def _held(self) -> FrameMemory:
        assert self._frame is not None
        return self._frame.memory

    def _resize(self, message: Resized, start_ns: int) -> None:
        geometry, now_ns = message.geometry, start_ns + message.time_ns
        if self._frame is not None and self._held().pixels.shape[:2] == (geometry.height, geometry.width):
            return
        self._let_go()
        if self._frames == 0:
            size = {"x": 0, "y": 0, "width": geometry.width, "height": geometry.height}
            self._engine.begin(geometry, {"geometry": size}, now_ns)
        else:
            self._engine.resize(geometry, now_ns)
        self._frame = CaptureFrame(self._ledger, geometry)

    def _result(self, message: Capture, start_ns: int, offset: int) -> Result:
        now_ns, sequence = start_ns + message.time_ns, offset + message.sequence
        advance(self._engine, now_ns, self._perceiver)
        placed = Capture(sequence, now_ns, message.captured_at_ns, message.damage, message.bytes_read)
        change = self._engine.capture(placed, self._held().pixels)
        self._frames = sequence + 1
        self._engine.hurry()
        advance(self._engine, now_ns, self._perceiver)
        events = tuple(self._events)
        self._events.clear()
        return Result(sequence, change.regions, events)
