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
    from ironcliw.monitor.watching import Watch

log = logging.getLogger("ironcliw")


def answers(name: str | None, metrics_port: int | None) -> dict[str, Any]:
    """How a watch is to answer, as JSON values. ``name``: of its socket. IpcError where that is no name."""
    return {"path": None if name is None else str(socket_path(name)), "metrics_port": metrics_port}


@contextlib.contextmanager
def answering(watch: Watch, wanted: dict[str, Any] | None) -> Generator[None]:
    """Answer while the block runs, as ``answers`` says. IpcError and MetricsError where that cannot be had."""
    path, port = (wanted["path"], wanted["metrics_port"]) if wanted else (None, None)
    with contextlib.ExitStack() as stack:
        if path is not None:
            from ironcliw.monitor.serving import serve  # noqa: PLC0415 - loaded where a watch is, not where one is asked for

            server = Server(Path(path), serve(watch))
            thread = threading.Thread(target=server.run, name="ironcliw-serve", daemon=True)
            thread.start()
            stack.callback(thread.join, 5.0)
            stack.callback(server.close)
        if port is not None:
            from ironcliw.metrics.serving import MetricsServer  # noqa: PLC0415 - few want it, and it imports much

            exposed = MetricsServer(watch.metrics, port)
            exposed.start()
            stack.callback(exposed.close)
            log.info("metrics: http://127.0.0.1:%d/metrics", exposed.port)
        yield
