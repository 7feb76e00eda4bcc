"""What a watch shows to others while it goes on: to processes of this user over a socket, to Prometheus over a port.

with Watch("screen") as running, answering(running, answers("watch", None)):
    ...                               # 'ironcliw top' shows it
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ironcliw.ipc import Server, socket_path

if TYPE_CHECKING:
    from ironcliw.ipc import Handler
    from ironcliw.metrics import Registry
    from ironcliw.monitor.watching import Watch

log = logging.getLogger("ironcliw")


def answers(name: str | None, metrics_port: int | None) -> dict[str, Any]:
    """How a watch is to answer, as JSON values. ``name``: of its socket. IpcError where that is no name."""
    return {"path": None if name is None else str(socket_path(name)), "metrics_port": metrics_port}


@contextlib.contextmanager
def answering(watch: Watch, wanted: dict[str, Any] | None) -> Generator[None]:
    """Answer while the block runs, as ``answers`` says. IpcError and MetricsError where that cannot be had."""
    handlers: dict[str, Handler] = {}
    if wanted and wanted["path"] is not None:
        from ironcliw.monitor.serving import serve  # noqa: PLC0415 - loaded where a watch is, not where one is asked for

        handlers = serve(watch)
    with answering_with(handlers, watch.metrics, wanted):
        yield


@contextlib.contextmanager
def answering_with(handlers: dict[str, Handler], metrics: Registry, wanted: dict[str, Any] | None) -> Generator[None]:
    """The same with handlers by their verbs, as ``ipc.Server`` takes them."""
    path, port = (wanted["path"], wanted["metrics_port"]) if wanted else (None, None)
    with contextlib.ExitStack() as stack:
        if path is not None:
            server = Server(Path(path), handlers)
            thread = threading.Thread(target=server.run, name="ironcliw-serve", daemon=True)
            thread.start()
            stack.callback(thread.join, 5.0)
            stack.callback(server.close)
        if port is not None:
            from ironcliw.metrics.serving import MetricsServer  # noqa: PLC0415 - few want it, and it imports much

            exposed = MetricsServer(metrics, port)
            exposed.start()
            stack.callback(exposed.close)
            log.info("metrics: http://127.0.0.1:%d/metrics", exposed.port)
        yield
