"""Tell someone: what is done about an event.

dispatcher = Dispatcher([Notifier(), Exec("play alarm.ogg")])
dispatcher.submit(event)
dispatcher.close()
"""

from __future__ import annotations

from ironcliw.action.album import Album
from ironcliw.action.dispatcher import QUEUE_DEPTH, Deliveries, Dispatcher
from ironcliw.action.exec import Exec
from ironcliw.action.notify import Notifier
from ironcliw.action.printable import printable
from ironcliw.action.protocol import Action

__all__ = ["QUEUE_DEPTH", "Action", "Album", "Deliveries", "Dispatcher", "Exec", "Notifier", "printable"]
