"""What a running watch answers to other processes of the same user.

server = Server(socket_path("watch"), serve(watch))
"""

from __future__ import annotations

from ironcliw.ipc import Handler, Reply, Request
from ironcliw.metrics import Registry
from ironcliw.monitor.watching import Watch


def serve(watch: Watch) -> dict[str, Handler]:
    """The handlers of a watch by verb, for an ``ipc.Server``."""
    return metrics_handlers(watch.metrics)


def metrics_handlers(registry: Registry) -> dict[str, Handler]:
    """``metrics``: a snapshot as ``Snapshot.to_dict`` gives it; see ``docs/reference/metrics.md``."""

    def metrics(request: Request) -> Reply:
        return Reply(registry.snapshot().to_dict())

    return {"metrics": metrics}
