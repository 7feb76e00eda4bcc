"""Tell someone: what is done about an event.

    dispatcher = Dispatcher([Notifier(), make_action(parse_action("exec:play alarm.ogg"), ActionOptions())])
    dispatcher.submit(event)
    dispatcher.close()

Pictures and notifications are loaded when first used: what they need takes ten MB that most watches do without.
``docs/reference/actions.md``
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ironcliw.action.dispatcher import QUEUE_DEPTH, Deliveries, Dispatcher, rule_of
from ironcliw.action.exec import Exec
from ironcliw.action.feedback import Feedback
from ironcliw.action.pictures import Picture
from ironcliw.action.printable import printable
from ironcliw.action.protocol import Action
from ironcliw.action.reminding import Reminders
from ironcliw.action.spec import KINDS, ActionOptions, ActionSpec, make_action, parse_action
from ironcliw.action.undelivered import Undelivered, undelivered_path

if TYPE_CHECKING:
    from ironcliw.action.album import Album
    from ironcliw.action.heartbeat import Heartbeat
    from ironcliw.action.notify import Notifier
    from ironcliw.action.webhook import Webhook

_HOME_OF = {
    "Album": "ironcliw.action.album",
    "Heartbeat": "ironcliw.action.heartbeat",
    "Notifier": "ironcliw.action.notify",
    "Webhook": "ironcliw.action.webhook",
}

__all__ = [
    "KINDS",
    "QUEUE_DEPTH",
    "Action",
    "ActionOptions",
    "ActionSpec",
    "Album",
    "Deliveries",
    "Dispatcher",
    "Exec",
    "Feedback",
    "Heartbeat",
    "Notifier",
    "Picture",
    "Reminders",
    "Undelivered",
    "Webhook",
    "make_action",
    "parse_action",
    "printable",
    "rule_of",
    "undelivered_path",
]


def __getattr__(name: str) -> Any:
    """Album draws, Notifier shows and webhooks speak TLS; all load what that takes, and most processes stay small."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ironcliw.action' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
