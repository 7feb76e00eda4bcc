"""What a running watch answers to other processes of the same user.

server = Server(socket_path("watch"), serve(watch))
"""

from __future__ import annotations

from ironcliw.errors import SettingsError
from ironcliw.history import archive_handlers, ring_handlers
from ironcliw.ipc import Handler, Reply, Request
from ironcliw.metrics import Registry
from ironcliw.monitor.asked import asked_handlers
from ironcliw.monitor.watching import Watch


def serve(watch: Watch) -> dict[str, Handler]:
    """The handlers of a watch by verb, for an ``ipc.Server``.

    SettingsError where frames are to be shared and the watch keeps none.
    """
    handlers = {**metrics_handlers(watch.metrics), **asked_handlers(watch), **watch.evidence.handlers()}
    if watch.options.archive:
        handlers |= archive_handlers(lambda: watch.archive)
    if not watch.options.share:
        return handlers
    if watch.ring is None:
        raise SettingsError("what is watched as it happens can be shared, not a recording read as fast as it can be")
    return {**handlers, **ring_handlers(watch.ring)}


def metrics_handlers(registry: Registry) -> dict[str, Handler]:
    """``metrics``: a snapshot as ``Snapshot.to_dict`` gives it; see ``docs/reference/metrics.md``."""

    def metrics(request: Request) -> Reply:
        return Reply(registry.snapshot().to_dict())

    return {"metrics": metrics}
