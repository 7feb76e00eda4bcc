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

import threading

from ironcliw.monitor.live_capture import LiveCapture
from ironcliw.monitor.live_reading import LiveReading
from ironcliw.rule.question import Answer

_JOIN_S = 5.0


class LiveRun(LiveCapture, LiveReading):
    """The two threads of one live watch. Start it once; ``stop`` may be called from any thread, more than once."""

    def start(self) -> None:
        """Attach the first slot of the ring and start both threads."""
        self._follow_pressure()
        self._attach(self.ring.memory)
        if self._asking is not None:
            self._asking.start(self._answer)
        self._threads = [
            threading.Thread(target=self._guarded, args=(self._capture_loop,), name="ironcliw-capture", daemon=True),
            threading.Thread(target=self._read_and_wind_up, name="ironcliw-reading", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait (at most 5 s a thread) until both threads have ended and the memory is given back."""
        for thread in self._threads:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(_JOIN_S)

    def _answer(self, answer: Answer) -> None:
        with self._state:
            if self._asking is not None:
                self._asking.tell(self._engine, answer, self._now_ns())
            self._state.notify_all()
        self._queue.wake()

    def _read_and_wind_up(self) -> None:
        try:
            self._guarded(self._reading_loop)
        finally:
            self._guarded(self._wind_up)
            self._queue.close()

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
