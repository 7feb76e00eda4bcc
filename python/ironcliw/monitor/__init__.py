"""The conductor: wires the rooms together; the only room with threads, processes and queues.

Names are loaded when first used: a process that only supervises another must not load what reads text.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ironcliw.monitor.answering import answering, answers
    from ironcliw.monitor.asynchronous import awatch
    from ironcliw.monitor.frames import Monitor, Result
    from ironcliw.monitor.runtime import Runtime
    from ironcliw.monitor.serving import metrics_handlers, serve
    from ironcliw.monitor.supervised import SupervisedWatch
    from ironcliw.monitor.waiting import first_alert, wait
    from ironcliw.monitor.watch_options import WatchOptions
    from ironcliw.monitor.watching import Watch, watch

_HOMES = {
    "ironcliw.monitor.answering": ("answering", "answers"),
    "ironcliw.monitor.asynchronous": ("awatch",),
    "ironcliw.monitor.frames": ("Monitor", "Result"),
    "ironcliw.monitor.runtime": ("Runtime",),
    "ironcliw.monitor.serving": ("metrics_handlers", "serve"),
    "ironcliw.monitor.supervised": ("SupervisedWatch",),
    "ironcliw.monitor.waiting": ("first_alert", "wait"),
    "ironcliw.monitor.watch_options": ("WatchOptions",),
    "ironcliw.monitor.watching": ("Watch", "watch"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Monitor",
    "Result",
    "Runtime",
    "SupervisedWatch",
    "Watch",
    "WatchOptions",
    "answering",
    "answers",
    "awatch",
    "first_alert",
    "metrics_handlers",
    "serve",
    "wait",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'ironcliw.monitor' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
