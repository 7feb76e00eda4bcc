"""The watcher in the background: one process by name, asked over its socket.

    start(StartCommand("screen", {"when": ["error"]}, name="watch"))     # {"pid": 1234, ...}
    with connect("watch") as watcher:
        watcher.wait_for("text:/passed|failed/i", timeout_s=600)

The process supervises the engine, which is a child of its own; nothing here loads NumPy. Names are loaded when first
used: whoever only asks needs nothing of what watches. ``docs/reference/service.md``
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ironcliw.service.async_client import AsyncClient, aconnect
    from ironcliw.service.background import start
    from ironcliw.service.client import Changes, Client, ScreenLine, ScreenText, connect
    from ironcliw.service.places import log_path, state_folder
    from ironcliw.service.running import Service, StartCommand

_HOMES = {
    "ironcliw.service.async_client": ("AsyncClient", "aconnect"),
    "ironcliw.service.background": ("start",),
    "ironcliw.service.client": ("Changes", "Client", "ScreenLine", "ScreenText", "connect"),
    "ironcliw.service.places": ("log_path", "state_folder"),
    "ironcliw.service.running": ("Service", "StartCommand"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AsyncClient",
    "Changes",
    "Client",
    "ScreenLine",
    "ScreenText",
    "Service",
    "StartCommand",
    "aconnect",
    "connect",
    "log_path",
    "start",
    "state_folder",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ironcliw.service' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
