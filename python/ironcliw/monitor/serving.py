"""What a running watch answers to other processes of the same user.

server = Server(socket_path("watch"), serve(watch))
"""

from __future__ import annotations

from ironcliw.history import ring_handlers
from ironcliw.ipc import Handler, Reply, Request
from ironcliw.metrics import Registry
from ironcliw.monitor.watching import Watch


def serve(watch: Watch) -> dict[str, Handler]:
    """The handlers of a watch by verb, for an ``ipc.Server``."""
    shared = watch.ring is not None and watch.options.share
    frames: dict[str, Handler] = ring_handlers(watch.ring) if shared and watch.ring is not None else {}
    return {**metrics_handlers(watch.metrics), **frames}


def metrics_handlers(registry: Registry) -> dict[str, Handler]:
    """``metrics``: a snapshot as ``Snapshot.to_dict`` gives it; see ``docs/reference/metrics.md``."""

    def metrics(request: Request) -> Reply:
        return Reply(registry.snapshot().to_dict())

    return {"metrics": metrics}
