"""What the two threads of a live watch share, and what is asked of it meanwhile: one lock is around all of it.

Here is also what is given up where memory is scarce.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.frame import Geometry
from ironcliw.history import Ring
from ironcliw.memory import FrameMemory, Keeper
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.governor import Governor
from ironcliw.monitor.holding import READ_AGAIN_BYTES, RingFrames, SourceHoldings
from ironcliw.monitor.inquiring import Inquiring
from ironcliw.monitor.isolation import Isolation
from ironcliw.monitor.perceiving import Perceiver
from ironcliw.monitor.queue import EventQueue
from ironcliw.monitor.remembering import Remembering
from ironcliw.monitor.resumed import Resumed, Shift
from ironcliw.monitor.windows_told import WindowsTold
from ironcliw.source import Capture, Interruptible, Source

T = TypeVar("T")

log = logging.getLogger("ironcliw.monitor")

_JOIN_S = 5.0


class LiveState:
    """Of one live watch; the threads are in the classes derived from it."""

    def __init__(
        self,
        source: Source,
        engine: Engine,
        queue: EventQueue,
        perceiver: Perceiver,
        geometry: Geometry,
        summary: Callable[[], dict[str, Any]],
        ring: Ring | None = None,
        resumed: Resumed | None = None,
        keeper: Keeper | None = None,
        remembered: Remembering | None = None,
        asking: Inquiring | None = None,
        governor: Governor | None = None,
    ) -> None:
        self._source = source
        self._engine = engine
        self._queue = queue
        self._perceiver = perceiver
        self._geometry = geometry
        self._summary = summary
        self._keeper = keeper or Keeper(engine.setup.ledger)
        self._asking = asking
        self.governor = governor
        """Decides how often is captured; None: as often as the source does."""
        self._sparing = False
        self._ring_due = False
        self._rest_due = False
        """Whether the reading thread is to let the networks go."""
        self.ring = ring or Ring(source.name)
        self._frames = RingFrames(engine.setup.ledger, self.ring)
        try:
            self._frames.begin(geometry)
        except BaseException:
            self._frames.close()
            raise
        self._beside = SourceHoldings(engine.setup.ledger, source)
        self._remembered = remembered
        if remembered is not None:
            remembered.begin(geometry)
        # Entered as it is, it spares a capture the two calls of Python that a Condition makes of it.
        self._lock = threading.RLock()
        self._state = threading.Condition(self._lock)
        self._stopping = False
        self._ended = False
        self._opened_at_ns = resumed.opened_at_ns if resumed else clock.monotonic_ns()
        self.sequence = resumed.sequence if resumed else -1
        """Of the last capture."""
        self._verified_at_ns: int | None = None
        self._looked_at_ns = 0
        self._reader_due_ns: int | None = None
        """When the reading thread wakes by itself; None where it waits to be woken."""
        self._proving = False
        """Whether what was read before is being read once more."""
        self._late: Capture | None = None
        self._lost_reasons: list[str] = list(resumed.gaps) if resumed else []
        self._shift = Shift(resumed, live=source.live) if resumed else None
        self._paused = resumed is not None and resumed.paused
        self._parked = False
        self._isolation = Isolation(engine)
        self._windows = WindowsTold(source, engine)
        self.capturing_since_ns: int | None = None
        self.reading_since_ns: int | None = None
        """When each thread began what it is at, on the monotonic clock; None where it waits."""
        self._dropped = False
        self._owner = os.getpid()
        self.error: BaseException | None = None
        self._threads: list[threading.Thread] = []

    def abandon(self) -> None:
        """Give back what is held where ``start`` failed."""
        self._beside.close()
        self._frames.close()
        if self._remembered is not None:
            self._remembered.close()

    def stop(self) -> None:
        """Ask both threads to end; the summary and the queue's end follow."""
        if os.getpid() != self._owner:  # a forked child has neither thread, and perhaps their lock for ever
            return
        with self._state:
            self._stopping = True
            self._state.notify_all()
        if isinstance(self._source, Interruptible):
            self._source.interrupt()

    def pause(self) -> None:
        """Capture nothing more; returns once that is so. ``resume`` goes on."""
        with self._state:
            self._paused = True
            self._state.notify_all()
        if isinstance(self._source, Interruptible):
            self._source.interrupt()
        with self._state:
            self._state.wait_for(lambda: self._parked or self._ended or not self._paused, _JOIN_S)

    def resume(self) -> None:
        """End a pause."""
        with self._state:
            self._paused = False
            self._state.notify_all()

    @contextmanager
    def held(self) -> Generator[None]:
        """Nothing happens meanwhile: what is queued and what the engine knows belong together."""
        with self._state:
            yield

    def change_rules(self, change: Callable[[int], T]) -> T:
        """Do ``change``, which is told the source time, while no rule is evaluated; deadlines are looked at anew."""
        with self._state:
            result = change(self._now_ns())
            self._state.notify_all()
        return result

    @property
    def opened_at_ns(self) -> int:
        """Monotonic clock at source time 0."""
        return self._opened_at_ns

    def snapshot(self) -> NDArray[np.uint8]:
        """A copy of the screen as it was last looked at, (h, w, 4) uint8 BGRX."""
        with self._state:
            return self._engine.snapshot()

    @property
    def seconds_since_verified(self) -> float | None:
        """Seconds since the screen was last captured or probed; None before the first time."""
        verified = self._verified_at_ns
        return None if verified is None else (clock.monotonic_ns() - verified) / clock.SECOND

    def _follow_pressure(self) -> None:
        ladder, setup = self._keeper.ladder, self._engine.setup
        if self._source.live:
            ladder.on("ring", lambda: self._spare_ring(True), lambda: self._spare_ring(False))
        if self._source.live:
            ladder.on("rate", lambda: self._spare(True), lambda: self._spare(False))
        if setup.read_text:
            ladder.on("text", self._pause_text, self._resume_text, needs_bytes=lambda: READ_AGAIN_BYTES)

    def _spare(self, sparing: bool) -> None:
        self._sparing = sparing

    def _spare_ring(self, sparing: bool) -> None:
        self._ring_due = self._frames.spare(sparing)

    def _renew_ring(self) -> None:
        """Go on in a ring of another size. It begins with what is shown: its readers find it by themselves."""
        self._ring_due = False
        with self._state:
            shown = self._engine.snapshot()
            memory = self._frames.begin(self._geometry)
            memory.pixels[:] = shown  # for a source that writes only what has changed
            self._attach(memory)

    def _pause_text(self) -> None:
        with self._state:
            self._engine.pause_text(self._now_ns(), f"text is not read: {self._keeper.pressure.reason}")
            self._rest_due = True
            self._perceiver.give_up()
            self._state.notify_all()
        self._queue.wake()

    def _resume_text(self) -> None:
        with self._state:
            self._rest_due = False
            self._engine.resume_text(self._now_ns(), "text is read again")
            self._state.notify_all()
        self._queue.wake()

    def _attach(self, memory: FrameMemory) -> None:
        """Let the source capture into a new ring; into a smaller one where it has no room for this one."""
        try:
            self._source.attach(memory)
        except MemoryError as error:
            log.warning("%s; going on with as few frames as can be", error)
            self._source.attach(self._frames.begin(self._geometry, fewest=True))
        self._beside.fit()

    def _guarded(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except BaseException as error:  # noqa: BLE001 - kept for the caller, who raises it
            self.error = self.error or error
            self.stop()

    def _now_ns(self) -> int:
        return clock.monotonic_ns() - self._opened_at_ns
