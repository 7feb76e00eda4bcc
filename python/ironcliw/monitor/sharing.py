"""Letting other processes of this user read a watch's frames.

with Watch("screen", WatchOptions(share=True)) as running, shared(running):
    ...                                   # ironcliw.attach() in another process
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ironcliw.errors import SettingsError
from ironcliw.history import ring_handlers
from ironcliw.ipc import Server, socket_path
from ironcliw.monitor.watching import Watch


@contextmanager
def shared(running: Watch, path: Path | None = None) -> Generator[Path]:
    """Answer readers at ``path``, else where the watcher of this user is looked for.

    Raises SettingsError where the watch keeps no frames, IpcError where another watcher answers there already, and
    HistoryError where frames cannot be shared here.
    """
    if running.ring is None:
        raise SettingsError("what is watched as it happens can be shared, not a recording read as fast as it can be")
    server = Server(path or socket_path(), ring_handlers(running.ring))
    answering = threading.Thread(target=server.run, name="ironcliw-sharing", daemon=True)
    answering.start()
    try:
        yield server.path
    finally:
        server.close()
        answering.join()
