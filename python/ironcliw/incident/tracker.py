"""All incidents of one screen: what was read goes in, what is to be told comes out.

tracker = IncidentTracker()
tracker.resize(1920, 1080)
for report in tracker.follow(seen): ...
tracker.due_ns                        # source time at which tick() has something to say
"""

from __future__ import annotations

from ironcliw.incident.advance import ProgressIncidents
from ironcliw.incident.floating import FloatingIncidents
from ironcliw.incident.ledger import Ledger
from ironcliw.incident.protocol import Report
from ironcliw.incident.seen import Drawn, Seen
from ironcliw.incident.spoken import SpokenIncidents


class IncidentTracker:
    """The incidents of one screen. Driven by source time; holds no clock."""

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._floating = FloatingIncidents(self._ledger)
        self._spoken = SpokenIncidents(self._ledger)
        self._progress = ProgressIncidents(self._ledger)

    def number_from(self, last: int) -> None:
        """The next incident has the number after ``last``."""
        self._ledger.last_id = last

    def resize(self, width: int, height: int) -> None:
        """The screen has this size in pixels from now on."""
        self._floating.resize(width, height)

    def follow(self, seen: Seen) -> list[Report]:
        """Take a reading in; what it tells of incidents."""
        reports, taken = self._floating.follow(seen), self._floating.taken
        return reports + self._spoken.follow(seen, taken) + self._progress.follow(seen)

    def wants_look(self, seen: Seen) -> bool:
        """Whether a reading brought something that may be a dialog or a notification."""
        return self._floating.wants_look(seen)

    def look(self, drawn: Drawn) -> list[Report]:
        """Take in what is drawn; what that tells of incidents."""
        reports = self._floating.look(drawn)
        self._spoken.release(self._floating.taken)
        return reports

    @property
    def due_ns(self) -> int | None:
        """Source time at which ``tick`` has something to say; None where nothing waits."""
        due = (self._spoken.due_ns, self._progress.due_ns)
        return min((each for each in due if each is not None), default=None)

    def tick(self, now_ns: int) -> list[Report]:
        """What has become due by ``now_ns``."""
        return self._spoken.tick(now_ns) + self._progress.tick(now_ns)
