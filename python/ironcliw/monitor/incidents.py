"""Tells of incidents: that a dialog opened, a build failed, a download goes on, and when it is over.

teller = IncidentTeller(announcer, judge, stages)
if teller.follow(update, at_start, reading):
    ...                               # worth a look; then teller.look(look, detections, lines)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ironcliw import clock
from ironcliw.frame import Rect
from ironcliw.incident import Drawn, IncidentTracker, Report, Seen
from ironcliw.metrics import StageTimes
from ironcliw.monitor.announcer import Announcer
from ironcliw.monitor.judging import Judge
from ironcliw.monitor.looking import Look
from ironcliw.monitor.reading import Reading
from ironcliw.objects import Detection
from ironcliw.text.screen import Line, TextUpdate


class IncidentTeller:
    """All events of type ``incident`` of one run."""

    def __init__(self, announcer: Announcer, judge: Judge, stages: StageTimes) -> None:
        self._announcer, self._judge, self._stages = announcer, judge, stages
        self._tracker = IncidentTracker()

    def number_from(self, last: int) -> None:
        """Incidents are numbered on from ``last``: so many were told of by the engine before this one."""
        self._tracker.number_from(last)

    def resize(self, width: int, height: int) -> None:
        """The screen has this size in pixels from now on."""
        self._tracker.resize(width, height)

    @property
    def due_ns(self) -> int | None:
        """Source time at which ``tick`` wants to be called; None where nothing waits."""
        return self._tracker.due_ns

    def follow(
        self,
        update: TextUpdate,
        at_start: Sequence[Line],
        reading: Reading,
    ) -> bool:
        """Take in what a reading changed; whether it is worth a look at what is drawn there.

        at_start: lines that were there when the watch began
        """

        def since_ns(region: Rect) -> int:
            stamp = reading.stamp(region)
            return reading.taken_ns if stamp is None else stamp.time_ns

        seen = Seen(
            update=update,
            at_start=at_start,
            time_ns=reading.taken_ns,
            since_ns=since_ns,
            thumbnail=reading.thumbnail,
        )
        with self._stages.measure("incidents"):
            reports = self._tracker.follow(seen)
        self._tell(reports, reading)
        return self._tracker.wants_look(seen)

    def look(self, look: Look, detections: Sequence[Detection], lines: Sequence[Line]) -> None:
        """Take in what is drawn in a part of the screen, and the lines that stand on it."""
        drawn = Drawn(look.region, look.taken_ns, look.thumbnail, detections, lines)
        with self._stages.measure("incidents"):
            reports = self._tracker.look(drawn)
        self._tell(reports)

    def tick(self, now_ns: int) -> None:
        """Tell what has become due."""
        self._tell(self._tracker.tick(now_ns))

    def _tell(self, reports: Iterable[Report], reading: Reading | None = None) -> None:
        for report in reports:
            incident = report.incident
            if report.at_start:
                self._judge.incident(report, reading=reading)
                continue
            stamp = reading.stamp(incident.regions[0]) if reading and report.state != "end" else None
            data: dict[str, Any] = {
                "incident": incident.id,
                "kind": incident.kind,
                "state": report.state,
                "identity": list(incident.identity),
                "since": round(incident.begin_ns / clock.SECOND, 6),
                **({"also": list(incident.also)} if incident.also else {}),
                **({"occurrence": incident.occurrence} if incident.occurrence > 1 else {}),
                **report.data,
            }
            self._announcer.emit(
                "incident",
                report.time_ns,
                stamp=stamp,
                regions=incident.regions,
                text=incident.text,
                confidence=incident.confidence,
                data=data,
            )
            self._judge.incident(report, stamp=stamp)
