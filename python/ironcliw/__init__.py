"""Ironcliw watches a screen so that people and their agents do not have to.

    import ironcliw

    for event in ironcliw.watch("screen", when=[ironcliw.text("BUILD FAILED")]):
        print(event)

Names are loaded when first used, so that ``import ironcliw`` costs next to nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ironcliw.errors import ConditionError, IroncliwError, ModelError, SettingsError, SourceError
    from ironcliw.event import Event
    from ironcliw.features import similar
    from ironcliw.frame import Rect
    from ironcliw.history import attach
    from ironcliw.monitor import Monitor, Result, Watch, WatchOptions, awatch, wait, watch
    from ironcliw.rule import change, gone, parse, still, text
    from ironcliw.service import AsyncClient, Client, aconnect, connect

    __version__: str

_HOMES = {
    "ironcliw.errors": ("ConditionError", "IroncliwError", "ModelError", "SettingsError", "SourceError"),
    "ironcliw.event": ("Event",),
    "ironcliw.features": ("similar",),
    "ironcliw.frame": ("Rect",),
    "ironcliw.history": ("attach",),
    "ironcliw.monitor": ("Monitor", "Result", "Watch", "WatchOptions", "awatch", "wait", "watch"),
    "ironcliw.rule": ("change", "gone", "parse", "still", "text"),
    "ironcliw.service": ("AsyncClient", "Client", "aconnect", "connect"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AsyncClient",
    "Client",
    "ConditionError",
    "Event",
    "IroncliwError",
    "ModelError",
    "Monitor",
    "Rect",
    "Result",
    "SettingsError",
    "SourceError",
    "Watch",
    "WatchOptions",
    "__version__",
    "aconnect",
    "attach",
    "awatch",
    "change",
    "connect",
    "gone",
    "parse",
    "similar",
    "still",
    "text",
    "wait",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = import_module("ironcliw.version").package_version()
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"module 'ironcliw' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """Keeps ``ironcliw.text`` and ``ironcliw.change`` the conditions, although rooms of the same name exist.

    Importing a submodule binds it in its package; here that would hide the function from whoever writes
    ``ironcliw.text("BUILD FAILED")``. The rooms stay importable by ``from ironcliw.text import ...``.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
