"""Makes events of what happened: numbered, timed, and with the source's name on them.

announcer = Announcer("x11::0", run="5f3a", live=True, emit=print)
announcer.emit("text_appeared", now_ns, stamp=stamp, text="BUILD FAILED", regions=(box,))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from ironcliw import clock
from ironcliw.event import Event, EventType
from ironcliw.monitor.reading import Reading
from ironcliw.rule import Firing
from ironcliw.text.stamps import Stamp


class Announcer:
    """The events of one run.

    source: its name, as it stands in events
    run: prefix of event ids
    live: whether time passes by itself, so that latencies mean something
    emit: takes each event
    """

    def __init__(self, source: str, run: str, live: bool, emit: Callable[[Event], None]) -> None:
        self.alerts = 0
        self.told: Counter[str] = Counter()
        self.events = 0
        """How many events there were; the next one has the number after it."""
        self._source, self._run, self._live = source, run, live
        self._emit = emit

    def emit(self, kind: EventType, now_ns: int, *, stamp: Stamp | None = None, **fields: Any) -> None:
        """One event: it happened with ``stamp`` where that is known, else at ``now_ns``."""
        self.events += 1
        self.told[kind] += 1
        latency_ms = None
        if self._live and stamp is not None:
            latency_ms = (clock.monotonic_ns() - stamp.captured_at_ns) / clock.MS
        event = Event(
            id=f"{self._run}-{self.events}",
            type=kind,
            time=(stamp.time_ns if stamp else now_ns) / clock.SECOND,
            wall=clock.rfc3339(clock.wall_ns()),
            source=self._source,
            frame=stamp.sequence if stamp else None,
            latency_ms=latency_ms,
            **fields,
        )
        self._emit(event)

    def alert(self, firings: Sequence[Firing], stamp: Stamp | None = None, reading: Reading | None = None) -> None:
        """One event for each condition that was met, dated by ``stamp`` or by what ``reading`` shows in its regions."""
        for firing in firings:
            self.alerts += 1
            shown = (stamp or (reading and _latest(reading, firing))) if firing.shown else None
            self.emit(
                "alert",
                firing.time_ns,
                stamp=shown,
                regions=firing.regions,
                text=firing.text,
                rule=firing.rule,
                confidence=firing.confidence,
                data=firing.data(None if shown is None else shown.time_ns),
            )


def _latest(reading: Reading, firing: Firing) -> Stamp | None:
    found = [stamp for region in firing.regions if (stamp := reading.stamp(region)) is not None]
    return max(found, default=None)
