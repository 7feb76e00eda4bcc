"""What became of the events that were handed to actions, as metrics.

registry.collect(action_metrics(dispatcher))
"""

from __future__ import annotations

from collections.abc import Iterator

from ironcliw.action import QUEUE_DEPTH, Dispatcher
from ironcliw.metrics import Collector, Family


def action_metrics(dispatcher: Dispatcher) -> Collector:
    """What became of the events that were handed to actions, and how many wait for them."""

    def actions() -> Iterator[Family]:
        done = dispatcher.deliveries()
        for became in ("delivered", "failed", "dropped"):
            counts = {name: getattr(counted, became) for name, counted in done}
            yield Family(f"actions_{became}", "counter", f"Events that were {became} by an action.", counts, "action")
        waiting = {name: counted.waiting for name, counted in done}
        yield Family("queue_length", "gauge", "What waits in a queue.", waiting, "queue")
        most = dict.fromkeys(waiting, QUEUE_DEPTH + 1)  # with the one that is being delivered
        yield Family("queue_bound", "gauge", "As much may wait in a queue.", most, "queue")

    return actions
