"""A live run that goes on where the one before it was lost: its times, its numbers, and what it was blind for.

shift = Shift(Resumed(opened_at_ns, sequence=41, gaps=("crashed",)), live=True)
message = shift(source.read(500))     # None: this part of a recording was shown before
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ironcliw import clock
from ironcliw.source import Capture, Message


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a live run stood.

    opened_at_ns: monotonic clock at source time 0; this clock is the same for all processes until the next boot
    sequence: of the last capture that was looked at, -1 where there was none
    gaps: why the source is not seen just now; all of it ends with the first capture
    paused: whether capturing was stopped by the user
    """

    opened_at_ns: int
    sequence: int
    gaps: tuple[str, ...]
    paused: bool = False


class Shift:
    """Turns the messages of a source that was just opened again into those of one that went on."""

    def __init__(self, resumed: Resumed, *, live: bool) -> None:
        self._live = live
        self._passed_ns = clock.monotonic_ns() - resumed.opened_at_ns
        self._next = resumed.sequence + 1
        self._skipped = False

    def __call__(self, message: Message) -> Message | None:
        """The message in the time of the run; None for what a recording showed before it was lost."""
        if not self._live:
            if isinstance(message, Capture):
                if message.time_ns < self._passed_ns:
                    self._skipped = True
                    return None
                if self._skipped:
                    self._skipped = False
                    return message._replace(damage=None)
            return message
        time_ns = message.time_ns + self._passed_ns
        if isinstance(message, Capture):
            return message._replace(time_ns=time_ns, sequence=message.sequence + self._next)
        return replace(message, time_ns=time_ns)
