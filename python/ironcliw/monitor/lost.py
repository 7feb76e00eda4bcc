"""What the parent of the engine tells by itself: that the engine was lost, and what that put an end to.

told = LostTeller(deliver)
told.take(head, events, status)       # what the child told, and what the next one has to know
told.gap("crashed", "killed by SIGSEGV", paused=False)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ironcliw import clock
from ironcliw.event import Event, EventType
from ironcliw.monitor.recall import Recall

if TYPE_CHECKING:
    from ironcliw.monitor.supervisor import Status


class LostTeller:
    """The events of one watch on their way through its parent. ``deliver`` takes each."""

    def __init__(self, deliver: Callable[[Event], None]) -> None:
        self.recall = Recall()
        self.events = 0
        """How many there were, for recordings, which are told again from their start."""
        self._deliver = deliver
        self._incidents: dict[int, Event] = {}

    @property
    def begun(self) -> bool:
        """Whether a child told anything, and what the next one needs to go on after it."""
        return self.recall.events > 0

    def take(self, head: Mapping[str, Any], events: Sequence[Event], status: Status) -> None:
        """Pass on what a child told; ``head["state"]``: how its watch stands after it."""
        self.recall.take(head["state"])
        for event in events:
            self.events += 1
            if event.type == "incident":
                self._follow(event)
            if event.type == "summary" and status.restarts:
                event = replace(event, data={**event.data, "restarts": status.restarts})
            self._deliver(event)

    def heard(self, beat: Mapping[str, Any]) -> None:
        """The child said how it is."""
        self.recall.take({"frames": beat["frames"]})

    def handed(self, *, paced: bool, paused: bool) -> dict[str, Any]:
        """What the next child has to know, as JSON values: how a watch that goes by itself stood, how many events a
        recording has told.
        """
        recall = {**self.recall.to_dict(), "paused": paused} if paced and self.begun else None
        return {"recall": recall, "skip": self.events}

    def _follow(self, event: Event) -> None:
        number = event.data["incident"]
        self.recall.take({"incident": max(number, self.recall.field("incident", 0))})
        if event.data["state"] == "end":
            self._incidents.pop(number, None)
        else:
            self._incidents[number] = event

    def gap(self, reason: str, detail: str, paused: bool) -> None:
        """The screen is not seen until the next child does. What went on is followed no longer."""
        gaps: list[str] = [gap for gap in self.recall.field("gaps", []) if gap != "paused"]
        if reason not in gaps:
            self._tell("gap", {"reason": reason, "state": "begin", "detail": detail})
            gaps.append(reason)
        self.recall.take({"gaps": gaps})
        for event in self._incidents.values():
            data = {name: event.data[name] for name in ("incident", "kind", "identity", "since")}
            shown = {"regions": event.regions, "text": event.text, "confidence": event.confidence}
            self._tell("incident", {**data, "state": "end", "reason": "lost"}, **shown)
        self._incidents.clear()

    def summary(self, restarts: int) -> None:
        """The last child was lost before it said its summary: what is known of it, as last heard."""
        if not self.begun:
            return
        data = {name: self.recall.field(name) for name in ("frames", "reading", "alerts")}
        self._tell("summary", {**data, "stages": {}, "cpu_s": 0.0, "restarts": restarts, "duration_s": self._now_s()})

    def _now_s(self) -> float:
        return round((clock.monotonic_ns() - self.recall.field("opened_at_ns")) / clock.SECOND, 3)

    def _tell(self, kind: EventType, data: dict[str, Any], **shown: Any) -> None:
        number = self.recall.told()
        source, run = self.recall.field("source"), self.recall.field("run")
        wall = clock.rfc3339(clock.wall_ns())
        self._deliver(Event(f"{run}-{number}", kind, self._now_s(), wall, source, data=data, **shown))
