"""What the parent of several watches in one child tells by itself, screen by screen.

told = LostTellers(deliver)
told.take(head, events, status)       # what the child told of one of them
told.gap("crashed", "killed by SIGSEGV", paused=False)
told.handed(paused=False)             # what the next child has to know
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ironcliw.event import Event
from ironcliw.monitor.lost import LostTeller

if TYPE_CHECKING:
    from ironcliw.monitor.supervisor import Status


class LostTellers:
    """A ``LostTeller`` for each screen that has told something. Used as that is."""

    def __init__(self, deliver: Callable[[Event], None]) -> None:
        self._deliver = deliver
        self._tellers: dict[str, LostTeller] = {}
        self._done: set[str] = set()
        self._summed: set[str] = set()
        self._failing: set[str] = set()

    @property
    def begun(self) -> bool:
        """Whether any of them has told something."""
        return bool(self._tellers)

    def take(self, head: Mapping[str, Any], events: Sequence[Event], status: Status) -> None:
        """Pass on what the child told of one screen, or of one that it cannot watch."""
        name: str = head["source"]
        if head.get("aside"):
            for event in events:
                (self._failing.add if event.data["state"] == "begin" else self._failing.discard)(name)
                self._deliver(event)
            return
        if head.get("anew") or name not in self._tellers:
            self._tellers[name] = LostTeller(self._deliver)
            self._summed.discard(name)
        if head.get("ended"):  # a summary alone may be that of a watch which failed and is begun anew
            self._done.add(name)
        if any(event.type == "summary" for event in events):
            self._summed.add(name)
        self._tellers[name].take(head, events, status)

    def heard(self, beat: Mapping[str, Any]) -> None:
        """The child said how it is."""
        for name, said in beat["screens"].items():
            if name in self._tellers and name not in self._done:
                self._tellers[name].heard(said)

    def handed(self, *, paced: bool, paused: bool) -> dict[str, Any]:
        """How all of them stand, for the next child. All of them go by themselves, recordings at their own speed."""
        going = {name: teller for name, teller in self._tellers.items() if teller.begun and name not in self._done}
        recall = {name: teller.handed(paced=paced, paused=paused)["recall"] for name, teller in going.items()}
        return {"recall": recall, "skip": 0, "done": sorted(self._done), "failing": sorted(self._failing)}

    def gap(self, reason: str, detail: str, paused: bool) -> None:
        """No screen is seen until the next child does."""
        for name, teller in self._tellers.items():
            if teller.begun and name not in self._done:
                teller.gap(reason, detail, paused)

    def summary(self, restarts: int) -> None:
        """The last child was lost before it said the summaries of these."""
        for name, teller in self._tellers.items():
            if name not in self._summed:
                teller.summary(restarts)
