"""Conditions that a client waits for over several calls, so that nothing is lost between two of them.

waits = Waits()
cursor = waits.cursor(client, "text:done", new=False, given=None)   # arms it, or goes on where the last call ended
waits.pending("text:done", new=False, cursor=cursor)
"""

from __future__ import annotations

import threading

from ironcliw.service.client import Client

MOST = 32


class Waits:
    """For one client of the server. What is let go here is let go by the watcher when its lease ends."""

    def __init__(self) -> None:
        self._cursors: dict[tuple[str, bool, str | None], str] = {}
        self._lock = threading.Lock()

    def cursor(self, client: Client, condition: str, *, new: bool, given: str | None) -> str:
        """Where to wait on: ``given``, else where an earlier call about this condition ended, else armed just now."""
        with self._lock:
            known = given or self._cursors.get((condition, new, client.screen))
        if known is not None:
            return known
        cursor = client.arm(condition, now=not new)
        self.pending(condition, new=new, cursor=cursor, screen=client.screen)
        return cursor

    def pending(self, condition: str, *, new: bool, cursor: str, screen: str | None = None) -> None:
        """The next call about this condition goes on here, also where this one is cancelled."""
        with self._lock:
            self._cursors.pop((condition, new, screen), None)
            self._cursors[condition, new, screen] = cursor
            while len(self._cursors) > MOST:
                del self._cursors[next(iter(self._cursors))]

    def over(self, condition: str, *, new: bool, screen: str | None = None) -> None:
        """It was told, or is armed no more: the next call about it begins anew."""
        with self._lock:
            self._cursors.pop((condition, new, screen), None)
