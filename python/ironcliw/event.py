"""What happened, as one typed record that becomes one JSON line.

    event.to_json()                       # '{"v":1,"id":"…","type":"text_appeared",…}'
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from ironcliw.frame import Rect

VERSION = 1
EventType = Literal["start", "change", "text_appeared", "text_vanished", "alert", "gap", "summary"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event; None fields mean nothing for its type and are left out of the JSON.

    time: seconds from the source's start to the first frame that shows the state; media time for recordings
    wall: RFC 3339 time at which the event was made
    latency_ms: from pixels in hand to the event, live sources only
    frame: sequence number of the capture that shows the state
    regions: rectangles in captured physical pixels from the frame's top-left
    rule: the condition that was met, as the user wrote it
    data: further fields of ``start``, ``gap`` and ``summary``, merged into the JSON object
    """

    id: str
    type: EventType
    time: float
    wall: str
    source: str
    frame: int | None = None
    latency_ms: float | None = None
    regions: tuple[Rect, ...] | None = None
    text: str | None = None
    rule: str | None = None
    confidence: float | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """The JSON object's fields, in the published order."""
        fields: dict[str, Any] = {
            "v": VERSION,
            "id": self.id,
            "type": self.type,
            "time": round(self.time, 6),
            "wall": self.wall,
            "latency_ms": None if self.latency_ms is None else round(self.latency_ms, 3),
            "source": self.source,
            "frame": self.frame,
            "regions": None if self.regions is None else [list(region) for region in self.regions],
            "text": self.text,
            "rule": self.rule,
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            **self.data,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def to_json(self) -> str:
        """One line of JSON, without a line end."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
