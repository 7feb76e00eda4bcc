"""Many sources at once: each is watched by a watch of its own, and what they tell comes as one row of events.

    with ManyWatch([Named("desk", "vnc://desk:5901", WatchOptions(fps=2)), ...]) as many:
        for event in many:            # event.source is "desk"
            print(event)

They share one engine for text, which reads for one after the other: two cores read no faster for being asked by
sixteen. A source that cannot be opened, or whose watch ends with an error, is told by a ``gap`` of reason ``failed``
and tried again, after 2 to 60 s; the others go on.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ironcliw import clock
from ironcliw.errors import ConditionError, IroncliwError, SettingsError
from ironcliw.event import Event
from ironcliw.monitor.runtime import Runtime
from ironcliw.monitor.watch_options import WatchOptions
from ironcliw.monitor.watching import Watch
from ironcliw.source import open_source
from ironcliw.text import TextEngine, open_engine
from ironcliw.text.protocol import ReadLine

log = logging.getLogger("ironcliw.monitor")

FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 60.0
_WAITING = 4096
"""Events that wait to be taken; then their sources wait too."""
_JOIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Named:
    """A source under a name, and how it is watched. ``password_file`` as sources over the network take it."""

    name: str
    source: str
    options: WatchOptions
    password_file: str | None = None


class SharedEngine:
    """One text engine for several watches, one after the other."""

    def __init__(self, engine: TextEngine) -> None:
        self.name, self.scripts = engine.name, engine.scripts
        self._engine = engine
        self._lock = threading.Lock()

    def read(self, pixels: NDArray[np.uint8]) -> list[ReadLine]:
        """As the engine does, once the others are served."""
        with self._lock:
            return self._engine.read(pixels)


class ManyWatch(Iterator[Event]):
    """Watches all of ``named`` until ``stop``. SettingsError where two share a name, or there is none."""

    def __init__(self, named: Sequence[Named]) -> None:
        names = [each.name for each in named]
        if not names or len(set(names)) < len(names):
            raise SettingsError("several sources need a name each, and no two the same" if names else "no source named")
        self._events: queue.Queue[Event | None] = queue.Queue(_WAITING)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._watches: dict[str, Watch] = {}
        self._left = len(named)
        engine = None
        if any(each.options.text for each in named):
            threads = min(2, Runtime.here().worker_threads)
            engine = SharedEngine(open_engine(threads, "paddle"))
        self._threads = [
            threading.Thread(target=self._watch, args=(each, engine), name=f"ironcliw-{each.name}", daemon=True)
            for each in named
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        while not self.ended:
            event = self.get(1.0)
            if event is not None:
                return event
        raise StopIteration

    @property
    def ended(self) -> bool:
        """Whether all have ended and every event was taken."""
        return self._left == 0 and self._events.empty()

    @property
    def watches(self) -> dict[str, Watch]:
        """Those that are watched now, by their names."""
        with self._lock:
            return dict(self._watches)

    def get(self, timeout_s: float) -> Event | None:
        """The next event of any of them; None where none came in time."""
        try:
            return self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def stop(self) -> None:
        """End all; their summaries can still be had."""
        self._stop.set()
        for watch in self.watches.values():
            watch.stop()

    def close(self) -> None:
        """End all, and wait until each has given back what it held."""
        self.stop()
        deadline_ns = clock.monotonic_ns() + round(_JOIN_S * clock.SECOND)
        for thread in self._threads:
            while thread.is_alive() and clock.monotonic_ns() < deadline_ns:
                self.get(0)  # one that waits to tell something must come to its end
                thread.join(0.02)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _watch(self, named: Named, engine: TextEngine | None) -> None:
        teller = _Failures(named.name, self._events)
        retry_s = FIRST_RETRY_S
        try:
            while not self._stop.is_set():
                try:
                    if self._once(named, engine, teller):
                        return
                    retry_s = FIRST_RETRY_S
                except (SettingsError, ConditionError) as error:
                    teller.failed(str(error))  # trying again would change nothing
                    return
                except IroncliwError as error:
                    teller.failed(str(error))
                except Exception as error:  # noqa: BLE001 - one broken source must not end the others
                    log.warning("%s: %s", named.name, type(error).__name__)
                    teller.failed(f"an unexpected {type(error).__name__}")
                self._stop.wait(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
        finally:
            with self._lock:
                self._left -= 1

    def _once(self, named: Named, engine: TextEngine | None, teller: _Failures) -> bool:
        """Watch until the end, or an error; whether that is all there is."""
        options = named.options if engine is None else replace(named.options, engine=engine)
        source = open_source(
            named.source,
            monitor=options.monitor,
            fps=options.fps,
            include_self=options.include_self,
            exclude=options.exclude,
            interval_s=options.interval_s,
            probe_interval_s=options.probe_interval_s,
            password_file=named.password_file,
        )
        source.name = named.name
        # What is left out is the source's business by now; a source that is given ready knows of no windows.
        with Watch(source, replace(options, exclude=())) as watch:
            with self._lock:
                self._watches[named.name] = watch
            try:
                if self._stop.is_set():
                    watch.stop()
                teller.back()
                for event in watch:
                    self._events.put(event)
            finally:
                with self._lock:
                    del self._watches[named.name]
        return True


class _Failures:
    """Tells that a source cannot be watched, and that it can again."""

    def __init__(self, name: str, events: queue.Queue[Event | None]) -> None:
        self._name, self._events = name, events
        self._run = f"{name}-failed-{clock.wall_ns():x}"
        self._started_ns = clock.monotonic_ns()
        self._told = 0
        self._failing = False

    def failed(self, detail: str) -> None:
        """Once, until it is back."""
        if not self._failing:
            self._failing = True
            self._tell({"reason": "failed", "state": "begin", "detail": detail.splitlines()[0][:500]})

    def back(self) -> None:
        if self._failing:
            self._failing = False
            self._tell({"reason": "failed", "state": "end", "detail": "the source is watched again"})

    def _tell(self, data: dict[str, Any]) -> None:
        self._told += 1
        passed_s = round((clock.monotonic_ns() - self._started_ns) / clock.SECOND, 3)
        wall = clock.rfc3339(clock.wall_ns())
        self._events.put(Event(f"{self._run}-{self._told}", "gap", passed_s, wall, self._name, data=data))
