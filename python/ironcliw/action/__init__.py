"""Tell someone: what is done about an event.

dispatcher = Dispatcher([Notifier(), Exec("play alarm.ogg")])
dispatcher.submit(event)
dispatcher.close()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ironcliw.action.dispatcher import QUEUE_DEPTH, Deliveries, Dispatcher
from ironcliw.action.exec import Exec
from ironcliw.action.notify import Notifier
from ironcliw.action.printable import printable
from ironcliw.action.protocol import Action

if TYPE_CHECKING:
    from ironcliw.action.album import Album

__all__ = ["QUEUE_DEPTH", "Action", "Album", "Deliveries", "Dispatcher", "Exec", "Notifier", "printable"]


def __getattr__(name: str) -> Any:
    """Album draws, and loads what that takes; the others are wanted in processes that stay small."""
    if name != "Album":
        raise AttributeError(f"module 'ironcliw.action' has no attribute {name!r}")
    from ironcliw.action.album import Album  # noqa: PLC0415

    return Album
