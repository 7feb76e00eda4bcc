"""The conductor: wires the rooms together; the only room with threads and queues."""

from ironcliw.monitor.frames import Monitor, Result
from ironcliw.monitor.serving import metrics_handlers, serve
from ironcliw.monitor.watching import Watch, WatchOptions, awatch, first_alert, wait, watch

__all__ = [
    "Monitor",
    "Result",
    "Watch",
    "WatchOptions",
    "awatch",
    "first_alert",
    "metrics_handlers",
    "serve",
    "wait",
    "watch",
]
