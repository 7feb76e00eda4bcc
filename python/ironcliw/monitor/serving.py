"""What a running watch answers to other processes of the same user.

server = Server(socket_path("watch"), serve(watch))
"""

from __future__ import annotations

from collections.abc import Iterable

from ironcliw.errors import IpcError, SettingsError
from ironcliw.history import archive_handlers, ring_handlers
from ironcliw.ipc import Handler, Reply, Request
from ironcliw.metrics import Registry
from ironcliw.monitor.asked import asked_handlers
from ironcliw.monitor.watching import Watch


def serve(watch: Watch) -> dict[str, Handler]:
    """The handlers of a watch by verb, for an ``ipc.Server``.

    SettingsError where frames are to be shared and the watch keeps none.
    """
    own = {**metrics_handlers(watch.metrics), **asked_handlers(watch), **watch.evidence.handlers()}
    return {**own, **{verb: _of_one(handler) for verb, handler in frame_handlers(watch).items()}}


FRAME_VERBS = ("ring", "archive.frame", "archive.since")


def frame_handlers(watch: Watch) -> dict[str, Handler]:
    """Those of ``FRAME_VERBS`` that a watch answers. Raises what ``serve`` raises."""
    handlers: dict[str, Handler] = {}
    if watch.options.archive:
        handlers |= archive_handlers(lambda: watch.archive)
    if not watch.options.share:
        return handlers
    if watch.ring is None:
        raise SettingsError("what is watched as it happens can be shared, not a recording read as fast as it can be")
    return {**handlers, **ring_handlers(watch.ring)}


def _of_one(handler: Handler) -> Handler:
    """Nobody gets another screen's frames than he asked for."""

    def answer(request: Request) -> Reply | Iterable[Reply]:
        if request.arguments.get("screen") is not None:
            raise IpcError("this watcher watches one screen: name none")
        return handler(request)

    return answer


def metrics_handlers(registry: Registry) -> dict[str, Handler]:
    """``metrics``: a snapshot as ``Snapshot.to_dict`` gives it; see ``docs/reference/metrics.md``."""

    def metrics(request: Request) -> Reply:
        return Reply(registry.snapshot().to_dict())

    return {"metrics": metrics}
