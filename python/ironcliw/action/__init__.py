"""Tell someone: what is done about an event.

    dispatcher = Dispatcher([Notifier(), Exec("play alarm.ogg")])
    dispatcher.submit(event)
    dispatcher.close()

Pictures and notifications are loaded when first used: what they need takes ten MB that most watches do without.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ironcliw.action.dispatcher import QUEUE_DEPTH, Deliveries, Dispatcher
from ironcliw.action.exec import Exec
from ironcliw.action.printable import printable
from ironcliw.action.protocol import Action

if TYPE_CHECKING:
    from ironcliw.action.album import Album
    from ironcliw.action.notify import Notifier

_HOME_OF = {"Album": "ironcliw.action.album", "Notifier": "ironcliw.action.notify"}

__all__ = [
    "QUEUE_DEPTH",
    "Action",
    "Album",
    "Deliveries",
    "Dispatcher",
    "Exec",
    "Notifier",
    "printable",
    "wanted_actions",
]


def wanted_actions(notify: bool, run: str | None, *, stdout_to_stderr: bool) -> list[Action]:
    """Actions for alerts: a desktop notification, where it is wanted, and ``run``, a command."""
    actions: list[Action] = []
    if notify:
        from ironcliw.action.notify import Notifier  # noqa: PLC0415 - it loads what showing takes

        actions.append(Notifier())
    if run:
        actions.append(Exec(run, stdout_to_stderr=stdout_to_stderr))
    return actions


def __getattr__(name: str) -> Any:
    """Album draws and Notifier shows, and both load what that takes; others are wanted in processes that stay small."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ironcliw.action' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
