"""What is dropped where memory is scarce, rung by rung, and taken up again in reverse.

    ladder = Ladder()
    ladder.on("caches", shed=lambda: cache.limit(0), restore=lambda: cache.limit(full))
    ladder.shed_next()                    # "buffers", then "caches", ...

A level reaches down to a rung: Medium drops idle buffers and caches, High the archive and ring slots too, Critical also
the rate and the reading of text. Capture goes on at every level.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ironcliw.memory.pressure import Level

log = logging.getLogger("ironcliw.memory")

RUNGS = {
    "buffers": "buffers that nobody uses at the moment",
    "caches": "most of what was read before and is kept to be known again",
    "archive": "the older half of earlier frames",
    "ring": "all but the last few frames",
    "rate": "most captures: two a second are left",
    "text": "reading text, and the networks for it",
}
"""Every rung in the order in which they are dropped, and what that is."""

DEPTH = {Level.LOW: 0, Level.MEDIUM: 2, Level.HIGH: 4, Level.CRITICAL: 6}
"""How many rungs a level drops."""


def nothing() -> None:
    """What has nothing to take up again."""


@dataclass(frozen=True, slots=True)
class _Room:
    shed: Callable[[], None]
    restore: Callable[[], None]
    needs_bytes: Callable[[], int]


class Ladder:
    """The rungs, and who listens at each."""

    def __init__(self) -> None:
        self.engaged = 0
        """How many rungs are dropped now."""
        self._guard = threading.Lock()
        self._rooms: dict[str, list[_Room]] = {rung: [] for rung in RUNGS}

    def on(
        self,
        rung: str,
        shed: Callable[[], None],
        restore: Callable[[], None] = nothing,
        needs_bytes: Callable[[], int] = lambda: 0,
    ) -> Callable[[], None]:
        """Call ``shed`` when ``rung`` is dropped (at once, where it is dropped now) and ``restore`` when it is back.

        needs_bytes: what taking it up again will hold; it waits until so much is free
        Returns what takes the two off the ladder again. KeyError for a rung that there is not.
        """
        room = _Room(shed, restore, needs_bytes)
        with self._guard:
            self._rooms[rung].append(room)
            dropped = rung in self.dropped
        if dropped:
            shed()

        def off() -> None:
            with self._guard:
                if room in self._rooms[rung]:
                    self._rooms[rung].remove(room)

        return off

    @property
    def dropped(self) -> tuple[str, ...]:
        """The rungs that are dropped now, in their order."""
        return tuple(RUNGS)[: self.engaged]

    def shed_next(self) -> str:
        """Drop the next rung; its name. ValueError where all are dropped."""
        if self.engaged == len(RUNGS):
            raise ValueError("every rung of the ladder is dropped")
        rung = tuple(RUNGS)[self.engaged]
        self.engaged += 1
        for room in self._of(rung):
            _call(room.shed, rung)
        return rung

    def restore_next(self, free_bytes: int) -> str | None:
        """Take the last rung up again; its name, or None where that needs more than is free. ValueError without one."""
        if self.engaged == 0:
            raise ValueError("no rung of the ladder is dropped")
        rung = tuple(RUNGS)[self.engaged - 1]
        rooms = self._of(rung)
        if sum(room.needs_bytes() for room in rooms) > free_bytes:
            return None
        self.engaged -= 1
        for room in rooms:
            _call(room.restore, rung)
        return rung

    def _of(self, rung: str) -> list[_Room]:
        with self._guard:
            return list(self._rooms[rung])


def _call(do: Callable[[], None], rung: str) -> None:
    try:
        do()
    except Exception as error:  # noqa: BLE001 - the other rooms must still give theirs
        log.warning("memory: %s could not follow: %s", rung, error)
