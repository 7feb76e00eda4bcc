"""The capturing thread of a live watch: messages of the source in, changes into the engine.

It never waits for the reading thread. Frames of a recording that come too late are left out, but for a few a second
and the last.
"""

from __future__ import annotations

import time

from ironcliw import clock
from ironcliw.monitor.live_state import LiveState
from ironcliw.source import Back, Capture, End, Gap, Idle, Interruptible, Message, Resized
from ironcliw.source.protocol import hand_on

_READ_TIMEOUT_MS = 500
_INTERRUPTED_TIMEOUT_MS = 1_000
"""A source that can be interrupted need not return to see whether the watch is to end, only to say what it verified."""
_LATE_NS = 250 * clock.MS
_SPARING_S = 0.5
"""Between two captures, where memory is so scarce that only a few are taken."""


class LiveCapture(LiveState):
    """The part of a live watch that captures."""

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
        if self._proving and self._engine.has_news_to_read:
            self._perceiver.give_up()  # news first
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
