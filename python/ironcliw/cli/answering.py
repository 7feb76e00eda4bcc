"""What a watch shows to others while it goes on: to ``ironcliw top`` over a socket, to Prometheus over a port."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Generator

from ironcliw.ipc import Server, socket_path
from ironcliw.monitor import Watch, serve

log = logging.getLogger("ironcliw")


@contextlib.contextmanager
def answering(watch: Watch, name: str | None, metrics_port: int | None) -> Generator[None]:
    """Answer while the block runs. ``name``: of the socket; IpcError and MetricsError where either cannot be had."""
    with contextlib.ExitStack() as stack:
        if name is not None:
            server = Server(socket_path(name), serve(watch))
            thread = threading.Thread(target=server.run, name="ironcliw-serve", daemon=True)
            thread.start()
            stack.callback(thread.join, 5.0)
            stack.callback(server.close)
        if metrics_port is not None:
            from ironcliw.metrics.serving import MetricsServer  # noqa: PLC0415 - few want it, and it imports much

            exposed = MetricsServer(watch.metrics, metrics_port)
            exposed.start()
            stack.callback(exposed.close)
            log.info("metrics: http://127.0.0.1:%d/metrics", exposed.port)
        yield
