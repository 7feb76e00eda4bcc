"""When an answer has to be there, and how to stop waiting for it before.

    with Deadline.after(20.0).current() as deadline:
        ...                                  # whatever reads from the network in this thread asks Deadline.here()

Timeouts of single reads do not bound a request: a server that sends one byte a second meets each of them. So every
read waits for what is left until the deadline, at most, and ``cancel`` wakes the one that is waiting.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Self

from ironcliw import clock

_here = threading.local()


class Deadline:
    """A moment on the monotonic clock. Safe for use from several threads."""

    def __init__(self, ends_ns: int) -> None:
        self.ends_ns = ends_ns
        self.cancelled = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    @classmethod
    def after(cls, seconds: float) -> Self:
        """So many seconds from now."""
        return cls(clock.monotonic_ns() + int(seconds * clock.SECOND))

    @classmethod
    def here(cls) -> Deadline | None:
        """That of what this thread is doing."""
        return getattr(_here, "deadline", None)

    @contextmanager
    def current(self) -> Generator[Deadline]:
        """What this thread does within the block has this deadline."""
        before = Deadline.here()
        _here.deadline = self
        try:
            yield self
        finally:
            _here.deadline = before

    @property
    def left_s(self) -> float:
        """Seconds that are left; 0 where there are none, or it was cancelled."""
        if self.cancelled.is_set():
            return 0.0
        return max(0.0, (self.ends_ns - clock.monotonic_ns()) / clock.SECOND)

    def cancel(self) -> None:
        """Nobody waits any more: reads that are waiting end now."""
        self.cancelled.set()
        with self._lock:
            for each in self._sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def reading(self, used: socket.socket | None) -> Generator[None]:
        """This socket is waited on within the block."""
        if used is None:
            yield
            return
        with self._lock:
            self._sockets.append(used)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.remove(used)
