"""A child that has loaded what is large and waits: where the one that watches is lost, it takes over at once.

spare = Spare()
spare.keep(EngineProcess, kernels=None)       # now and then, while all is well
child = spare.take(kernels=None) or EngineProcess(None)
spare.end()

Loading is most of what a start takes. What waits holds no picture and no text, has no source open, and is let go of
where memory is scarce.
"""

from __future__ import annotations

from collections.abc import Callable

from ironcliw import clock
from ironcliw.monitor.process import EngineProcess

AFTER_S = 10.0
"""A watch that has gone on for so long gets one: its own start, and watches that are soon over, come first."""


class Spare:
    """At most one child that waits. All calls from the thread that starts the children."""

    def __init__(self) -> None:
        self._child: EngineProcess | None = None
        self._kernels: str | None = None
        self._due_ns: int | None = None

    @property
    def pid(self) -> int | None:
        """The process that waits, where there is one."""
        return None if self._child is None else self._child.pid

    def keep(self, start: Callable[[str | None], EngineProcess], kernels: str | None, *, text: bool) -> None:
        """There is to be one: started some time after the first call since the last was taken, if it is not there yet.

        text: whether the watch reads text
        """
        if self._child is not None:
            return
        now_ns = clock.monotonic_ns()
        if self._due_ns is None:
            self._due_ns = now_ns + round(AFTER_S * clock.SECOND)
        if now_ns >= self._due_ns:
            self._child, self._kernels = start(kernels), kernels
            self._child.tell({"load": {"text": text}})

    def take(self, kernels: str | None) -> EngineProcess | None:
        """The child that waits, which is the caller's from now on; None where there is none that is of use."""
        child, self._child, self._due_ns = self._child, None, None
        if child is None or (child.alive and self._kernels == kernels):
            return child
        child.end(0.0)
        return None

    def end(self) -> None:
        """Let go of it."""
        child, self._child = self._child, None
        if child is not None:
            child.end(0.0)
