"""Who wants to be told the time, and when: a heap in which a later wish replaces an earlier one.

agenda = Agenda()
agenda.set("a", 5)
agenda.next_ns                        # 5
agenda.take(7)                        # ["a"]
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Agenda(Generic[Key]):
    """At most one time for each key."""

    def __init__(self) -> None:
        self._due: dict[Key, int] = {}
        self._heap: list[tuple[int, int, Key]] = []
        self._count = 0

    def set(self, key: Key, due_ns: int | None) -> None:
        """This key wants ``due_ns``, and nothing else; None: no more."""
        if due_ns is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due_ns:
            self._due[key] = due_ns
            self._count += 1
            heapq.heappush(self._heap, (due_ns, self._count, key))
            if len(self._heap) > 64 + 4 * len(self._due):
                self._heap = [entry for entry in self._heap if self._due.get(entry[2]) == entry[0]]
                heapq.heapify(self._heap)

    @property
    def next_ns(self) -> int | None:
        """The earliest time that anybody wants."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now_ns: int) -> list[Key]:
        """The keys that are due by ``now_ns``, the earliest first; they want nothing any more."""
        found: list[Key] = []
        while (due_ns := self.next_ns) is not None and due_ns <= now_ns:
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            found.append(key)
        return found
