"""What became of the events that were handed to actions: as JSON values, as metrics and in words.

registry.collect(lambda: action_families(counts_of(dispatcher)))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ironcliw.action.dispatcher import Dispatcher
from ironcliw.metrics import Family

if TYPE_CHECKING:
    from ironcliw.action.heartbeat import Heartbeat

_BECAME = ("delivered", "failed", "dropped", "held")


def counts_of(dispatcher: Dispatcher, heartbeat: Heartbeat | None = None) -> dict[str, Any]:
    """``{"actions": {name: {"delivered": 3, ...}}, "heartbeat": {...} or None}``, all of it JSON values."""
    beats = None if heartbeat is None else asdict(heartbeat.beats)
    return {"actions": {name: asdict(done) for name, done in dispatcher.deliveries()}, "heartbeat": beats}


def action_families(counts: Mapping[str, Any]) -> Iterator[Family]:
    """``counts_of`` as metrics; none where no counts were told."""
    actions: dict[str, dict[str, int]] = counts.get("actions") or {}
    if actions:
        for became in _BECAME:
            values = {name: done[became] for name, done in actions.items()}
            yield Family(f"actions_{became}", "counter", f"Events that were {became} by an action.", values, "action")
        waiting = {name: done["waiting"] for name, done in actions.items()}
        yield Family("queue_length", "gauge", "What waits in a queue.", waiting, "queue")
        most = {name: done["depth"] + 1 for name, done in actions.items()}  # with the one that is being delivered
        yield Family("queue_bound", "gauge", "As much may wait in a queue.", most, "queue")
    beats: dict[str, int] | None = counts.get("heartbeat")
    if beats:
        yield Family("heartbeats", "counter", "Requests to the heartbeat's address.", beats, "became")
