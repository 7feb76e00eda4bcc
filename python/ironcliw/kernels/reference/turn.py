"""A lock that a child of fork finds free.

    with Turn():
        ...                               # no other thread of this process is here

A child of fork has only the thread that forked: what another one held there would be held for ever.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Self


class Turn:
    """A lock, to be held by ``with``; not reentrant."""

    __slots__ = ("__weakref__", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _TURNS.add(self)

    def __enter__(self) -> Self:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _renew(self) -> None:
        self._lock = threading.Lock()


_TURNS: weakref.WeakSet[Turn] = weakref.WeakSet()


def _renew_all() -> None:
    for turn in _TURNS:
        turn._renew()  # pyright: ignore[reportPrivateUsage] - of the same module


# There is no fork on Windows.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
