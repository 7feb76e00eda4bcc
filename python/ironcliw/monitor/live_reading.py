"""The reading thread of a live watch: the most urgent region is read beside the lock, its lines go to the engine."""

from __future__ import annotations

import logging
from typing import Literal

from ironcliw import clock
from ironcliw.errors import IroncliwError
from ironcliw.monitor.live_state import LiveState
from ironcliw.monitor.looking import Look
from ironcliw.monitor.reading import Reading
from ironcliw.text.protocol import ReadingStoppedError, ReadLine

log = logging.getLogger("ironcliw.monitor")


class LiveReading(LiveState):
    """The part of a live watch that reads."""

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
        self._proving = task.proof
        with self._engine.stages.measure("text"):
            lines = self._lines(task)
        self._proving = False
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
