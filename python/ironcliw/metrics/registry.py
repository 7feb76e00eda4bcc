"""Where numbers are kept (``Counter``, ``Gauge``, stages) or asked for (``collect``) when somebody wants to know.

    registry = Registry()
    sent = registry.counter("messages_sent", "Messages that were sent, by whom they went to.", label="peer")
    sent.add(1, "archive")
    registry.collect(lambda: [Family("queue_length", "gauge", "Events that wait.", {"": len(queue)})])
    registry.snapshot().value("queue_length")

What a room counts anyway is asked for rather than counted twice: between two snapshots a collector costs nothing.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ironcliw.metrics.snapshot import Absent, Family, Kind, Snapshot, Value
from ironcliw.metrics.stages import StageTimes

Collector = Callable[[], Iterable[Family | Absent]]

NAMES_MOST = 64
"""As many stages, and labels of one family, are told apart; what comes after them is counted under ``OTHER``."""
OTHER = "other"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_LABEL = re.compile(r"[a-z][a-z0-9_.:-]{0,47}")


class Counter:
    """A number for each label that only grows. Any thread may add."""

    kind: Kind = "counter"

    def __init__(self, name: str, help: str, label: str = "") -> None:
        self.name, self._help, self._label = name, help, label
        self._lock = threading.Lock()
        self._values: dict[str, Value] = {}

    def add(self, by: Value = 1, label: str = "") -> None:
        """Count ``by`` more. ValueError for a negative or endless one, or a label that may be no word of ours."""
        if not (math.isfinite(by) and by >= 0):
            raise ValueError(f"{self.name} only grows, by numbers that end: not by {by}")
        self._checked(label)
        with self._lock:
            key = self._key(label)
            self._values[key] = self._values.get(key, 0) + by

    def _checked(self, label: str) -> None:
        if bool(label) != bool(self._label) or (label and not _LABEL.fullmatch(label)):
            # The label is not repeated: it may be what a screen shows, which is why it is refused.
            raise ValueError(f"{self.name} wants {'a short plain name' if self._label else 'nothing'} as its label")

    def _key(self, label: str) -> str:
        return label if label in self._values or len(self._values) < NAMES_MOST else OTHER

    @property
    def family(self) -> Family:
        """The numbers as they are now."""
        with self._lock:
            return Family(self.name, self.kind, self._help, dict(self._values), self._label)


class Gauge(Counter):
    """A number for each label that goes up and down. Any thread may set it."""

    kind: Kind = "gauge"

    def add(self, by: Value = 1, label: str = "") -> None:
        """Change the number by ``by``. ValueError as for ``set``."""
        self._checked(label)
        with self._lock:
            self._put(label, self._values.get(self._key(label), 0) + by)

    def set(self, value: Value, label: str = "") -> None:
        """The number is now ``value``. ValueError for one that is none, or a label that may be no word of ours."""
        self._checked(label)
        with self._lock:
            self._put(label, value)

    def _put(self, label: str, value: Value) -> None:
        if not math.isfinite(value):
            raise ValueError(f"{self.name} takes numbers that end, not {value}")
        self._values[self._key(label)] = value


class Registry:
    """Everything that is counted about one watch (or, as ``DEFAULT``, about one program). Any thread may use it.

    stages: where durations are kept already
    """

    def __init__(self, stages: StageTimes | None = None) -> None:
        self.stages = StageTimes() if stages is None else stages
        self._started_ns = time.monotonic_ns()
        self._lock = threading.Lock()
        self._kept: dict[str, Counter] = {}
        self._collectors: list[Collector] = []

    def counter(self, name: str, help: str, label: str = "") -> Counter:
        """The counter of that name, made where there is none. ValueError for a name that is taken or unusable."""
        return self._keep(Counter, name, help, label)

    def gauge(self, name: str, help: str, label: str = "") -> Gauge:
        """The gauge of that name, made where there is none. ValueError for a name that is taken or unusable."""
        kept = self._keep(Gauge, name, help, label)
        assert isinstance(kept, Gauge)
        return kept

    def _keep(self, kind: type[Counter], name: str, help: str, label: str) -> Counter:
        if not _NAME.fullmatch(name) or (label and not _NAME.fullmatch(label)):
            raise ValueError(f"{name!r} by {label!r}: names are lower-case letters, digits and underscores, 48 at most")
        with self._lock:
            kept = self._kept.setdefault(name, kind(name, help, label))
        if type(kept) is not kind:
            raise ValueError(f"{name} is a {kept.kind} already")
        return kept

    def observe(self, stage: str, ms: float) -> None:
        """``stage`` took so many milliseconds. ValueError for a negative or endless time, or an unusable name."""
        if not (math.isfinite(ms) and ms >= 0):
            raise ValueError(f"a stage takes 0 ms or more, not {ms}")
        if stage not in self.stages:
            if not _LABEL.fullmatch(stage):
                raise ValueError("a stage wants a short plain name: lower-case letters, digits, . : _ and -")
            stage = stage if len(self.stages) < NAMES_MOST else OTHER
        self.stages.add(stage, round(ms * 1e6))

    def collect(self, collector: Collector) -> None:
        """Ask ``collector`` for its numbers at each snapshot. One that raises leaves only its own numbers out."""
        with self._lock:
            self._collectors.append(collector)

    def snapshot(self) -> Snapshot:
        """Everything that is known now."""
        families: dict[str, Family] = {}
        absent: dict[str, str] = {}
        for each in self._all():
            if isinstance(each, Absent):
                absent[each.name] = each.reason
            elif each.values:
                families[each.name] = _joined(families.get(each.name), each)
        uptime_s = round((time.monotonic_ns() - self._started_ns) / 1e9, 3)
        stages = {name: histogram.summary() for name, histogram in self.stages.histograms.items()}
        known_after_all = {name: reason for name, reason in absent.items() if name not in families}
        return Snapshot(uptime_s, families, stages, known_after_all)

    def _all(self) -> Iterator[Family | Absent]:
        with self._lock:
            kept, collectors = list(self._kept.values()), list(self._collectors)
        for each in kept:
            yield each.family
        for collector in collectors:
            try:
                yield from list(collector())
            except Exception as error:  # noqa: BLE001 - one room's fault must not hide the numbers of the others
                name = getattr(collector, "__name__", "collector")
                yield Absent(name, f"could not be asked: {type(error).__name__}")


def _joined(first: Family | None, second: Family) -> Family:
    """Numbers of one name that two collectors know: each has some of the labels."""
    if first is None or (first.kind, first.label) != (second.kind, second.label):
        return second
    return replace(second, values={**first.values, **second.values})


DEFAULT = Registry()
"""Of this program, for what ``metrics.observe`` counts. A watch has a registry of its own: ``watch.metrics``."""


def observe(stage: str, ms: float) -> None:
    """``stage`` of this program took so many milliseconds. ValueError as for ``Registry.observe``."""
    DEFAULT.observe(stage, ms)


def snapshot() -> Snapshot:
    """Everything that is known of this program: what was observed, and what its process uses."""
    return DEFAULT.snapshot()
