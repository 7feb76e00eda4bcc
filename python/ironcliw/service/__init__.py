"""The watcher in the background: one process by name, asked over its socket.

    start(StartCommand("screen", {"when": ["error"]}, name="watch"))     # {"pid": 1234, ...}
    with Connection(socket_path("watch")) as connection:
        connection.ask("status").data

The process supervises the engine, which is a child of its own; nothing here loads NumPy. ``docs/reference/service.md``
"""

from ironcliw.service.background import start
from ironcliw.service.places import log_path, state_folder
from ironcliw.service.running import Service, StartCommand

__all__ = ["Service", "StartCommand", "log_path", "start", "state_folder"]
