"""In the child process: all [[screen]] tables watched together, each told to the parent as one watch would be.

several = Several(named, begin, send)
several.run(beat)                     # until all have ended, or ``several.many.stop()`` and a moment to end
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ironcliw import clock
from ironcliw.event import Event
from ironcliw.memory.ladder import Ladder
from ironcliw.monitor.many import Begun, Handed, ManyWatch, Named
from ironcliw.monitor.reporting import LONGEST_S, LiveReport
from ironcliw.monitor.screens import then_of
from ironcliw.rule import Rule

_SETTLE_S = 5.0
"""So long the first look at each source may take before it is said which are there."""
_LOOK_S = 0.1
_STOP_S = 3.0
"""A source that is just being opened need not have come to that when all are to end."""

Send = Callable[[dict[str, Any], Sequence[Event]], None]


class Several:
    """``named`` as ``begin`` says how they stood. ``send`` takes a message's head and events, from any thread."""

    def __init__(self, named: Sequence[Named], begin: Mapping[str, Any], send: Send) -> None:
        self._send = send
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._then = then_of(named)
        self._rules = [_written(condition) for each in named for condition in each.options.conditions]
        handed = Handed(
            dict(begin["recall"]),
            frozenset(begin["done"]),
            frozenset(begin["failing"]),
        )
        self.many = ManyWatch(named, handed=handed, follow=self._follow, tell=self._tell_aside)

    def about(self) -> dict[str, Any]:
        """What the parent has to know of them, once each was tried."""
        self.many.wait_settled(_SETTLE_S)
        names = self.many.names
        listed = ", ".join([*names[:8], *(["..."] if len(names) > 8 else [])])
        return {
            "source": f"{len(names)} screens ({listed})",
            "screens": list(names),
            "paced": True,
            "sees_itself": self.many.sees_itself,
            "then": self._then,
            "rules": self._rules,
        }

    def run(self, beat: Callable[[dict[str, Any]], None]) -> None:
        """Let them tell, and say every few seconds that we are alive, until the end."""
        self._ready.set()
        beat_at_ns, ends_ns = 0, None
        while not self.many.wait_ended(_LOOK_S):
            now_ns = clock.monotonic_ns()
            if now_ns >= beat_at_ns:
                beat(self._beat())
                beat_at_ns = now_ns + round(LONGEST_S * clock.SECOND)
            if self.many.stopping:
                ends_ns = ends_ns or now_ns + round(_STOP_S * clock.SECOND)
                if now_ns >= ends_ns and not self.many.watches:
                    return

    def _follow(self, begun: Begun) -> None:
        """In the thread of one source."""
        self._ready.wait()
        head: dict[str, Any] = {"source": begun.name, "anew": begun.recall is None}

        def send(events: Sequence[Event], state: dict[str, Any]) -> None:
            self._send({**head, "events": len(events), "state": state}, events)
            head.pop("anew", None)

        report = LiveReport(begun.watch, begun.recall, send)
        while not begun.watch.ended:
            report.once(LONGEST_S)
        self._send({"source": begun.name, "ended": True, "events": 0, "state": {}}, [])

    def _tell_aside(self, event: Event) -> None:
        self._ready.wait()
        self._send({"source": event.source, "aside": True, "events": 1, "state": {}}, [event])

    def _beat(self) -> dict[str, Any]:
        many, now_ns = self.many, clock.monotonic_ns()
        verified_s = many.seconds_since_verified
        screens: dict[str, dict[str, Any]] = {
            name: {
                "frames": watch.engine.counts.to_dict(),
                "verified_at_ns": _moment(watch.seconds_since_verified, now_ns),
            }
            for name, watch in many.watches.items()
        }
        ladders: list[Ladder] = [watch.keeper.ladder for watch in many.watches.values()]
        return {
            "screens": screens,
            "frames": _summed([each["frames"] for each in screens.values()]),
            "busy_s": many.busy_s,
            "cpu_s": many.cpu_s,
            "verified_at_ns": _moment(verified_s, now_ns),
            "pressed": any(ladder.engaged > 0 for ladder in ladders),
            "sees_itself": many.sees_itself,
        }


def _written(condition: object) -> str:
    return str(condition.when if isinstance(condition, Rule) else condition)


def _moment(ago_s: float | None, now_ns: int) -> int | None:
    return None if ago_s is None else now_ns - round(ago_s * clock.SECOND)


def _summed(counts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Frame counts of several watches as those of one."""
    names = ("captured", "duplicate", "changed", "excluded")
    dropped: dict[str, int] = {}
    for each in counts:
        for reason, count in each["dropped"].items():
            dropped[reason] = dropped.get(reason, 0) + count
    return {**{name: sum(each[name] for each in counts) for name in names}, "dropped": dict(sorted(dropped.items()))}
