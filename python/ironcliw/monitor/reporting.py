"""What a live watch tells, together with what another watch would have to know to go on after it.

report = LiveReport(running, recall, send)
while not running.ended:
    report.once(2.5)                  # send([event, ...], state), where there is anything to say
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ironcliw.monitor.recall import LineDifferences

if TYPE_CHECKING:
    from ironcliw.event import Event
    from ironcliw.monitor.watching import Watch

Send = Callable[["Sequence[Event]", dict[str, Any]], None]

LONGEST_S = 2.5
_BEGINNING_S = 0.25
"""Until all is read that was there at the start, a look so often whether it is: before, a new watch begins anew."""


class LiveReport:
    """Of one watch that goes by itself. ``recall``: where it went on, as ``Watch`` takes it; None where it began."""

    def __init__(self, running: Watch, recall: dict[str, Any] | None, send: Send) -> None:
        self._running, self._send = running, send
        self._differences = LineDifferences(recall["lines"] if recall else [])
        self._known: tuple[int, int] | None = None
        self._longest_s = _BEGINNING_S

    def once(self, wait_s: float) -> None:
        """Send what is told within ``wait_s``, or what changed of the state; raises what ended the watch."""
        running, engine = self._running, self._running.engine
        first = running.get(min(wait_s, self._longest_s)) if wait_s > 0 else None
        # What was read without being news has to be known to the next child, too.
        if first is None and self._known == (engine.readings, engine.counts.captured):
            return
        rest, state = running.take_all()
        self._known = engine.readings, engine.counts.captured
        if state["first_sequence"] is not None:
            self._longest_s = LONGEST_S
        if (lines := self._differences.since(state.pop("lines"))) is not None:
            state["lines"] = lines
        self._send([*([] if first is None else [first]), *rest], state)
