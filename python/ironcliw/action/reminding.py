"""The thread that remembers alerts and reminds of those that were put off.

reminders = Reminders(feedback, dispatcher.submit)
reminders.remember(event)             # returns at once
reminders.close()
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from ironcliw import clock
from ironcliw.action.feedback import Feedback
from ironcliw.errors import FeedbackError
from ironcliw.event import Event

_LOOK_S = 15.0
"""Others put alerts off, too: 'ironcliw feedback' in a process of its own."""
_SOONEST_S = 0.2
_log = logging.getLogger(__name__)


class Reminders:
    """Writes alerts to ``feedback``, and hands those that are due to ``remind``, which must not wait."""

    def __init__(self, feedback: Feedback, remind: Callable[[Event], None], look_s: float = _LOOK_S) -> None:
        self._feedback, self._remind, self._look_s = feedback, remind, look_s
        self._alerts: deque[Event] = deque(maxlen=64)
        self._changed = threading.Condition()
        self._closed = False
        self._last_failure = ""
        self._thread = threading.Thread(target=self._run, name="ironcliw-reminders", daemon=True)
        self._thread.start()

    def remember(self, event: Event) -> None:
        """An alert came."""
        with self._changed:
            self._alerts.append(event)
            self._changed.notify()

    def close(self) -> None:
        """Write what is left, and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(5.0)

    def _run(self) -> None:
        closed = False
        while not closed:
            try:
                due_ns = self._feedback.next_due_ns()
                wait_s = self._look_s if due_ns is None else (due_ns - clock.wall_ns()) / clock.SECOND
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._alerts or self._closed, min(max(wait_s, _SOONEST_S), self._look_s)
                    )
                    alerts, closed = list(self._alerts), self._closed
                    self._alerts.clear()
                for event in alerts:
                    self._feedback.remember(event)
                for event in [] if closed else self._feedback.due():
                    self._remind(event)
                self._last_failure = ""
            except FeedbackError as error:
                if str(error) != self._last_failure:
                    self._last_failure = str(error)
                    _log.warning("feedback: %s", error)
