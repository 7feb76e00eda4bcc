"""What goes on, from when to when: dialogs, notifications, errors, successes, prompts, progress and stalls.

tracker = IncidentTracker()
for report in tracker.follow(seen):
    report.state, report.incident.kind, report.incident.text
"""

from ironcliw.incident.protocol import KINDS, Incident, Kind, Report, State
from ironcliw.incident.seen import Drawn, Seen
from ironcliw.incident.tracker import IncidentTracker
from ironcliw.incident.words import Recognised, recognise

__all__ = [
    "KINDS",
    "Drawn",
    "Incident",
    "IncidentTracker",
    "Kind",
    "Recognised",
    "Report",
    "Seen",
    "State",
    "recognise",
]
