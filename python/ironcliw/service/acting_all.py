"""All that is done about the alerts of several screens: for each what its own rules say, else what is wanted of all.

with ActingAll(wanted, running, about["then"]) as acting:
    for event in running:
        acting.take(event)
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ironcliw.action import Undelivered, undelivered_path
from ironcliw.service.acting import Acting, Seeing, Wanted

if TYPE_CHECKING:
    from ironcliw.action.spec import Pictures
    from ironcliw.event import Event

Then = Mapping[str, Mapping[str, Sequence[str]]]
"""By screen, for each rule by its name the actions it says itself."""

_HEARTBEAT = ("heartbeat", "allow_private", "proxy")


class ActingAll:
    """Used as ``Acting`` is, and raises what that raises. ``then`` names all screens.

    A heartbeat is sent while all of them are seen.
    """

    def __init__(
        self,
        wanted: Wanted,
        running: Seeing,
        then: Then,
        pictures: Callable[[bool], Pictures] | None = None,
        event_log: Path | None = None,
        changed: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._changed = changed
        self._acting: dict[str, Acting] = {}
        self._beating: Acting | None = None
        quiet = replace(wanted, heartbeat=None, settings={**wanted.settings, "heartbeat": None})
        with contextlib.ExitStack() as stack:
            undelivered = None
            if event_log is not None:
                undelivered = stack.enter_context(contextlib.closing(Undelivered(undelivered_path(event_log))))
                undelivered.say_before()
            for name, rules in then.items():
                acting = Acting(
                    replace(quiet, rules=rules), running, pictures, changed=self._tell, undelivered=undelivered
                )
                self._acting[name] = acting
                stack.callback(acting.close)
            if wanted.heartbeat or wanted.settings.get("heartbeat"):
                settings = {name: value for name, value in wanted.settings.items() if name in _HEARTBEAT}
                alone = Wanted(heartbeat=wanted.heartbeat, settings=settings)
                self._beating = stack.enter_context(Acting(alone, running))
            self._stack = stack.pop_all()

    def take(self, event: Event) -> None:
        """Act on an alert, and note gaps; never waits."""
        if (acting := self._acting.get(event.source)) is not None:
            acting.take(event)
        if self._beating is not None and event.type == "gap":
            self._beating.take(event)

    def counts(self) -> dict[str, Any]:
        """What became of the alerts of all screens, by action, and of heartbeats; see ``counts_of``."""
        actions: dict[str, dict[str, int]] = {}
        for acting in self._acting.values():
            for name, done in acting.counts()["actions"].items():
                before = actions.get(name, {})
                actions[name] = {became: before.get(became, 0) + count for became, count in done.items()}
        beats = None if self._beating is None else self._beating.counts()["heartbeat"]
        return {"actions": actions, "heartbeat": beats}

    def close(self) -> None:
        """Deliver what is queued, for up to 5 seconds, and end everything."""
        closing = [threading.Thread(target=each.close, name="ironcliw-closing") for each in self._acting.values()]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()
        self._stack.close()

    def _tell(self, counts: dict[str, Any]) -> None:
        if self._changed is not None:
            self._changed(self.counts())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
