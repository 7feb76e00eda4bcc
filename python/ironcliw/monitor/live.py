"""Watching something that moves by itself: one thread captures, one reads text, events go into a queue.

    run = LiveRun(source, engine, queue, Perceiver(read_text), geometry, summary)
    run.start()
    queue.get()
    run.stop()

The capturing thread never waits for the reading thread: it keeps the newest state, and the reader takes that when it
is free. A recording played at its own pace runs here too; frames that come too late are dropped and counted, but for a
few a second and the last: however slow the machine, what stays on the screen is seen.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import IroncliwError
from ironcliw.frame import Geometry
from ironcliw.history import Ring
from ironcliw.memory import FrameMemory, Keeper
from ironcliw.monitor.engine import Engine
from ironcliw.monitor.governor import Governor
from ironcliw.monitor.holding import READ_AGAIN_BYTES, RingFrames, SourceHoldings
from ironcliw.monitor.inquiring import Inquiring
from ironcliw.monitor.isolation import Isolation
from ironcliw.monitor.looking import Look
from ironcliw.monitor.perceiving import Perceiver
from ironcliw.monitor.queue import EventQueue
from ironcliw.monitor.reading import Reading
from ironcliw.monitor.remembering import Remembering
from ironcliw.monitor.resumed import Resumed, Shift
from ironcliw.monitor.windows_told import WindowsTold
from ironcliw.rule.question import Answer
from ironcliw.source import Back, Capture, End, Gap, Idle, Interruptible, Message, Resized, Source
from ironcliw.source.protocol import hand_on
from ironcliw.text.protocol import ReadingStoppedError, ReadLine

T = TypeVar("T")

log = logging.getLogger("ironcliw.monitor")

_READ_TIMEOUT_MS = 500
_INTERRUPTED_TIMEOUT_MS = 1_000
"""A source that can be interrupted need not return to see whether the watch is to end, only to say what it verified."""
_LATE_NS = 250 * clock.MS
_JOIN_S = 5.0
_SPARING_S = 0.5
"""Between two captures, where memory is so scarce that only a few are taken."""


class LiveRun:
    """The two threads of one live watch. Start it once; ``stop`` may be called from any thread, more than once."""

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
        self._late: Capture | None = None
        self._lost_reasons = list(resumed.gaps) if resumed else []
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
        self._threads = [
            threading.Thread(target=self._guarded, args=(self._capture_loop,), name="ironcliw-capture", daemon=True),
            threading.Thread(target=self._read_and_wind_up, name="ironcliw-reading", daemon=True),
        ]

    def start(self) -> None:
        """Attach the first slot of the ring and start both threads."""
        self._follow_pressure()
        self._attach(self.ring.memory)
        if self._asking is not None:
            self._asking.start(self._answer)
        for thread in self._threads:
            thread.start()

    def _answer(self, answer: Answer) -> None:
        with self._state:
            if self._asking is not None:
                self._asking.tell(self._engine, answer, self._now_ns())
            self._state.notify_all()
        self._queue.wake()

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

    def join(self) -> None:
        """Wait (at most 5 s a thread) until both threads have ended and the memory is given back."""
        for thread in self._threads:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(_JOIN_S)

    def snapshot(self) -> NDArray[np.uint8]:
        """A copy of the screen as it was last looked at, (h, w, 4) uint8 BGRX."""
        with self._state:
            return self._engine.snapshot()

    @property
    def seconds_since_verified(self) -> float | None:
        """Seconds since the screen was last captured or probed; None before the first time."""
        verified = self._verified_at_ns
        return None if verified is None else (clock.monotonic_ns() - verified) / clock.SECOND

    # -- where memory is scarce --------------------------------------------------------------------------------

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

    # -- capturing ---------------------------------------------------------------------------------------------

    def _guarded(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except BaseException as error:  # noqa: BLE001 - kept for the caller, who raises it
            self.error = self.error or error
            self.stop()

    def _read_and_wind_up(self) -> None:
        try:
            self._guarded(self._reading_loop)
        finally:
            self._guarded(self._wind_up)
            self._queue.close()

    def _capture_loop(self) -> None:
        timeout_ms = _INTERRUPTED_TIMEOUT_MS if isinstance(self._source, Interruptible) else _READ_TIMEOUT_MS
        try:
            while not self._stopping:
                if self._paused:
                    self._park()
                    continue
                self.capturing_since_ns = clock.monotonic_ns()
                message = self._next_message(timeout_ms)
                if message is None:
                    continue
                if not self._source.live and not self._wait_for(message):
                    break
                self._take(message)
                self._queue.wake()
                if isinstance(message, End):
                    break
                self._keeper.check(clock.monotonic_ns())
                if (self._ring_due or self._frames.due) and not self._lost_reasons:
                    self._renew_ring()
                if self.governor is not None and isinstance(message, Capture | Idle):
                    self._leave_alone(self.governor.after_capture(changed=isinstance(message, Capture)))
                if self._sparing:
                    with self._state:
                        self._state.wait_for(lambda: self._stopping, _SPARING_S)
        finally:
            with self._state:
                self.capturing_since_ns = None
                self._ended = True
                self._state.notify_all()

    def _leave_alone(self, wait_s: float) -> None:
        """Capture nothing for so long, unless the watch is to end or to pause."""
        if wait_s > 0:
            self.capturing_since_ns = None
            with self._state:
                self._state.wait_for(lambda: self._stopping or self._paused, wait_s)

    def _next_message(self, timeout_ms: int) -> Message | None:
        started_ns = time.perf_counter_ns()
        message = self._source.read(timeout_ms)
        if isinstance(message, Capture):
            self._engine.stages.add("capture", time.perf_counter_ns() - started_ns)
        return message if self._shift is None else self._shift(message)

    def _park(self) -> None:
        """Capture nothing until the pause is over."""
        with self._state:
            self.capturing_since_ns = None
            self._engine.gap(self._now_ns(), "paused", "begin", "capturing is paused")
            self._parked = True
            self._state.notify_all()
            self._queue.wake()
            self._state.wait_for(lambda: not self._paused or self._stopping)
            self._parked = False
            self._engine.gap(self._now_ns(), "paused", "end", "capturing goes on")
            self._queue.wake()

    def _wait_for(self, message: Message) -> bool:
        """Sleep until the media time of ``message`` has come; False when stopping."""
        self.capturing_since_ns = None
        with self._state:
            if not isinstance(message, Capture):  # the memory still shows what was put off
                self._look_at_late()
            left_ns = self._opened_at_ns + message.time_ns - clock.monotonic_ns()
            return not self._state.wait_for(lambda: self._stopping, max(0, left_ns) / clock.SECOND)

    def _take(self, message: Message) -> None:
        with self._lock:
            if isinstance(message, Capture):
                self._verified_at_ns = now_ns = clock.monotonic_ns()
                self.sequence = message.sequence
                self._look(message, now_ns - self._opened_at_ns)
                if self._isolation.delay_s:
                    self._state.wait_for(lambda: self._stopping, self._isolation.delay_s)
                if self._reader_sleeps_long_enough():
                    return
            elif isinstance(message, Resized):
                self._resize(message)
                self._found_again(message.time_ns)
            elif isinstance(message, Gap):
                self._lose(message)
            elif isinstance(message, Back):
                # The server that was lost may still write into the memory it was handed, and no other can be handed it.
                self._attach(self._frames.begin(self._geometry))
                self._found_again(message.time_ns)
            elif isinstance(message, Idle):
                if message.verified:
                    self._verified_at_ns = clock.monotonic_ns()
                    self.ring.verified(self._verified_at_ns)
                    if self._remembered is not None:
                        self._remembered.hold(message.time_ns)
                return  # the reading thread waits for nothing of this; on a still screen it is never woken
            self._state.notify_all()

    def _reader_sleeps_long_enough(self) -> bool:
        """Whether nothing is due before the reading thread wakes by itself: waking it costs more than finding out."""
        due_ns = self._engine.next_due_ns
        return due_ns is None or (self._reader_due_ns is not None and self._reader_due_ns <= due_ns)

    def _look(self, message: Capture, now_ns: int) -> None:
        """Take a capture, or put it off where it is late and one was looked at a moment ago."""
        if self._late is not None:
            self._late = None
            self._dropped = True
            self._engine.drop("late")
        late = not self._source.live and now_ns - message.time_ns > _LATE_NS
        if late and now_ns - self._looked_at_ns < _LATE_NS:
            self._late = message  # the memory shows it until the next one comes
            return
        self._looked_at_ns = now_ns
        self._show(self._restamped(message))
        if self._shift is not None and self._lost_reasons:
            self._found_again(message.time_ns)

    def _show(self, message: Capture) -> None:
        """Let the engine look, and keep what it has not seen before: the source goes on in another slot."""
        self._windows.look(message.time_ns)
        change = self._isolation.capture(message, self.ring.memory.pixels)
        if change is None or not (change.regions or self.ring.empty):
            self.ring.verified(message.captured_at_ns)
            if self._remembered is not None and change is not None:
                self._remembered.hold(message.time_ns)
            return
        if self._remembered is not None and change.regions:
            self._remembered.follow(self.ring.memory.pixels, message, self._engine.tiles, whole=change.first)
        captured_into = self.ring.memory
        following = self.ring.publish(message.time_ns, message.captured_at_ns, change.regions)
        if following is not captured_into:
            hand_on(self._source, following)

    def _look_at_late(self) -> None:
        """Nothing comes after the capture that was put off: it is what stays on the screen."""
        if self._late is not None:
            self._show(self._restamped(self._late))
            self._late = None
            self._state.notify_all()
            self._queue.wake()

    def _lose(self, gap: Gap) -> None:
        passing = gap.reason == "missed_damage"
        self._engine.gap(gap.time_ns, gap.reason, "end" if passing else "begin", gap.detail)
        self._lost_reasons += [] if passing else [gap.reason]

    def _found_again(self, time_ns: int) -> None:
        """A server that went away and then refused us was lost in two ways; both end here."""
        for reason in self._lost_reasons:
            self._engine.gap(time_ns, reason, "end", "the source is seen again")
        self._lost_reasons.clear()

    def _restamped(self, message: Capture) -> Capture:
        """A recording's frame is 'captured' when its time comes, not when it was decoded."""
        if self._source.live:
            opened_at_ns = message.captured_at_ns - message.time_ns
            if opened_at_ns != self._opened_at_ns:
                self._opened_at_ns, self._reader_due_ns = opened_at_ns, None
            return message
        due_ns = self._opened_at_ns + message.time_ns
        # Damage is counted from the frame before, which was not looked at where it came too late.
        damage, self._dropped = None if self._dropped else message.damage, False
        return Capture(message.sequence, message.time_ns, due_ns, damage, message.bytes_read)

    def _resize(self, message: Resized) -> None:
        self._geometry = message.geometry
        self._engine.resize(message.geometry, message.time_ns)
        self._attach(self._frames.begin(message.geometry))
        if self._remembered is not None:
            self._remembered.begin(message.geometry)

    def _attach(self, memory: FrameMemory) -> None:
        """Let the source capture into a new ring; into a smaller one where it has no room for this one."""
        try:
            self._source.attach(memory)
        except MemoryError as error:
            log.warning("%s; going on with as few frames as can be", error)
            self._source.attach(self._frames.begin(self._geometry, fewest=True))
        self._beside.fit()

    # -- reading -----------------------------------------------------------------------------------------------

    def _now_ns(self) -> int:
        return clock.monotonic_ns() - self._opened_at_ns

    def _reading_loop(self) -> None:
        while True:
            with self._state:
                task = self._next_task()
            self._queue.wake()
            if task is None:
                return
            if task == "rest":
                self._perceiver.rest()
                continue
            self.reading_since_ns = clock.monotonic_ns()
            if isinstance(task, Look):
                with self._isolation.guard("a look at what is drawn failed"):
                    self._look_for_drawn(task)
            else:
                with self._isolation.guard("a reading of text failed"):
                    self._read(task)
            self.reading_since_ns = None
            self._queue.wake()

    def _look_for_drawn(self, task: Look) -> None:
        with self._engine.stages.measure("objects"):
            detections = self._perceiver.look(task)
        with self._state:
            self._engine.finish_look(task, detections)

    def _read(self, task: Reading) -> None:
        with self._engine.stages.measure("text"):
            lines = self._lines(task)
        with self._state:
            if lines is None:
                self._engine.give_up(task)
            else:
                self._engine.finish_reading(task, lines)

    def _next_task(self) -> Reading | Look | Literal["rest"] | None:
        """Wait for what is due next; None when stopping, or ended with nothing left to read."""
        while not self._stopping:
            now_ns = self._now_ns()
            if self._rest_due:
                self._rest_due = False
                return "rest"
            if self._ended:
                self._engine.hurry()
            self._engine.tick(now_ns)
            ask_ns = None if self._asking is None else self._asking.take(self._engine, now_ns)
            task = self._engine.take_reading(now_ns) or self._engine.take_look(now_ns)
            if task is not None or self._ended:
                return task
            due_ns = min((each for each in (self._engine.next_due_ns, ask_ns) if each is not None), default=None)
            # At least a millisecond, so that a deadline that stays due cannot make this spin.
            wait_s = None if due_ns is None else max(due_ns - now_ns, clock.MS) / clock.SECOND
            self._reader_due_ns = due_ns
            self._queue.wake()
            self._state.wait(wait_s)
        return None

    def _lines(self, reading: Reading) -> list[ReadLine] | None:
        try:
            return self._perceiver.read(reading)
        except ReadingStoppedError:
            with self._state:
                self._engine.put_back(reading)
            return None
        except IroncliwError:
            raise  # a missing or broken model does not mend itself
        except Exception as error:  # noqa: BLE001 - one unreadable region must not end the watch
            log.warning("a region of %dx%d pixels could not be read: %s", *reading.pixels.shape[1::-1], error)
            return None

    def _wind_up(self) -> None:
        """After both loops: the summary, then nothing more."""
        self.stop()
        self._threads[0].join(_JOIN_S)
        with self._state:
            if self._late is not None:
                self._engine.drop("late")
            self._engine.finish(self._now_ns(), self._summary())
        if self._asking is not None:
            self._asking.close()
        self._source.close()
        self.abandon()
        self._keeper.close()
