"""The numbers of several watches as those of one: counted together, what belongs to the process once, and by screen.

metrics = ManyMetrics(("desk", "lab"), lambda: many.watches)
metrics.snapshot().value("screen_alerts", "desk")
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ironcliw.metrics import Absent, Family, Registry, RoomMemory, memory_metrics, process_metrics
from ironcliw.metrics.histogram import Histogram
from ironcliw.metrics.process import resident_bytes
from ironcliw.metrics.stages import StageTimes

if TYPE_CHECKING:
    from ironcliw.monitor.watching import Watch

Watches = Callable[[], "Mapping[str, Watch]"]

_OF_THE_PROCESS = ("cpu_seconds",)
_SUMMED = ("queue_length", "queue_bound")
"""Gauges that mean something when they are added up; the others are by screen, or left out."""
_BY_SCREEN = (
    ("captures", "frames_captured", ""),
    ("changes", "frames", "changed"),
    ("alerts", "events", "alert"),
)


class ManyMetrics(Registry):
    """Of the watches that ``watches`` gives by their names; counters go on where a watch is begun anew."""

    def __init__(self, names: tuple[str, ...], watches: Watches) -> None:
        self._joined = _JoinedStages(watches)
        super().__init__(self._joined)
        self._names, self._watches = names, watches
        self._past: dict[str, dict[str, Family]] = {}
        self._keeping = threading.Lock()
        self.collect(self._together)
        self.collect(self._each)
        self.collect(memory_metrics(self._rooms, self._pressure))
        self.collect(process_metrics())

    def keep(self, name: str, watch: Watch) -> None:
        """Count on from here once ``watch``, which ends, is no more."""
        families = watch.metrics.snapshot().families
        counters = {each: family for each, family in families.items() if family.kind == "counter"}
        with self._keeping:
            self._past[name] = _added([self._past.get(name, {}), counters])
        self._joined.keep(watch.metrics.stages)

    def _now(self) -> dict[str, dict[str, Family]]:
        """The families of each screen, with what went before."""
        now = {name: dict(watch.metrics.snapshot().families) for name, watch in self._watches().items()}
        with self._keeping:
            past = dict(self._past)
        return {name: _added([past.get(name, {}), now.get(name, {})]) for name in {**past, **now}}

    def _together(self) -> Iterator[Family | Absent]:
        together = _added(list(self._now().values()))
        for family in together.values():
            if family.name not in _OF_THE_PROCESS and (family.kind == "counter" or family.name in _SUMMED):
                yield family
        frames = together.get("frames_captured")
        if frames is not None and (captured := frames.values.get("", 0)):
            share = together["frames"].values.get("duplicate", 0) / captured
            yield Family(
                "duplicate_ratio", "gauge", "Share of captured frames that showed nothing new.", {"": round(share, 6)}
            )
        seen = [watch.seconds_since_verified for watch in self._watches().values()]
        known = [each for each in seen if each is not None]
        if known and len(known) == len(seen):
            longest = {"": round(max(known), 3)}
            yield Family("verified_seconds_ago", "gauge", "Since the screen was last seen.", longest)
        else:
            yield Absent("verified_seconds_ago", "not all live screens have been seen yet")

    def _each(self) -> Iterator[Family]:
        now, watches = self._now(), self._watches()
        for short, name, label in _BY_SCREEN:
            found = {screen: now.get(screen, {}).get(name) for screen in self._names}
            values = {screen: 0 if each is None else each.values.get(label, 0) for screen, each in found.items()}
            yield Family(f"screen_{short}", "counter", f"As {name}, by screen.", values, "screen")
        told = {screen: now.get(screen, {}).get("events") for screen in self._names}
        counts = {screen: 0 if each is None else sum(each.values.values()) for screen, each in told.items()}
        yield Family("screen_events", "counter", "Events that were told, by screen.", counts, "screen")
        seen = {screen: watch.seconds_since_verified for screen, watch in watches.items()}
        ago = {screen: round(each, 3) for screen, each in seen.items() if each is not None}
        yield Family("screen_verified_seconds_ago", "gauge", "Since the screen was last seen.", ago, "screen")
        rates = {screen: _rate(now[screen]) for screen in watches if screen in now}
        known = {screen: rate for screen, rate in rates.items() if rate is not None}
        yield Family("screen_rate", "gauge", "Captures a second at most as of now, by screen.", known, "screen")

    def _rooms(self) -> RoomMemory:
        """By room; screens that share a budget share a ledger, which is counted once."""
        ledgers = {id(watch.memory): watch.memory for watch in self._watches().values()}
        used: dict[str, int] = {}
        budget: dict[str, int] = {}
        for ledger in ledgers.values():
            for room, use in ledger.report().items():
                used[room] = used.get(room, 0) + use.used
                budget[room] = budget.get(room, 0) + use.budget
        resident = resident_bytes()
        if used and resident is not None:
            used["program"] = max(0, resident - sum(size for room, size in used.items() if room != "program"))
        return {room: (size, budget[room]) for room, size in used.items()}

    def _pressure(self) -> str:
        levels = [watch.keeper.pressure.level for watch in self._watches().values()]
        return max(levels).name.lower() if levels else "low"


class _JoinedStages(StageTimes):
    """The durations of all watches."""

    def __init__(self, watches: Watches) -> None:
        super().__init__()
        self._of = watches

    def keep(self, stages: StageTimes) -> None:
        """Count what an ending watch counted."""
        for name, histogram in stages.histograms.items():
            self._stages.setdefault(name, Histogram()).join(histogram)

    @property
    def histograms(self) -> dict[str, Histogram]:
        """As ``StageTimes`` has them."""
        joined: dict[str, Histogram] = {}
        every = [super().histograms, *(watch.metrics.stages.histograms for watch in self._of().values())]
        for histograms in every:
            for name, histogram in histograms.items():
                joined.setdefault(name, Histogram()).join(histogram)
        return dict(sorted(joined.items()))


def _added(every: list[dict[str, Family]]) -> dict[str, Family]:
    """Families of one name with their values added up, label by label."""
    added: dict[str, Family] = {}
    for families in every:
        for name, family in families.items():
            values = dict(added[name].values) if name in added else {}
            for label, value in family.values.items():
                values[label] = values.get(label, 0) + value
            added[name] = replace(family, values=values)
    return added


def _rate(families: Mapping[str, Family]) -> float | None:
    rate = families.get("capture_rate")
    return None if rate is None else max(rate.values.values(), default=None)
