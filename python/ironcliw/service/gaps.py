"""Why which screen is not seen, as gaps begin and end.

gaps = Gaps()
gaps.note(event)
gaps.reasons(), gaps.reasons("desk")  # ("lost",), ()
"""

from __future__ import annotations

import threading

from ironcliw.event import Event


class Gaps:
    """The gaps that are open, by the source of their events; used from any thread."""

    def __init__(self) -> None:
        self._open: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def note(self, event: Event) -> None:
        """A gap began or ended."""
        gap = (event.source, str(event.data["reason"]))
        with self._lock:
            if event.data["state"] == "begin":
                self._open.append(gap)
            elif gap in self._open:
                self._open.remove(gap)

    def reasons(self, source: str | None = None) -> list[str]:
        """Why ``source``, or anything, is not seen: each reason once, as they came."""
        with self._lock:
            return list(dict.fromkeys(reason for name, reason in self._open if source in (None, name)))
